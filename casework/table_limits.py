"""The last days of many runs of one clock, by the rules and calendars as known at their moments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from .calendar import WorkingCalendar
from .groups import Group
from .limits import last_days
from .milestones import NAT, Ints, Mask, Milestones, Times, last_second, later_days
from .rule import Pack, Rule

NO_DAY = np.datetime64("NaT", "D")


@dataclass
class Limits:
    """Last days of many runs; NaT where the run has not started or has no limit."""

    due_on: Times
    due_at: Times
    provisional: Mask

    @classmethod
    def none(cls, size: int) -> Limits:
        return cls(np.full(size, NO_DAY), np.full(size, NAT), np.zeros(size, dtype=bool))

    def put(self, rows: Ints, found: Limits) -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(found, name)

    def at(self, rows: Ints) -> Limits:
        return Limits(self.due_on[rows], self.due_at[rows], self.provisional[rows])

    def copy(self) -> Limits:
        return Limits(self.due_on.copy(), self.due_at.copy(), self.provisional.copy())


@dataclass
class Lengths:
    """What makes up the limits of many runs besides their rule; one element per run.

    start: local day, NaT = not started. extended: days. added: calendar days between answers and
    objections. objected: local day of the latest objection, NaT = first round.
    stop_run, stop_on, stop_off: pauses that count: number of the run, local days; stop_again:
    whether each came after the first round.
    """

    start: Times
    extended: Ints
    added: Ints
    objected: Times
    stop_run: Ints
    stop_on: Times
    stop_off: Times
    stop_again: Mask

    @classmethod
    def plain(cls, start: Times) -> Lengths:
        nothing = np.zeros(len(start), dtype=np.int64)
        none = np.empty(0, dtype="datetime64[D]")
        return cls(
            start, nothing, nothing.copy(), np.full(len(start), NO_DAY),
            np.empty(0, dtype=np.int64), none, none, np.empty(0, dtype=bool),
        )  # fmt: skip

    def stop(self, runs: Ints, on: Times, off: Times, again: Mask) -> None:
        """Add pauses."""
        self.stop_run = np.concatenate([self.stop_run, runs])
        self.stop_on = np.concatenate([self.stop_on, on])
        self.stop_off = np.concatenate([self.stop_off, off])
        self.stop_again = np.concatenate([self.stop_again, again])


@dataclass(frozen=True)
class View:
    """How a clock is counted at some moment."""

    pack: Pack
    rule: Rule
    calendar: WorkingCalendar


class Counter:
    """Counts limits of one clock of the cases of one group.

    limit_at: per case of the group, the limit given with it (UTC), NaT = none.
    """

    def __init__(
        self,
        stones: Milestones,
        group: Group,
        clock: str,
        calendar: WorkingCalendar,
        limit_at: Times,
    ) -> None:
        self.stones, self.zone, self.limit_at = stones, stones.zone, limit_at
        calendars = [one for _, one in calendar.versions] or [calendar]
        self.known_from = np.array(
            [at.astimezone(dt.UTC).replace(tzinfo=None) for at, _ in calendar.versions],
            dtype="datetime64[us]",
        )
        packs = [group.pack] if group.pack.before is None else [group.pack.before, group.pack]
        self.takes_over = None if len(packs) == 1 else np.datetime64(group.pack.effective_from)
        self.views = [
            View(pack, pack.rules[group.procedure][clock], one)
            for pack in packs
            for one in calendars
        ]
        self.rule = self.views[-1].rule

    @property
    def is_steady(self) -> bool:
        """Whether the rules and the calendar were always known as they are."""
        return len(self.views) == 1

    def view(self, moments: Times) -> Ints:
        """Number of the view of each moment (UTC); NaT = the oldest."""
        if self.is_steady:
            return np.zeros(len(moments), dtype=np.int64)
        found = np.zeros(len(moments), dtype=np.int64)
        calendars = max(1, len(self.known_from))
        given = ~np.isnat(moments)
        if len(self.known_from):
            place = np.searchsorted(self.known_from, moments[given], side="right")
            found[given] = np.maximum(place - 1, 0)
        if self.takes_over is not None:
            later = self.stones.day(moments[given]) >= self.takes_over
            found[given] += calendars * later
        return found

    def extension_days(self, days: Ints, moments: Times) -> Ints:
        """Days each extension adds; 0 for one that no rule allows."""
        found = np.zeros(len(days), dtype=np.int64)
        views = self.view(moments)
        for number, view in enumerate(self.views):
            some = np.flatnonzero(views == number)
            if view.rule.extension_stated:
                found[some] = np.maximum(days[some], 0)
            elif view.rule.has_extension:
                most = view.rule.extension_days
                found[some] = np.where(days[some] < 0, most, np.minimum(days[some], most))
        return found

    def limits(self, lengths: Lengths, runs: Ints, moments: Times, until: Times | None) -> Limits:
        """Last days of some runs.

        Args:
            runs: numbers of the runs. moments: per run, when it is counted (UTC).
            until: per run, local day at which pauses are cut; None = not at all.
        """
        found = Limits.none(len(runs))
        views = self.view(moments)
        for number, view in enumerate(self.views):
            some = np.flatnonzero(views == number)
            if len(some):
                cut = None if until is None else until[some]
                found.put(some, self._limits(view, lengths, runs[some], cut))
        return found

    def _limits(self, view: View, lengths: Lengths, runs: Ints, until: Times | None) -> Limits:
        calendar, rule = view.calendar, view.rule
        found = Limits.none(len(runs))
        start = lengths.start[runs]
        has = ~np.isnat(start)
        if rule.limit is None:
            has &= ~np.isnat(self.limit_at[runs])
        some = np.flatnonzero(has)
        chosen = runs[some]
        paused = self.paused(view, lengths, runs, until)[some]
        added = lengths.added[chosen]
        if rule.limit is None:
            more = added + paused
            moment = self.limit_at[chosen].copy()
            moved = np.flatnonzero(more)
            moment[moved] = later_days(moment[moved], more[moved], self.zone)
            found.due_at[some] = moment
            due = counted_from = self.stones.day(moment)
        else:
            extended = lengths.extended[chosen] + paused
            due, counted_from = last_days(rule, calendar, start[some], extended, added)
        objected = lengths.objected[chosen]
        again = np.flatnonzero(~np.isnat(objected))
        if len(again):
            floor = self.floor(view, objected[again])
            later = floor > due[again]
            floored, floor = again[later], floor[later]
            due, counted_from = due.copy(), counted_from.copy()
            due[floored], counted_from[floored] = floor, objected[floored] + 1
            if rule.limit is None:
                found.due_at[some[floored]] = last_second(floor, self.zone)
        found.due_on[some] = due
        found.provisional[some] = calendar.any_unknown(np.minimum(counted_from, due), due)
        return found

    def paused(self, view: View, lengths: Lengths, runs: Ints, until: Times | None) -> Ints:
        """Days of each run that were paused, in the rule's unit."""
        if not len(lengths.stop_run):
            return np.zeros(len(runs), dtype=np.int64)
        off = lengths.stop_off
        size = len(lengths.start)
        if until is not None:
            cut = np.full(size, NO_DAY)
            cut[runs] = until
            off = np.fmin(off, cut[lengths.stop_run])
        if view.rule.unit == "working_days":
            days = view.calendar.count_working(lengths.stop_on, off)
        else:
            days = np.maximum((off - lengths.stop_on).astype(np.int64), 0)
        summed = np.bincount(lengths.stop_run, days, minlength=size)
        return summed.astype(np.int64)[runs]

    def floor(self, view: View, objected: Times) -> Times:
        """The earliest last day a round may have, by the pack."""
        if view.pack.round_unit == "working_days":
            return view.calendar.add_working(objected, view.pack.round_limit)
        return objected + np.timedelta64(view.pack.round_limit, "D")
