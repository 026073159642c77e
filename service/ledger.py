"""The ledger (台账): where every case of a work list stands, kept and brought up to date.

A page of it must not cost a county's whole record. The record is append-only, so a list that was
computed once is right for ever, but for the cases with newer rows and for those whose state changes
with the moment itself; only these are computed again. A new local day, or other rules in force,
make a new list.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from casework.groups import groups
from casework.milestones import NAT, Ints, Mask, Milestones, Times, later_days, take
from casework.standing import DISOWNED_LEAVES_AFTER_DAYS
from casework.vocabulary import OPEN_STAGES
from data.changes import Seen, read_changes, seen_at
from data.db import Db
from data.frames import CaseTable
from data.reading import read_worklist
from data.scope import Scope
from reports.indicators import backlog

from .figures import CaseFigures, counted
from .rules import Rules, rules_of

MOST_KEPT = 40
MOST_CASES = 1_000_000
"""Lists kept at once, and cases in them: the county's today and some bodies'; the one not looked
at for longest goes first."""
_OF_THE_MOMENT = ("wait_days", "wait_observed")
"""Columns of `standing` that change with every moment; a kept list has none of them."""


class Ledger(NamedTuple):
    """A work list and where its cases stand; the three on one index 0..n-1, in no order.

    cases: `frames.Cases`. standing: `casework.standing.standing` without `wait_days` and
    `wait_observed`. marks: bool columns to filter by:

    - is_undelivered: the latest answer is not recorded as received.
    - is_untold: something the pack says the asker must be told has not been (casework.duties).
    - is_objected: a body said "not ours", and nobody has passed the case on since.
    - is_in_review: a review or recheck is asked for and not given yet.
    - is_no_rule: its clock has no rule or no limit: an error, never "on time".
    - is_moved: a last day moved when a calendar or rule was corrected.
    - is_backlog: open longer than its pack's months (`reports.indicators.backlog`).

    beside is_backlog age_days (int64, whole local days since registration) and extended_days
    (int64, of lawful extensions, which keep no case out); and changes_at: the next moment (UTC) at
    which time alone changes something; NaT = none.
    """

    cases: pd.DataFrame
    standing: pd.DataFrame
    marks: pd.DataFrame


@dataclass(frozen=True)
class _Kept:
    """A list as of a moment, under rules, and how far the record was read for it."""

    as_of: dt.datetime
    rules: Rules
    seen: Seen
    ledger: Ledger


@dataclass
class _Shelf:
    """What this process keeps; sessions are threads, and one at a time computes a list."""

    lists: OrderedDict[tuple[object, ...], _Kept] = field(default_factory=OrderedDict)
    locks: dict[tuple[object, ...], Lock] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def lock_of(self, key: tuple[object, ...]) -> Lock:
        with self.lock:
            return self.locks.setdefault(key, Lock())

    def get(self, key: tuple[object, ...]) -> _Kept | None:
        with self.lock:
            if key in self.lists:
                self.lists.move_to_end(key)
            return self.lists.get(key)

    def put(self, key: tuple[object, ...], kept: _Kept) -> None:
        with self.lock:
            self.lists[key] = kept
            self.lists.move_to_end(key)
            while len(self.lists) > 1 and (len(self.lists) > MOST_KEPT or self.cases > MOST_CASES):
                gone, _ = self.lists.popitem(last=False)
                self.locks.pop(gone, None)

    @property
    def cases(self) -> int:
        return sum(len(kept.ledger.cases) for kept in self.lists.values())


_shelf = _Shelf()


def ledger(db: Db, scope: Scope, as_of: dt.datetime) -> Ledger:
    """The work list of a scope (`data.reading.read_worklist`) and where its cases stand.

    Where the list was brought up to a later moment of the same local day already, it is that one.
    The frames are the caller's own to add columns to; their values are shared and not written to.

    Raises:
        NotAllowed: a role that has no work list.
    """
    scope.need("supervisor", "township_clerk", "department_clerk")
    zone = db.county().zone
    day = as_of.astimezone(ZoneInfo(zone)).date()
    reach = (scope.role, tuple(sorted(scope.townships)), tuple(sorted(scope.bodies)))
    key = (str(db.engine.url), reach, day)
    with _shelf.lock_of(key):
        rules, kept = rules_of(db), _shelf.get(key)
        if kept is None or kept.rules.packs is not rules.packs or _is_stale(kept, as_of):
            kept = _Kept(as_of, rules, seen_at(db, as_of), from_scratch(db, scope, as_of))
            _shelf.put(key, kept)
        elif as_of >= kept.as_of:
            kept = _brought_up(db, scope, as_of, zone, rules, kept)
            _shelf.put(key, kept)
    return Ledger(*(frame.copy(deep=False) for frame in kept.ledger))


def from_scratch(db: Db, scope: Scope, as_of: dt.datetime) -> Ledger:
    """The same, read and computed as a whole, kept nowhere."""
    return _computed(rules_of(db), read_worklist(db, scope, as_of), as_of, db.county().zone)


def _is_stale(kept: _Kept, as_of: dt.datetime) -> bool:
    """Whether a row that was recorded before has become known since, by its source's own time."""
    return kept.seen.next_at is not None and kept.seen.next_at <= as_of


