"""The nightly run of many counties: each as `service.cycle` runs one, on this machine one after the
other, or as tasks of a Dask cluster.

A task opens its county's own database with its own keys, writes there, and gives back totals; no
row of a county reaches another's task, the scheduler or the one who started it. Everything a task
does is idempotent (`service.cycle`), so that a task whose worker died is simply given to another.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.addresses import has_password
from data.db import Db
from data.errors import ConfigError, ProjectError
from data.scope import Scope
from reports.counties import CountyTotals
from settings import Settings

from . import cycle
from .daily import cut_off, daily

if TYPE_CHECKING:
    from distributed import Client

FIELDS = {"name", "database", "database_env", "keys", "var"}
TRIES = 3
"""Workers that may die under one county before it is given up and named."""


@dataclass(frozen=True)
class Hosted:
    """One county of a host, as its list names it. database: a URL without a password, or ""; then
    database_env: the variable that holds it, read where the county is run and nowhere else."""

    name: str
    database: str
    database_env: str
    keys: Path
    var: Path

    def settings(self, env: Mapping[str, str] | None = None) -> Settings:
        """Where this county lies.

        Raises:
            ConfigError: the variable is not set here.
        """
        url = self.database or (os.environ if env is None else env).get(self.database_env, "")
        if not url:
            raise ConfigError("counties.error.variable", name=self.database_env)
        return Settings(database=url, keys=self.keys, var=self.var)


@dataclass(frozen=True)
class CountyNight:
    """What came of one county's night.

    totals: its figures as of the evening before, not covered yet, with what failed.
    seconds, processor: on the wall, and of its process's processors.
    most_mb: the most memory its process had held by then. steps: seconds of the processors by step.
    """

    totals: CountyTotals
    seconds: float
    processor: float
    most_mb: float
    steps: Mapping[str, float]


def read_list(path: Path) -> list[Hosted]:
    """The counties of a TOML file: `[[county]]` with name, database or database_env, keys, var
    (paths from the file's folder).

    Raises:
        ConfigError: with one sentence: not TOML, a field that is missing or unknown, a password in
            the file, two counties of one name or one database.
    """
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("county", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise ConfigError("counties.error.file", file=path.name) from err
    if not isinstance(entries, list) or not entries:
        raise ConfigError("counties.error.none", file=path.name)
    found = [_hosted(entry, number, path.parent) for number, entry in enumerate(entries, 1)]
    databases = [one.database or one.database_env for one in found]
    for values in ([one.name for one in found], databases):
        if len(set(values)) < len(values):
            raise ConfigError("counties.error.twice")
    return found


def _hosted(entry: Any, number: int, folder: Path) -> Hosted:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ConfigError("counties.error.entry", number=number)
    if unknown := sorted(set(entry) - FIELDS):
        raise ConfigError("counties.error.field", number=number, field=unknown[0][:40])
    for field in ("name", "keys", "var"):
        if not entry.get(field):
            raise ConfigError("counties.error.missing", number=number, field=field)
    url, variable = entry.get("database", ""), entry.get("database_env", "")
    if bool(url) == bool(variable):
        raise ConfigError("counties.error.database", number=number)
    if url:
        try:
            is_secret = has_password(url)
        except ConfigError as err:
            raise ConfigError("counties.error.url", number=number) from err
        if is_secret:
            raise ConfigError("counties.error.password", number=number)
    return Hosted(entry["name"], url, variable, folder / entry["keys"], folder / entry["var"])


def one_night(hosted: Hosted, day: dt.date | None = None) -> CountyNight:
    """A county's night in this process; whatever is wrong with it stays with it and is named."""
    started, used = time.monotonic(), time.process_time()
    problem, figures, of, steps = None, {}, None, {}
    try:
        settings = hosted.settings()
        db = Db.open(settings)
        try:
            scope = Scope.operator()
            night = cycle.run(db, scope, settings, day)
            steps = {one.step: one.processor for one in night.steps if one.outcome != "before"}
            of = night.day - dt.timedelta(days=1)
            figures = totals_of(db, scope, of)
            if night.failed:
                problem = f"step:{night.failed[0]}"
        finally:
            db.engine.dispose()
    except ProjectError as err:
        problem = err.key
    except Exception as err:  # what it says may hold a row of the county
        problem = type(err).__name__
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    totals = CountyTotals(hosted.name, of, figures, problem)
    seconds, processor = time.monotonic() - started, time.process_time() - used
    return CountyNight(totals, seconds, processor, most, steps)


def totals_of(db: Db, scope: Scope, day: dt.date) -> dict[str, int]:
    """A county's totals of a day, not covered: `reports.counties.FIGURES`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    report = daily(db, scope, day, cut_off(db, day))
    return {
        "new": report.new.today,
        "answered": report.answered.today,
        "open": report.open_now.today,
        "overdue": report.overdue.numerator,
        "due": report.on_time.denominator,
        "on_time": report.on_time.numerator,
    }


Told = Callable[[CountyNight], None]


def serial(
    counties: Sequence[Hosted], day: dt.date | None, told: Told = lambda one: None
) -> list[CountyNight]:
    """All nights one after the other, in the order of the list."""
    found = []
    for hosted in counties:
        found.append(one_night(hosted, day))
        told(found[-1])
    return found


def on_cluster(
    client: Client, counties: Sequence[Hosted], day: dt.date | None, told: Told = lambda one: None
) -> list[CountyNight]:
    """All nights as tasks of a Dask cluster, in the order of the list.

    A task whose worker dies goes to another, up to `TRIES` times; then its county is named.

    Args:
        client: of `distributed`; its workers see the counties' databases, keys and folders.
    """
    from distributed import as_completed

    tasks = {
        client.submit(one_night, hosted, day, pure=False, key=f"county-{at}"): at
        for at, hosted in enumerate(counties)
    }
    found: dict[int, CountyNight] = {}
    for task in as_completed(tasks):
        at = tasks[task]
        if task.status == "finished":
            found[at] = task.result()
        else:
            problem = type(task.exception()).__name__
            nothing = CountyTotals(counties[at].name, None, {}, problem)
            found[at] = CountyNight(nothing, 0.0, 0.0, 0.0, {})
        told(found[at])
        task.release()
    return [found[at] for at in range(len(counties))]
