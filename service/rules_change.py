"""Before and after the rules change: which last days move, and the file put in force.

A move is counted by the clocks themselves, under the rules before and after; clocks that have
ended do not move (DOMAIN.md §5: the past is never rewritten).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from dataclasses import dataclass

import pandas as pd

from casework.calendar_file import YearFile, parse_year
from casework.clock_table import clock_table
from casework.standing import standing
from data import steering
from data.db import Db
from data.errors import ConfigError
from data.frames import CaseTable
from data.reading import read_for_rules, read_worklist
from data.scope import Scope
from data.steering import FileInForce

from .figures import known_by
from .rules import PACK_FILE, YEAR_FILE, Rules, rules_from

MOVING = ("forward", "acceptance", "answer")
"""Clocks of the office whose last day may move; `answer` is the latest round."""
RUNNING = ("running", "overdue", "paused")


@dataclass(frozen=True)
class NewFile:
    """A file that was checked and may be put in force.

    name: under which it will be in force. year: what it says, for a year of a calendar.
    """

    name: str
    content: str
    year: YearFile | None


def check(db: Db, scope: Scope, content: str) -> NewFile:
    """What somebody wants to put in force, checked; nothing is stored.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
        ConfigError: the first thing that is wrong in it, in one sentence.
    """
    scope.need("administrator", "operator")
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("steering.unreadable", reason=str(err)) from None
    if "year" not in table:
        raise ConfigError("steering.neither")
    year = parse_year(content)
    return NewFile(year.name, content, year)


def preview(db: Db, scope: Scope, new: NewFile) -> pd.DataFrame:
    """The running clocks whose last day would move, were this file in force.

    Returns:
        As `moves`; for an administrator and the operator, who see no case, without case_id: one
        row per body, clock, old day and new day, with their `count`.

    Raises:
        NotAllowed: a role that neither changes rules nor supervises.
    """
    now = db.now()
    files = steering.versions(db, Scope.public())
    sha256 = hashlib.sha256(new.content.encode()).hexdigest()
    after = rules_from([*files, FileInForce(new.name, sha256, new.content, now)])
    return _seen(scope, moves(_table(db, scope, now), rules_from(files), after, now, _zone(db)))


def apply(db: Db, scope: Scope, new: NewFile) -> None:
    """Put a file in force, checked once more; noted in the log. Dates follow from then on."""
    checked = check(db, scope, new.content)
    steering.save_file(db, scope, checked.name, checked.content)


def moved(db: Db, scope: Scope, as_of: dt.datetime) -> pd.DataFrame:
    """The cases whose last day moved when rules changed, the latest change first.

    Returns:
        As `moves`, and `changed_at` (instant, UTC) and `file` of the change.

    Raises:
        NotAllowed: not a supervisor.
    """
    scope.need("supervisor")
    files, found = steering.versions(db, Scope.public()), [_none()]
    table = None
    for number, file in enumerate(files):
        if not steers_clocks(file.name) or file.recorded_at > as_of:
            continue
        table = read_worklist(db, scope, as_of) if table is None else table
        then = known_by(table, file.recorded_at)
        before, after = rules_from(files[:number]), rules_from(files[: number + 1])
        rows = moves(then, before, after, file.recorded_at, _zone(db))
        found.append(rows.assign(changed_at=pd.Timestamp(file.recorded_at), file=file.name))
    return pd.concat(found[:0:-1] or found, ignore_index=True)


def moves(
    table: CaseTable, before: Rules, after: Rules, as_of: dt.datetime, zone: str
) -> pd.DataFrame:
    """One row per running clock whose last day differs under two sets of rules.

    Returns:
        case_id (NA for readers of figures), body_id (owes the answer), clock (of `MOVING`),
        old_on and new_on (local days), in order of the new day.
    """
    args = (as_of, zone)
    old = clock_table(table.cases, table.events, before.packs, before.calendars, *args)
    new = clock_table(table.cases, table.events, after.packs, after.calendars, *args)
    stand = standing(table.cases, table.events, after.packs, after.calendars, *args)
    found = [_none()]
    for clock in MOVING:
        due, state = f"{clock}_due_on", f"{clock}_state"
        is_moved = (old[due] != new[due]) & old[due].notna() & new[due].notna()
        is_moved &= old[state].isin(RUNNING) & stand["is_counted"]
        rows = table.cases[["case_id"]].assign(
            body_id=stand["owing_body_id"].astype("str"), clock=clock,
            old_on=old[due], new_on=new[due],
        )  # fmt: skip
        found.append(rows[is_moved])
    moved_rows = pd.concat(found, ignore_index=True)
    return moved_rows.sort_values(["new_on", "body_id", "clock"], kind="stable", ignore_index=True)


def provisional(db: Db, scope: Scope) -> dict[int, int]:
    """Running clocks whose last day is provisional, by the year not yet loaded.

    Raises:
        NotAllowed: as `preview`.
    """
    now = db.now()
    rules, table = rules_from(steering.versions(db, Scope.public())), _table(db, scope, now)
    args = (rules.packs, rules.calendars, now, _zone(db))
    clocks = clock_table(table.cases, table.events, *args)
    is_counted = standing(table.cases, table.events, *args)["is_counted"]
    years: dict[int, int] = {}
    for clock in MOVING:
        is_open = clocks[f"{clock}_state"].isin(RUNNING) & is_counted
        is_open &= clocks[f"{clock}_provisional"].fillna(False).astype(bool)
        for year, count in clocks.loc[is_open, f"{clock}_due_on"].dt.year.value_counts().items():
            years[int(year)] = years.get(int(year), 0) + int(count)
    return dict(sorted(years.items()))


def steers_clocks(name: str) -> bool:
    """Whether a file of this name can move a last day."""
    return bool(YEAR_FILE.fullmatch(name) or PACK_FILE.fullmatch(name))


def _table(db: Db, scope: Scope, now: dt.datetime) -> CaseTable:
    if scope.role == "supervisor":
        return read_worklist(db, scope, now)
    return read_for_rules(db, scope, now)


def _seen(scope: Scope, rows: pd.DataFrame) -> pd.DataFrame:
    if scope.role == "supervisor":
        return rows
    by = ["new_on", "body_id", "clock", "old_on"]
    return rows.groupby(by, sort=True, as_index=False).size().rename(columns={"size": "count"})


def _zone(db: Db) -> str:
    return db.county().zone


def _none() -> pd.DataFrame:
    columns = {
        "case_id": "str", "body_id": "str", "clock": "str",
        "old_on": "datetime64[us]", "new_on": "datetime64[us]",
    }  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
