"""The record of the nightly run: what began, was done or failed, with numbers; and its one lock.

Append-only: a run that was killed is found by a step that began and has no end, and goes on there.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from .db import Db
from .errors import ConfigError, NotAllowed, ProjectError
from .schema import run, run_step
from .scope import OPERATOR, Scope
from .vocabulary import RUN_EVENTS, RUN_STEPS

READERS = ("administrator", OPERATOR)
MACHINE_COUNTS = (
    "files", "rows", "added", "repeated", "rows_aside", "files_aside", "waiting", "refused",
    "ended", "written", "months", "notices", "removed",
)  # fmt: skip
"""Counts an administrator reads: of files, rows and messages. The others are figures of cases."""
ASKS, ASKS_EVERY_SECONDS = 4, 0.15
"""A look from a page holds the lock for a moment: it is asked for a few times."""
LOCK_NUMBER = 0x7A616F6A6965
"""Of the advisory lock on PostgreSQL: the program's own name in bytes."""


class RunGoesOn(ProjectError):
    """Another nightly run holds the lock; nothing was begun."""


@dataclass(frozen=True)
class Run:
    """One run that began. process: its number on the machine that started it."""

    id: int
    day: dt.date
    at: dt.datetime
    process: int


@dataclass(frozen=True)
class StepLine:
    """One event of a step. counts: numbers by name; problem: a catalogue key or a kind of error."""

    run_id: int
    day: dt.date
    step: str
    event: str
    at: dt.datetime
    counts: Mapping[str, int]
    problem: str | None


@dataclass(frozen=True)
class Held:
    """The lock while it is held; `check` before each step."""

    conn: sa.Connection | None

    def check(self) -> None:
        """Refuse to go on where the lock was lost with its connection.

        Raises:
            RunGoesOn: it was; somebody else may have it by now.
        """
        if self.conn is not None:
            try:
                self.conn.scalar(sa.select(1))
            except sa.exc.DBAPIError as err:
                raise RunGoesOn("running.error.lock_lost") from err


@contextmanager
def lock(db: Db, scope: Scope) -> Iterator[Held]:
    """Hold the one lock of the nightly run; it ends with its holder, however that ends.

    SQLite: a lock of the system on a file beside the database. PostgreSQL: an advisory lock of a
    connection of its own. Neither can be left behind by a holder that was killed.

    Raises:
        RunGoesOn: somebody else has it; the sentence says since when.
        ConfigError: the file of the lock is another user's.
        NotAllowed: not the server's operator.
    """
    scope.need(OPERATOR)
    with ExitStack() as stack:
        for attempt in range(ASKS):
            held = _taken(db, stack)
            if held is not None:
                break
            if attempt < ASKS - 1:
                time.sleep(ASKS_EVERY_SECONDS)
        else:
            last = newest_run(db, scope)
            if last is None:
                raise RunGoesOn("running.error.goes_on_unknown")
            since = last.at.isoformat(timespec="seconds")
            raise RunGoesOn("running.error.goes_on", since=since, process=last.process)
        yield held


def goes_on(db: Db, scope: Scope) -> bool:
    """Whether a nightly run holds the lock at this moment."""
    scope.need(*READERS)
    with ExitStack() as stack:
        return _taken(db, stack) is None


def _taken(db: Db, stack: ExitStack) -> Held | None:
    if db.engine.dialect.name == "postgresql":
        with ExitStack() as mine:
            conn = mine.enter_context(
                db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            )
            if not conn.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK_NUMBER))):
                return None
            # closed for good, not back to the pool: with the connection goes the lock, a moment
            # after it where it could not be given back
            mine.callback(conn.invalidate)
            mine.callback(_given_back, conn)
            stack.push(mine.pop_all())
        return Held(conn)
    # never truncated, never removed: only the system's lock on it means anything
    path = f"{db.engine.url.database}.cycle"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as err:
        raise ConfigError("running.error.lock_file", file=Path(path).name) from err
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    stack.callback(os.close, handle)
    return Held(None)


def _given_back(conn: sa.Connection) -> None:
    if conn.invalidated:  # the connection is gone already, and the lock with it
        return
    with suppress(sa.exc.DBAPIError):
        conn.scalar(sa.select(sa.func.pg_advisory_unlock(LOCK_NUMBER)))


def begin(db: Db, scope: Scope, day: dt.date) -> Run:
    """Note that a run for a local day begins.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need(OPERATOR)
    process = os.getpid()
    with db.write() as conn:
        at = db.stamp(conn)
        made = conn.execute(run.insert().values(day=day, recorded_at=at, process=process))
        key = made.inserted_primary_key
        assert key is not None
        return Run(int(key[0]), day, at, process)


def note(
    db: Db, scope: Scope, of: Run, step: str, event: str,
    counts: Mapping[str, int] | None = None, problem: str | None = None,
) -> dt.datetime:  # fmt: skip
    """Note an event of a step; the moment it was noted.

    Raises:
        NotAllowed: not the server's operator, a word outside the lists, a count that is no number.
    """
    scope.need(OPERATOR)
    numbers = dict(counts or {})
    if (
        step not in RUN_STEPS
        or event not in RUN_EVENTS
        or not all(isinstance(value, int) for value in numbers.values())
    ):
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        conn.execute(
            run_step.insert().values(
                run_id=of.id, day=of.day, step=step, event=event, recorded_at=at,
                counts=json.dumps(numbers, sort_keys=True) if counts is not None else None,
                problem=problem[:80] if problem else None,
            )
        )  # fmt: skip
    return at


def newest_run(db: Db, scope: Scope) -> Run | None:
    """The run that began last; None before the first.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    found = runs(db, scope, 1)
    return found[0] if found else None


def runs(db: Db, scope: Scope, count: int) -> list[Run]:
    """The newest runs, the latest first.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    scope.need(*READERS)
    with db.read() as conn:
        rows = conn.execute(
            sa.select(run.c.id, run.c.day, run.c.recorded_at, run.c.process)
            .order_by(run.c.id.desc())
            .limit(count)
        ).all()
    return [Run(*row) for row in rows]


def steps(db: Db, scope: Scope, first: dt.date, last: dt.date) -> list[StepLine]:
    """Every event of the steps of the runs for the days `first`..`last`, oldest first; for an
    administrator with `MACHINE_COUNTS` only.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    scope.need(*READERS)
    s = run_step.c
    with db.read() as conn:
        rows = conn.execute(
            sa.select(s.run_id, s.day, s.step, s.event, s.recorded_at, s.counts, s.problem)
            .where(s.day.between(first, last))
            .order_by(s.id)
        ).all()
    return [StepLine(*row[:5], _counts(scope, row[5]), row[6]) for row in rows]


def _counts(scope: Scope, said: str | None) -> dict[str, int]:
    found: dict[str, int] = json.loads(said or "{}")
    if scope.role == OPERATOR:
        return found
    return {name: count for name, count in found.items() if name in MACHINE_COUNTS}
