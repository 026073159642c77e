"""The clocks of one case: a pure function of its events and the rules, kept obvious.

`casework/clock_table.py` does the same for whole tables; a property test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from data.errors import RuleError

from .calendar import WorkingCalendar
from .clock import Clock, Limit
from .history import CaseEvent, History, Round, broken_rule, read
from .pack import CLOCKS, Pack, Rule

DAY = dt.timedelta(days=1)

__all__ = ["CaseEvent", "Clock", "Limit", "allowed_next", "clocks", "validate_next"]


def clocks(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> list[Clock]:
    """Every clock the pack has for this procedure, in the order of `pack.CLOCKS`.

    Args:
        events: in order of time, aware; those after `as_of` or not known by then are ignored.
        as_of: aware moment. zone: the county's IANA zone, in which days are counted.
        limit_at: the limit given with this case, for packs whose rule is `per_case`; without it
            such a clock stands as `no_rule`.

    Returns:
        One `Clock` per clock, one per round for `answer`, the latest last.

    Raises:
        RuleError: an impossible sequence, with the rule's name.

    Source: DOMAIN.md §5.
    """
    tz = ZoneInfo(zone)
    history = read(pack, procedure, events, as_of, tz)
    counting = _Counting(pack, procedure, history, tz, calendar, limit_at)
    _check_rights(counting)
    return [
        clock
        for name in CLOCKS
        if name in pack.rules[procedure]
        for clock in counting.of(pack.rules[procedure][name])
    ]


class _Counting:
    """Counts the clocks of one history."""

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
        return moment.astimezone(self.zone).date()

    def of(self, rule: Rule) -> list[Clock]:
        first = self.history.first
        if rule.clock == "forward":
            return [self.run(rule, first.get("registered"), self.first_of(rule.ends_on))]
        if rule.clock == "acceptance":
            start = self.history.receipt or first.get("registered")
            return [self.run(rule, start, self.first_of(rule.ends_on))]
        if rule.clock == "answer":
            return self.answer_rounds(rule)
        if rule.clock == "review_request":
            return [self.run(rule, self.history.delivered, first.get("review_requested"))]
        if rule.clock == "review":
            return [self.run(rule, first.get("review_requested"), first.get("reviewed"))]
        if rule.clock == "recheck_request":
            start = self.history.reviewed_delivered
            return [self.run(rule, start, first.get("recheck_requested"))]
        return [self.run(rule, first.get("recheck_requested"), first.get("rechecked"))]

    def first_of(self, names: tuple[str, ...]) -> CaseEvent | None:
        return next((event for event in self.history.events if event.event in names), None)

    def answer_rounds(self, rule: Rule) -> list[Clock]:
        rounds = self.history.rounds
        if not rounds:
            return [self.run(rule, None, None)]
        found = []
        added = extended = 0
        for number, turn in enumerate(rounds, start=1):
            if number > 1:
                closed = rounds[number - 2].closed_by
                assert closed is not None
                added += self.days_between(closed.counted_at, turn.opened_by.at)
            before = self.limit(rule, rounds[0].opened_by, extended, added, turn, number)
            for extension in turn.extensions:
                if before and self.day(extension.counted_at) > before.due_on:
                    raise RuleError(
                        "extension_after_limit",
                        number=self.history.events.index(extension) + 1,
                        day=self.day(extension.at).isoformat(),
                    )
                extended += rule.extension_days if extension.days is None else extension.days
            limit = self.limit(rule, rounds[0].opened_by, extended, added, turn, number)
            found.append(self.clock(rule, number, turn.opened_by, turn.closed_by, limit, extended))
        return found

    def days_between(self, answered: dt.datetime, objected: dt.datetime) -> int:
        return max(0, (self.day(objected) - self.day(answered)).days)

    def limit(
        self, rule: Rule, start: CaseEvent, extended: int, added: int, turn: Round, number: int
    ) -> Limit | None:
        """The limit of one round: the unmoved limit and what was added, moved once, floored."""
        objected = self.day(turn.opened_by.at) if number > 1 else None
        return self.count(rule, start.at, extended, added, objected)

    def count(
        self, rule: Rule, start: dt.datetime, extended: int, added: int, objected: dt.date | None
    ) -> Limit | None:
        day, calendar, due_at = self.day(start), self.calendar, None
        count = None if rule.limit is None else rule.limit + extended
        counted_from = day + DAY
        if count is None:
            if self.limit_at is None:
                return None
            due_at = self.limit_at + added * DAY
            unmoved = due = counted_from = self.day(due_at)
        elif rule.unit == "working_days":
            unmoved = calendar.plus_working(day, count) + added * DAY
            due = calendar.next_working(unmoved)
        else:
            unmoved = counted_from = day + (count + added) * DAY
            due = calendar.next_working(unmoved) if rule.moves else unmoved
        floor_from = None
        if objected is not None:
            if self.pack.round_unit == "working_days":
                floor = calendar.plus_working(objected, self.pack.round_limit)
            else:
                floor = objected + self.pack.round_limit * DAY
            if floor > due:
                due, floor_from, counted_from = floor, objected, objected + DAY
                due_at = None if due_at is None else self.end_of(floor)
        provisional = calendar.is_provisional(min(counted_from, due), due)
        return Limit(day, count, added, unmoved, due, due_at, provisional, floor_from)

    def end_of(self, day: dt.date) -> dt.datetime:
        """The last second of a local day."""
        return dt.datetime.combine(day, dt.time(23, 59, 59), self.zone)

    def run(self, rule: Rule, start: CaseEvent | None, end: CaseEvent | None) -> Clock:
        """A clock without rounds."""
        limit = None
        if start is not None:
            limit = self.count(rule, start.at, 0, self.paused_days(rule), None)
        return self.clock(rule, 1, start, end, limit, 0)

    def paused_days(self, rule: Rule) -> int:
        if not rule.pauses_on:
            return 0
        days = 0
        for opened, closed in self.history.hearings:
            end = self.history.as_of if closed is None else closed.at
            days += (self.day(end) - self.day(opened.at)).days
        return days

    def clock(
        self,
        rule: Rule,
        number: int,
        start: CaseEvent | None,
        end: CaseEvent | None,
        limit: Limit | None,
        extended: int,
    ) -> Clock:
        state, ended_at = self.state(rule, start, end, limit)
        if start is None or limit is None:
            return Clock(rule.clock, number, rule.id, rule.source, rule.second_hand, state)
        now = ended_at or self.history.as_of
        return Clock(
            clock=rule.clock,
            round=number,
            rule=rule.id,
            source=rule.source,
            second_hand=rule.second_hand,
            state=state,
            limit=rule.limit,
            unit=rule.unit,
            started_at=start.at,
            ended_at=ended_at,
            extended_by=extended,
            due_on=limit.due_on,
            due_at=limit.due_at,
            provisional=limit.provisional,
            days_used=self.between(rule, self.day(start.at), self.day(now)),
            days_left=self.left(rule, self.day(now), limit.due_on),
            length=limit,
        )

    def state(
        self, rule: Rule, start: CaseEvent | None, end: CaseEvent | None, limit: Limit | None
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
        if history.void_at is not None and rule.clock in ("forward", "acceptance", "answer"):
            return "ended", history.void_at
        if rule.pauses_on and history.hearings and history.hearings[-1][1] is None:
            return "paused", None
        if not self.is_past(limit, history.as_of):
            return "running", None
        return ("lapsed" if rule.whose == "asker" else "overdue"), None

    def is_past(self, limit: Limit, moment: dt.datetime) -> bool:
        if limit.due_at is not None:
            return moment > limit.due_at
        return self.day(moment) > limit.due_on

    def between(self, rule: Rule, start: dt.date, end: dt.date) -> int:
        if rule.unit == "working_days":
            return self.calendar.working_between(start, end)
        return max(0, (end - start).days)

    def left(self, rule: Rule, now: dt.date, due: dt.date) -> int:
        if rule.unit != "working_days":
            return (due - now).days
        if now <= due:
            return self.calendar.working_between(now, due)
        return -max(1, self.calendar.working_between(due, now))


def _check_rights(counting: _Counting) -> None:
    """A review or recheck is asked for in its window (DOMAIN.md §2.9)."""
    history = counting.history
    pairs = (
        ("review_request", history.delivered, history.first.get("review_requested")),
        ("recheck_request", history.reviewed_delivered, history.first.get("recheck_requested")),
    )
    for name, start, asked in pairs:
        rule = counting.pack.rule(counting.procedure, name)
        if rule is None or start is None or asked is None:
            continue
        limit = counting.count(rule, start.at, 0, 0, None)
        if limit is not None and counting.is_past(limit, asked.at):
            raise RuleError(
                "right_lapsed",
                number=history.events.index(asked) + 1,
                day=counting.day(asked.at).isoformat(),
            )


def validate_next(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    new_event: CaseEvent,
    now: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> None:
    """Refuse an event that may not come next, before anything is written.

    Raises:
        RuleError: as `clocks`; `in_the_future` for an event later than `now`.
    """
    if new_event.at > now:
        day = new_event.at.astimezone(ZoneInfo(zone)).date().isoformat()
        raise RuleError("in_the_future", number=len(events) + 1, day=day)
    as_known = CaseEvent(new_event.event, new_event.at, new_event.known_at or now, new_event.days)
    # it takes its place in time: a visit of Monday may be written down on Tuesday
    earlier = [event for event in events if event.at <= new_event.at]
    sequence = [*earlier, as_known, *events[len(earlier) :]]
    clocks(pack, procedure, sequence, max(now, as_known.known), zone, calendar, limit_at)


OFFERED = (
    "accepted", "declined", "transferred", "objected", "contacted", "mediated", "met", "received",
    "aided", "funded", "extended", "answered", "no_remedy", "referred", "delivered", "notified",
    "reviewed", "rechecked", "hearing_opened", "hearing_closed", "policy_changed",
)  # fmt: skip
"""What an office page may offer, in the order of the work (DOMAIN.md §2.6)."""


def allowed_next(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> tuple[str, ...]:
    """The office's events that may be recorded next, in the order of the work.

    Raises:
        RuleError: where the events so far are impossible already.
    """
    history = read(pack, procedure, events, as_of, ZoneInfo(zone))
    found = []
    for name in OFFERED:
        if broken_rule(pack, procedure, history, CaseEvent(name, as_of)):
            continue
        if name == "extended":
            running = clocks(pack, procedure, events, as_of, zone, calendar, limit_at)
            if any(clock.clock == "answer" and clock.state == "overdue" for clock in running):
                continue
        found.append(name)
    return tuple(found)
