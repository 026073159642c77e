"""What counted in the events of many cases: first events, rounds and exits, found without a loop.

The table form of `casework/history.py`. A sequence the grammar forbids (an old import may hold
one) is not refused here: each milestone is the first event of its kind that can count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]
Mask = NDArray[np.bool_]
NAT = np.datetime64("NaT", "us")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Rounds:
    """Answer and objection pairs, one per reopening, in order: row of the case, position of the
    objection, local days."""

    case: Ints
    objected: Ints
    answered_day: Times
    objected_day: Times


class Milestones:
    """First, last and deciding events per case, as positions in the event columns; -1 = none.

    Arrays have one element per case, in the order of `cases`. `occurred`, `counted` are UTC
    (`datetime64[us]`) per event, like `known` (when the record knew); `counted` is the moment that
    counts where it ends a clock.
    `days` are those of an extension, -1 = not given. `source` is each event's position in the
    table that was given.
    """

    def __init__(
        self, cases: pd.DataFrame, events: pd.DataFrame, as_of: dt.datetime, zone: str
    ) -> None:
        self.size = len(cases)
        self.zone = zone
        self.as_of = np.datetime64(as_of.astimezone(dt.UTC).replace(tzinfo=None), "us")
        row = _rows(cases.index, events["case"])
        occurred, known = utc(events["occurred_at"]), utc(events["known_at"])
        kept = (row >= 0) & (occurred <= self.as_of) & (known <= self.as_of)
        events_kept = events["event"]
        if not kept.all():
            row, occurred, known = row[kept], occurred[kept], known[kept]
            events_kept = events_kept[kept]
        days = events["days"].to_numpy(dtype=np.int64, na_value=-1)[kept]
        kinds = events_kept.cat.codes.to_numpy().astype(np.int16)
        names = {name: code for code, name in enumerate(events_kept.cat.categories)}
        self.source: Ints = np.flatnonzero(kept)
        if len(row) and np.any(np.diff(row) < 0):
            order = np.argsort(row, kind="stable")
            row, occurred, kinds = row[order], occurred[order], kinds[order]
            days, known = days[order], known[order]
            self.source = self.source[order]
        self.row, self.occurred, self.kinds, self.names = row, occurred, kinds, names
        self.days: Ints = days
        self.known = known
        self.counted = np.where(known - occurred <= DAY, occurred, known)
        self._by_kind = np.argsort(kinds, kind="stable")
        self._ends = np.searchsorted(kinds[self._by_kind], np.arange(len(names) + 1))

        self.registered = self.first("registered")
        self.transferred = self.first("transferred")
        self.accepted = self.first("accepted")
        self.declined = self.first("declined")
        self.referred = self.first("referred")
        self.extended = self.first("extended")
        self._find_rounds()

    def where(self, *names: str) -> Ints:
        """Positions of the events of these kinds, in order."""
        codes = [self.names[name] for name in names if name in self.names]
        found = [self._by_kind[self._ends[code] : self._ends[code + 1]] for code in codes]
        if len(found) == 1:
            return found[0]
        if sum(map(len, found)) > len(self.kinds) // 8:  # sooner marked than sorted
            return np.flatnonzero(self._marks(codes)[self.kinds])
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _marks(self, codes: list[int]) -> Mask:
        """Which codes of kinds these are; the last place, that of -1, is none."""
        marks = np.zeros(len(self.names) + 1, dtype=bool)
        marks[codes] = True
        return marks

    def first(self, *names: str) -> Ints:
        """Position of each case's first event of these kinds; -1 = none."""
        return self._first_of(self.where(*names))

    def first_behind(self, bound: Ints, *names: str, with_it: bool = False) -> Ints:
        """Position of each case's first event of these kinds behind a position; -1 = none.

        Args:
            bound: per case, -1 = nothing is behind it. with_it: the event at `bound` counts too.
        """
        at = self.where(*names)
        since = bound[self.row[at]]
        return self._first_of(at[(since >= 0) & ((at > since) | (with_it & (at == since)))])

    def last(self, *names: str) -> Ints:
        """Position of each case's last event of these kinds; -1 = none."""
        return self._last_of(self.where(*names))

    def _first_of(self, at: Ints) -> Ints:
        found = np.full(self.size, -1, dtype=np.int64)
        found[self.row[at[::-1]]] = at[::-1]
        return found

    def _last_of(self, at: Ints) -> Ints:
        found = np.full(self.size, -1, dtype=np.int64)
        found[self.row[at]] = at
        return found

    def is_kind(self, at: Ints, *names: str) -> Mask:
        """Whether the event at each position is of these kinds; False where there is none."""
        codes = [self.names[name] for name in names if name in self.names]
        return self._marks(codes)[take(self.kinds, at, np.int16(-1))]

    def occurred_at(self, at: Ints) -> Times:
        """When the event at each position happened; NaT where there is none."""
        return take(self.occurred, at, NAT)

    def counted_at(self, at: Ints) -> Times:
        """The moment that counts of the event at each position; NaT where there is none."""
        return take(self.counted, at, NAT)

    def known_at(self, at: Ints) -> Times:
        """When the record knew of the event at each position; NaT where there is none."""
        return take(self.known, at, NAT)

    def day(self, moments: Times) -> Times:
        """Local day (`datetime64[D]`) of each moment; NaT stays."""
        return local_days(moments, self.zone)

    def _find_rounds(self) -> None:
        """Pair each answer with the objection that opened the next round.

        Only the first answer of a round and the first objection after it count, and an objection
        after review was asked for opens no round (the review's clock runs).
        """
        turns = self.where("answered", "no_remedy", "not_solved")
        reviewing = self.first("review_requested")[self.row[turns]]
        is_objection = self.is_kind(turns, "not_solved")
        counts = ~(is_objection & (reviewing >= 0) & (reviewing < turns))
        turns, is_objection = turns[counts], is_objection[counts]
        case = self.row[turns]
        starts = np.ones(len(turns), dtype=bool)
        starts[1:] = case[1:] != case[:-1]
        before = np.ones(len(turns), dtype=bool)  # as if an objection stood before the first
        before[1:] = is_objection[:-1]
        before[starts] = True
        counts = is_objection != before
        turns, is_objection, case = turns[counts], is_objection[counts], case[counts]
        self.first_close = self._first_of(turns[~is_objection])
        self.last_close = self._last_of(turns[~is_objection])
        self.last_reopen = self._last_of(turns[is_objection])
        self.first_reopen = self._first_of(turns[is_objection])
        objections = np.flatnonzero(is_objection)
        self.rounds = Rounds(
            case=case[objections],
            objected=turns[objections],
            answered_day=self.day(self.counted[turns[objections - 1]]),
            objected_day=self.day(self.occurred[turns[objections]]),
        )
        self.round = 1 + np.bincount(case[objections], minlength=self.size)
        # the latest round is closed when its answer came after the last objection
        closed = self.last_close > self.last_reopen
        self.latest_close = np.where(closed, self.last_close, -1)
        # a request for review ends a round that "not solved" opened
        reviewing = self.first("review_requested")
        handed_on = ~closed & (self.last_reopen >= 0) & (reviewing > self.last_reopen)
        self.latest_end = np.where(handed_on, reviewing, self.latest_close)

    def withdrawn_at(self, takes_effect_days: Ints) -> Times:
        """When a withdrawal took effect, if it did and stands; else NaT.

        Args:
            takes_effect_days: per case, the pack's days from asking to effect.
        """
        turns = self.where(
            "withdrawal_asked", "withdrawn", "withdrawal_undone", "answered", "no_remedy",
            "declined", "referred", "review_requested",
        )  # fmt: skip
        last = self._last_of(turns)
        before = np.full(self.size, -1, dtype=np.int64)
        same = np.flatnonzero(self.row[turns[1:]] == self.row[turns[:-1]]) if len(turns) else turns
        before[self.row[turns[same + 1]]] = turns[same] if len(turns) else -1
        asked = np.where(self.is_kind(last, "withdrawal_asked"), last, -1)
        asked_before = self.is_kind(last, "withdrawn") & self.is_kind(before, "withdrawal_asked")
        asked = np.where(asked_before, before, asked)
        effect = later_days(self.occurred_at(asked), takes_effect_days, self.zone)
        recorded = np.where(self.is_kind(last, "withdrawn"), self.counted_at(last), NAT)
        effect = np.where(effect <= self.as_of, effect, NAT)
        return np.fmin(effect, recorded)

    def exits_at(self, takes_effect_days: Ints) -> Times:
        """When another way out took effect: declined, referred, withdrawn; NaT = none did.

        Args:
            takes_effect_days: per case, as of `withdrawn_at`.
        """
        exits = self.withdrawn_at(takes_effect_days)
        for at in (self.declined, self.referred):
            exits = np.fmin(exits, self.counted_at(at))
        return exits


