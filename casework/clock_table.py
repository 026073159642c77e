"""The clocks of many cases at once: the same answers as `casework/clocks.py`, without a loop.

Loops run over rules packs and procedures, of which there are a handful, never over cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .calendar import WorkingCalendar
from .groups import Group, Packs, groups
from .milestones import (
    NAT,
    Ints,
    Mask,
    Milestones,
    Times,
    last_second,
    local_days,
    utc,
)
from .table_changes import Changes, extensions, objections, pauses
from .table_limits import NO_DAY, Counter, Limits
from .table_rounds import Round, Rounds
from .table_stops import Stops, stops
from .vocabulary import STATES

REMEDY_CLOCKS = ("review_acknowledge", "review", "recheck")
"""Clocks of the body that reviews: they run from what the asker asks for after an answer."""
CLOCK_NAMES = ("acknowledge", "forward", "acceptance", "first_answer", "answer", *REMEDY_CLOCKS)
"""The clocks of the table, an office's all: `first_answer` is the first round, `answer` the
latest."""
CLOCK_FIELDS = (
    "started_at", "promised_on", "extended_on", "due_on", "due_at", "moved_from", "ended_at",
    "ended_on", "state", "extended_by", "provisional", "limit_days",
)  # fmt: skip

_CODE = {name: code for code, name in enumerate(STATES)}
_REMEDY = {
    "review_acknowledge": ("review_requested", "reviewed"),
    "review": ("review_requested", "reviewed"),
    "recheck": ("recheck_requested", "rechecked"),
}
"""Clock -> the events between which an extension lengthens it (`rule.EXTENDED_IN`)."""


def clock_table(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    packs: Packs,
    calendars: Mapping[str, WorkingCalendar],
    as_of: dt.datetime,
    zone: str,
) -> pd.DataFrame:
    """Every clock an office has to keep, of every case, as known at a moment.

    Args:
        cases: `data.frames.Cases`. events: `data.frames.Events` of those cases, in order of time
            within each case; what was not known by `as_of` is ignored.
        packs: by id, every pack the cases name, one version or all of them
            (`casework.pack.packs`). calendars: by name, every calendar those packs name, with its
            history (`casework.calendar.with_history`) if it was ever corrected.
        as_of: aware moment. zone: the county's IANA zone, in which days are counted.

    Returns:
        On the index of `cases`, for each clock of `CLOCK_NAMES` the columns `<clock>_<field>`:
        started_at, due_at, ended_at (instants, UTC), due_on, ended_on (local days, naive), state
        (categorical of `vocabulary.STATES`; NA where the pack has no such clock), extended_by
        (Int16 days), provisional (boolean), limit_days (Int32); all NA until the clock starts.
        promised_on, extended_on and moved_from (local days) keep apart what was told when the
        round began, what its extension made of it (NA = none) and where the last day stood before
        a correction of calendar or rules moved it (NA = never): see `casework.clock.Clock`.
        Besides `first_answer_promised_at` (instant): the last second of that day, or the limit
        given with the case. And `round`: number of the latest round (Int16; 1 where
        none was reopened). An impossible sequence is not refused here (an old import may hold
        one): the first event of a kind counts.

    Source: DOMAIN.md §5.
    """
    stones = Milestones(cases, events, as_of, zone)
    return from_milestones(cases, stones, packs, calendars)


def from_milestones(
    cases: pd.DataFrame,
    stones: Milestones,
    packs: Packs,
    calendars: Mapping[str, WorkingCalendar],
) -> pd.DataFrame:
    """`clock_table` of milestones already found."""
    runs = {name: _Runs.none(len(cases)) for name in CLOCK_NAMES}
    limit_at = utc(cases["limit_at"])
    void_at = void_times(stones, cases, packs)
    for group in groups(cases, packs, stones):
        calendar = calendars[group.pack.calendar]
        counting = _Counting(stones, group, calendar, limit_at, void_at, len(cases))
        for name, run in (counting.runs() | counting.remedies()).items():
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
    moments = np.where(np.isnat(run.due_at), ends, run.promised_at)
    return {
        "first_answer_promised_at": pd.DatetimeIndex(moments.astype("datetime64[us]"), tz="UTC"),
    }


def void_times(stones: Milestones, cases: pd.DataFrame, packs: Packs) -> Times:
    """When another way out took effect per case: declined, referred, withdrawn; NaT = none."""
    days = np.zeros(len(cases), dtype=np.int64)
    for group in groups(cases, packs, stones):
        days[group.rows] = group.pack.withdrawal_takes_effect_days
    return stones.exits_at(days)


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
    promised_at: Times
    extended_on: Times
    moved_from: Times

    @classmethod
    def none(cls, size: int) -> _Runs:
        def days() -> Times:
            return np.full(size, NO_DAY)

        def moments() -> Times:
            return np.full(size, NAT)

        return cls(
            started=moments(),
            due_on=days(),
            due_at=moments(),
            ended=moments(),
            state=np.full(size, -1, dtype=np.int8),
            extended=np.zeros(size, dtype=np.int64),
            provisional=np.zeros(size, dtype=bool),
            limit_days=np.zeros(size, dtype=np.int64),
            promised_on=days(),
            promised_at=moments(),
            extended_on=days(),
            moved_from=days(),
        )

    def put(self, rows: Ints, run: _Runs) -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(run, name)

    def columns(self, name: str, zone: str) -> dict[str, object]:
        missing = np.isnat(self.due_on)

        def instants(values: Times) -> pd.DatetimeIndex:
            return pd.DatetimeIndex(values.astype("datetime64[us]"), tz="UTC")

        def days(values: Times) -> Times:
            return values.astype("datetime64[us]")

        extended = pd.array(self.extended, dtype="Int16")
        extended[missing] = pd.NA
        limit_days = pd.array(self.limit_days, dtype="Int32")
        limit_days[missing] = pd.NA
        provisional = pd.array(self.provisional, dtype="boolean")
        provisional[missing] = pd.NA
        return {
            f"{name}_started_at": instants(np.where(missing, NAT, self.started)),
            f"{name}_promised_on": days(self.promised_on),
            f"{name}_extended_on": days(self.extended_on),
            f"{name}_due_on": days(self.due_on),
            f"{name}_due_at": instants(self.due_at),
            f"{name}_moved_from": days(self.moved_from),
            f"{name}_ended_at": instants(self.ended),
            f"{name}_ended_on": days(local_days(self.ended, zone)),
            f"{name}_state": pd.Categorical.from_codes(self.state, categories=list(STATES)),
            f"{name}_extended_by": extended,
            f"{name}_provisional": provisional,
            f"{name}_limit_days": limit_days,
        }


class _Counting:
    """Counts the clocks of the cases of one version of a pack and one procedure."""

    def __init__(
        self,
        stones: Milestones,
        group: Group,
        calendar: WorkingCalendar,
        limit_at: Times,
        void_at: Times,
        size: int,
    ) -> None:
        self.stones, self.group, self.calendar = stones, group, calendar
        self.rules, self.rows = group.pack.rules[group.procedure], group.rows
        self.limit_at, self.void_at = limit_at[group.rows], void_at[group.rows]
        self.size = size
        self.place = np.full(size, -1, dtype=np.int64)
        self.place[group.rows] = np.arange(len(group.rows))

    def pick(self, positions: Ints) -> Ints:
        return positions[self.rows]

    def runs(self) -> dict[str, _Runs]:
        found = {}
        stones = self.stones
        registered = self.pick(stones.registered)
        for clock in ("acknowledge", "forward", "acceptance"):
            if clock not in self.rules:
                continue
            rule = self.rules[clock]
            start = registered
            if clock == "acknowledge":
                start = self.pick(stones.first(*rule.starts_on))
            elif clock == "acceptance":
                decided = self.pick(stones.first("accepted", "declined", "referred", "answered"))
                passed_on = self.pick(stones.transferred)
                receipt = (passed_on >= 0) & ((decided < 0) | (passed_on < decided))
                start = np.where(receipt, passed_on, registered)
            end = self.pick(stones.first(*rule.ends_on))
            found[clock] = self.plain(clock, start, end)
        return found | self.answers()

    def plain(
        self, clock: str, start: Ints, end: Ints, within: tuple[Ints, Ints] | None = None
    ) -> _Runs:
        """A clock without rounds. within: positions between which an extension is its own."""
        counter = Counter(self.stones, self.group, clock, self.calendar, self.limit_at)
        until = self.until(end)
        rounds = Rounds(self.stones, counter, start)
        changes = self.pauses(clock, start, end, until)
        if within is not None and counter.rule.has_extension:
            changes = changes + extensions(self.stones, counter, self.place, *within)
        rounds.take(changes)
        return self.run(counter, rounds.round(until), start, start, end)

    def remedies(self) -> dict[str, _Runs]:
        """The clocks of review and recheck; few cases have one, so the others are not counted."""
        found, stones = {}, self.stones
        for clock in REMEDY_CLOCKS:
            if clock not in self.rules:
                continue
            rule = self.rules[clock]
            start = stones.first(*rule.starts_on)
            if rule.after:
                since = stones.first(rule.after)
                start = stones.first_behind(since, *rule.starts_on, with_it=True)
            asked, given = _REMEDY[clock]
            run = _Runs.none(len(self.rows))
            run.state[:] = _CODE["not_started"]
            some = np.flatnonzero(self.pick(start) >= 0)
            if len(some):
                counting = self.only(some)
                end = counting.pick(stones.first_behind(start, *rule.ends_on))
                within = counting.pick(stones.first(asked)), counting.pick(stones.first(given))
                run.put(some, counting.plain(clock, counting.pick(start), end, within))
            found[clock] = run
        return found

    def only(self, some: Ints) -> _Counting:
        """Some of the cases, by their number in the group; no way out makes their clocks void."""
        limit_at, void_at = np.full(self.size, NAT), np.full(self.size, NAT)
        limit_at[self.rows[some]] = self.limit_at[some]
        group = replace(self.group, rows=self.rows[some])
        return _Counting(self.stones, group, self.calendar, limit_at, void_at, self.size)

    def answers(self) -> dict[str, _Runs]:
        """The first and the latest round of the answer clock."""
        stones = self.stones
        counter = Counter(stones, self.group, "answer", self.calendar, self.limit_at)
        start = self.pick(stones.first(*counter.rule.starts_on))
        reopen, reviewing = (
            self.pick(stones.last_reopen),
            self.pick(stones.first("review_requested")),
        )
        first_end, end = self.pick(stones.first_close), self.pick(stones.latest_end)
        first_until, until = self.until(first_end), self.until(end)
        changes = extensions(stones, counter, self.place, start, reviewing)
        changes = changes + objections(stones, self.place)
        rounds = Rounds(stones, counter, start)
        rounds.take(changes + self.pauses("answer", start, end, until))
        first, latest = rounds.first_and_latest(first_until, until)
        opened = np.where(reopen >= 0, reopen, start)
        first_run = self.run(counter, first, start, start, first_end)
        first_run.promised_at = rounds.promised.due_at
        return {
            "first_answer": first_run,
            "answer": self.run(counter, latest, start, opened, end),
        }

    def until(self, end: Ints) -> Times:
        """The moment by which each run is judged: its end, another way out, or now."""
        ends = self.stones.counted_at(end)
        ends = np.where(np.isnat(ends), self.void_at, ends)
        return np.where(np.isnat(ends), self.stones.as_of, ends)

    def pauses(self, clock: str, start: Ints, end: Ints, until: Times) -> Changes:
        """Every pause that stops a clock."""
        found = Changes.none()
        for pause in self.group.pack.pauses_of(clock):
            stopped: Stops = stops(self.stones, self.group.pack, pause, self.rows)
            found = found + pauses(self.stones, stopped, self.place, start, end, until)
        return found

    def run(self, counter: Counter, round_: Round, start: Ints, opened: Ints, end: Ints) -> _Runs:
        """States and ends of one clock. `start` begins the count, `opened` this round."""
        stones, limits, rule = self.stones, round_.limits, counter.rule
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
                round_.is_stopped,
                past,
            ],
            [
                _CODE[name]
                for name in (
                    "ended", "not_started", "no_rule", "late", "met", "ended", "paused", "overdue",
                )
            ],
            default=_CODE["running"],
        ).astype(np.int8)  # fmt: skip
        started_at = stones.occurred_at(opened)
        return _Runs(
            started=started_at,
            due_on=limits.due_on,
            due_at=limits.due_at,
            ended=np.where(has_end, counted, np.where(void, self.void_at, NAT)),
            state=state,
            extended=round_.lengths.extended,
            provisional=limits.provisional,
            limit_days=self.limit_days(counter, limits, started_at, self.until(end)),
            promised_on=np.where(limited, round_.promised_on, NO_DAY),
            promised_at=limits.due_at,
            extended_on=np.where(limited, round_.extended_on, NO_DAY),
            moved_from=np.where(limited, round_.moved_from, NO_DAY),
        )

    def limit_days(self, counter: Counter, limits: Limits, started_at: Times, until: Times) -> Ints:
        """`Clock.limit_days` of each run; 0 where there is no limit."""
        found = np.maximum((limits.due_on - self.stones.day(started_at)).astype(np.int64), 1)
        views = counter.view(until)
        for number, view in enumerate(counter.views):
            if view.rule.unit == "calendar_days" and view.rule.limit is not None:
                found[views == number] = view.rule.limit
        return np.where(np.isnat(limits.due_on), 0, found)

    def is_past(self, limits: Limits, moments: Times) -> Mask:
        """Whether each moment lies past the limit; False where there is none."""
        by_day = self.stones.day(moments) > limits.due_on
        return np.where(np.isnat(limits.due_at), by_day, moments > limits.due_at)
