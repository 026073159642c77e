"""What one server process holds: its settings, its open database, what it counts."""

from __future__ import annotations

from functools import cache
from threading import Lock

from data.db import Db
from service import logs, watch
from service.counters import Counters
from service.metrics import office_lines
from settings import Settings


@cache
def settings() -> Settings:
    """The settings in force, read once."""
    return Settings.from_env()


_opening = Lock()


def db() -> Db:
    """The database of this process, opened (and migrated) once, whoever asks first."""
    with _opening:
        return _open()


@cache
def _open() -> Db:
    return Db.open(settings())


@cache
def watched() -> Counters:
    """The counters of this process; asked for the first time, logs and metrics begin."""
    counters = Counters()
    logs.set_up(settings())
    watch.start(settings(), db, counters, lambda: office_lines(db(), settings()))
    return counters
