"""Filing status: missing and zero are different facts, and no rate leaves 0-1."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.filing import asked_days, filing_figures, filing_matrix, silent_days, to_remind
from tests.reports import county

A, B, C = county.TOWNS
MARCH = asked_days(dt.date(2026, 3, 2), dt.date(2026, 3, 4), county.WORKING_DAYS)


def matrix(
    filings: list[tuple[str, str, str, str]],
    cases: list[dict[str, object]] | None = None,
    at: str = "2026-03-04 20:00",
    townships: pd.DataFrame | None = None,
    excused: pd.DataFrame | None = None,
    periods: pd.DatetimeIndex = MARCH,
) -> pd.DataFrame:
    return filing_matrix(
        county.filings(filings),
        county.townships() if townships is None else townships,
        county.cases(cases or []),
        county.bodies(),
        periods,
        county.local(at).to_pydatetime(),
        county.ZONE,
        excused=excused,
    )


def state(table: pd.DataFrame, township: str, period: str) -> str:
    cell = table[(table["township_code"] == township) & (table["period"] == period)]
    return str(cell["state"].item())


def test_a_silent_desk_is_missing_not_zero():
    table = matrix([(B, "2026-03-02", "zero", "2026-03-02 16:59")])
    assert state(table, A, "2026-03-02") == "missing"
    assert state(table, B, "2026-03-02") == "zero"


def test_a_filing_at_the_deadline_is_timely_and_one_second_later_is_late():
    table = matrix(
        [
            (A, "2026-03-02", "report", "2026-03-02 17:00:00"),
            (B, "2026-03-02", "report", "2026-03-02 17:00:01"),
        ]
    )
    assert state(table, A, "2026-03-02") == "filed"
    assert state(table, B, "2026-03-02") == "late"


def test_before_the_deadline_a_desk_is_open_and_in_no_rate():
    table = matrix([], at="2026-03-02 17:00")
    assert set(table["state"]) == {"open"}
    figures = filing_figures(table)
    assert figures.expected == 0
    assert figures.completeness.share is None
    assert figures.timeliness.share is None
    assert figures.zero_share.share is None


def test_a_revision_after_the_deadline_leaves_the_first_filing_timely():
    table = matrix(
        [
            (A, "2026-03-02", "zero", "2026-03-02 10:00"),
            (A, "2026-03-02", "report", "2026-03-03 09:00"),
        ]
    )
    assert state(table, A, "2026-03-02") == "filed"
    figures = filing_figures(table[table["period"] == "2026-03-02"])
    assert (figures.completeness.numerator, figures.timeliness.numerator) == (1, 1)
    assert figures.zero_share.numerator == 0


def test_a_zero_against_a_known_case_is_contradicted_and_a_later_case_overtakes_it():
    zero = [(t, "2026-03-02", "zero", "2026-03-02 16:00") for t in (A, B)]
    table = matrix(
        zero,
        [
            {"opened": "2026-03-02 09:00", "desk": "t101"},
            {"opened": "2026-03-02 09:00", "known": "2026-03-02 16:00", "desk": "t102"},
        ],
    )
    assert state(table, A, "2026-03-02") == "contradicted"
    assert state(table, B, "2026-03-02") == "overtaken"


def test_a_case_of_another_day_or_another_desk_contradicts_nothing():
    table = matrix(
        [(A, "2026-03-02", "zero", "2026-03-02 16:00")],
        [
            {"opened": "2026-03-01 23:59", "desk": "t101"},
            {"opened": "2026-03-02 09:00", "desk": "b01"},
        ],
    )
    assert state(table, A, "2026-03-02") == "zero"


def test_what_came_later_is_not_known_yet():
    late = [(A, "2026-03-02", "report", "2026-03-04 09:00")]
    assert state(matrix(late, at="2026-03-03 12:00"), A, "2026-03-02") == "missing"
    assert state(matrix(late), A, "2026-03-02") == "late"


def test_a_township_that_opens_or_closes_changes_both_sides_of_the_rate():
    towns = county.townships()
    towns["valid_from"] = pd.to_datetime(["2026-03-03", "2020-01-01", "2020-01-01"])
    towns["valid_to"] = pd.to_datetime([None, "2026-03-02", None])
    table = matrix([(B, "2026-03-04", "report", "2026-03-04 09:00")], townships=towns)
    assert (table["township_code"] == A).sum() == 2
    assert (table["township_code"] == B).sum() == 1
    assert filing_figures(table).completeness.numerator == 0


def test_an_excused_day_leaves_numerator_and_denominator():
    excused = pd.DataFrame(
        {"township_code": [A, B], "period": ["2026-03-02"] * 2, "reason": ["power_cut"] * 2}
    ).astype({"period": "datetime64[us]"})
    table = matrix([(A, "2026-03-02", "report", "2026-03-02 09:00")], excused=excused)
    figures = filing_figures(table[table["period"] == "2026-03-02"])
    assert (figures.excused, figures.expected) == (2, 1)
    assert figures.completeness.share == 0
    assert table["reason"].dropna().tolist() == ["power_cut", "power_cut"]


def test_reminders_begin_with_the_longest_silence():
    table = matrix(
        [
            (A, "2026-03-03", "report", "2026-03-03 09:00"),
            (B, "2026-03-02", "report", "2026-03-02 09:00"),
            (C, "2026-03-04", "report", "2026-03-04 09:00"),
        ]
    )
    assert silent_days(table).to_dict() == {A: 1, B: 2, C: 0}
    assert to_remind(table, dt.date(2026, 3, 4))["township_code"].to_list() == [B, A]


def test_only_working_days_are_asked_for_and_february_has_its_own_length():
    days = asked_days(
        dt.date(2028, 2, 1),
        dt.date(2028, 2, 29),
        np.arange("2028-01-01", "2028-12-31", dtype="datetime64[D]"),
    )
    assert len(days) == 29
    assert len(MARCH) == 3


MOMENTS = st.datetimes(dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 6)).map(
    lambda moment: moment.replace(microsecond=0).isoformat(" ")
)
FILED = st.lists(
    st.tuples(
        st.sampled_from(county.TOWNS),
        st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]),
        st.sampled_from(["report", "zero"]),
        MOMENTS,
    ),
    max_size=12,
)
OPENED = st.lists(
    st.builds(
        lambda opened, hours, desk: {
            "opened": opened,
            "known": (dt.datetime.fromisoformat(opened) + dt.timedelta(hours=hours)).isoformat(),
            "desk": desk,
        },
        MOMENTS, st.integers(0, 30), st.sampled_from([*county.OFFICES, "b01"]),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(FILED, OPENED, MOMENTS, st.data())
def test_a_duplicate_changes_nothing(filed, opened, at, data):
    doubled = list(filed)
    for row in filed:
        if data.draw(st.booleans()):
            doubled.insert(doubled.index(row), row)
    pd.testing.assert_frame_equal(matrix(filed, opened, at), matrix(doubled, opened, at))
