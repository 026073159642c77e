"""The clocks of many cases at once: the same answers as `casework/clocks.py`, without a loop.

Loops run over rules packs and procedures, of which there are a handful, never over cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .calendar import WorkingCalendar
from .limits import last_days
from .milestones import (
    NAT,
    Group,
    Ints,
    Mask,
    Milestones,
    Times,
    groups,
    last_second,
    local_days,
    take,
    utc,
)
from .pack import Pack, Rule
from .vocabulary import STATES

CLOCK_NAMES = ("forward", "acceptance", "first_answer", "answer")
"""The clocks of the table: `first_answer` is the first round, `answer` the latest."""
CLOCK_FIELDS = (
    "started_at", "due_on", "due_at", "ended_at", "ended_on", "state", "extended_by", "provisional",
    "limit_days",
)  # fmt: skip

_CODE = {name: code for code, name in enumerate(STATES)}
_NO_DAY = np.datetime64("NaT", "D")


def clock_table(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    packs: Mapping[str, Pack],
    calendars: Mapping[str, WorkingCalendar],
    as_of: dt.datetime,
    zone: str,
) -> pd.DataFrame:
    """Forward, acceptance and answer clocks of every case, as known at a moment.

    Args:
        cases: `data.frames.Cases`. events: `data.frames.Events` of those cases, in order of time
            within each case; what was not known by `as_of` is ignored.
        packs: by id, every pack the cases name (`casework.pack.packs`). calendars: by name, every
            calendar those packs name.
        as_of: aware moment. zone: the county's IANA zone, in which days are counted.

    Returns:
        On the index of `cases`, for each clock of `CLOCK_NAMES` the columns `<clock>_<field>`:
        started_at, due_at, ended_at (instants, UTC), due_on, ended_on (local days, naive), state
        (categorical of `vocabulary.STATES`; NA where the pack has no such clock), extended_by
        (Int16 days), provisional (boolean), limit_days (Int32: the rule's own calendar days; for
        other units the days from start to last day, at least 1); all NA until the clock starts.
        Besides `first_answer_promised_on` (local day) and `first_answer_promised_at` (instant,
        its last second or the limit given with the case): the first limit before any extension,
        as told to the asker at the start. And `round`: number of the latest round (Int16; 1 where
        none was reopened). An impossible sequence is not refused here (an old import may hold
        one): the first event of a kind counts.

    Source: DOMAIN.md §5.
    """
    stones = Milestones(cases, events, as_of, zone)
    return from_milestones(cases, stones, packs, calendars)


def from_milestones(
    cases: pd.DataFrame,
    stones: Milestones,
    packs: Mapping[str, Pack],
    calendars: Mapping[str, WorkingCalendar],
) -> pd.DataFrame:
    """`clock_table` of milestones already found."""
    runs = {name: _Runs.none(len(cases)) for name in CLOCK_NAMES}
    limit_at = utc(cases["limit_at"])
    void_at = void_times(stones, cases, packs)
    for group in groups(cases, packs):
        calendar = calendars[group.pack.calendar]
        counting = _Counting(stones, group, calendar, limit_at, void_at)
        for name, run in counting.runs().items():
            runs[name].put(group.rows, run)
    columns: dict[str, object] = {}
    for name, run in runs.items():
        columns |= run.columns(name, stones.zone)
    columns |= _promised(runs["first_answer"], stones.zone)
    columns["round"] = pd.array(stones.round, dtype="Int16")
    return pd.DataFrame(columns, index=cases.index)


def _promised(run: _Runs, zone: str) -> dict[str, object]:
    days = run.promised_on
    ends = np.full(len(days), NAT)
    has = ~np.isnat(days)
    ends[has] = last_second(days[has], zone)
    moments = np.where(np.isnat(run.due_at), ends, run.due_at)
    return {
        "first_answer_promised_on": days.astype("datetime64[us]"),
        "first_answer_promised_at": pd.DatetimeIndex(moments.astype("datetime64[us]"), tz="UTC"),
    }


def void_times(stones: Milestones, cases: pd.DataFrame, packs: Mapping[str, Pack]) -> Times:
    """When another way out took effect per case: declined, referred, withdrawn; NaT = none."""
    days = np.zeros(len(cases), dtype=np.int64)
    for group in groups(cases, packs):
        days[group.rows] = group.pack.withdrawal_takes_effect_days
    exits = stones.withdrawn_at(days)
    for at in (stones.declined, stones.referred):
        exits = np.fmin(exits, stones.counted_at(at))
    return exits


@dataclass
class _Runs:
    """One clock of many cases; arrays of equal length."""

    started: Times
    due_on: Times
    due_at: Times
    ended: Times
    state: NDArray[np.int8]
    extended: Ints
    provisional: Mask
    limit_days: Ints
    promised_on: Times

    @classmethod
    def none(cls, size: int) -> _Runs:
        return cls(
            started=np.full(size, NAT),
            due_on=np.full(size, _NO_DAY),
            due_at=np.full(size, NAT),
            ended=np.full(size, NAT),
            state=np.full(size, -1, dtype=np.int8),
            extended=np.zeros(size, dtype=np.int64),
            provisional=np.zeros(size, dtype=bool),
            limit_days=np.zeros(size, dtype=np.int64),
            promised_on=np.full(size, _NO_DAY),
        )

    def put(self, rows: Ints, run: _Runs) -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(run, name)

    def columns(self, name: str, zone: str) -> dict[str, object]:
        missing = np.isnat(self.due_on)

        def instants(values: Times) -> pd.DatetimeIndex:
            return pd.DatetimeIndex(values.astype("datetime64[us]"), tz="UTC")

        extended = pd.array(self.extended, dtype="Int16")
        extended[missing] = pd.NA
        limit_days = pd.array(self.limit_days, dtype="Int32")
        limit_days[missing] = pd.NA
        provisional = pd.array(self.provisional, dtype="boolean")
        provisional[missing] = pd.NA
        return {
            f"{name}_started_at": instants(np.where(missing, NAT, self.started)),
            f"{name}_due_on": self.due_on.astype("datetime64[us]"),
            f"{name}_due_at": instants(self.due_at),
            f"{name}_ended_at": instants(self.ended),
            f"{name}_ended_on": local_days(self.ended, zone).astype("datetime64[us]"),
            f"{name}_state": pd.Categorical.from_codes(self.state, categories=list(STATES)),
            f"{name}_extended_by": extended,
            f"{name}_provisional": provisional,
            f"{name}_limit_days": limit_days,
        }


@dataclass
class _Limits:
    """Last days of many runs; NaT where the run has not started or has no limit."""

    due_on: Times
    due_at: Times
    provisional: Mask


class _Counting:
    """Counts the clocks of the cases of one pack and procedure."""

    def __init__(
        self,
        stones: Milestones,
        group: Group,
        calendar: WorkingCalendar,
        limit_at: Times,
        void_at: Times,
    ) -> None:
        self.stones, self.pack, self.calendar = stones, group.pack, calendar
        self.rules, self.rows = group.pack.rules[group.procedure], group.rows
        self.limit_at, self.void_at = limit_at[group.rows], void_at[group.rows]

    def pick(self, positions: Ints) -> Ints:
        return positions[self.rows]

    def runs(self) -> dict[str, _Runs]:
        found = {}
        stones = self.stones
        registered = self.pick(stones.registered)
        if "forward" in self.rules:
            rule = self.rules["forward"]
            found["forward"] = self.plain(rule, registered, self.pick(stones.first(*rule.ends_on)))
        if "acceptance" in self.rules:
            rule = self.rules["acceptance"]
            decided = self.pick(stones.first("accepted", "declined", "referred", "answered"))
            passed_on = self.pick(stones.transferred)
            receipt = (passed_on >= 0) & ((decided < 0) | (passed_on < decided))
            start = np.where(receipt, passed_on, registered)
            found["acceptance"] = self.plain(rule, start, self.pick(stones.first(*rule.ends_on)))
        return found | self.answers(self.rules["answer"])

    def plain(self, rule: Rule, start: Ints, end: Ints) -> _Runs:
        """A clock without rounds."""
        nothing = np.zeros(len(start), dtype=np.int64)
        limits = self.limits(rule, start, nothing, nothing, None)
        return self.run(rule, start, start, end, limits, nothing)

    def answers(self, rule: Rule) -> dict[str, _Runs]:
        """The first and the latest round of the answer clock."""
        stones = self.stones
        start = self.pick(stones.first(*rule.starts_on))
        reopen = self.pick(stones.last_reopen)
        nothing = np.zeros(len(start), dtype=np.int64)
        gaps = self.gaps()
        plain = self.limits(rule, start, nothing, nothing, None)
        first_reopen = self.pick(stones.first_reopen)
        extended = self.pick(stones.extended)
        in_first = (extended >= 0) & ((first_reopen < 0) | (extended < first_reopen))
        days = self.extension(rule, start, extended)
        day = stones.day(stones.counted_at(extended))
        first_days = np.where(in_first & (day <= plain.due_on), days, 0)
        latest_days = np.where(in_first, first_days, days)
        first = self.limits(rule, start, first_days, nothing, None)
        latest = self.limits(rule, start, latest_days, gaps, reopen)
        first_end = self.pick(stones.first_close)
        latest_end = self.pick(stones.latest_close)
        opened = np.where(reopen >= 0, reopen, start)
        first_run = self.run(rule, start, start, first_end, first, first_days)
        first_run.promised_on = plain.due_on
        return {
            "first_answer": first_run,
            "answer": self.run(rule, start, opened, latest_end, latest, latest_days),
        }

    def extension(self, rule: Rule, start: Ints, extended: Ints) -> Ints:
        """Days the first extension adds, once the answer clock runs; 0 where there is none."""
        if not rule.extension_times:
            return np.zeros(len(start), dtype=np.int64)
        days = take(self.stones.days, extended, np.int64(-1))
        days = np.where(days < 0, rule.extension_days, np.minimum(days, rule.extension_days))
        return np.where((extended >= 0) & (start >= 0) & (extended > start), days, 0)

    def gaps(self) -> Ints:
        """Calendar days between answers and the objections to them, summed per case."""
        rounds = self.stones.rounds
        days = (rounds.objected_day - rounds.answered_day).astype(np.int64)
        summed = np.bincount(rounds.case, np.maximum(days, 0), minlength=self.stones.size)
        return summed.astype(np.int64)[self.rows]

    def limits(
        self, rule: Rule, start: Ints, extended: Ints, added: Ints, reopen: Ints | None
    ) -> _Limits:
        """Last day of each run: the unmoved limit and what was added, moved once, floored."""
        stones, calendar = self.stones, self.calendar
        size = len(start)
        due_on, due_at = np.full(size, _NO_DAY), np.full(size, NAT)
        provisional = np.zeros(size, dtype=bool)
        has = start >= 0
        if rule.limit is None:
            has &= ~np.isnat(self.limit_at)
        some = np.flatnonzero(has)
        day = stones.day(stones.occurred[start[some]])
        more = added[some].astype("timedelta64[D]")
        if rule.limit is None:
            moment = self.limit_at[some] + more
            due_at[some] = moment
            due = counted_from = stones.day(moment)
        else:
            due, counted_from = last_days(rule, calendar, day, extended[some], added[some])
        if reopen is not None:
            again = reopen[some] >= 0
            objected = stones.day(stones.occurred[reopen[some[again]]])
            floor = self.floor(objected)
            later = floor > due[again]
            floored = np.flatnonzero(again)[later]
            due, counted_from = due.copy(), counted_from.copy()
            due[floored], counted_from[floored] = floor[later], objected[later] + 1
            if rule.limit is None:
                due_at[some[floored]] = last_second(floor[later], self.stones.zone)
        due_on[some] = due
        provisional[some] = calendar.any_unknown(np.minimum(counted_from, due), due)
        return _Limits(due_on, due_at, provisional)

    def floor(self, objected: Times) -> Times:
        """The earliest last day a round may have, by the pack."""
        if self.pack.round_unit == "working_days":
            return self.calendar.add_working(objected, self.pack.round_limit)
        return objected + np.timedelta64(self.pack.round_limit, "D")

    def run(
        self, rule: Rule, start: Ints, opened: Ints, end: Ints, limits: _Limits, extended: Ints
    ) -> _Runs:
        """States and ends of one clock. `start` begins the count, `opened` this round."""
        stones = self.stones
        started, limited = start >= 0, ~np.isnat(limits.due_on)
        has_end = (end >= 0) & limited
        counted = stones.counted_at(end)
        ended_well = has_end & stones.is_kind(end, *rule.ends_on)
        void = limited & ~has_end & ~np.isnat(self.void_at)
        now = np.full(len(start), stones.as_of)
        past = self.is_past(limits, np.where(has_end, counted, now))
        state = np.select(
            [
                ~started & ~np.isnat(self.void_at) & (rule.clock == "answer"),
                ~started,
                ~limited,
                ended_well & past,
                ended_well,
                has_end | void,
                past,
            ],
            [
                _CODE[name]
                for name in (
                    "ended", "not_started", "no_rule", "late", "met", "ended", "overdue",
                )
            ],
            default=_CODE["running"],
        ).astype(np.int8)  # fmt: skip
        started_at = stones.occurred_at(opened)
        span = np.maximum((limits.due_on - stones.day(started_at)).astype(np.int64), 1)
        own = rule.limit if rule.unit == "calendar_days" else None
        return _Runs(
            started=started_at,
            due_on=limits.due_on,
            due_at=limits.due_at,
            ended=np.where(has_end, counted, np.where(void, self.void_at, NAT)),
            state=state,
            extended=extended,
            provisional=limits.provisional,
            limit_days=np.where(limited, span if own is None else own, 0),
            promised_on=limits.due_on,
        )

    def is_past(self, limits: _Limits, moments: Times) -> Mask:
        """Whether each moment lies past the limit; False where there is none."""
        by_day = self.stones.day(moments) > limits.due_on
        return np.where(np.isnat(limits.due_at), by_day, moments > limits.due_at)
