"""Assignments (交办): made and followed up under the rules, and read as tables and lines."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from casework.adapter import events_of
from casework.assignments import (
    PHASE_STEPS,
    SUBJECT_STEPS,
    WAITING,
    Standing,
    due_span,
    may_follow,
    stand,
)
from casework.calendar import WorkingCalendar
from casework.clocks import clocks
from casework.history import read as read_history
from casework.pack import Pack
from data import assignments as held
from data.assigned import Assignment, NewAssignment, NewAssignmentEvent
from data.db import Db
from data.errors import NotAllowed, RuleError
from data.history import CaseHistory
from data.reading import read_case
from data.scope import Scope
from reports.daily_facts import AssignmentLine

from .rules import county_rules, rules_of

OWED_CLOCKS = ("acceptance", "forward", "answer", "review", "recheck")
"""Clocks of a case whose last day an assignment may not pass."""


@dataclass(frozen=True)
class Choices:
    """What can be assigned now: the steps (the usual one first), and the days for an answer."""

    body_id: str
    steps: tuple[str, ...]
    first_day: dt.date
    last_day: dt.date
    usual_day: dt.date


def choices(db: Db, scope: Scope, case_id: str) -> Choices:
    """What can be assigned about a case within the scope; no steps where the case has ended.

    Raises:
        NotFound: no such case within the scope.
    """
    return _choices(db, read_case(db, scope, case_id), db.now())


def subject_choices(db: Db, subject: str, body_id: str) -> Choices:
    """What can be asked of a body about a kind of owed work."""
    _, calendar = county_rules(db)
    today = _day(db, db.now())
    return Choices(body_id, SUBJECT_STEPS[subject], *due_span(today, None, calendar))


def _choices(db: Db, history: CaseHistory, now: dt.datetime) -> Choices:
    zone, (_, calendar) = db.county().zone, county_rules(db)
    pack, own = rules_of(db).for_case(history, zone)
    limit: dt.date | None = None
    steps: tuple[str, ...] = ()
    if not history.is_disowned:
        try:
            events = events_of(history)
            phase = read_history(pack, history.procedure, events, now, ZoneInfo(zone)).phase
            steps = PHASE_STEPS.get(phase, ())
            found = clocks(pack, history.procedure, events, now, zone, own, history.limit_at)
        except RuleError:
            found = []  # an impossible log is mended first
        ends = [
            clock.due_on
            for clock in found
            if clock.clock in OWED_CLOCKS
            and clock.state in ("running", "overdue", "paused")
            and clock.due_on is not None
        ]
        limit = min(ends, default=None)
    return Choices(history.body_id, steps, *due_span(_day(db, now), limit, calendar))


def _day(db: Db, at: dt.datetime) -> dt.date:
    return at.astimezone(ZoneInfo(db.county().zone)).date()


def assign(db: Db, scope: Scope, new: NewAssignment) -> str:
    """Ask a body for a step by a day; the id of the assignment (`data.assignments.assign`).

    Raises:
        NotAllowed: a step that does not fit, a day outside the span, the same step asked already.
    """

    of = standings(db)

    def judge(
        new: NewAssignment,
        history: CaseHistory | None,
        earlier: tuple[Assignment, ...],
        at: dt.datetime,
    ) -> None:
        found = (
            subject_choices(db, new.subject, new.body_id)
            if history is None
            else _choices(db, history, at)
        )
        if not found.steps:
            raise NotAllowed("assignments.error.case_ended")
        if new.step not in found.steps:
            raise NotAllowed("assignments.error.step")
        if not found.first_day <= new.due_on <= found.last_day:
            raise NotAllowed(
                "assignments.error.due", first=found.first_day, last=found.last_day, got=new.due_on
            )
        for one in earlier:
            same = (one.step, one.body_id) == (new.step, new.body_id)
            if same and of(one, at).state not in ("verified", "ended"):
                raise NotAllowed("assignments.error.asked_already")

    return held.assign(db, scope, new, judge)


def follow_up(
    db: Db, scope: Scope, assignment_id: str, event: str, code: str | None = None, words: str = ""
) -> None:
    """Add an event to an assignment (`data.assignments.follow_up`).

    Raises:
        NotAllowed: the event cannot follow now.
    """

    of = standings(db)

    def judge(one: Assignment, new: NewAssignmentEvent, at: dt.datetime) -> None:
        if not may_follow(of(one, at).state, new.event):
            raise NotAllowed("assignments.error.not_now")

    held.follow_up(db, scope, assignment_id, NewAssignmentEvent(event, code, words), judge)


def standings(
    db: Db, rules: tuple[Pack, WorkingCalendar] | None = None
) -> Callable[[Assignment, dt.datetime], Standing]:
    """Says where an assignment stands at a moment, by the county's rules as they are now, or by
    the pack and working days that are given."""
    zone, (pack, calendar) = db.county().zone, rules or county_rules(db)

    def of(one: Assignment, as_of: dt.datetime) -> Standing:
        return stand(one, as_of, zone, calendar, pack.withdrawal_takes_effect_days)

    return of


@dataclass(frozen=True)
class Stood:
    """An assignment and where it stands."""

    one: Assignment
    now: Standing

    @property
    def waits(self) -> bool:
        """Whether the body has something to do."""
        return self.now.state in WAITING


def listed(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Stood, ...]:
    """The assignments a scope reaches, with where each stands: what is due first comes first.

    Raises:
        NotAllowed: a role that has nothing to do with assignments.
    """
    of = standings(db)
    found = [Stood(one, of(one, as_of)) for one in held.read(db, scope, as_of)]
    return tuple(sorted(found, key=_order))


def _order(row: Stood) -> tuple[object, ...]:
    place = 0 if row.waits else 1 if row.now.state == "answered" else 2
    day = row.now.due_on or dt.date.max
    return place, day, -row.one.at.timestamp(), row.one.assignment_id


def of_case(db: Db, scope: Scope, case_id: str, as_of: dt.datetime) -> tuple[Stood, ...]:
    """The assignments about one case, the newest first."""
    found = [row for row in listed(db, scope, as_of) if row.one.case_id == case_id]
    return tuple(sorted(found, key=lambda row: row.one.at, reverse=True))


@dataclass(frozen=True)
class AskersEvent:
    """One event as the asker reads it. words: (part, unchanged words)."""

    event: str
    at: dt.datetime
    body_id: str | None
    code: str | None
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AskersAssignment:
    """One assignment as the asker of its case reads it: everything that was said.

    state, why: as in `casework.assignments.Standing`.
    """

    origin: str
    body_id: str
    step: str
    at: dt.datetime
    due_on: dt.date
    words: tuple[tuple[str, str], ...]
    events: tuple[AskersEvent, ...]
    state: str
    why: str | None
    since: dt.datetime


def for_asker(db: Db, scope: Scope, case_id: str) -> tuple[AskersAssignment, ...]:
    """The assignments about a case with every word, for the one who asked (DOMAIN.md §2.7).

    Raises:
        NotFound: another case's code.
    """
    now = db.now()
    found = held.read(db, scope, now)
    words = held.askers_words(db, scope, case_id, found)
    if not found:
        return ()
    of = standings(db)

    def said(text_id: str | None) -> tuple[tuple[str, str], ...]:
        return tuple(words.get(text_id or "", {}).items())

    lines = []
    for one in found:
        stands = of(one, now)
        events = tuple(
            AskersEvent(e.event, e.at, e.body_id, e.code, said(e.text_id)) for e in one.events
        )
        lines.append(
            AskersAssignment(
                one.origin, one.body_id, one.step, one.at, one.due_on, said(one.text_id), events,
                stands.state, stands.why, stands.since,
            )
        )  # fmt: skip
    return tuple(lines)


def daily_lines(
    db: Db, scope: Scope, day: dt.date, as_of: dt.datetime, first: dt.date | None = None,
    rules: tuple[Pack, WorkingCalendar] | None = None,
) -> tuple[AssignmentLine, ...]:  # fmt: skip
    """Part 5 of the daily report: what a local day brought, by body; bodies without any left out.

    Args:
        first: what the days from here to `day` brought; None = `day` alone. rules: as `standings`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    counts: dict[str, Counter[str]] = {}
    of, begins = standings(db, rules), first or day

    def is_in(at: dt.datetime) -> bool:
        return begins <= _day(db, at) <= day

    for one in held.read_figures(db, scope, as_of):
        mine = counts.setdefault(one.body_id, Counter())
        mine["assigned"] += is_in(one.at)
        for event in one.events:
            name = "closed" if event.event in ("verified", "ended") else event.event
            mine[name] += is_in(event.at)
        now = of(one, as_of)
        mine["waiting"] += now.state in WAITING
        mine["late"] += now.state in WAITING and now.is_late
        if now.state == "ended" and not any(e.event == "ended" for e in one.events):
            mine["closed"] += is_in(now.since)
    names = ("assigned", "acknowledged", "answered", "returned", "closed", "waiting", "late")
    lines = [
        AssignmentLine(body, *(found[name] for name in names))
        for body, found in sorted(counts.items())
    ]
    return tuple(line for line in lines if any(n for n in list(vars(line).values())[1:]))
