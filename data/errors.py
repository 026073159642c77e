"""The errors people read.

    ProjectError                 something the reader can mend; the message says how
    ├── DataError                rows or fields that break a rule, all of them at once
    ├── NotAllowed               the scope does not reach this row or action
    ├── NotFound                 no such row within the scope
    ├── RuleError                an event the pack's grammar forbids; `.rule` is its name
    ├── StoreBusy                too many write at once; nothing was stored, sending again is safe
    ├── StoreFull                the disk has no room left; nothing of the transaction was stored
    └── ConfigError              a file that steers the software would weaken a rule or is malformed

A message says what is wrong, where, what was not done and what to do next. `key` and `values`
find it in the catalogue, so that pages say it in the reader's language; `str()` is English.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from wording import t

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class ProjectError(Exception):
    """An error whose message is a catalogue text; see the module's docstring."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(t(key, "en", **values))

    def text(self, language: str) -> str:
        """The message in a language, plain text."""
        return t(self.key, language, **said(self.values, language))


def said(values: Mapping[str, object], language: str) -> dict[str, object]:
    """What fills a message's gaps, days as the language writes them."""
    from wording import formats  # heavy, and this file is read by every command

    def one(value: object) -> object:
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:  # "2026-02-30", as somebody typed it
                return value
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return formats.day(value, language)
        return value

    return {name: one(value) for name, value in values.items()}


class NotAllowed(ProjectError):
    """The scope does not reach this row or action."""


class NotFound(ProjectError):
    """No such row within the scope: the same words whether it exists elsewhere or not."""


class StoreBusy(ProjectError):
    """Too many write at once to wait any longer: nothing was stored, and nothing acknowledged."""


class StoreFull(ProjectError):
    """The database has no room left: nothing was stored, and nothing acknowledged."""


@contextmanager
def told_when_full() -> Iterator[None]:
    """Turns a database's word for "no room" (SQLITE_FULL, PostgreSQL's 53100) into `StoreFull`, and
    SQLite's for "locked" into `StoreBusy`."""
    from sqlalchemy.exc import DBAPIError  # heavy, and this file is read by every command

    try:
        yield
    except DBAPIError as err:
        codes = (getattr(err.orig, "sqlite_errorcode", 0), getattr(err.orig, "sqlstate", None))
        if codes[0] == sqlite3.SQLITE_FULL or codes[1] == "53100":
            raise StoreFull("data.error.disk_full") from err
        if codes[0] == sqlite3.SQLITE_BUSY:
            raise StoreBusy("data.error.busy") from err
        raise


class ConfigError(ProjectError):
    """A file that steers the software is malformed or would weaken a rule."""


class RuleError(ProjectError):
    """An impossible sequence of events; `rule` is the contract's name of the rule."""

    def __init__(self, rule: str, /, **values: object) -> None:
        self.rule = rule
        super().__init__(f"rules.{rule}", **values)


@dataclass(frozen=True)
class RowProblem:
    """One broken rule in one cell of what somebody sent.

    row: 1-based number as the sender sees it (the spreadsheet's row); 0 = the whole file.
    column: the sender's name of the column or form field; empty = the whole row.
    key, values: the catalogue text that says what is wrong and what to do.
    """

    row: int
    column: str
    key: str
    values: tuple[tuple[str, object], ...] = ()

    def text(self, language: str) -> str:
        """What is wrong and what to do, plain text."""
        return t(self.key, language, **said(dict(self.values), language))


class DataError(ProjectError):
    """Rows that break rules: `problems` lists all of them."""

    def __init__(self, key: str, problems: list[RowProblem], /, **values: object) -> None:
        self.problems = problems
        super().__init__(key, count=len(problems), **values)
