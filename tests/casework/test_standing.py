"""Where a case stands: open, owed by whom, late or not, and when it leaves the figures."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.clock_table import clock_table
from casework.clocks import CaseEvent
from casework.history import read
from casework.pack import OPEN_PHASES
from casework.standing import standing
from data.frames import Cases, Events, empty
from tests.casework.table_cases import CALENDARS, PACKS, ZONES, History, histories, tables

ZONE = "Asia/Shanghai"
AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def stands(*steps: str, as_of: str, procedure: str = "ordinary") -> pd.Series:
    """Standing of one case, its steps written as `event time`."""
    events = [CaseEvent(name, at(when)) for name, when in (step.split() for step in steps)]
    frames = tables([History(PACKS["cn_xinfang_2022"], procedure, None, events)])
    return standing(*frames, PACKS, CALENDARS, at(as_of), ZONE).iloc[0]


BASE = ("registered 2025-03-03T10:00", "accepted 2025-03-05T10:00")


def test_an_open_case_past_its_limit_is_overdue_and_then_very_late() -> None:
    # accepted 2025-03-05, 60 days end on the holiday 2025-05-04, moved to 2025-05-06
    on_the_day = stands(*BASE, as_of="2025-05-06T23:59")
    assert (on_the_day["is_overdue"], on_the_day["outcome"]) == (False, "not_due")
    assert pd.isna(on_the_day["days_over"])
    after = stands(*BASE, as_of="2025-05-07T00:00")
    assert (after["is_overdue"], after["days_over"], after["outcome"]) == (True, 1, "late_open")
    assert not after["is_very_late"]
    assert not stands(*BASE, as_of="2025-06-04T10:00")["is_very_late"]
    assert stands(*BASE, as_of="2025-06-05T10:00")["is_very_late"]


def test_an_acceptance_is_very_late_past_its_own_length_though_the_limit_was_moved() -> None:
    # 15 days from 2025-09-16 end on 2025-10-01, moved to 2025-10-09
    step = "registered 2025-09-16T10:00"
    assert not stands(step, as_of="2025-10-23T10:00")["is_very_late"]
    assert stands(step, as_of="2025-10-24T10:00")["is_very_late"]


def test_the_first_answer_decides_though_the_case_is_open_again() -> None:
    row = stands(
        *BASE, "answered 2025-04-01T10:00", "not_solved 2025-04-03T10:00", as_of="2025-05-01T10:00"
    )
    assert (row["stage"], row["is_open"], row["round"]) == ("reopened", True, 2)
    assert (row["outcome"], row["next_clock"]) == ("on_time", "answer")
    assert row["answer_due_on"] == pd.Timestamp("2025-05-06")
    assert pd.isna(row["ended_at"])


def test_the_first_promise_is_kept_apart_from_the_extended_limit() -> None:
    row = stands(*BASE, "extended 2025-04-20T10:00", as_of="2025-05-20T10:00")
    assert row["promised_on"] == pd.Timestamp("2025-05-06")
    assert row["promised_at"] == pd.Timestamp(at("2025-05-06T23:59:59"))
    assert row["answer_due_on"] == pd.Timestamp("2025-06-03")
    assert row["answer_started_at"] == pd.Timestamp(at("2025-03-05T10:00"))
    assert (row["outcome"], row["is_overdue"]) == ("not_due", False)


def test_a_case_called_not_solved_after_its_recheck_stays_open_with_no_clock() -> None:
    row = stands(
        *BASE, "answered 2025-03-10T10:00", "delivered 2025-03-11T10:00",
        "review_requested 2025-03-20T10:00", "reviewed 2025-04-01T10:00",
        "delivered 2025-04-02T10:00", "recheck_requested 2025-04-10T10:00",
        "rechecked 2025-04-20T10:00", "not_solved 2025-04-21T10:00", as_of="2025-06-01T10:00",
    )  # fmt: skip
    assert (row["stage"], row["is_open"], row["is_not_solved"]) == ("reopened", True, True)
    assert pd.isna(row["next_clock"])
    assert not row["is_overdue"]


ANSWERED = (*BASE, "answered 2025-03-10T10:00", "delivered 2025-03-11T10:00")


def test_under_review_the_reviewing_bodys_limit_stands_in_the_work_list() -> None:
    asked = (*ANSWERED, "review_requested 2025-03-20T10:00")
    row = stands(*asked, as_of="2025-04-01T10:00")
    # 30 days from 2025-03-20 end on Saturday 2025-04-19, moved to Monday
    assert (row["next_clock"], row["next_due_on"]) == ("review", pd.Timestamp("2025-04-21"))
    assert (row["is_open"], row["is_review_overdue"]) == (False, False)
    late = stands(*asked, as_of="2025-04-22T00:00")
    assert (late["is_review_overdue"], late["is_review_very_late"]) == (True, False)
    # the answer was on time, and nothing an office owes up to it is late
    assert (late["outcome"], late["is_overdue"]) == ("on_time", False)
    assert pd.isna(late["days_over"])
    assert stands(*asked, as_of="2025-05-21T10:00")["is_review_very_late"]
    given = (*asked, "reviewed 2025-04-21T10:00", "delivered 2025-04-21T11:00")
    assert pd.isna(stands(*given, as_of="2025-04-22T10:00")["next_clock"])


def test_a_hearing_stops_the_recheck_and_gives_its_days_back() -> None:
    steps = (
        *ANSWERED, "review_requested 2025-03-12T10:00", "reviewed 2025-03-13T10:00",
        "delivered 2025-03-14T10:00", "recheck_requested 2025-03-17T10:00",
        "hearing_opened 2025-03-20T10:00",
    )  # fmt: skip
    assert pd.isna(stands(*steps, as_of="2025-03-25T10:00")["next_clock"])
    row = stands(*steps, "hearing_closed 2025-03-27T10:00", as_of="2025-04-01T10:00")
    assert (row["next_clock"], row["next_due_on"]) == ("recheck", pd.Timestamp("2025-04-23"))


def test_a_withdrawal_is_an_other_end_and_never_an_answer() -> None:
    steps = (*BASE, "withdrawal_asked 2025-03-10T10:00")
    assert stands(*steps, as_of="2025-03-24T10:00")["is_open"]
    row = stands(*steps, as_of="2025-03-25T10:00")
    assert (row["stage"], row["is_open"], row["outcome"]) == ("withdrawn", False, "ended_otherwise")
    assert (row["wait_days"], row["wait_observed"]) == (22.0, False)
    assert row["is_counted"]


def test_a_disowned_case_leaves_the_figures_after_15_days_unless_a_code_undoes_it() -> None:
    steps = ("registered 2025-03-03T10:00", "disowned 2025-03-10T10:00")
    before = stands(*steps, as_of="2025-03-25T09:59")
    assert (before["is_disowned"], before["is_counted"]) == (True, True)
    assert not stands(*steps, as_of="2025-03-25T10:00")["is_counted"]
    undone = stands(*steps, "confirmed 2025-03-20T10:00", as_of="2025-05-01T10:00")
    assert (undone["is_disowned"], undone["is_counted"]) == (False, True)


def test_the_receiver_of_a_transfer_owes_the_answer_and_an_objection_moves_nothing() -> None:
    assert stands(*BASE, as_of="2025-03-08T10:00")["owing_body_id"] == "b01"
    moved = (*BASE, "transferred 2025-03-07T10:00", "objected 2025-03-08T10:00")
    assert stands(*moved, as_of="2025-03-07T09:00")["owing_body_id"] == "b01"
    assert stands(*moved, as_of="2025-03-09T10:00")["owing_body_id"] == "b02"


def test_a_case_declined_before_acceptance_was_never_due_for_an_answer() -> None:
    row = stands(
        "registered 2025-03-03T10:00", "declined 2025-03-05T10:00", as_of="2025-06-01T10:00"
    )
    assert (row["stage"], row["is_open"]) == ("declined", False)
    assert pd.isna(row["outcome"])
    assert pd.isna(row["answer_due_on"])


def test_a_case_opened_after_its_answer_has_no_wait() -> None:
    cases, events = tables(
        [
            History(
                PACKS["us_311"], "ordinary", at("2025-03-09T10:00"),
                [
                    CaseEvent("registered", at("2025-03-03T10:00")),
                    CaseEvent("answered", at("2025-03-05T10:00")),
                ],
            )
        ]
    )  # fmt: skip
    cases["opened_at"] = pd.Series([at("2025-03-06T10:00")]).astype(cases["opened_at"].dtype)
    row = standing(cases, events, PACKS, CALENDARS, AS_OF, ZONE).iloc[0]
    assert pd.isna(row["wait_days"])
    assert (row["stage"], row["outcome"]) == ("answered", "on_time")


def test_no_cases_give_an_empty_table_with_all_columns() -> None:
    table = standing(empty(Cases), empty(Events), PACKS, CALENDARS, AS_OF, ZONE)
    assert len(table) == 0
    assert {"stage", "outcome", "next_due_on", "wait_days"} <= set(table)


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_case_is_open_exactly_while_the_grammar_says_so(
    pack_id: str, data: st.DataObject
) -> None:
    as_of = AS_OF - data.draw(st.integers(0, 200)) * dt.timedelta(days=1)
    cases = data.draw(st.lists(histories(pack_id, as_of), min_size=1, max_size=5))
    frames = tables(cases)
    table = standing(*frames, PACKS, CALENDARS, as_of, ZONES[pack_id])
    for row, case in enumerate(cases):
        found = read(case.pack, case.procedure, case.events, as_of, ZoneInfo(ZONES[pack_id]))
        got = table.iloc[row]
        in_review = found.phase in ("review", "reviewed", "recheck", "rechecked")
        objected = in_review and bool(got["is_not_solved"])
        assert got["is_open"] == (found.phase in OPEN_PHASES or objected)
        assert pd.isna(got["ended_at"]) == got["is_open"]
        if got["is_overdue"]:
            assert got["is_open"]
            assert got["days_over"] >= 0
        if got["stage"] in ("declined", "referred", "no_remedy", "withdrawn"):
            assert found.phase in (got["stage"], "review", "reviewed")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_future_moves_nothing(data: st.DataObject) -> None:
    as_of = AS_OF - data.draw(st.integers(0, 300)) * dt.timedelta(days=1)
    cases = data.draw(st.lists(histories("cn_xinfang_2022", AS_OF), min_size=1, max_size=4))
    case_frame, event_frame = tables(cases)
    then = event_frame[
        (event_frame["known_at"] <= as_of) & (event_frame["occurred_at"] <= as_of)
    ].reset_index(drop=True)
    for function in (standing, clock_table):
        whole = function(case_frame, event_frame, PACKS, CALENDARS, as_of, ZONE)
        known = function(case_frame, then, PACKS, CALENDARS, as_of, ZONE)
        pd.testing.assert_frame_equal(whole, known)
