"""Filing over spans: the parts add up, no rate leaves 0-1, duplicates change nothing."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.filing import STATES, asked_days, deadline_at, filing_matrix, to_remind
from reports.filing_span import DUE_STATES, counts_by, revised, silence, span_figures
from tests.reports import county

A, B, C = county.TOWNS
FIRST, LAST = dt.date(2026, 2, 23), dt.date(2026, 3, 4)
DAYS = asked_days(FIRST, LAST, county.WORKING_DAYS)


def matrix(
    filings: list[tuple[str, str, str, str]],
    cases: list[dict[str, object]] | None = None,
    at: str = "2026-03-04 20:00",
    lives: list[tuple[str, str | None]] | None = None,
    excused: list[tuple[str, str]] | None = None,
    periods: pd.DatetimeIndex = DAYS,
) -> pd.DataFrame:
    towns = county.townships()
    if lives is not None:
        for column, place in (("valid_from", 0), ("valid_to", 1)):
            days = pd.Series(pd.to_datetime([life[place] for life in lives]))
            towns[column] = days.astype("datetime64[us]")
    days_off = pd.DataFrame(
        {
            "township_code": pd.Series([e[0] for e in excused or []], dtype="str"),
            "period": pd.to_datetime([e[1] for e in excused or []]).astype("datetime64[us]"),
            "reason": "training",
        }
    )
    return filing_matrix(
        county.filings(filings), towns, county.cases(cases or []), county.bodies(), periods,
        county.local(at).to_pydatetime(), county.ZONE, excused=days_off,
    )  # fmt: skip


def test_a_span_counted_by_hand():
    of = span_figures(
        matrix(
            [
                (A, "2026-03-02", "zero", "2026-03-02 09:00"),
                (A, "2026-03-02", "zero", "2026-03-02 09:00"),  # pressed twice
                (B, "2026-03-02", "zero", "2026-03-02 18:00"),  # late, and a case came later
                (A, "2026-03-03", "zero", "2026-03-03 16:00"),  # against the register
                (B, "2026-03-03", "report", "2026-03-03 16:00"),
                (C, "2026-03-03", "zero", "2026-03-03 16:00"),
            ],
            [
                {"opened": "2026-03-02 10:00", "known": "2026-03-03 08:00", "desk": "t102"},
                {"opened": "2026-03-03 10:00", "desk": "t101"},
            ],
            excused=[(C, "2026-03-02")],
            periods=DAYS[-3:],
        )
    )
    assert (of.periods, of.desks) == (3, 3)
    assert (of.figures.expected, of.figures.excused, of.figures.not_due) == (8, 1, 0)
    assert of.due == {
        "filed": 1, "zero": 2, "late": 1, "missing": 3, "overtaken": 0, "contradicted": 1,
    }  # fmt: skip
    assert (of.figures.completeness.numerator, of.figures.timeliness.numerator) == (5, 4)
    assert (of.figures.zero_share.numerator, of.figures.zero_share.denominator) == (4, 5)
    assert (of.contradictions.numerator, of.contradictions.denominator) == (1, 4)
    assert (of.overtaken.numerator, of.overtaken.denominator) == (1, 4), "the late zero counts"


def test_without_expectation_every_rate_is_of_nothing():
    empty = matrix([], periods=DAYS[:0])
    for of in (span_figures(empty), span_figures(matrix([], at="2026-02-20 09:00"))):
        rates = (
            of.figures.completeness, of.figures.timeliness, of.figures.zero_share,
            of.contradictions, of.overtaken,
        )  # fmt: skip
        assert [rate.share for rate in rates] == [None] * 5
        assert sum(of.due.values()) == of.figures.expected == 0
    assert silence(empty).empty
    assert counts_by(empty, "period").empty


def test_a_merger_moves_expectation_on_its_day_and_the_total_stays_right():
    """A and B end on 27 February and C takes their place on 2 March, the next asked day."""
    lives = [("2020-01-01", "2026-02-27"), ("2020-01-01", "2026-02-27"), ("2026-03-02", None)]
    table = matrix([(C, "2026-03-02", "report", "2026-03-02 09:00")], lives=lives)
    by_day = counts_by(table, "period")["expected"]
    assert list(by_day) == [2] * 5 + [1] * 3
    assert span_figures(table).figures.expected == 13
    assert silence(table).loc[[A, C], "silent_days"].to_list() == [5, 2]
    # a desk that has ended is reminded of nothing
    assert to_remind(table, LAST)["township_code"].to_list() == [C]


@pytest.mark.parametrize(
    ("month", "length"), [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-01", 31)]
)
def test_months_of_every_length_are_asked_to_their_last_day(month, length):
    every = np.arange("2026-01-01", "2029-01-01", dtype="datetime64[D]")
    first = dt.date.fromisoformat(f"{month}-01")
    days = asked_days(first, first.replace(day=length), every)
    table = matrix([(A, f"{month}-{length}", "report", f"{month}-{length} 09:00")],
                   at="2029-01-01 00:00", periods=days)  # fmt: skip
    assert span_figures(table).figures.expected == 3 * length
    assert silence(table).loc[[A, B], "silent_days"].to_list() == [0, length]


def test_a_run_begins_after_the_last_filing_and_is_not_broken_by_an_excused_day():
    table = matrix(
        [
            (A, "2026-02-26", "report", "2026-02-26 09:00"),
            (B, "2026-03-04", "zero", "2026-03-04 09:00"),
        ],
        excused=[(A, "2026-03-02")],
        at="2026-03-04 12:00",
    )  # fmt: skip
    runs = silence(table)
    assert runs.loc[A, "silent_days"] == 2  # 27 February and 3 March; today is not due
    assert runs.loc[A, "since"] == pd.Timestamp("2026-02-27")
    assert not runs.loc[A, "is_whole"]
    assert runs.loc[B, "silent_days"] == 0, "a filing before its deadline ends the silence"
    assert pd.isna(runs.loc[B, "since"])
    assert runs.loc[C, "is_whole"]
    assert to_remind(table, LAST)["township_code"].to_list() == [C, A]


def test_every_revision_is_kept_with_what_stood_before():
    rows = county.filings(
        [
            (A, "2026-03-02", "zero", "2026-03-02 09:00"),
            (A, "2026-03-02", "zero", "2026-03-02 09:00"),
            (A, "2026-03-02", "report", "2026-03-03 09:00"),
            (B, "2026-03-02", "zero", "2026-03-02 09:00"),
            (B, "2026-03-03", "report", "2026-03-03 10:00"),
            (B, "2026-03-03", "zero", "2026-03-03 11:00"),
        ]
    ).assign(is_imported=[False, False, False, False, True, False])
    found = revised(rows)
    told = [
        (r.township_code, f"{r.period:%m-%d}", r.number, r.kind, r.is_imported)
        for r in found.itertuples()
    ]
    assert told == [
        (B, "03-03", 1, "report", True),
        (B, "03-03", 2, "zero", False),
        (A, "03-02", 1, "zero", False),
        (A, "03-02", 2, "report", False),
    ]
    assert found["kind_before"].fillna("").to_list() == ["", "report", "", "zero"]
    assert revised(rows[:2]).empty, "the same row twice is no correction"


def test_the_deadline_is_a_local_time_on_the_day():
    assert deadline_at(LAST, county.ZONE) == dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)


PERIODS = [f"{day:%Y-%m-%d}" for day in DAYS]
MOMENTS = st.datetimes(dt.datetime(2026, 2, 22), dt.datetime(2026, 3, 6)).map(
    lambda moment: moment.replace(microsecond=0).isoformat(" ")
)
FILED = st.lists(
    st.tuples(
        st.sampled_from(county.TOWNS), st.sampled_from(PERIODS),
        st.sampled_from(["report", "zero"]), MOMENTS,
    ),
    max_size=15,
)  # fmt: skip
OPENED = st.lists(
    st.builds(
        lambda opened, hours, desk: {
            "opened": opened,
            "known": (dt.datetime.fromisoformat(opened) + dt.timedelta(hours=hours)).isoformat(),
            "desk": desk,
        },
        MOMENTS, st.integers(0, 60), st.sampled_from(county.OFFICES),
    ),
    max_size=8,
)  # fmt: skip
EXCUSED = st.lists(st.tuples(st.sampled_from(county.TOWNS), st.sampled_from(PERIODS)), max_size=5)
LIFE = st.tuples(st.sampled_from(PERIODS), st.sampled_from([None, *PERIODS]))
LIVES = st.lists(LIFE, min_size=3, max_size=3)


@settings(max_examples=35, deadline=None)
@given(FILED, OPENED, EXCUSED, LIVES, MOMENTS)
def test_no_rate_leaves_0_to_1_and_the_parts_add_up(filed, opened, excused, lives, at):
    table = matrix(filed, opened, at, lives, excused)
    of = span_figures(table)
    figures = of.figures
    for rate in (
        figures.completeness, figures.timeliness, figures.zero_share, of.contradictions,
        of.overtaken,
    ):  # fmt: skip
        assert 0 <= rate.numerator <= rate.denominator <= len(table)
        assert (rate.share is None) == (rate.denominator == 0)
    assert set(of.due) == set(DUE_STATES)
    assert set(figures.states) == set(STATES)
    assert sum(figures.states.values()) == figures.cells == len(table)
    assert figures.timeliness.numerator <= figures.completeness.numerator
    assert sum(of.due.values()) == figures.expected
    assert figures.expected + figures.excused + figures.not_due == len(table)
    assert figures.expected - of.due["missing"] == figures.completeness.numerator
    assert of.due["contradicted"] == of.contradictions.numerator
    assert of.contradictions.numerator + of.overtaken.numerator <= of.overtaken.denominator
    for column in ("period", "township_code"):  # the level and the span are sums of their parts
        counts = counts_by(table, column)
        assert counts["expected"].sum() == figures.expected
        assert counts["filed"].sum() == figures.completeness.numerator
        assert counts["timely"].sum() == figures.timeliness.numerator
        assert (counts[["filed", "timely"]].max(axis=1) <= counts["expected"]).all()
    halves = [span_figures(table[table["period"] < "2026-03-01"]),
              span_figures(table[table["period"] >= "2026-03-01"])]  # fmt: skip
    assert sum(half.figures.expected for half in halves) == figures.expected


@settings(max_examples=15, deadline=None)
@given(FILED, OPENED, EXCUSED, MOMENTS, st.data())
def test_a_double_filing_changes_no_figure_and_an_excuse_leaves_both_sides(
    filed, opened, excused, at, data
):
    before = span_figures(matrix(filed, opened, at, excused=excused))
    doubled = filed + data.draw(st.permutations(filed))
    assert span_figures(matrix(doubled, opened, at, excused=excused)) == before
    again = [(town, day, kind, f"{dt.datetime.fromisoformat(when) + dt.timedelta(days=9)}")
             for town, day, kind, when in filed]  # fmt: skip
    later = span_figures(matrix(filed + again, opened, at, excused=excused))
    assert later.figures.completeness == before.figures.completeness
    assert later.figures.timeliness == before.figures.timeliness

    town, day = data.draw(st.sampled_from(county.TOWNS)), data.draw(st.sampled_from(PERIODS))
    whole = matrix(filed, opened, at, excused=excused)
    rest = whole[(whole["township_code"] != town) | (whole["period"] != pd.Timestamp(day))]
    less = span_figures(matrix(filed, opened, at, excused=[*excused, (town, day)]))
    assert less.due == span_figures(rest).due
    assert less.figures.completeness == span_figures(rest).figures.completeness
    assert less.figures.timeliness == span_figures(rest).figures.timeliness
