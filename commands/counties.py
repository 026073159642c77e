"""`zaojie cycle --counties`: the nights of many counties, here or on a Dask cluster."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import typer

MOST_MEMORY = "4GiB"
"""Memory of one worker that this command starts; a county that needs more is named."""


def nights(
    listed: Path, day: dt.date | None, scheduler: str | None, workers: int, out: Path | None,
    as_json: bool,
) -> bool:  # fmt: skip
    """Run them, print one line each as it ends, write the covered totals; whether all went well.

    Raises:
        ConfigError: a wrong list, or no cluster part; no county was run.
    """
    from data.errors import ConfigError
    from reports.counties import above, to_html, to_json
    from service import counties

    hosted = counties.read_list(listed)
    if scheduler is None and workers < 2:
        found = counties.serial(hosted, day, _told)
    else:
        try:
            from distributed import Client, LocalCluster
        except ImportError as err:
            raise ConfigError("counties.error.cluster") from err
        if scheduler is None:
            with (
                LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None,
                             memory_limit=MOST_MEMORY) as cluster,
                Client(cluster) as client,
            ):  # fmt: skip
                found = counties.on_cluster(client, hosted, day, _told)
        else:
            with Client(scheduler, timeout=30) as client:
                found = counties.on_cluster(client, hosted, day, _told)
    covered = above([one.totals for one in found])
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        made = {"counties.json": to_json(covered), "index.html": to_html(covered, "zh"),
                "index.en.html": to_html(covered, "en")}  # fmt: skip
        for name, data in made.items():
            (out / name).write_bytes(data)
    if as_json:
        typer.echo(to_json(covered).decode())
    else:
        seconds, used = sum(one.seconds for one in found), sum(one.processor for one in found)
        steps: Counter[str] = Counter()
        for one in found:
            steps.update(one.steps)
        typer.echo(
            f"{len(found)} counties, {len(covered.problems)} not finished, {seconds:,.1f} s of "
            f"their work, {used:,.1f} s of the processors ("
            + ", ".join(f"{step} {spent:,.1f}" for step, spent in steps.items())
            + f"); {json.dumps(covered.totals)}"
        )
    return not covered.problems


def _told(one: Any) -> None:
    said = one.totals.problem or "done"
    typer.echo(
        f"{one.totals.name}: {said}, {one.seconds:.1f} s, {one.processor:.1f} s of the processors, "
        f"at most {one.most_mb:,.0f} MB",
        err=True,
    )
