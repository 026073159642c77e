"""Cases as a scope may read them, and where each stands."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from casework.calendar import WorkingCalendar
from casework.clock_table import from_milestones
from casework.milestones import Milestones
from casework.standing import standing_from
from data import steering
from data.categories import Categories, load_categories, parse_categories
from data.db import Db
from data.frames import CaseTable
from data.reading import read_figures, read_worklist
from data.scope import Scope

from .rules import Rules, rules_of

CATEGORIES_FILE = "categories.toml"
"""Name under which a county's own categories are in force."""


class CaseFigures(NamedTuple):
    """The cases a scope reaches, and where each stands; all on the index of `table.cases`.

    table: `frames.Cases` and `frames.Events`.
    standing: `casework.standing.standing`, with acceptance_due_on and acceptance_state beside.
    clocks: `casework.clock_table.clock_table`.
    """

    table: CaseTable
    standing: pd.DataFrame
    clocks: pd.DataFrame

    @property
    def cases(self) -> pd.DataFrame:
        """`frames.Cases`."""
        return self.table.cases


def county_figures(db: Db, scope: Scope, as_of: dt.datetime) -> CaseFigures:
    """Every case as known at `as_of`, without its identity (`data.reading.read_figures`)."""
    return compute(rules_of(db), read_figures(db, scope, as_of), as_of, db.county().zone)


def worklist(db: Db, scope: Scope, as_of: dt.datetime) -> CaseFigures:
    """The cases owed by this scope, with ids, no texts (`data.reading.read_worklist`)."""
    return compute(rules_of(db), read_worklist(db, scope, as_of), as_of, db.county().zone)


def compute(rules: Rules, table: CaseTable, as_of: dt.datetime, zone: str) -> CaseFigures:
    """Clocks and standing of a case table under the rules in force."""
    return counted(rules, table, as_of, zone)[0]


def counted(
    rules: Rules, table: CaseTable, as_of: dt.datetime, zone: str
) -> tuple[CaseFigures, Milestones]:
    """`compute`, and the milestones found on the way: large, and kept by nobody."""
    stones = Milestones(table.cases, table.events, as_of, zone)
    clocks = from_milestones(table.cases, stones, rules.packs, rules.calendars)
    stand = standing_from(table.cases, table.events, stones, clocks, rules.packs)
    beside = clocks[["acceptance_due_on", "acceptance_state"]]
    return CaseFigures(table, stand.join(beside), clocks), stones


def known_by(table: CaseTable, moment: dt.datetime) -> CaseTable:
    """What of a table was known at an earlier moment; cases in their present version.

    One read serves several moments where only what happened counts, not what was corrected.
    """
    known = (table.cases["known_at"] <= moment).to_numpy()
    return only(CaseTable(table.cases, table.events[table.events["known_at"] <= moment]), known)


def only(table: CaseTable, keep: np.ndarray) -> CaseTable:
    """Some cases of a table with their events, numbered anew; keep: bool, in order of the cases."""
    number = np.cumsum(keep) - 1
    events = table.events
    events = events[keep[events["case"].to_numpy()]]
    events = events.assign(case=number[events["case"].to_numpy()]).reset_index(drop=True)
    return CaseTable(table.cases[keep].reset_index(drop=True).rename_axis("case"), events)


def categories(db: Db, scope: Scope) -> Categories:
    """The categories in force; the shipped ones where the county loaded none of its own."""
    for file in steering.files_in_force(db, scope):
        if file.name == CATEGORIES_FILE:
            return parse_categories(file.content, file.name)
    return load_categories()


def working_days(calendar: WorkingCalendar, first: dt.date, last: dt.date) -> np.ndarray:
    """The working days from `first` to `last`, datetime64[D]."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return np.array([day for day in days if calendar.is_working(day)], dtype="datetime64[D]")
