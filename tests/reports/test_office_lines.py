"""The lines of the office's page: what is said, and why something is not."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.indicators import Window
from reports.monthly import month_of
from reports.office_lines import FIVE, Filters, Line, OfficeFigures, office_figures, trend
from reports.rates import Rate
from tests.reports import county

from .monthly_county import INSIDE, ZONE, record

MARCH = Window(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
AS_OF = MARCH.known_at(ZONE)
LATER = AS_OF + dt.timedelta(days=40)

EVERY = Filters()


def figures(
    rows: list[dict[str, object]], window: Window = MARCH, now: dt.datetime = LATER,
    filters: Filters = EVERY, ratings: tuple[str, ...] = (), **more: bool,
) -> OfficeFigures:  # fmt: skip
    cases = county.cases([{"opened": "2026-03-02 09:00"}] * len(rows))
    made = [(n, "rated", "2026-03-10 09:00", code) for n, code in enumerate(ratings)]
    return office_figures(
        cases, county.events(made), county.standing(rows), window, AS_OF, now, ZONE, {}, filters,
        **more,
    )  # fmt: skip


def answered(outcome: str = "on_time", body: str = "b01") -> dict[str, object]:
    return {
        "outcome": outcome, "answer_due_on": "2026-03-20", "owing_body_id": body,
        "stage": "answered", "is_open": False, "first_answered_at": "2026-03-05 09:00",
        "wait_days": 3.0, "wait_observed": True,
    }  # fmt: skip


def line(found: OfficeFigures, name: str) -> Line:
    return next(one for one in found.lines if one.name == name)


@pytest.mark.parametrize(
    ("met", "due", "share"), [(12, 14, 0.857), (10, 10, 1.0), (20, 25, 0.8)]
)  # DOMAIN.md §7, check figures
def test_the_check_figures_stand_on_the_page(met: int, due: int, share: float) -> None:
    found = figures([answered()] * met + [answered("late")] * (due - met))
    on_time = line(found, "on_time")
    assert on_time.rate == Rate(met, due)
    assert on_time.rate.share == pytest.approx(share, abs=5e-4)
    assert not on_time.why
    assert found.groups["body"].loc["b01", "on_time"] == met


def test_the_five_shares_add_up_with_what_is_not_due() -> None:
    rows = [answered(o) for o in ("on_time", "late", "late_open", "ended_otherwise", "not_due")]
    found = figures(rows * 7)
    counted = [line(found, name) for name in FIVE]
    parts = [one.rate.numerator if one.rate else one.count for one in counted]
    assert parts == [7] * 5
    assert {one.rate.denominator for one in counted if one.rate} == {28}


def test_nothing_due_and_fewer_than_ten_say_so_and_no_share() -> None:
    assert {one.why for one in figures([]).lines} >= {"none"}
    nothing, few = line(figures([]), "on_time"), line(figures([answered()] * 9), "on_time")
    assert (nothing.why, nothing.interval) == ("none", None)
    assert (few.why, few.interval) == ("small", None)
    assert pd.isna(figures([answered()] * 9).groups["body"].loc["b01", "rank"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"window": Window(dt.date(2026, 3, 2), dt.date(2026, 3, 31))}, "whole_months"),
        ({"now": AS_OF + dt.timedelta(days=29)}, "not_yet"),
        ({"filters": Filters(categories=frozenset({"wages"}))}, "narrowed"),
        ({"ratings": ("satisfied",) * 12}, "all_agree"),
        ({"ratings": ("satisfied",) * 5 + ("not",) * 4}, "small"),
    ],
)
def test_satisfaction_is_said_per_whole_month_late_and_never_when_all_agree(
    change: dict, why: str
) -> None:
    given_ = {"ratings": ("satisfied",) * 9 + ("not",) * 3, **change}
    assert line(figures([answered()] * 12, **given_), "satisfied").why == why


def test_what_stands_for_no_body_is_not_said_of_one() -> None:
    rows = [answered()] * 12
    assert line(figures(rows, filters=Filters(bodies=frozenset({"b01"}))), "held").why == "body"
    assert line(figures(rows), "cleared").why == "no_plans"
    assert line(figures(rows, has_receipts=False), "used").why == "no_receipts"


def test_filters_leave_out_what_was_not_chosen() -> None:
    rows = [answered()] * 11 + [answered("late", "b02")] * 12
    assert line(figures(rows), "on_time").rate == Rate(11, 23)
    only = figures(rows, filters=Filters(bodies=frozenset({"b01"})))
    assert line(only, "on_time").rate == Rate(11, 11)
    assert list(only.groups["body"].index) == ["b01"]
    nobody = figures(rows, filters=Filters(domains=frozenset({"rural"})))
    assert line(nobody, "on_time").why == "none"


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.tuples(st.integers(10, 20), st.integers(0, 9)), min_size=2, max_size=4),
    st.integers(0, 3),
)
def test_twice_the_cases_of_a_body_at_the_same_timeliness_move_no_rank_and_no_place(
    bodies: list[tuple[int, int]], which: int
) -> None:
    def table(times: int) -> pd.DataFrame:
        rows = []
        for number, (met, late) in enumerate(bodies):
            more = times if number == which % len(bodies) else 1
            rows += [answered("on_time", f"b{number}")] * met * more
            rows += [answered("late", f"b{number}")] * late * more
        return figures(rows).groups["body"]

    before, after = table(1), table(2)
    assert list(after.index) == list(before.index)
    assert after["rank"].tolist() == before["rank"].tolist()
    assert after["median_days"].tolist() == before["median_days"].tolist()


def test_a_month_of_few_has_no_share_in_the_trend_and_an_open_month_stands_in_no_row() -> None:
    made = record(5, 200)
    rows = trend(
        made.cases, made.events, made.standing, "on_time", 3, made.as_of, made.zone
    )  # fmt: skip
    assert list(rows["month"])[-1] == "2026-10"
    last = rows.iloc[-1]
    assert last["low"] < last["share"] < last["high"]
    few = trend(
        made.cases, made.events, made.standing, "on_time", 3, made.as_of, made.zone,
        pd.Series(made.cases.index < 9, index=made.cases.index),
    )  # fmt: skip
    assert few["share"].isna().all()


def test_every_group_of_a_random_month_adds_up_to_the_county() -> None:
    made = record(2, 200)
    found = office_figures(
        made.cases, made.events, made.standing, month_of("2026-10"), made.as_of, made.as_of,
        made.zone, INSIDE, Filters(),
    )  # fmt: skip
    for table in found.groups.values():
        assert table["due"].sum() == found.figures.answers.rate.denominator
        assert table["on_time"].sum() == found.figures.answers.rate.numerator
    assert len(found.strata) == found.figures.answers.rate.denominator
