"""The county's cases that can count in a figure since a day, computed without the others.

Three years hold 300,000 cases; a page that looks back three months needs a fifth of them. Which of
the others are settled, and until which day each counted, follows from what was computed before: a
settled case changes by a new row only, and rows are only added. So the next reader takes the
numbers of the settled ones from what is kept (in this process, and in `data.settled_file` for the
next one), leaves out those that were over before its day, and computes the rest from the record.
Other rules, other code, an earlier moment or another record: everything is computed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import column_files, settled_file, steering
from data.columns import NOWHERE
from data.db import Db
from data.reading import Numbered, read_figures_numbered
from data.scope import Scope
from data.settled_file import NEVER, Settled
from settings import ROOT

from .figures import CaseFigures, compute, only
from .rules import is_of_rules, rules_of

SLACK = pd.Timedelta(days=9)
"""A step of 7-1-7 falls due so many days after the one before, at most."""
BY_TIME = ("withdrawal_asked", "withdrawal_undone", "disowned")
"""Events after which a case closes, opens or leaves the figures by the days that pass."""
QUIET = pd.Timedelta(days=100)
"""After so long they have done what they do: longer than a withdrawal can be undone."""
OVER = ("met", "late", "ended", "not_started", "lapsed")
"""States of a clock that time alone does not change once the case is closed."""
WRITTEN_AFTER = dt.timedelta(hours=12)
"""How old the file may become before it is written anew."""
ONE_DAY = dt.timedelta(days=1)
LEAST_CASES = 10_000
"""A smaller record is computed sooner than a file would be looked after."""
_NO_DAYS, _NO_CASES = np.empty(0, dtype=np.int32), np.empty(0, dtype=bool)
_SLACK_DAYS = 11
"""As `SLACK`, in whole days of UTC whatever the zone."""
_CODE = ("casework", "service/near.py", "service/figures.py")


class Near(NamedTuple):
    """Cases that can count in a figure since a day, and what is to be said of the others.

    figures: as `service.figures.county_figures`, of these cases. older: how many more count in the
    record and were over before. first_known: when the record knew its first case; NaT = none yet.
    """

    figures: CaseFigures
    older: int
    first_known: pd.Timestamp


@dataclass
class _Shelf:
    settled: Settled | None = None
    written: dt.datetime | None = None
    is_read: bool = False
    lock: Lock = field(default_factory=Lock)


_shelves: WeakKeyDictionary[object, _Shelf] = WeakKeyDictionary()
_lock = Lock()


def near_figures(db: Db, scope: Scope, as_of: dt.datetime, since: dt.date) -> Near:
    """The cases, as known at a moment, that can count in a figure since a local day.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    with _lock:
        shelf = _shelves.setdefault(db.engine, _Shelf())
    with shelf.lock:  # who comes meanwhile finds what is settled
        return _near(db, scope, as_of, since, shelf)


def _near(db: Db, scope: Scope, as_of: dt.datetime, since: dt.date, shelf: _Shelf) -> Near:
    rules, key, zone = rules_of(db), _rules_key(db), db.county().zone
    found = read_figures_numbered(db, scope, as_of)
    if not shelf.is_read:
        shelf.settled = settled_file.load(column_files.folder_of(db))
        shelf.written = None if shelf.settled is None else shelf.settled.as_of
        shelf.is_read = True
    kept = shelf.settled
    is_same = kept is not None and kept.rules == key and found.holds(kept.place)
    # found a little later is as good: a case over months before was over at both moments
    is_late = kept is not None and kept.as_of > as_of + ONE_DAY
    is_near = as_of.date() - since < 2 * ONE_DAY
    if kept is None or not is_same or is_late or is_near or not _is_before(kept, found):
        base = Settled(NOWHERE, as_of, key, _NO_DAYS, _NO_CASES)
    else:
        base = kept
    moved = found.moved(base.place, base.as_of)
    last_day = np.full(len(moved), NEVER, dtype=np.int32)
    is_counted = np.zeros(len(moved), dtype=bool)
    last_day[: len(base.last_day)] = base.last_day
    is_counted[: len(base.is_counted)] = base.is_counted
    last_day[moved] = NEVER
    first = (since - dt.date(1970, 1, 1)).days - _SLACK_DAYS
    near = last_day[found.number] >= first
    table = found.table if near.all() else only(found.table, near)
    figures = compute(rules, table, as_of, zone)
    last_day[found.number[near]] = settled_days(figures, as_of)
    is_counted[found.number[near]] = figures.standing["is_counted"].to_numpy(dtype=bool)
    older = int(is_counted[found.number[~near]].sum())
    if kept is None or not is_same or kept.as_of <= as_of:
        _keep(db, shelf, Settled(found.place, as_of, key, last_day, is_counted))
    return Near(figures, older, found.table.cases["known_at"].min())