def _brought_up(
    db: Db, scope: Scope, as_of: dt.datetime, zone: str, rules: Rules, kept: _Kept
) -> _Kept:
    old = kept.ledger
    due = old.cases["case_id"][(old.marks["changes_at"] <= pd.Timestamp(as_of)).to_numpy()]
    changes = read_changes(db, scope, as_of, kept.seen, old.cases["case_id"], set(due))
    if changes.table is None:
        return _Kept(as_of, rules, changes.seen, from_scratch(db, scope, as_of))
    if changes.table.cases.empty and not changes.gone:
        return _Kept(as_of, rules, changes.seen, old)
    new = _computed(rules, changes.table, as_of, zone)
    left = changes.gone | set(new.cases["case_id"])
    stays = ~old.cases["case_id"].isin(left).to_numpy()
    joined = (
        pd.concat([before[stays], after], ignore_index=True)
        for before, after in zip(old, new, strict=True)
    )
    return _Kept(as_of, rules, changes.seen, Ledger(*joined))


def _computed(rules: Rules, table: CaseTable, as_of: dt.datetime, zone: str) -> Ledger:
    found, stones = counted(rules, table, as_of, zone)
    standing = found.standing.drop(columns=list(_OF_THE_MOMENT))
    return Ledger(table.cases, standing, _marks(rules, found, stones))


def _marks(rules: Rules, found: CaseFigures, stones: Milestones) -> pd.DataFrame:
    cases = found.cases
    stage, clocks = found.standing["stage"], found.clocks
    states = [clocks[name] == "no_rule" for name in clocks if name.endswith("_state")]
    moved = [clocks[name].notna() for name in clocks if name.endswith("_moved_from")]
    review = [("review_requested", "reviewed"), ("recheck_requested", "rechecked")]
    is_objected = stones.last("objected") > stones.last("transferred")
    columns: dict[str, object] = {
        "is_undelivered": (stage == "answered").to_numpy()
        & (stones.last("answered") > stones.last("delivered")),
        "is_untold": _untold(rules, cases, found.table.events["code"], stones),
        "is_objected": stage.isin(OPEN_STAGES).to_numpy() & is_objected,
        "is_in_review": np.logical_or.reduce(
            [stones.last(asked) > stones.last(given) for asked, given in review]
        ),
        "is_no_rule": np.logical_or.reduce([state.to_numpy(bool) for state in states]),
        "is_moved": np.logical_or.reduce([mask.to_numpy(bool) for mask in moved]),
        **_aged(rules, found, stones),
        "changes_at": changes_at(rules, found, stones),
    }
    return pd.DataFrame(columns, index=cases.index)


def _aged(rules: Rules, found: CaseFigures, stones: Milestones) -> dict[str, pd.Series]:
    """The backlog, each case's age, the days its lawful extensions added."""
    events = found.table.events
    moment = pd.Timestamp(stones.as_of, tz="UTC").to_pydatetime()
    aged = backlog(found.cases, events, found.standing, moment, str(stones.zone), rules.packs)
    given = events[events["event"] == "extended"].groupby("case")["days"].sum()
    added = given.reindex(found.cases.index).fillna(0).astype("int64")
    return {**{str(name): aged[name] for name in aged}, "extended_days": added}


def _untold(rules: Rules, cases: pd.DataFrame, codes: pd.Series, stones: Milestones) -> Mask:
    """Whether any duty of `casework.duties.duties` is open, for whole tables."""
    untold = np.zeros(len(cases), dtype=bool)
    objected = stones.last("not_told")
    about = codes.to_numpy(dtype=object, na_value="")[stones.source[objected]]
    told = {
        "delivered": stones.last("delivered"), "notified": stones.last("notified", "delivered"),
    }  # fmt: skip
    for group in groups(cases, rules.packs, stones):
        tells, rows = group.pack.tells, group.rows
        said = objected[rows]
        places = [(tell, stones.last(tell.event)[rows]) for tell in tells]
        before = np.full(len(rows), -1, dtype=np.int64)
        for _, place in places:
            before = np.where(place < said, np.maximum(before, place), before)
        for tell, place in places:
            is_meant = (about[rows] == tell.event) & (place >= 0) & (place < said)
            before = np.where(is_meant, place, before)
        for tell, place in places:
            after = np.where(place == before, np.maximum(place, said), place)
            untold[rows] |= (place >= 0) & (told[tell.must][rows] <= after)
    return untold


def changes_at(rules: Rules, found: CaseFigures, stones: Milestones) -> pd.DatetimeIndex:
    """The next moment at which time alone changes where a case stands."""
    cases, events = found.table
    days = np.zeros(len(cases), dtype=np.int64)
    for group in groups(cases, rules.packs, stones):
        days[group.rows] = group.pack.withdrawal_takes_effect_days
    asked, disowned = stones.last("withdrawal_asked"), stones.last("disowned")
    gone_after = np.timedelta64(DISOWNED_LEAVES_AFTER_DAYS, "D")
    moments = [
        later_days(stones.occurred_at(asked), days, stones.zone),
        stones.occurred_at(disowned) + gone_after,
        _first_to_come(events, stones, len(cases)),
    ]
    for name in found.clocks:
        if name.endswith("_due_at"):  # a limit given as an instant; the others end with a day
            moments.append(found.clocks[name].to_numpy(dtype="datetime64[us]"))
    ahead = [np.where(at >= stones.as_of, at, NAT) for at in moments]
    return pd.DatetimeIndex(np.fmin.reduce(ahead).astype("datetime64[us]"), tz="UTC")


def _first_to_come(events: pd.DataFrame, stones: Milestones, size: int) -> Times:
    """The first event of each case that lies after the moment (an older system's wrong time)."""
    occurred = events["occurred_at"].to_numpy(dtype="datetime64[us]")
    later: Ints = np.flatnonzero(occurred > stones.as_of)[::-1]
    first = np.full(size, -1, dtype=np.int64)
    first[events["case"].to_numpy()[later]] = later  # in order of time: the earliest comes last
    return take(occurred, first, NAT)
