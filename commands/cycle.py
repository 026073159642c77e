"""`zaojie cycle`: the nightly run; `zaojie notices test`: a trial of what is told outside."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .counties import nights
from .parts import AsJson, Database, Progress, open_database, settings_of, told

FAILED, GOES_ON = 3, 4
"""Exit codes: a step failed; another run is going on."""

notices_app = typer.Typer(no_args_is_help=True, help="What is told outside, where it is set.")


@told
def cycle(
    date: Annotated[
        str | None, typer.Option(help="local day of the run, YYYY-MM-DD; else today")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="this step alone, done today or not; may be repeated")
    ] = None,
    counties: Annotated[
        Path | None, typer.Option(help="TOML list of counties, each in a database of its own")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="with --counties: a Dask scheduler, tcp:// or tls://")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="with --counties: processes on this machine")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(help="with --counties: folder for the covered totals")
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """The nightly run: what is left of today's steps. Exit code 3: one failed; 4: another runs."""
    if counties is not None:
        if only or database:
            raise ValueError("--counties goes with neither --only nor --database; nothing was run")
        if not nights(counties, _day(date), scheduler, workers, out, as_json):
            raise typer.Exit(FAILED)
        return
    if scheduler or out or workers > 1:
        raise ValueError("--scheduler, --workers and --out go with --counties; nothing was run")
    from data.running import RunGoesOn
    from data.scope import Scope
    from service.cycle import run
    from service.logs import set_up
    from wording import t

    settings, progress = settings_of(database), Progress()
    set_up(settings)
    db = open_database(database)
    try:
        night = run(
            db, Scope.operator(), settings, _day(date), only or (),
            lambda what, done, of: progress(t(what, "en"), done, of),
        )  # fmt: skip
    except RunGoesOn as err:
        progress.end()
        typer.echo(str(err), err=True)
        raise typer.Exit(GOES_ON) from None
    finally:
        db.engine.dispose()
    progress.end()
    if as_json:
        typer.echo(json.dumps(_facts(night)))
    else:
        _table(night)
    if night.failed:
        raise typer.Exit(FAILED)


def _facts(night: Any) -> dict[str, object]:
    steps = [
        {"step": one.step, "outcome": one.outcome, "seconds": round(one.seconds, 1),
         "counts": dict(one.counts), "problem": one.problem}
        for one in night.steps
    ]  # fmt: skip
    told, left = night.told
    return {"day": night.day.isoformat(), "steps": steps, "notices": {"sent": told, "left": left}}


def _table(night: Any) -> None:
    typer.echo(f"night of {night.day}")
    for one in night.steps:
        counts = ", ".join(f"{name} {count:,}" for name, count in one.counts.items())
        outcome = {"before": "done before"}.get(one.outcome, one.outcome)
        typer.echo(f"{one.step:<10}{outcome:<13}{one.seconds:>7.1f} s  {counts}".rstrip())
        if one.problem is not None:
            typer.echo(f"{'':<10}{_said(one)}")
    told, left = night.told
    if told or left:
        typer.echo(f"notices: {told} sent, {left} wait for the next run")


def _said(one: Any) -> str:
    """The whole sentence on a screen only: it may name a file, and a journal keeps what it is
    told."""
    from wording import catalogue, t

    if one.error is not None and sys.stdout.isatty():
        return str(one.error)
    key = one.problem
    if key.startswith("running.") and key in catalogue("en") and "{" not in catalogue("en")[key]:
        return t(key, "en")
    return f"{key}; {t(f'running.todo.{one.step}', 'en')}"


@notices_app.callback()
def _notices() -> None:
    """What is told outside, where it is set."""


@notices_app.command("test")
@told
def notices_test(database: Database = None, as_json: AsJson = False) -> None:
    """Send a trial by every way that is set; exit code 3 where one does not go through."""
    from service.notices import channels_of, trial

    settings = settings_of(database)
    found = trial(open_database(database), channels_of(settings), settings.language)
    if as_json:
        typer.echo(json.dumps(found))
    for name, outcome in () if as_json else found.items():
        typer.echo(f"{name}: {outcome}")
    if set(found.values()) != {"sent"}:
        raise typer.Exit(FAILED)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--date must be a day like 2026-03-05, not {text!r}") from None