def utc(column: pd.Series) -> Times:
    """A column of instants as naive UTC `datetime64[us]`."""
    return column.to_numpy(dtype="datetime64[us]") if len(column) else np.empty(0, "datetime64[us]")


def take(values: NDArray, at: Ints, missing: object) -> NDArray:
    """values[at], `missing` where `at` is -1."""
    found = np.full(len(at), missing, dtype=values.dtype)
    has = at >= 0
    found[has] = values[at[has]]
    return found


def local_days(moments: Times, zone: str) -> Times:
    """Local day of each UTC moment; NaT stays."""
    index = pd.DatetimeIndex(moments, tz="UTC").tz_convert(zone).tz_localize(None)
    return index.to_numpy().astype("datetime64[D]")


def later_days(moments: Times, days: Ints, zone: str) -> Times:
    """The same local time some days later (UTC), across a change to or from summer time; NaT
    stays."""
    found = np.full(len(moments), NAT)
    has = np.flatnonzero(~np.isnat(moments))
    if not len(has):
        return found
    local = pd.DatetimeIndex(moments[has], tz="UTC").tz_convert(zone).tz_localize(None)
    moved = local + pd.to_timedelta(days[has], unit="D")
    # a time that comes twice is the first of the two, one that is left out an hour later
    there = moved.tz_localize(
        zone, ambiguous=np.ones(len(has), dtype=bool), nonexistent=pd.Timedelta(hours=1)
    )
    found[has] = there.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return found


def last_second(days: Times, zone: str) -> Times:
    """The last second of local days, in UTC; no missing values allowed."""
    moments = pd.DatetimeIndex(days.astype("datetime64[us]") + np.timedelta64(86_399, "s"))
    local = moments.tz_localize(
        zone, ambiguous=np.zeros(len(days), dtype=bool), nonexistent="shift_forward"
    )
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")


def _rows(index: pd.Index, case: pd.Series) -> Ints:
    """Row of each event's case in the index; -1 = not there."""
    wanted = case.to_numpy(dtype=np.int64)
    plain = index.to_numpy()
    if len(plain) and plain[0] == 0 and np.array_equal(plain, np.arange(len(plain))):
        return np.where(wanted < len(plain), wanted, -1)
    return index.get_indexer(wanted).astype(np.int64)
