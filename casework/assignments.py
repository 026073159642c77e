"""Assignments (交办) as of a moment: where each stands, its two clocks, and how high it climbed.

`assignment_ack`: within 24 hours of being assigned, an instant, because the rule says hours.
`assignment_answer`: within 2 days, counted like every limit in calendar days (from the day after,
to the end of the last local day, moved to a working day), or by the day that was asked for.
Source: 定联办〔2020〕3号 as told in DOMAIN.md §5; alike under every pack, because it binds an
office to an office and shortens nobody's limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.assigned import Assignment

from .calendar import WorkingCalendar

ACK_HOURS = 24
ANSWER_DAYS = 2
INSTANTS = ("assignment_ack", "appointment_dispatch", "appointment_contact")
"""Clocks that end with an instant, because their rule says hours; the others end with a day."""
STATES = ("assigned", "acknowledged", "answered", "returned", "verified", "ended")
WAITING = ("assigned", "acknowledged", "returned")
"""States in which the body has something to do."""
LEVELS = ("body", "leader_post", "county")
"""Where an assignment that waits for its body stands, by rule: with the body; past a limit with
the post that leads the body; past it by as long as the limit itself with the county."""
ENDED_BY_RULE = ("moved_on", "case_answered", "case_ended")
"""Why an assignment about a case ends without anybody's word: the case went to another body; its
answer was given; it ended otherwise."""

PHASE_STEPS: Mapping[str, tuple[str, ...]] = {
    "undecided": ("accept", "transfer", "contact", "tell", "mediate", "joint_meeting", "reception",
                  "legal_aid", "hardship_fund"),
    "owed": ("answer", "contact", "transfer", "tell", "mediate", "joint_meeting", "reception",
             "legal_aid", "hardship_fund"),
    "reopened": ("answer", "contact", "transfer", "tell", "mediate", "joint_meeting", "reception",
                 "legal_aid", "hardship_fund"),
    "answered": ("deliver", "tell"),
    "no_remedy": ("deliver", "tell"),
    "declined": ("deliver", "tell"),
    "referred": ("deliver", "tell"),
    "review": ("review", "contact", "tell"),
    "reviewed": ("deliver", "tell"),
    "recheck": ("recheck", "contact", "tell"),
}  # fmt: skip
"""The steps that can be asked for in each phase of a case, the usual one first."""
SUBJECT_STEPS: Mapping[str, tuple[str, ...]] = {
    "overdue_answers": ("answer", "contact", "report"),
    "very_late_answers": ("answer", "joint_meeting", "report"),
    "not_solved_answers": ("answer", "mediate", "joint_meeting", "report"),
    "undelivered_answers": ("deliver", "report"),
    "untold_askers": ("tell", "contact", "report"),
    "undecided_cases": ("accept", "transfer", "report"),
    "backlog_cases": ("joint_meeting", "answer", "mediate", "report"),
    "missing_filings": ("report",),
}
"""The steps that can be asked for without a case, by subject, the usual one first."""
AFTER_THE_ANSWER = ("deliver", "tell", "review", "recheck")
"""Steps whose assignment goes on when the case is answered."""


@dataclass(frozen=True)
class AssignmentClock:
    """One clock of an assignment.

    clock: assignment_ack or assignment_answer. due_at: the instant it ends. met_at: None = not.
    state: running, overdue, met, late, ended (`casework.vocabulary.STATES`).
    """

    clock: str
    due_at: dt.datetime
    met_at: dt.datetime | None
    state: str


@dataclass(frozen=True)
class Standing:
    """Where an assignment stands at a moment.

    state: one of STATES; since: when it came to be so. why: an end's reason, of the list or of
    `ENDED_BY_RULE`. due_on: local day the present answer is due; None where none is owed.
    is_late: a clock ran out before it was met, or runs past its end. level, climbed_at: one of
    LEVELS and since when; None where nothing waits for the body, `climbed_at` also at the body.
    """

    state: str
    since: dt.datetime
    why: str | None
    due_on: dt.date | None
    ack: AssignmentClock
    answer: AssignmentClock
    is_late: bool
    level: str | None
    climbed_at: dt.datetime | None


def default_due(day: dt.date, calendar: WorkingCalendar) -> dt.date:
    """The last day of an answer to what is asked on `day`: two days on, moved to a working day."""
    return calendar.next_working(day + dt.timedelta(days=ANSWER_DAYS))


def due_span(
    day: dt.date, case_limit: dt.date | None, calendar: WorkingCalendar
) -> tuple[dt.date, dt.date, dt.date]:
    """The days an answer may be asked for: (first, last, the one that is proposed).

    Not before tomorrow, and for a case not after its own limit; where that is over or ends
    today, not after the usual two days. Without a case: within 30 days.
    """
    first, usual = day + dt.timedelta(days=1), default_due(day, calendar)
    last = day + dt.timedelta(days=30) if case_limit is None else case_limit
    if last < first:
        last = usual
    return first, last, min(usual, last)


def stand(
    one: Assignment,
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    withdrawal_days: int,
) -> Standing:
    """Where an assignment stands, from its log, its case's log and the moment alone.

    Args:
        one: as known at `as_of`. as_of: aware. zone: the county's IANA zone.
        withdrawal_days: days after which a withdrawal takes effect, of the case's pack.
    """
    tz = ZoneInfo(zone)
    state, since, why = "assigned", one.at, None
    acknowledged_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    due_on = one.due_on
    by_rule = ended_by_rule(one, as_of, withdrawal_days)
    was_late = False
    for event in one.events:
        if event.at > as_of or (by_rule and event.at >= by_rule[0]):
            break
        state, since = event.event, event.at
        if event.event in ("acknowledged", "answered") and acknowledged_at is None:
            acknowledged_at = event.at
        if event.event == "answered":
            answered_at = event.at
            was_late |= event.at >= end_of(due_on, tz)
        elif event.event == "returned":
            answered_at = None
            due_on = max(due_on, default_due(event.at.astimezone(tz).date(), calendar))
        elif event.event == "ended":
            why = event.code
    if by_rule and state not in ("verified", "ended"):
        state, (since, why) = "ended", by_rule
    is_waiting = state in WAITING
    ends_at = since if state == "ended" else None
    ack_due = one.at + dt.timedelta(hours=ACK_HOURS)
    ack = office_clock("assignment_ack", ack_due, acknowledged_at, as_of, ends_at)
    answer = office_clock("assignment_answer", end_of(due_on, tz), answered_at, as_of, ends_at)
    was_late |= any(clock.state in ("overdue", "late") for clock in (ack, answer))
    level, climbed_at = None, None
    if is_waiting:
        level, climbed_at = _level(ack, answer, due_on, as_of, tz)
    return Standing(
        state, since, why, due_on if is_waiting else None, ack, answer, was_late, level, climbed_at
    )


def end_of(day: dt.date, tz: ZoneInfo) -> dt.datetime:
    """The instant at which a local day is over."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tz)
    return end.astimezone(dt.UTC)


