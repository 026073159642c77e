"""Receptions (接访) under the rules: booked by the asker, sent to the body, held at the desk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from casework.adapter import allow
from casework.appointments import Sent, sent
from casework.calendar import WorkingCalendar
from casework.history import CaseEvent, broken_rule
from casework.log import log_of
from data import appointments, receptions
from data.appointments import Appointment
from data.assigned import Assignment, NewAssignment
from data.db import Db
from data.errors import NotAllowed
from data.history import CaseHistory
from data.reading import read_case
from data.receipts import Opened
from data.receptions import NewReception
from data.roster import Line
from data.scope import Scope
from reports.rates import Rate

from .assignments import Stood, choices, listed, standings
from .roster import last_of, month_after
from .rules import county_rules, rules_of

PROMISE_DAYS = 90
"""The farthest day of a promise; of an answer never past the case's own limit."""
MONTHS = 12
"""Whole months over which cases settled before their reception are counted."""


@dataclass(frozen=True)
class SentCase:
    """A matter that was sent to its body because a reception was booked; no date, place or slot."""

    case_id: str
    body_id: str
    sent: Sent


@dataclass(frozen=True)
class PromiseChoices:
    """What can be promised about a case: steps (none where it has ended), days, who keeps it.

    answer_by: last day of a promised answer: the case's own limit.
    """

    body_id: str
    steps: tuple[str, ...]
    first_day: dt.date
    last_day: dt.date
    answer_by: dt.date


# the asker ---------------------------------------------------------------------------------------


def may_book(db: Db, history: CaseHistory) -> None:
    """Refuse where no reception can be recorded for the case as it stands.

    Raises:
        NotAllowed: it is disowned, withdrawn or at its lawful end, or it lies outside on a copy.
    """
    _connected(db)
    zone, now = db.county().zone, db.now()
    log = log_of(rules_of(db).for_case(history, zone), history, now, zone)
    is_possible = log.read is None or not broken_rule(
        log.pack, history.procedure, log.read, CaseEvent("received", now, now)
    )
    if history.is_disowned or not is_possible:
        raise NotAllowed("reception.error.not_of_this_case")


def offered(db: Db, scope: Scope, case_id: str) -> tuple[Line, ...]:
    """The sessions that can be booked about the case now, as the roster is public.

    Raises:
        NotFound: another case's code.
        NotAllowed: as `may_book`.
    """
    may_book(db, read_case(db, scope, case_id))
    return appointments.offered(db, scope, case_id, _public_until(db))


def book(db: Db, scope: Scope, case_id: str, line_id: int) -> Appointment:
    """Book a place (`data.appointments.book`)."""
    return appointments.book(
        db, scope, case_id, line_id, _public_until(db), lambda history: may_book(db, history)
    )


def cancel(db: Db, opened: Opened) -> Appointment:
    """Cancel the appointment that stands (`data.appointments.cancel`)."""
    _connected(db)
    return appointments.cancel(db, opened)


def undo(db: Db, scope: Scope, case_id: str) -> Appointment:
    """Take a cancellation back (`data.appointments.undo`)."""
    _connected(db)
    return appointments.undo(db, scope, case_id)


def _connected(db: Db) -> None:
    """On a copy outside nobody knows which places are free, and what is written does not count."""
    if db.county().copied_at is not None:
        raise NotAllowed("reception.error.copy")


def _public_until(db: Db) -> dt.date:
    return last_of(month_after(_today(db)))


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()


# the body ----------------------------------------------------------------------------------------


