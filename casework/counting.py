"""Counts the clocks of one case: limits, extensions, pauses and states, kept obvious.

What was told to somebody is counted by the calendar and the version of the rules known then; what
ended, by those known at its end; what runs, by those known now (DOMAIN.md §5: the past is never
rewritten).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from data.errors import RuleError

from .calendar import WorkingCalendar
from .clock import Clock, Limit
from .history import CaseEvent, History, Round, Stop
from .rule import Pack, Rule

DAY = dt.timedelta(days=1)
_VOIDED = ("acknowledge", "forward", "acceptance", "answer")
"""The clocks that another way out (declined, referred, withdrawn) makes void."""


@dataclass(frozen=True)
class _View:
    """The rule and the calendar as known at a moment, and the pack the rule stands in."""

    pack: Pack
    rule: Rule
    calendar: WorkingCalendar


@dataclass(frozen=True)
class _Length:
    """What makes up a limit besides its rule. stops: (local day on, local day off)."""

    start: dt.datetime
    extended: int = 0
    stops: tuple[tuple[dt.date, dt.date], ...] = ()
    added: int = 0
    objected: dt.date | None = None


Change = CaseEvent | Stop
"""What lengthens a limit: an extension or a pause."""


class Counting:
    """Counts the clocks of one history.

    limit_at: the limit given with this case, for rules that are `per_case`.
    """

    def __init__(
        self,
        pack: Pack,
        procedure: str,
        history: History,
        zone: ZoneInfo,
        calendar: WorkingCalendar,
        limit_at: dt.datetime | None,
    ) -> None:
        self.pack, self.procedure, self.history = pack, procedure, history
        self.zone, self.calendar, self.limit_at = zone, calendar, limit_at

    def day(self, moment: dt.datetime) -> dt.date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()

    def view(self, clock: str, moment: dt.datetime) -> _View:
        """How a clock is counted as of a moment."""
        pack = self.pack
        if pack.before is not None and self.day(moment) < pack.effective_from:
            pack = pack.before
        rule = pack.rules[self.procedure][clock]
        return _View(pack, rule, self.calendar.as_known(moment))

    def of(self, rule: Rule) -> list[Clock]:
        """The clock of a rule, or its rounds, the latest last."""
        history = self.history
        first_of = history.first_of
        if rule.clock == "answer":
            return self.rounds(rule)
        if rule.clock == "forward":
            return [self.plain(rule, history.first.get("registered"), first_of(rule.ends_on))]
        if rule.clock == "acceptance":
            start = history.receipt or history.first.get("registered")
            return [self.plain(rule, start, first_of(rule.ends_on))]
        if rule.clock in ("review_request", "recheck_request"):
            return [self.plain(rule, self.right_begins(rule), first_of(rule.ends_on))]
        start = first_of(rule.starts_on, rule.after)
        end = None
        if start is not None:
            place = history.place(start)
            end = next((e for e in history.events[place + 1 :] if e.event in rule.ends_on), None)
        return [self.plain(rule, start, end)]

    def right_begins(self, rule: Rule) -> CaseEvent | None:
        """The event from which the asker's window is counted; None = it has not begun."""
        history = self.history
        received = history.delivered
        last = history.rounds[-1] if history.rounds else None
        if rule.clock == "recheck_request":
            received, last = history.reviewed_delivered, None
        if "delivered" in rule.starts_on:
            return received
        if rule.clock == "review_request" and last is not None:
            closed = [turn.closed_by for turn in history.rounds if turn.closed_by is not None]
            return next((e for e in reversed(closed) if e.event in rule.starts_on), None)
        return history.first_of(rule.starts_on, rule.after)

    def plain(self, rule: Rule, start: CaseEvent | None, end: CaseEvent | None) -> Clock:
        """A clock without rounds."""
        if start is None:
            return self.clock(rule, 1, None, end, None)
        until = self.end_of_run(rule, end)
        extensions = self.history.extended.get(rule.clock, [])
        changes = self.in_order(rule.clock, extensions, start, end)
        return self.grow(rule, 1, start, end, _Length(start.at), changes, (start.at, until))[0]

    def rounds(self, rule: Rule) -> list[Clock]:
        """The rounds of the answer clock."""
        rounds = self.history.rounds
        if not rounds:
            return [self.clock(rule, 1, None, None, None)]
        found: list[Clock] = []
        length = _Length(rounds[0].opened_by.at)
        for number, turn in enumerate(rounds, start=1):
            if number > 1:
                length = self.again(length, rounds[number - 2], turn)
            window = (turn.opened_by.at, self.end_of_run(rule, turn.closed_by))
            opened, closed = turn.opened_by, turn.closed_by
            changes = self.in_order("answer", turn.extensions, opened, closed)
            clock, length = self.grow(rule, number, opened, closed, length, changes, window)
            found.append(clock)
        return found

    def again(self, length: _Length, before: Round, turn: Round) -> _Length:
        """The length a round begins with: the days between answer and objection on top."""
        assert before.closed_by is not None
        objected = self.day(turn.opened_by.at)
        between = max(0, (objected - self.day(before.closed_by.counted_at)).days)
        return replace(length, added=length.added + between, objected=objected)

    def end_of_run(self, rule: Rule, end: CaseEvent | None) -> dt.datetime:
        """The moment up to which a clock ran or has run."""
        if end is not None:
            return end.counted_at
        if self.history.void_at is not None and rule.clock in _VOIDED:
            return self.history.void_at
        return self.history.as_of

    def in_order(
        self, clock: str, extensions: Sequence[CaseEvent], start: CaseEvent, end: CaseEvent | None
    ) -> list[Change]:
        """The extensions and pauses that fall into a run, as they happened."""
        place = self.history.place
        last = len(self.history.events) if end is None else place(end)
        found: list[Change] = [
            stop
            for stop in self.history.stops
            if clock in stop.pause.clocks
            and place(stop.on) < last
            and (stop.off is None or stop.off.at > start.at)
        ]
        found += extensions
        return sorted(found, key=lambda one: place(one.on if isinstance(one, Stop) else one))

    def grow(
        self,
        rule: Rule,
        number: int,
        start: CaseEvent,
        end: CaseEvent | None,
        length: _Length,
        changes: Sequence[Change],
        window: tuple[dt.datetime, dt.datetime],
    ) -> tuple[Clock, _Length]:
        """A run with its extensions and pauses, and the length it came to.

        Raises:
            RuleError: `extension_after_limit`.
        """
        began, until = window
        promised = self.limit(self.view(rule.clock, start.known), length)
        told_at, is_stopped = start.known, False
        extended_on: dt.date | None = None
        for change in changes:
            event = change.on if isinstance(change, Stop) else change
            view = self.view(rule.clock, event.known)
            limit = self.limit(view, self.cut(length, event.at))
            if isinstance(change, Stop):
                starts = max(event.at, began)
                on, ends = self.day(starts), min(change.off.at if change.off else until, until)
                # a pause that begins after the last day makes nothing good
                if starts < ends and (limit is None or on <= limit.due_on):
                    length = replace(length, stops=(*length.stops, (on, self.day(ends))))
                    is_stopped |= change.off is None
                continue
            if limit is not None and self.day(event.counted_at) > limit.due_on:
                place, day = self.history.place(event) + 1, self.day(event.at)
                raise RuleError("extension_after_limit", number=place, day=day.isoformat())
            more = view.rule.extension_days if event.days is None else event.days
            length = replace(length, extended=length.extended + more)
            granted = self.limit(view, self.cut(length, event.at))
            told_at, extended_on = event.known, None if granted is None else granted.due_on
        in_force = self.limit(self.view(rule.clock, until), length)
        told = self.limit(self.view(rule.clock, told_at), length)
        clock = self.clock(rule, number, start, end, in_force, length.extended, is_stopped)
        if in_force is not None and promised is not None and told is not None:
            moved = told.due_on if told.due_on != in_force.due_on else None
            clock = replace(
                clock, promised_on=promised.due_on, extended_on=extended_on, moved_from=moved
            )
        return clock, length

    def cut(self, length: _Length, moment: dt.datetime) -> _Length:
        """The length as it was at a moment: a pause that went on then had come to that day."""
        day = self.day(moment)
        return replace(length, stops=tuple((on, min(off, day)) for on, off in length.stops))

    def limit(self, view: _View, length: _Length) -> Limit | None:
        """The unmoved limit and what was added, moved once, floored; None without a rule."""
        rule, calendar, added = view.rule, view.calendar, length.added
        day, due_at = self.day(length.start), None
        in_working_days = rule.unit == "working_days"
        stopped = [
            calendar.working_between(on, off) if in_working_days else max(0, (off - on).days)
            for on, off in length.stops
        ]
        paused = sum(stopped)
        count = None if rule.limit is None else rule.limit + length.extended
        counted_from = day + DAY
        if count is None:
            if self.limit_at is None:
                return None
            due_at = self.later(self.limit_at, added + paused)
            unmoved = due = counted_from = self.day(due_at)
        elif in_working_days:
            unmoved = calendar.plus_working(day, count + paused) + added * DAY
            due = calendar.next_working(unmoved)
        else:
            unmoved = counted_from = day + (count + paused + added) * DAY
            due = calendar.next_working(unmoved) if rule.moves else unmoved
        floor_from = None
        if length.objected is not None:
            floor = self.floor(view, length.objected)
            if floor > due:
                due, floor_from = floor, length.objected
                counted_from = floor_from + DAY
                due_at = None if due_at is None else self.end_of(floor)
        provisional = calendar.is_provisional(min(counted_from, due), due)
        return Limit(
            start=day, count=count, added=added, unmoved=unmoved, due_on=due, due_at=due_at,
            provisional=provisional, floor_from=floor_from, paused=paused, stops=length.stops,
        )  # fmt: skip

    def last_day(self, rule: Rule, start: CaseEvent, known: dt.datetime) -> dt.date | None:
        """The last day of a window that began with `start`, as known at a moment."""
        limit = self.limit(self.view(rule.clock, known), _Length(start.at))
        return None if limit is None else limit.due_on

    def floor(self, view: _View, objected: dt.date) -> dt.date:
        """The earliest last day a round may have, by the pack."""
        if view.pack.round_unit == "working_days":
            return view.calendar.plus_working(objected, view.pack.round_limit)
        return objected + view.pack.round_limit * DAY

    def later(self, moment: dt.datetime, days: int) -> dt.datetime:
        """The same local time some days later, across a change to or from summer time too."""
        if not days:
            return moment
        return (moment.astimezone(self.zone) + days * DAY).astimezone(dt.UTC)

    def end_of(self, day: dt.date) -> dt.datetime:
        """The last second of a local day (the later one, where it comes twice)."""
        return dt.datetime.combine(day, dt.time(23, 59, 59, fold=1), self.zone)

    def clock(
        self,
        rule: Rule,
        number: int,
        start: CaseEvent | None,
        end: CaseEvent | None,
        limit: Limit | None,
        extended: int = 0,
        is_stopped: bool = False,
    ) -> Clock:
        """The clock as it stands, without the dates that were told before."""
        state, ended_at = self.state(rule, start, end, limit, is_stopped)
        if start is None or limit is None:
            return Clock(rule.clock, number, rule.id, rule.source, rule.second_hand, state)
        now = ended_at or self.history.as_of
        view = self.view(rule.clock, now)
        return Clock(
            clock=rule.clock,
            round=number,
            rule=view.rule.id,
            source=view.rule.source,
            second_hand=view.rule.second_hand,
            state=state,
            limit=view.rule.limit,
            unit=view.rule.unit,
            started_at=start.at,
            ended_at=ended_at,
            extended_by=extended,
            due_on=limit.due_on,
            due_at=limit.due_at,
            provisional=limit.provisional,
            limit_days=self.length_of(view.rule, start, limit),
            days_used=self.between(view, self.day(start.at), self.day(now)),
            days_left=self.left(view, self.day(now), limit.due_on),
            length=limit,
        )

    def length_of(self, rule: Rule, start: CaseEvent, limit: Limit) -> int:
        """How long a limit is, in calendar days."""
        if rule.unit == "calendar_days" and rule.limit is not None:
            return rule.limit
        return max(1, (limit.due_on - self.day(start.at)).days)

    def state(
        self,
        rule: Rule,
        start: CaseEvent | None,
        end: CaseEvent | None,
        limit: Limit | None,
        is_stopped: bool,
    ) -> tuple[str, dt.datetime | None]:
        """The state, and the moment that ended the clock."""
        history = self.history
        if start is None:
            if end is not None and rule.whose == "asker":
                return "met", None
            gone = history.phase in ("declined", "referred", "withdrawn")
            return ("ended" if gone and rule.clock == "answer" else "not_started"), None
        if limit is None:
            return "no_rule", None
        if end is not None and end.event not in rule.ends_on:
            return "ended", end.counted_at
        if end is not None:
            return ("late" if self.is_past(limit, end.counted_at) else "met"), end.counted_at
        if history.void_at is not None and rule.clock in _VOIDED:
            return "ended", history.void_at
        if is_stopped:
            return "paused", None
        if not self.is_past(limit, history.as_of):
            return "running", None
        return ("lapsed" if rule.whose == "asker" else "overdue"), None

    def is_past(self, limit: Limit, moment: dt.datetime) -> bool:
        """Whether a moment lies past the limit."""
        if limit.due_at is not None:
            return moment > limit.due_at
        return self.day(moment) > limit.due_on

    def between(self, view: _View, start: dt.date, end: dt.date) -> int:
        if view.rule.unit == "working_days":
            return view.calendar.working_between(start, end)
        return max(0, (end - start).days)

    def left(self, view: _View, now: dt.date, due: dt.date) -> int:
        if view.rule.unit != "working_days":
            return (due - now).days
        if now <= due:
            return view.calendar.working_between(now, due)
        return -max(1, view.calendar.working_between(due, now))
