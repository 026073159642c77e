"""Where an assignment stands: a function of its log, its case's log and the moment, by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from casework.assignments import (
    PHASE_STEPS,
    SUBJECT_STEPS,
    default_due,
    due_span,
    may_follow,
    stand,
)
from casework.calendar import load_calendar
from casework.pack import PHASES
from data.assigned import Assignment, AssignmentEvent, CaseStep
from data.vocabulary import ASSIGNMENT_EVENTS, ASSIGNMENT_STEPS, ASSIGNMENT_SUBJECTS

ZONE, CALENDAR, WITHDRAWAL = "Asia/Shanghai", load_calendar("cn"), 15


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


MADE = local("2026-03-03 10:00")  # a Tuesday
ONE = Assignment(
    "A", "case", "C", None, "b01", "this_case", "answer", dt.date(2026, 3, 5), MADE
)  # fmt: skip


def at(text: str, *events: tuple[str, str], steps: tuple[CaseStep, ...] = (), **changes: object):
    log = tuple(AssignmentEvent(name, local(when)) for name, when in events)
    one = replace(ONE, events=log, case_steps=steps, **changes)  # type: ignore[arg-type]
    return stand(one, local(text), ZONE, CALENDAR, WITHDRAWAL)


def test_hours_are_hours_and_days_are_days() -> None:
    fresh = at("2026-03-03 12:00")
    assert (fresh.state, fresh.level, fresh.climbed_at) == ("assigned", "body", None)
    assert fresh.ack.due_at == local("2026-03-04 10:00")
    assert fresh.answer.due_at == local("2026-03-06 00:00")  # the end of 5 March
    assert (fresh.ack.state, fresh.answer.state, fresh.is_late) == ("running", "running", False)
    assert fresh.due_on == dt.date(2026, 3, 5)


def test_an_unacknowledged_one_climbs_by_the_clock_alone() -> None:
    assert at("2026-03-04 10:00").level == "body"
    first = at("2026-03-04 10:01")
    assert (first.level, first.climbed_at) == ("leader_post", local("2026-03-04 10:00"))
    assert (first.ack.state, first.is_late) == ("overdue", True)
    second = at("2026-03-05 10:00")
    assert (second.level, second.climbed_at) == ("county", local("2026-03-05 10:00"))


def test_an_unanswered_one_climbs_from_the_end_of_its_day() -> None:
    taken = ("acknowledged", "2026-03-03 15:00")
    assert at("2026-03-05 23:59", taken).level == "body"
    first = at("2026-03-06 00:00", taken)
    assert (first.state, first.level) == ("acknowledged", "leader_post")
    assert first.climbed_at == local("2026-03-06 00:00")
    assert at("2026-03-07 23:59", taken).level == "leader_post"
    assert at("2026-03-08 00:00", taken).level == "county"


def test_an_answer_waits_for_nobody_but_the_one_who_asked_for_it() -> None:
    done = at("2026-03-30 00:00", ("answered", "2026-03-04 09:00"))
    assert (done.state, done.level, done.due_on) == ("answered", None, None)
    assert (done.ack.state, done.answer.state, done.is_late) == ("met", "met", False)
    late = at("2026-03-30 00:00", ("answered", "2026-03-06 00:00"))
    assert (late.ack.state, late.answer.state, late.is_late) == ("late", "late", True)


def test_a_returned_answer_is_owed_again_within_two_days() -> None:
    log = (("acknowledged", "2026-03-03 11:00"), ("answered", "2026-03-05 09:00"))
    again = at("2026-03-06 09:00", *log, ("returned", "2026-03-05 16:00"))
    assert (again.state, again.level) == ("returned", "body")
    assert again.due_on == dt.date(2026, 3, 9)  # the 7th is a Saturday, moved to Monday
    assert at("2026-03-10 00:00", *log, ("returned", "2026-03-05 16:00")).level == "leader_post"
    closed = at(
        "2026-04-01 00:00", *log, ("returned", "2026-03-05 16:00"),
        ("answered", "2026-03-06 10:00"), ("verified", "2026-03-06 11:00"),
    )  # fmt: skip
    assert (closed.state, closed.level, closed.is_late) == ("verified", None, False)


def test_the_future_is_not_known() -> None:
    assert at("2026-03-03 12:00", ("answered", "2026-03-04 09:00")).state == "assigned"


@pytest.mark.parametrize(
    ("event", "to", "step", "why"),
    [
        ("transferred", "b02", "answer", "moved_on"),
        ("transferred", "b01", "answer", None),
        ("answered", None, "answer", "case_answered"),
        ("answered", None, "tell", None),
        ("declined", None, "accept", "case_ended"),
        ("disowned", None, "tell", "case_ended"),
        ("withdrawn", None, "mediate", "case_ended"),
    ],
)
def test_a_case_that_goes_on_or_ends_ends_its_assignments_by_rule(event, to, step, why) -> None:
    moment = local("2026-03-04 09:00")
    found = at("2026-03-05 09:00", steps=(CaseStep(event, moment, to),), step=step)
    assert found.why == why
    assert found.state == ("ended" if why else "assigned")
    if why:
        assert (found.since, found.level) == (moment, None)
        assert (found.ack.state, found.is_late) == ("ended", False)


def test_a_withdrawal_ends_one_when_it_takes_effect_and_not_when_undone() -> None:
    asked = CaseStep("withdrawal_asked", local("2026-03-04 09:00"))
    assert at("2026-03-19 08:00", steps=(asked,)).state == "assigned"
    gone = at("2026-03-19 09:00", steps=(asked,))
    assert (gone.state, gone.since) == ("ended", local("2026-03-19 09:00"))
    undone = CaseStep("withdrawal_undone", local("2026-03-10 09:00"))
    assert at("2026-04-19 09:00", steps=(asked, undone)).state == "assigned"


def test_an_end_by_rule_stays_though_the_case_comes_back() -> None:
    steps = (
        CaseStep("transferred", local("2026-03-04 09:00"), "b02"),
        CaseStep("transferred", local("2026-03-05 09:00"), "b01"),
    )
    assert at("2026-04-01 09:00", steps=steps).why == "moved_on"


def test_what_was_closed_by_a_person_is_not_ended_by_rule() -> None:
    log = (("answered", "2026-03-03 12:00"), ("verified", "2026-03-03 13:00"))
    moved = (CaseStep("transferred", local("2026-03-04 09:00"), "b02"),)
    assert at("2026-03-05 09:00", *log, steps=moved).state == "verified"


def test_the_days_that_can_be_asked_for() -> None:
    tuesday = dt.date(2026, 3, 3)
    assert default_due(tuesday, CALENDAR) == dt.date(2026, 3, 5)
    assert default_due(dt.date(2026, 3, 5), CALENDAR) == dt.date(2026, 3, 9)
    assert due_span(tuesday, dt.date(2026, 3, 20), CALENDAR) == (
        dt.date(2026, 3, 4), dt.date(2026, 3, 20), dt.date(2026, 3, 5),
    )  # fmt: skip
    tomorrow = dt.date(2026, 3, 4)
    assert due_span(tuesday, tomorrow, CALENDAR) == (tomorrow, tomorrow, tomorrow)
    over = due_span(tuesday, dt.date(2026, 2, 1), CALENDAR)
    assert over == (tomorrow, dt.date(2026, 3, 5), dt.date(2026, 3, 5))


def test_every_list_holds_service_steps_only() -> None:
    assert set(PHASE_STEPS) <= set(PHASES)
    assert set(SUBJECT_STEPS) == set(ASSIGNMENT_SUBJECTS) - {"this_case"}
    asked = {step for steps in (*PHASE_STEPS.values(), *SUBJECT_STEPS.values()) for step in steps}
    assert asked == set(ASSIGNMENT_STEPS)


def test_what_may_follow_what() -> None:
    states = ("assigned", "acknowledged", "answered", "returned", "verified", "ended")
    table = {
        event: [state for state in states if may_follow(state, event)]
        for event in ASSIGNMENT_EVENTS
    }
    assert table == {
        "acknowledged": ["assigned"],
        "answered": ["assigned", "acknowledged", "returned"],
        "returned": ["answered"],
        "verified": ["answered"],
        "ended": ["assigned", "acknowledged", "answered", "returned"],
    }
    assert not may_follow("assigned", "no such event")
