"""The county's figures as one process keeps them, brought up to date by what was appended.

The clocks and the standing of three years' cases take seconds to compute. The record is
append-only: a case without a newer row stands as it stood, but for what time alone changes, and of
that each case's next moment is known (`service.ledger.changes_at`). So a later moment of the same
local day computes only the cases touched since; a new day, other rules or another record, all.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from casework.milestones import utc
from data.db import Db
from data.reading import Numbered, Place, read_figures_numbered
from data.scope import Scope

from .figures import CaseFigures, counted, only
from .ledger import changes_at
from .rules import Rules, rules_of

MOST_EARLIER = 2
"""Other moments kept beside the newest: a week's end, a report's evening."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Kept:
    """The figures of a moment; place, number: as in `data.reading.Numbered`, whose columns are not
    held. changes_at: per case, datetime64[us], NaT = none."""

    as_of: dt.datetime
    day: dt.date
    rules: Rules
    place: Place
    number: Ints
    figures: CaseFigures
    changes_at: NDArray[np.datetime64]


@dataclass
class _Shelf:
    """Of one open database; one thread at a time brings the newest up to date."""

    newest: _Kept | None = None
    earlier: OrderedDict[tuple[object, ...], CaseFigures] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


_shelves: WeakKeyDictionary[object, _Shelf] = WeakKeyDictionary()
_lock = Lock()


def kept_figures(db: Db, scope: Scope, as_of: dt.datetime) -> CaseFigures:
    """`service.figures.county_figures`; the values are shared, and copied where somebody writes.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    shelf, zone = _shelf_of(db), ZoneInfo(db.county().zone)
    with shelf.lock:
        last = shelf.newest
        if last is not None and as_of < last.as_of:
            return _earlier(db, scope, as_of, shelf)
        rules, found = rules_of(db), read_figures_numbered(db, scope, as_of)
        day = as_of.astimezone(zone).date()
        made = None
        if last is not None and last.day == day and last.rules.packs is rules.packs:
            made = _brought_up(last, found, rules, as_of, str(zone))
        if made is None:
            figures, stones = counted(rules, found.table, as_of, str(zone))
            ahead = changes_at(rules, figures, stones).to_numpy(dtype="datetime64[us]")
            made = _Kept(as_of, day, rules, found.place, found.number, figures, ahead)
        shelf.newest = made
        return _own(made.figures)


def is_at_hand(db: Db, as_of: dt.datetime) -> bool:
    """Whether the figures of a moment follow quickly from what is kept."""
    last, zone = _shelf_of(db).newest, ZoneInfo(db.county().zone)
    return (
        last is not None
        and last.as_of <= as_of
        and last.day == as_of.astimezone(zone).date()
        and last.rules.packs is rules_of(db).packs
    )


def _shelf_of(db: Db) -> _Shelf:
    with _lock:
        return _shelves.setdefault(db.engine, _Shelf())


def _own(kept: CaseFigures) -> CaseFigures:
    table = type(kept.table)(*(frame.copy(deep=False) for frame in kept.table))
    return CaseFigures(table, kept.standing.copy(deep=False), kept.clocks.copy(deep=False))


def _earlier(db: Db, scope: Scope, as_of: dt.datetime, shelf: _Shelf) -> CaseFigures:
    """Of a moment before the newest: told apart by how many rows were known then."""
    rules, found = rules_of(db), read_figures_numbered(db, scope, as_of)
    key = (as_of, id(rules.packs), len(found.table.cases), len(found.table.events),
           found.table.cases["known_at"].max())  # fmt: skip
    if key not in shelf.earlier:
        figures = counted(rules, found.table, as_of, db.county().zone)[0]
        shelf.earlier[key] = figures
        while len(shelf.earlier) > MOST_EARLIER:
            shelf.earlier.popitem(last=False)
    shelf.earlier.move_to_end(key)
    return _own(shelf.earlier[key])


def _brought_up(
    last: _Kept, found: Numbered, rules: Rules, as_of: dt.datetime, zone: str
) -> _Kept | None:
    """What is kept with the touched cases computed anew; None where it is of another record."""
    if not found.holds(last.place):
        return None
    moved = found.moved(last.place, last.as_of)
    row = np.full(len(moved), -1, dtype=np.int64)
    row[last.number] = np.arange(len(last.number))
    old = row[found.number]
    moment = np.datetime64(as_of.astimezone(dt.UTC).replace(tzinfo=None), "us")
    before = np.datetime64(last.as_of.astimezone(dt.UTC).replace(tzinfo=None), "us")
    due = (last.changes_at <= moment) | (utc(last.figures.cases["opened_at"]) > before)
    touched = moved[found.number] | (old < 0)
    touched[~touched] = due[old[~touched]]
    part, stones = counted(rules, only(found.table, touched), as_of, zone)
    ahead = changes_at(rules, part, stones).to_numpy(dtype="datetime64[us]")
    take = old.copy()
    take[touched] = len(last.number) + np.arange(int(touched.sum()))
    standing = _spliced(last.figures.standing, part.standing, take)
    standing["wait_days"] = _waited(standing, found, touched, before, moment)
    figures = CaseFigures(found.table, standing, _spliced(last.figures.clocks, part.clocks, take))
    joined = np.concatenate([last.changes_at, ahead])[take]
    day = as_of.astimezone(ZoneInfo(zone)).date()
    return _Kept(as_of, day, rules, found.place, found.number, figures, joined)


def _spliced(old: pd.DataFrame, new: pd.DataFrame, take: Ints) -> pd.DataFrame:
    """Rows of both, by position in the old ones followed by the new ones."""
    if len(new):
        old = pd.concat([old, new], ignore_index=True)
    elif np.array_equal(take, np.arange(len(old))):
        return old.copy(deep=False)
    return old.take(take).reset_index(drop=True).rename_axis("case")


def _waited(
    standing: pd.DataFrame,
    found: Numbered,
    touched: NDArray[np.bool_],
    before: np.datetime64,
    moment: np.datetime64,
) -> NDArray[np.float64]:
    """`wait_days`, which of a case that still waits grow with every moment."""
    opened, waited = utc(found.table.cases["opened_at"]), standing["wait_days"].to_numpy().copy()
    day = np.timedelta64(1, "D")
    waits = ~touched & ~standing["wait_observed"].to_numpy(dtype=bool)
    waits &= standing["ended_at"].isna().to_numpy() & (waited == (before - opened) / day)
    waited[waits] = ((moment - opened) / day)[waits]
    return waited