def office_clock(
    name: str,
    due_at: dt.datetime,
    met_at: dt.datetime | None,
    as_of: dt.datetime,
    ended_at: dt.datetime | None,
) -> AssignmentClock:
    until = met_at or ended_at or as_of
    is_past = until > due_at if name in INSTANTS else until >= due_at
    if met_at is not None:
        state = "late" if is_past else "met"
    elif ended_at is not None:
        state = "late" if is_past else "ended"
    else:
        state = "overdue" if is_past else "running"
    return AssignmentClock(name, due_at, met_at, state)


def _level(
    ack: AssignmentClock,
    answer: AssignmentClock,
    due_on: dt.date,
    as_of: dt.datetime,
    tz: ZoneInfo,
) -> tuple[str, dt.datetime | None]:
    """The highest level that a limit missed so far leads to, and since when."""
    climbs = []
    if ack.state == "overdue":
        climbs.append((ack.due_at, ack.due_at + dt.timedelta(hours=ACK_HOURS)))
    if answer.state == "overdue":
        climbs.append((answer.due_at, end_of(due_on + dt.timedelta(days=ANSWER_DAYS), tz)))
    if not climbs:
        return "body", None
    to_post = min(first for first, _ in climbs)
    to_county = min(second for _, second in climbs)
    return ("county", to_county) if as_of >= to_county else ("leader_post", to_post)


def ended_by_rule(
    one: Assignment, as_of: dt.datetime, withdrawal_days: int
) -> tuple[dt.datetime, str] | None:
    """When and why the case's own log ended an assignment; None while it has not.

    An end stays: a case that comes back is assigned anew, by a person.
    """
    asked: dt.datetime | None = None
    effect = dt.timedelta(days=withdrawal_days)
    for step in one.case_steps:
        if step.at > as_of:
            break
        if asked is not None and asked + effect <= step.at:
            return asked + effect, "case_ended"
        if step.event == "withdrawal_asked":
            asked = step.at
        elif step.event == "withdrawal_undone":
            asked = None
        elif step.event == "transferred" and step.to_body_id not in (None, one.body_id):
            return step.at, "moved_on"
        elif step.event in ("withdrawn", "disowned"):
            return step.at, "case_ended"
        elif one.origin == "reception":  # what was promised at the table is still owed
            continue
        elif step.event == "answered" and one.step not in AFTER_THE_ANSWER:
            return step.at, "case_answered"
        elif (
            step.event in ("declined", "referred", "no_remedy") and one.step not in AFTER_THE_ANSWER
        ):
            return step.at, "case_ended"
    if asked is not None and asked + effect <= as_of:
        return asked + effect, "case_ended"
    return None


_FOLLOWS = {
    "acknowledged": ("assigned",),
    "answered": WAITING,
    "returned": ("answered",),
    "verified": ("answered",),
    "ended": (*WAITING, "answered"),
}


def may_follow(state: str, event: str) -> bool:
    """Whether an event can be added to an assignment in this state."""
    return state in _FOLLOWS.get(event, ())
