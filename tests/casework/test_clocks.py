"""One case's clocks: the shared examples, the refusals and the situations others get wrong."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.calendar import load_calendar
from casework.clock_file import clocks_json
from casework.clocks import CaseEvent, Clock, allowed_next, clocks, validate_next
from casework.explain import explain
from casework.pack import load
from data.errors import RuleError
from tests.casework.table_cases import CALENDARS, ZONES, histories

VECTORS = json.loads((Path(__file__).parent / "vectors" / "clocks.json").read_text("utf-8"))
ZONE = "Asia/Shanghai"
PACK = load("cn_xinfang_2022")
CALENDAR = load_calendar("cn")
AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def log(*steps: str, as_of: str, procedure: str = "ordinary") -> list[Clock]:
    """Clocks of steps written as `event time [known time]`."""
    events = []
    for step in steps:
        name, when, *known = step.split()
        events.append(CaseEvent(name, at(when), at(known[0]) if known else None))
    return clocks(PACK, procedure, events, at(as_of), ZONE, CALENDAR)


def one(found: list[Clock], name: str, number: int = 1) -> Clock:
    return next(clock for clock in found if clock.clock == name and clock.round == number)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_shared_examples_come_out_as_written(vector: dict) -> None:
    given = vector["input"], vector.get("pack", PACK.id), False, vector.get("zone", ZONE)
    if vector["expect"] == "refused":
        with pytest.raises(RuleError):
            clocks_json(*given)
        return
    found = {clock["clock"]: clock for clock in clocks_json(*given)["clocks"]}
    for name, expected in vector["expect"].items():
        assert {key: found[name][key] for key in expected} == expected


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("not_registered", ["accepted 2025-03-05T10:00"]),
        ("not_accepted", ["registered 2025-03-03T10:00", "answered 2025-03-05T10:00"]),
        ("not_accepted", ["registered 2025-03-03T10:00", "extended 2025-03-05T10:00"]),
        ("out_of_order", ["registered 2025-03-03T10:00", "accepted 2025-03-02T10:00"]),
        ("out_of_order", ["registered 2025-03-03T10:00", "registered 2025-03-04T10:00"]),
        (
            "out_of_order",
            [
                "registered 2025-03-03T10:00", "declined 2025-03-04T10:00",
                "accepted 2025-03-05T10:00",
            ],
        ),
        ("in_the_future", ["registered 2025-03-03T10:00 2025-03-02T10:00"]),
        ("not_in_pack", ["registered 2025-03-03T10:00", "paused 2025-03-04T10:00"]),
        (
            "extension_after_limit",
            [
                "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00",
                "extended 2025-05-07T00:01",
            ],
        ),
        (
            "right_lapsed",
            [
                "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00",
                "answered 2025-03-10T10:00", "delivered 2025-03-11T10:00",
                "review_requested 2025-04-11T10:00",
            ],
        ),
    ],
)  # fmt: skip
def test_an_impossible_sequence_is_refused_by_the_rules_name(rule: str, steps: list[str]) -> None:
    with pytest.raises(RuleError) as refusal:
        log(*steps, as_of="2025-12-01T10:00")
    assert refusal.value.rule == rule
    assert refusal.value.text("zh") != refusal.value.text("en")


def test_the_simple_procedure_has_no_extension_and_no_forwarding() -> None:
    steps = ["registered 2025-03-03T10:00", "accepted 2025-03-05T10:00"]
    assert "forward" not in {
        c.clock for c in log(*steps, as_of="2025-03-06T10:00", procedure="simple")
    }
    with pytest.raises(RuleError) as refusal:
        log(*steps, "extended 2025-03-06T10:00", as_of="2025-03-07T10:00", procedure="simple")
    assert refusal.value.rule == "no_extension"


def test_an_extension_on_the_last_day_counts() -> None:
    # 60 days from 2025-03-05 end on 2025-05-04, a holiday; moved to 2025-05-06
    clock = one(
        log(
            "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00", "extended 2025-05-06T23:59",
            as_of="2025-05-10T10:00",
        ),
        "answer",
    )  # fmt: skip
    assert (clock.due_on, clock.extended_by) == (dt.date(2025, 6, 3), 30)


def test_a_backdated_answer_counts_on_the_day_it_became_known() -> None:
    steps = ["registered 2025-03-03T10:00", "accepted 2025-03-05T10:00"]
    late = log(*steps, "answered 2025-05-05T10:00 2025-05-20T10:00", as_of="2025-06-01T10:00")
    assert one(late, "answer").state == "late"
    in_time = log(*steps, "answered 2025-05-06T10:00 2025-05-07T09:00", as_of="2025-06-01T10:00")
    assert one(in_time, "answer").state == "met"


def test_an_answer_not_known_yet_changes_nothing() -> None:
    steps = ["registered 2025-03-03T10:00", "accepted 2025-03-05T10:00"]
    before = log(*steps, as_of="2025-05-10T10:00")
    after = log(*steps, "answered 2025-05-05T10:00 2025-05-20T10:00", as_of="2025-05-10T10:00")
    assert before == after


def test_a_case_reopened_twice_keeps_its_first_answer_and_its_lateness() -> None:
    found = log(
        "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00", "answered 2025-05-20T10:00",
        "not_solved 2025-05-22T10:00", "answered 2025-05-26T10:00", "not_solved 2025-05-27T10:00",
        as_of="2025-05-28T10:00",
    )  # fmt: skip
    assert [clock.state for clock in found if clock.clock == "answer"] == ["late", "met", "running"]
    # ten working days from 2025-05-27, past the dragon boat festival on 2025-06-02
    assert one(found, "answer", 3).due_on == dt.date(2025, 6, 11)


def test_a_viewer_in_another_zone_sees_the_same_dates() -> None:
    events = [
        CaseEvent("registered", at("2025-03-03T00:30")),
        CaseEvent("accepted", at("2025-03-05T23:50")),
    ]
    moved = [CaseEvent(e.event, e.at.astimezone(ZoneInfo("America/New_York"))) for e in events]
    as_of = at("2025-03-20T10:00")
    dates = [
        [clock.due_on for clock in clocks(PACK, "ordinary", some, as_of, ZONE, CALENDAR)]
        for some in (events, moved)
    ]
    assert dates[0] == dates[1]


def test_a_decline_ends_the_answer_clock_that_never_started() -> None:
    found = log(
        "registered 2025-03-03T10:00", "declined 2025-03-05T10:00", as_of="2025-06-01T10:00"
    )
    answer = one(found, "answer")
    assert (answer.state, answer.due_on) == ("ended", None)
    assert one(found, "acceptance").state == "met"


def test_only_the_hearing_pauses_the_recheck() -> None:
    steps = [
        "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00", "answered 2025-03-10T10:00",
        "delivered 2025-03-11T10:00", "review_requested 2025-03-20T10:00",
        "reviewed 2025-04-01T10:00", "delivered 2025-04-02T10:00",
        "recheck_requested 2025-04-10T10:00", "hearing_opened 2025-04-20T10:00",
    ]  # fmt: skip
    assert one(log(*steps, as_of="2025-04-21T10:00"), "recheck").state == "paused"
    resumed = one(
        log(*steps, "hearing_closed 2025-04-25T10:00", as_of="2025-04-26T10:00"), "recheck"
    )
    # 30 + 5 days from 2025-04-10
    assert (resumed.due_on, resumed.state) == (dt.date(2025, 5, 15), "running")


def test_a_withdrawal_takes_effect_after_15_days_and_can_be_undone_for_60() -> None:
    steps = [
        "registered 2025-03-03T10:00", "accepted 2025-03-05T10:00",
        "withdrawal_asked 2025-03-10T10:00",
    ]  # fmt: skip
    assert one(log(*steps, as_of="2025-03-25T09:59"), "answer").state == "running"
    assert one(log(*steps, as_of="2025-03-25T10:00"), "answer").state == "ended"
    undone = log(*steps, "withdrawal_undone 2025-05-09T09:00", as_of="2025-05-10T10:00")
    assert one(undone, "answer").state == "overdue"
    with pytest.raises(RuleError, match="time for it has passed"):
        log(*steps, "withdrawal_undone 2025-05-09T10:01", as_of="2025-05-10T10:00")


def test_a_case_without_its_own_limit_has_no_rule_and_is_never_on_time() -> None:
    pack = load("us_311")
    events = [CaseEvent("registered", at("2025-03-03T10:00"))]
    args = (pack, "ordinary", events, at("2026-03-03T10:00"), "America/Chicago")
    assert [c.state for c in clocks(*args, load_calendar("every_day"))] == ["no_rule"]
    given_limit = clocks(*args, load_calendar("every_day"), at("2025-03-08T12:00"))
    assert given_limit[0].state == "overdue"
    assert given_limit[0].due_at == at("2025-03-08T12:00")


def test_the_next_event_is_checked_before_it_is_written() -> None:
    events = [CaseEvent("registered", at("2025-03-03T10:00"))]
    now = at("2025-03-04T10:00")
    args = (now, ZONE, CALENDAR)
    validate_next(PACK, "ordinary", events, CaseEvent("accepted", now), *args)
    for name, when, rule in (
        ("answered", "2025-03-04T09:00", "not_accepted"),
        ("accepted", "2025-03-04T10:01", "in_the_future"),
        ("accepted", "2025-03-03T09:59", "not_registered"),
    ):
        with pytest.raises(RuleError) as refusal:
            validate_next(PACK, "ordinary", events, CaseEvent(name, at(when)), *args)
        assert refusal.value.rule == rule


def test_a_step_written_down_later_takes_its_place_in_time() -> None:
    events = [
        CaseEvent("registered", at("2025-03-03T10:00")),
        CaseEvent("accepted", at("2025-03-04T10:00")),
        CaseEvent("confirmed", at("2025-03-06T10:00")),
    ]
    args = (at("2025-03-06T12:00"), ZONE, CALENDAR)
    visit = CaseEvent("contacted", at("2025-03-05T10:00"))
    validate_next(PACK, "ordinary", events, visit, *args)
    answer = CaseEvent("answered", at("2025-03-03T11:00"))
    with pytest.raises(RuleError) as refusal:
        validate_next(PACK, "ordinary", events, answer, *args)
    assert refusal.value.rule == "not_accepted"


def test_a_page_offers_only_what_would_be_taken() -> None:
    events = [CaseEvent("registered", at("2025-03-03T10:00"))]
    now = at("2025-03-04T10:00")
    offered = allowed_next(PACK, "ordinary", events, now, ZONE, CALENDAR)
    assert "accepted" in offered
    assert "answered" not in offered
    accepted = [*events, CaseEvent("accepted", now)]
    assert "extended" in allowed_next(PACK, "ordinary", accepted, now, ZONE, CALENDAR)
    long_after = at("2025-09-01T10:00")
    assert "extended" not in allowed_next(PACK, "ordinary", accepted, long_after, ZONE, CALENDAR)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(sorted(ZONES)))
def test_every_due_date_unfolds_into_its_days(data: st.DataObject, pack_id: str) -> None:
    case = data.draw(histories(pack_id, AS_OF))
    zone, calendar = ZONES[pack_id], CALENDARS[case.pack.calendar]
    found = clocks(case.pack, case.procedure, case.events, AS_OF, zone, calendar, case.limit_at)
    for clock in found:
        days = explain(case.pack, clock, calendar)
        if clock.due_on is None:
            assert days == []
            continue
        assert days[-1].day == clock.due_on
        steps = {(b.day - a.day).days for a, b in itertools.pairwise(days)}
        assert steps <= {1}


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_contacts_and_openings_move_no_clock(data: st.DataObject) -> None:
    case = data.draw(histories("cn_xinfang_2022", AS_OF))
    more = [*case.events, CaseEvent("notified", case.events[-1].at)]
    plain = [
        clocks(PACK, case.procedure, events, AS_OF, ZONE, CALENDAR)
        for events in (case.events, more)
    ]
    assert plain[0] == plain[1]
