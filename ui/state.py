"""What one server process holds: its settings and its open database."""

from __future__ import annotations

from functools import cache

from data.db import Db
from settings import Settings


@cache
def settings() -> Settings:
    """The settings in force, read once."""
    return Settings.from_env()


@cache
def db() -> Db:
    """The database of this process, opened (and migrated) once."""
    return Db.open(settings())
