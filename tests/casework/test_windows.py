"""Rights, windows and duties: review after "not solved", objections, what is told, whose turn."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from casework.calendar import load_calendar
from casework.clocks import CaseEvent, Clock, allowed_next, clocks
from casework.duties import Duty, duties
from casework.explain import explain
from casework.hops import Hop, hops
from casework.lateness import is_very_late
from casework.limits import span_end
from casework.pack import Span, load, parse
from casework.standing import standing
from data.errors import RuleError
from tests.casework.table_cases import CALENDARS, PACKS, ZONES, History, deep_history, tables

CN, LAW = load_calendar("cn"), load("cn_xinfang_2022")
UK, ENGLAND = load("uk_housing_ombudsman_2024"), load_calendar("england")
AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)


def at(text: str, zone: str = "Asia/Shanghai") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def made(*steps: str, zone: str = "Asia/Shanghai") -> list[CaseEvent]:
    """Events of steps written as `event time [days | from>to]`."""
    events = []
    for step in steps:
        name, when, *more = step.split()
        days = int(more[0]) if more and more[0].isdigit() else None
        body, to_body = more[0].split(">") if more and days is None else (None, None)
        events.append(CaseEvent(name, at(when, zone), None, days, body or None, to_body or None))
    return events


def log(*steps: str, as_of: str) -> dict[str, Clock]:
    found = clocks(LAW, "ordinary", made(*steps), at(as_of), "Asia/Shanghai", CN)
    return {clock.clock: clock for clock in found}


def refused(*steps: str, as_of: str = "2026-11-01T10:00") -> str:
    with pytest.raises(RuleError) as refusal:
        log(*steps, as_of=as_of)
    assert refusal.value.text("zh") != refusal.value.text("en")
    return refusal.value.rule


BASE = ("registered 2026-03-02T10:00", "accepted 2026-03-04T10:00")
CALLED = (*BASE, "answered 2026-03-10T10:00", "delivered 2026-03-11T10:00",
          "not_solved 2026-03-12T10:00")  # fmt: skip


def test_after_not_solved_a_review_of_the_answer_received_can_still_be_asked_for() -> None:
    window = log(*CALLED, as_of="2026-03-20T10:00")["review_request"]
    assert (window.state, window.due_on) == ("running", dt.date(2026, 4, 10))
    found = log(*CALLED, "review_requested 2026-04-10T23:00", as_of="2026-04-20T10:00")
    assert (found["answer"].round, found["answer"].state) == (2, "ended")
    assert (found["review_request"].state, found["review"].state) == ("met", "running")
    assert refused(*CALLED, "review_requested 2026-04-11T00:10") == "right_lapsed"


def test_a_new_answer_begins_the_window_anew_with_its_delivery() -> None:
    again = (*CALLED, "answered 2026-03-30T10:00")
    assert log(*again, as_of="2026-04-20T10:00")["review_request"].state == "not_started"
    window = log(*again, "delivered 2026-04-02T10:00", as_of="2026-04-20T10:00")["review_request"]
    assert window.due_on == dt.date(2026, 5, 6), "2 May is a holiday: moved"


def test_after_a_recheck_no_clock_runs_and_not_solved_stays_so_in_the_figures() -> None:
    steps = (
        *CALLED, "review_requested 2026-04-01T10:00 >b03", "reviewed 2026-04-10T10:00",
        "delivered 2026-04-11T10:00", "recheck_requested 2026-04-20T10:00 >b04",
        "rechecked 2026-05-05T10:00", "not_solved 2026-05-06T10:00",
    )  # fmt: skip
    found = log(*steps, as_of="2026-06-20T10:00")
    assert not [one for one in found.values() if one.state in ("running", "overdue", "paused")]
    frames = tables([History(LAW, "ordinary", None, made(*steps))])
    frames[1]["to_body_id"] = [event.to_body_id for event in made(*steps)]
    given = (*frames, {LAW.id: LAW}, {"cn": CN})
    row = standing(*given, at("2026-06-20T10:00"), "Asia/Shanghai").iloc[0]
    assert (row["is_not_solved"], row["is_open"], row["is_overdue"]) == (True, True, False)
    assert (row["owing_body_id"], row["next_body_id"]) == ("b01", "b04")
    row = standing(*given, at("2026-04-05T10:00"), "Asia/Shanghai").iloc[0]
    assert (row["owing_body_id"], row["next_body_id"]) == ("b01", "b03")
    assert (row["next_clock"], row["is_overdue"]) == ("review", False)


PASSED = ("registered 2026-03-02T10:00", "transferred 2026-03-03T10:00 b01>b02")


def test_an_objection_has_five_working_days_from_the_transfer_to_that_body() -> None:
    log(*PASSED, "objected 2026-03-10T23:00 b02>", as_of="2026-03-12T10:00")
    assert refused(*PASSED, "objected 2026-03-11T09:00 b02>") == "objection_late"
    assert refused(*PASSED, "objected 2026-03-04T09:00 b03>") == "nothing_to_object"
    assert refused(PASSED[0], "objected 2026-03-04T09:00 b01>") == "nothing_to_object"
    again = (*PASSED, "transferred 2026-03-20T10:00 b02>b03")
    log(*again, "objected 2026-03-24T09:00 b03>", as_of="2026-04-01T10:00")
    args = ("Asia/Shanghai", CN)
    offered = allowed_next(LAW, "ordinary", made(*PASSED), at("2026-03-05T10:00"), *args)
    assert "objected" in offered
    late = allowed_next(LAW, "ordinary", made(*PASSED), at("2026-03-15T10:00"), *args)
    assert "objected" not in late


def told(*steps: str, as_of: str) -> list[Duty]:
    return duties(LAW, made(*steps), at(as_of), "Asia/Shanghai", CN)


def test_what_the_asker_was_not_told_stays_owed_until_it_is_told() -> None:
    found = told(*BASE, as_of="2026-03-06T10:00")
    assert [(duty.event, duty.must) for duty in found] == [("accepted", "notified")]
    assert told(*BASE, "notified 2026-03-05T10:00", as_of="2026-03-06T10:00") == []
    answered = (*BASE, "notified 2026-03-05T10:00", "answered 2026-03-10T10:00")
    call = (*answered, "notified 2026-03-11T10:00")
    assert [duty.event for duty in told(*call, as_of="2026-03-12T10:00")] == ["answered"]
    assert told(*answered, "delivered 2026-03-11T10:00", as_of="2026-03-12T10:00") == []


def test_not_told_opens_again_what_was_settled_last() -> None:
    steps = (*BASE, "notified 2026-03-05T10:00", "not_told 2026-03-06T10:00")
    found = told(*steps, as_of="2026-03-07T10:00")
    assert [(duty.event, duty.said_not_told) for duty in found] == [("accepted", True)]
    assert told(*steps, "notified 2026-03-08T10:00", as_of="2026-03-09T10:00") == []


def test_not_told_opens_again_what_it_is_about() -> None:
    steps = made(
        *BASE, "extended 2026-03-05T10:00", "notified 2026-03-06T10:00", "not_told 2026-03-07T10:00"
    )  # fmt: skip
    about = [*steps[:-1], replace(steps[-1], about="accepted")]
    for events, opened in ((steps, "extended"), (about, "accepted")):
        found = duties(LAW, events, at("2026-03-08T10:00"), "Asia/Shanghai", CN)
        assert [(duty.event, duty.said_not_told) for duty in found] == [(opened, True)]


def test_a_duty_with_a_limit_is_late_after_its_last_day() -> None:
    limited = 'event = "accepted"\nmust = "notified"\nlimit = 2\nunit = "working_days"'
    text = (pack_text("cn_xinfang_2022")).replace('event = "accepted"\nmust = "notified"', limited)
    pack = parse(text, "cn_xinfang_2022")
    for day, is_late in (("2026-03-06T23:00", False), ("2026-03-07T00:10", True)):
        found = duties(pack, made(*BASE), at(day), "Asia/Shanghai", CN)[0]
        assert (found.due_on, found.is_late) == (dt.date(2026, 3, 6), is_late)


def pack_text(pack_id: str) -> str:
    from tests.casework.slow import HOME

    return (HOME / "packs" / f"{pack_id}.toml").read_text("utf-8")


def turns(*steps: str, as_of: str) -> list[Hop]:
    return hops(LAW, "ordinary", made(*steps), "b01", at(as_of), "Asia/Shanghai", CN)


def test_each_body_has_the_days_until_it_passed_the_case_on() -> None:
    found = turns(
        *PASSED, "objected 2026-03-06T10:00 b02>", "transferred 2026-03-09T10:00 b02>b03",
        "accepted 2026-03-10T10:00", as_of="2026-03-30T10:00",
    )  # fmt: skip
    assert [(hop.body_id, hop.days) for hop in found] == [("b01", 1), ("b02", 6), ("b03", 21)]
    assert [hop.objected for hop in found] == [False, True, False]
    assert found[1].object_until == dt.date(2026, 3, 10)
    assert [hop.is_open for hop in found] == [False, False, True]


@pytest.mark.parametrize("pack_id", sorted(PACKS))
def test_the_days_of_all_bodies_add_up_to_the_whole_time(pack_id: str) -> None:
    pack, zone = PACKS[pack_id], ZONES[pack_id]
    calendar, tz = CALENDARS[pack.calendar], ZoneInfo(zone)
    for seed in range(80):
        case = deep_history(seed, pack, AS_OF)
        rng = random.Random(seed)
        events = [
            CaseEvent(e.event, e.at, e.known_at, e.days, None, rng.choice(("b02", "b03")))
            if e.event == "transferred"
            else e
            for e in case.events
        ]
        try:
            found = hops(pack, case.procedure, events, "b01", AS_OF, zone, calendar)
        except RuleError:
            continue
        whole = (found[-1].to_on - case.events[0].at.astimezone(tz).date()).days
        assert sum(hop.days for hop in found) == whole
        assert all(hop.days >= 0 for hop in found)
        if found[-1].is_open:
            assert found[-1].to_on == AS_OF.astimezone(tz).date()


STAGES = (
    "registered 2026-03-02T10:00", "acknowledged 2026-03-04T10:00", "answered 2026-03-12T10:00",
    "delivered 2026-03-12T11:00", "review_requested 2026-03-16T10:00",
)  # fmt: skip


def uk(*steps: str, as_of: str) -> dict[str, Clock]:
    zone = "Europe/London"
    events = made(*steps, zone=zone)
    found = clocks(UK, "ordinary", events, at(as_of, zone), zone, ENGLAND)
    return {clock.clock: clock for clock in found}


def test_a_second_stage_is_acknowledged_and_counted_by_itself() -> None:
    found = uk(*STAGES, as_of="2026-03-18T10:00")
    assert found["acknowledge"].state == "met"
    assert (found["review_acknowledge"].state, found["review_acknowledge"].due_on) == (
        "running", dt.date(2026, 3, 23),
    )  # fmt: skip
    assert found["review"].state == "not_started"
    steps = (*STAGES, "acknowledged 2026-03-19T10:00")
    found = uk(*steps, as_of="2026-03-20T10:00")
    assert found["review_acknowledge"].state == "met"
    # Good Friday 3 April and Easter Monday 6 April are not counted
    assert found["review"].due_on == dt.date(2026, 4, 20)
    found = uk(*steps, "extended 2026-04-15T10:00 20", as_of="2026-04-21T10:00")
    assert found["review"].due_on == dt.date(2026, 5, 19)
    assert (found["review"].extended_by, found["answer"].extended_by) == (20, 0)
    assert found["review"].promised_on == dt.date(2026, 4, 20)
    assert found["review"].extended_on == dt.date(2026, 5, 19)
    with pytest.raises(RuleError, match="before the limit ends"):
        uk(*steps, "extended 2026-04-21T10:00 20", as_of="2026-04-22T10:00")


def test_where_the_office_states_the_date_the_days_must_be_given() -> None:
    pack, base = load("cn_hotline_12345"), ("registered 2026-03-02T10:00",)
    given = (at("2026-03-05T10:00"), "Asia/Shanghai", CN)
    with pytest.raises(RuleError) as refusal:
        clocks(pack, "ordinary", made(*base, "extended 2026-03-04T10:00"), *given)
    assert refusal.value.rule == "extension_without_days"
    found = clocks(pack, "ordinary", made(*base, "extended 2026-03-04T10:00 40"), *given)
    assert (found[0].extended_by, found[0].promised_on) == (40, dt.date(2026, 3, 9))
    assert "extended" in allowed_next(pack, "ordinary", made(*base), *given)


def test_a_limit_given_with_the_case_moves_by_local_days_across_summer_time() -> None:
    pack, zone = load("us_311"), "America/Chicago"
    events = made(
        "registered 2026-03-01T10:00", "answered 2026-03-02T10:00", "not_solved 2026-03-05T10:00",
        zone=zone,
    )  # fmt: skip
    limit_at = at("2026-03-20T17:00", zone)
    found = clocks(
        pack, "ordinary", events, at("2026-03-06T10:00", zone), zone, load_calendar("every_day"),
        at("2026-03-05T17:00", zone),
    )  # fmt: skip
    assert found[-1].due_on == dt.date(2026, 3, 19), "two weeks from the objection at least"
    found = clocks(
        pack, "ordinary", events, at("2026-03-06T10:00", zone), zone, load_calendar("every_day"),
        limit_at.astimezone(dt.UTC),
    )  # fmt: skip
    assert found[-1].due_at == at("2026-03-23T17:00", zone)


def test_very_late_begins_when_the_limit_has_passed_once_more() -> None:
    clock = log("registered 2025-09-16T10:00", as_of="2025-10-24T10:00")["acceptance"]
    assert (clock.due_on, clock.limit_days) == (dt.date(2025, 10, 9), 15)
    assert not is_very_late(clock, dt.date(2025, 10, 23))
    assert is_very_late(clock, dt.date(2025, 10, 24))


def test_three_months_are_calendar_months() -> None:
    three = Span(3, "months", "x", False)
    assert span_end(three, dt.date(2026, 1, 31), CN) == dt.date(2026, 4, 30)
    assert span_end(three, dt.date(2025, 11, 30), CN) == dt.date(2026, 2, 28)
    assert span_end(three, dt.date(2026, 10, 15), CN) == dt.date(2027, 1, 15)


def test_a_hearing_unfolds_as_days_not_counted() -> None:
    steps = (
        *BASE, "answered 2026-03-10T10:00", "delivered 2026-03-11T10:00",
        "review_requested 2026-03-20T10:00", "reviewed 2026-04-01T10:00",
        "delivered 2026-04-02T10:00", "recheck_requested 2026-04-10T10:00",
        "hearing_opened 2026-04-20T23:50", "hearing_closed 2026-04-22T00:10",
    )  # fmt: skip
    clock = log(*steps, as_of="2026-04-25T10:00")["recheck"]
    assert clock.due_on == dt.date(2026, 5, 12)
    days = [day for day in explain(LAW, clock, CN) if day.why == "paused"]
    assert [day.day for day in days] == [dt.date(2026, 4, 21), dt.date(2026, 4, 22)]
