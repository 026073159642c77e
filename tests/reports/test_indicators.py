"""Service indicators against figures that can be checked by hand."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from casework.pack import load
from reports.indicators import (
    Window,
    backlog,
    five_shares,
    flows,
    on_time_by,
    service_figures,
)  # fmt: skip
from reports.rates import Rate
from reports.waiting import quantile_days, seven_one_seven
from tests.reports import county
from wording.formats import percent

MARCH = Window(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
AS_OF = MARCH.known_at(county.ZONE)


def due_cases(outcomes: list[str], body: str = "b01", due: str = "2026-03-10") -> pd.DataFrame:
    return county.standing(
        [{"outcome": o, "answer_due_on": due, "owing_body_id": body} for o in outcomes]
    )


@pytest.mark.parametrize(
    ("resolved", "assigned", "printed"), [(12, 14, "85.7%"), (10, 10, "100.0%"), (20, 25, "80.0%")]
)
def test_the_check_figures_of_a_published_county(resolved, assigned, printed):
    table = due_cases(["on_time"] * resolved + ["late_open"] * (assigned - resolved))
    rate = five_shares(table["outcome"]).rate
    assert (rate.numerator, rate.denominator) == (resolved, assigned)
    assert percent(rate.share, "zh") == printed


def test_a_window_is_taken_as_known_on_its_last_day_plus_a_day():
    assert dt.datetime(2026, 4, 1, 16, tzinfo=dt.UTC) == AS_OF


def test_nothing_due_is_neither_0_nor_100_percent():
    rate = Rate(0, 0)
    assert rate.share is None
    assert rate.is_small
    assert rate.facts()["share"] is None


def test_a_numerator_outside_its_denominator_is_a_bug():
    with pytest.raises(ValueError, match="3 of 2"):
        Rate(3, 2)


@given(
    st.lists(
        st.sampled_from(["on_time", "late", "late_open", "ended_otherwise", "not_due", None]),
        max_size=30,
    )
)
def test_the_five_shares_add_up_and_what_is_not_due_is_in_no_rate(outcomes):
    shares = five_shares(pd.Series(outcomes, dtype="str"))
    known = [o for o in outcomes if o is not None]
    assert shares.total == len(known)
    assert shares.rate.denominator == len(known) - known.count("not_due")


def test_service_figures_of_a_month_by_hand():
    answered = {
        "outcome": "on_time",
        "answer_due_on": "2026-03-20",
        "stage": "answered",
        "is_open": False,
        "accepted_at": "2026-01-19 09:00",
        "wait_observed": True,
    }
    rows: list[dict[str, object]] = [
        {**answered, "first_answered_at": "2026-01-25 09:00", "wait_days": 10.0},
        {**answered, "first_answered_at": "2026-01-25 09:00", "wait_days": 20.0},
        {**answered, "first_answered_at": "2026-03-15 09:00", "wait_days": 60.0},
        {"outcome": "late_open", "answer_due_on": "2026-03-20", "wait_days": 90.0,
         "accepted_at": "2026-01-19 09:00"},
        {"outcome": "ended_otherwise", "answer_due_on": "2026-03-21", "stage": "withdrawn",
         "is_open": False, "accepted_at": "2026-01-20 09:00", "wait_days": 5.0},
        {"stage": "declined", "is_open": False, "acceptance_due_on": "2026-03-05",
         "acceptance_state": "met"},
        {"acceptance_due_on": "2026-03-06", "acceptance_state": "overdue"},
        {"acceptance_due_on": "2026-03-31", "acceptance_state": "running"},
        {**answered, "first_answered_at": "2026-03-01 09:00", "is_counted": False},
    ]  # fmt: skip
    cases = county.cases([{"opened": "2026-03-02 09:00"}] * len(rows))
    events = county.events(
        [
            (0, "rated", "2026-01-26 09:00", "not"),
            (0, "rated", "2026-01-27 09:00", "fairly"),
            (1, "rated", "2026-01-27 09:00", "not"),
            (1, "not_solved", "2026-02-20 09:00", None),
            (0, "not_solved", "2026-03-27 09:00", None),
            (2, "extended", "2026-03-01 09:00", None),
            (4, "confirmed", "2026-03-01 09:00", None),
            (8, "rated", "2026-03-02 09:00", "satisfied"),
        ]
    )
    figures = service_figures(cases, events, county.standing(rows), MARCH, AS_OF, county.ZONE)
    assert figures.answers.rate == Rate(3, 5)
    assert figures.acceptance == Rate(1, 2)
    assert figures.rated == Rate(2, 3)
    assert figures.satisfaction == Rate(1, 2)
    assert figures.held == Rate(1, 2)
    assert figures.exits == Rate(2, 5)
    assert figures.extended == Rate(1, 5)
    assert figures.receipts_used == Rate(1, 8)
    assert figures.median_days == 20.0
    assert figures.p90_days is None


def test_an_objection_after_sixty_days_lets_the_answer_hold():
    answer = {"outcome": "on_time", "answer_due_on": "2026-03-20", "stage": "answered",
              "is_open": False, "first_answered_at": "2026-01-10 09:00"}  # fmt: skip
    cases = county.cases([{"opened": "2026-01-02 09:00"}] * 2)
    events = county.events(
        [(0, "review_requested", "2026-03-11 09:01", None),
         (1, "review_requested", "2026-03-11 09:00", None)]
    )  # fmt: skip
    figures = service_figures(
        cases, events, county.standing([answer, answer]), MARCH, AS_OF, county.ZONE
    )
    assert figures.held == Rate(1, 2)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(10, 30), st.integers(0, 10)), min_size=2, max_size=5),
    st.integers(0, 4),
)
def test_who_is_asked_twice_as_often_at_the_same_timeliness_moves_no_rank(bodies, which):
    def table(times: list[int]) -> pd.DataFrame:
        parts = [
            due_cases((["on_time"] * on_time + ["late"] * late) * n, f"b{i:02d}")
            for i, ((on_time, late), n) in enumerate(zip(bodies, times, strict=True))
        ]
        whole = pd.concat(parts, ignore_index=True)
        return on_time_by(whole, whole["owing_body_id"], MARCH)

    doubled = [2 if i == which % len(bodies) else 1 for i in range(len(bodies))]
    before, after = table([1] * len(bodies)), table(doubled)
    pd.testing.assert_index_equal(before.index, after.index)
    pd.testing.assert_series_equal(before["rank"], after["rank"])
    pd.testing.assert_series_equal(before["share"], after["share"])


def test_fewer_than_ten_cases_are_ranked_nowhere():
    whole = pd.concat(
        [due_cases(["on_time"] * 9, "b01"), due_cases(["on_time"] * 9 + ["late"], "b02")],
        ignore_index=True,
    )
    table = on_time_by(whole, whole["owing_body_id"], MARCH)
    assert table.loc["b01", "is_small"]
    assert pd.isna(table.loc["b01", "rank"])
    assert table.loc["b02", "rank"] == 1


def test_a_case_known_much_later_counts_on_the_day_it_became_known():
    cases = county.cases(
        [
            {"opened": "2026-03-02 09:00"},
            {"opened": "2026-03-02 09:00", "known": "2026-03-03 09:00"},
            {"opened": "2026-03-02 09:00", "known": "2026-03-03 09:01"},
        ]
    )
    events = county.events([(0, "answered", "2026-03-03 23:59", None)])
    days = pd.date_range("2026-03-02", "2026-03-03")
    table = flows(cases, events, county.standing([{}] * 3), days, county.ZONE)
    assert table["new"].to_list() == [2, 1]
    assert table["answered"].to_list() == [0, 1]


def test_three_months_are_calendar_months():
    cases = county.cases([{"opened": "2026-01-31 09:00"}] * 2)
    events = county.events([(0, "registered", "2026-01-31 09:00", None)])
    rows = county.standing([{}, {"is_open": False}])

    def at(text: str) -> pd.DataFrame:
        return backlog(cases, events, rows, county.local(text).to_pydatetime(), county.ZONE)

    assert not at("2026-04-30 23:59")["is_backlog"].any()
    assert at("2026-05-01 00:00")["is_backlog"].to_list() == [True, False]
    assert at("2026-05-01 00:00")["age_days"].to_list() == [90, 90]


def test_the_backlog_begins_when_the_pack_says_so_and_never_where_it_says_nothing():
    cases = county.cases([{"opened": "2026-01-31 09:00"}] * 2)
    cases["pack"] = pd.Series(["cn_xinfang_2022", "us_311"], dtype="str")
    events = county.events([(n, "registered", "2026-01-31 09:00", None) for n in range(2)])
    rows = county.standing([{}, {}])
    given = (cases, events, rows, county.local("2026-04-01 09:00").to_pydatetime(), county.ZONE)
    assert not backlog(*given)["is_backlog"].any()
    law = load("cn_xinfang_2022")
    assert law.backlog is not None
    own = replace(law, backlog=replace(law.backlog, limit=2))
    packs = {"cn_xinfang_2022": own, "us_311": load("us_311")}
    assert backlog(*given, packs)["is_backlog"].to_list() == [True, False]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=25),
    st.sampled_from([0.25, 0.5, 0.9]),
)
def test_the_time_to_answer_agrees_with_lifelines(waits, quantile):
    days = pd.Series([float(w) for w, _ in waits])
    ended = pd.Series([e for _, e in waits])
    ours = quantile_days(days, ended, quantile)
    curve = KaplanMeierFitter().fit(days, ended).survival_function_["KM_estimate"]
    reached = curve[curve <= 1 - quantile + 1e-9]
    assert ours == (float(reached.index[0]) if len(reached) else None)


def test_no_case_or_too_many_waiting_gives_no_time():
    nothing = pd.Series([], dtype="float64")
    assert quantile_days(nothing, nothing.astype(bool), 0.5) is None
    assert quantile_days(pd.Series([5.0, 9.0, np.nan]), pd.Series([True, False, True]), 0.9) is None


def test_seven_one_seven_by_hand():
    cases = county.cases([{"opened": "2026-03-02 09:00"}] * 4)
    events = county.events(
        [
            (0, "registered", "2026-03-02 09:00", None),
            (0, "transferred", "2026-03-03 23:00", "b02"),
            (0, "contacted", "2026-03-10 23:30", None),
            (0, "notified", "2026-03-12 09:00", None),
            (1, "registered", "2026-03-02 09:00", None),
            (1, "transferred", "2026-03-04 00:30", "b02"),
            (1, "answered", "2026-03-12 09:00", None),
            (2, "registered", "2026-03-02 09:00", None),
        ]
    )  # fmt: skip
    rows = county.standing([{}, {}, {}, {"is_counted": False}])
    with_body, first_step, told = seven_one_seven(cases, events, rows, MARCH, AS_OF, county.ZONE)
    assert with_body.met == Rate(1, 3)
    assert first_step.met == Rate(1, 2)
    assert told.met == Rate(1, 2)
    assert with_body.median_days == pytest.approx(1 + 15.5 / 24)
    assert with_body.p90_days is None


def test_a_desk_that_is_itself_the_body_has_the_case_from_registration():
    cases = county.cases([{"opened": "2026-03-02 09:00", "body_id": "t101", "desk": "t101"}])
    events = county.events([(0, "registered", "2026-03-02 09:30", None)])
    first, *_ = seven_one_seven(cases, events, county.standing([{}]), MARCH, AS_OF, county.ZONE)
    assert first.met == Rate(1, 1)