def sent_cases(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[SentCase, ...]:
    """The matters sent to the bodies of a scope because a reception was booked, and the clocks of
    each: what waits comes first, the earliest limit before the others.

    Raises:
        NotAllowed: neither a clerk nor a supervisor.
    """
    zone, (_, calendar) = db.county().zone, county_rules(db)
    found = [
        one for moments in appointments.read_moments(db, scope)
        if (one := _sent(moments, as_of, zone, calendar)) is not None
    ]  # fmt: skip
    return tuple(sorted(found, key=_order))


def sent_of_case(db: Db, scope: Scope, case_id: str, as_of: dt.datetime) -> Sent | None:
    """The same of one case; None where nothing was sent, or the scope does not reach it."""
    zone, (_, calendar) = db.county().zone, county_rules(db)
    for moments in appointments.read_moments(db, scope, case_id):
        if (one := _sent(moments, as_of, zone, calendar)) is not None:
            return one.sent
    return None


def _sent(
    moments: appointments.Moments, as_of: dt.datetime, zone: str, calendar: WorkingCalendar
) -> SentCase | None:
    found = sent(moments.bookings, moments.steps, as_of, zone, calendar)
    return None if found is None else SentCase(moments.case_id, moments.body_id, found)


def sent_for_asker(
    db: Db, history: CaseHistory, mine: Appointment, as_of: dt.datetime
) -> Sent | None:
    """The same as the asker of the case reads it.

    Args:
        history, mine: as the asker's own scope read them.
    """
    _, calendar = county_rules(db)
    steps = tuple((e.event, e.occurred_at, e.known_at) for e in history.events)
    return sent(mine.bookings, steps, as_of, db.county().zone, calendar)


def _order(one: SentCase) -> tuple[object, ...]:
    open_clocks = [c.due_at for c in one.sent.clocks if c.state in ("running", "overdue")]
    first = min(open_clocks, default=one.sent.at)
    return not one.sent.is_waiting, first if open_clocks else -first.timestamp(), one.case_id


# the desk ----------------------------------------------------------------------------------------


def promise_choices(db: Db, scope: Scope, case_id: str) -> PromiseChoices:
    """What can be promised about a case within the scope.

    Raises:
        NotFound: no such case within the scope.
    """
    found, today = choices(db, scope, case_id), _today(db)
    last = today + dt.timedelta(days=PROMISE_DAYS)
    return PromiseChoices(
        found.body_id, found.steps, today + dt.timedelta(days=1), last, found.last_day
    )


def record_reception(db: Db, scope: Scope, new: NewReception) -> str | None:
    """Write down that an asker was received and what was promised
    (`data.receptions.record_reception`).

    Raises:
        NotAllowed: a step that does not fit, a day outside the span, the same promise twice.
    """
    zone, of = db.county().zone, standings(db)
    given = promise_choices(db, scope, new.case_id)

    def may_promise(
        made: NewAssignment,
        history: CaseHistory | None,
        earlier: tuple[Assignment, ...],
        at: dt.datetime,
    ) -> None:
        if not given.steps:
            raise NotAllowed("assignments.error.case_ended")
        if made.step not in given.steps:
            raise NotAllowed("assignments.error.step")
        last = given.answer_by if made.step == "answer" else given.last_day
        if not given.first_day <= made.due_on <= last:
            raise NotAllowed(
                "reception.error.due", first=given.first_day, last=last, got=made.due_on
            )
        for one in earlier:
            is_same = (one.origin, one.step, one.body_id) == ("reception", made.step, made.body_id)
            if is_same and of(one, at).state not in ("verified", "ended"):
                raise NotAllowed("reception.error.promised_already")

    history = read_case(db, scope, new.case_id)
    judge = allow(*rules_of(db).for_case(history, zone), zone)
    return receptions.record_reception(db, scope, new, judge, may_promise)


def promises(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Stood, ...]:
    """What was promised at receptions and where each promise stands, what is due first first."""
    return tuple(row for row in listed(db, scope, as_of) if row.one.origin == "reception")


def settled_before(db: Db, scope: Scope) -> tuple[dt.date, dt.date, tuple[tuple[str, Rate], ...]]:
    """(first day, last day, per body the cases settled before their reception ÷ appointments) of
    the last twelve whole months."""
    last = _today(db).replace(day=1) - dt.timedelta(days=1)
    first = last.replace(day=1)
    for _ in range(MONTHS - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    found = receptions.settled_before(db, scope, first, last)
    return first, last, tuple((body, Rate(*counts)) for body, counts in found.items())