def narrowed(now: CaseFigures, since: dt.date, zone: str) -> Near:
    """The same, of the whole county's figures."""
    cases, events = now.table
    first = pd.Timestamp(since)
    start = first.tz_localize(ZoneInfo(zone)).tz_convert("UTC") - SLACK
    stand = now.standing
    can = stand["is_open"].astype(bool) | (stand["ended_at"] >= start)
    can |= (stand["answer_due_on"] >= first) | (stand["acceptance_due_on"] >= first)
    can |= (cases["opened_at"] >= start) | (cases["known_at"] >= start)
    near = can.to_numpy().copy()
    heard = (events["occurred_at"] >= start) | (events["known_at"] >= start)
    near[events["case"].to_numpy()[heard.to_numpy()]] = True
    older = int(stand["is_counted"].to_numpy(dtype=bool)[~near].sum())
    parts = (part[near].reset_index(drop=True).rename_axis("case") for part in now[1:])
    return Near(CaseFigures(only(now.table, near), *parts), older, cases["known_at"].min())


def settled_days(figures: CaseFigures, as_of: dt.datetime) -> NDArray[np.int32]:
    """The last day on which each case counts in a figure of a window, days since 1970 and one more
    for any zone; NEVER where time alone can still change where it stands."""
    cases, events = figures.table
    stand, clocks = figures.standing, figures.clocks
    is_settled = ~stand["is_open"].to_numpy(dtype=bool)
    last = np.fmax(_days(cases["opened_at"]), _days(cases["known_at"]))
    for column in (stand["ended_at"], stand["answer_due_on"], stand["acceptance_due_on"]):
        last = np.fmax(last, _days(column))
    for name in clocks:
        if name.endswith("_state"):
            over = [clocks[name].cat.categories.get_loc(state) for state in OVER]
            is_settled &= np.isin(clocks[name].cat.codes.to_numpy(), [-1, *over])
        elif name.endswith("_due_on"):
            last = np.fmax(last, _days(clocks[name]))
    heard = np.fmax(_days(events["occurred_at"]), _days(events["known_at"]))
    np.fmax.at(last, events["case"].to_numpy(), heard)
    waits = events["event"].isin(BY_TIME).to_numpy()
    quiet = pd.Timestamp(as_of) - QUIET
    waits = waits & ((events["occurred_at"] > quiet) | (events["known_at"] > quiet)).to_numpy()
    is_settled[events["case"].to_numpy()[waits]] = False
    days = np.where(is_settled & np.isfinite(last), last + 1, NEVER)
    return days.astype(np.int32)


def _days(moments: pd.Series) -> NDArray[np.float64]:
    """Days since 1970; NaN where missing."""
    days = moments.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64))


def _is_before(kept: Settled, found: Numbered) -> bool:
    """Whether what is kept is of an earlier state of the record than the one that was read."""
    last, now = kept.place, found.place
    return last.version <= now.version and last.event <= now.event


def _keep(db: Db, shelf: _Shelf, found: Settled) -> None:
    """For the next reader; in the file where it has become old, of a record worth a file."""
    shelf.settled = found
    is_old = shelf.written is None or abs(found.as_of - shelf.written) >= WRITTEN_AFTER
    if is_old and len(found.last_day) >= LEAST_CASES:
        settled_file.save(column_files.folder_of(db), found)
        shelf.written = found.as_of


def _rules_key(db: Db) -> str:
    """What the answer depends on besides the record: the code, packs and calendars in force."""
    files = [
        (file.name, file.sha256, file.recorded_at.isoformat())
        for file in steering.versions(db, Scope.public())
        if is_of_rules(file.name)
    ]
    return hashlib.sha256(repr((_code(), db.county().zone, files)).encode()).hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256(metadata.version("chinesecalendar").encode())
    for name in _CODE:
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in {".py", ".toml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()
