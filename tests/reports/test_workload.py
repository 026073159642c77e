"""Answers due per body and week against its pace, counted by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reports.workload import BodyLoad, workload
from tests.reports import county

TODAY = dt.date(2026, 3, 4)


def clocks(rows: list[tuple[str | None, str]]) -> pd.DataFrame:
    """(last day of the answer, state) per case."""
    due = pd.to_datetime(pd.Series([day for day, _ in rows])).astype("datetime64[us]")
    return pd.DataFrame({"answer_due_on": due, "answer_state": [state for _, state in rows]})


def made(rows: list[tuple[str | None, str]], answers: list[str], **standing: object) -> BodyLoad:
    """One body's load: open cases by clock, then one case for each answer's local day."""
    opened = [{"opened": "2025-01-06 09:00"}] * (len(rows) + len(answers))
    given = [
        (len(rows) + n, "answered", f"{day} 12:00", None) for n, day in enumerate(answers)
    ]  # fmt: skip
    stands = [{"owing_body_id": "b01", **standing}] * len(rows)
    stands += [{"owing_body_id": "b01", "is_open": False, "stage": "answered"}] * len(answers)
    found = workload(
        county.cases(opened), county.events(given), county.standing(stands),
        clocks([*rows, *[("2025-03-06", "met")] * len(answers)]), TODAY, county.ZONE, ["b01"],
    )  # fmt: skip
    return found.bodies[0]


def test_each_open_case_counts_in_the_week_of_its_last_day_or_as_overdue() -> None:
    one = made(
        [
            ("2026-03-04", "running"), ("2026-03-10", "running"), ("2026-03-11", "paused"),
            ("2026-03-03", "overdue"), ("2026-04-28", "running"), ("2026-04-29", "running"),
            (None, "not_started"),
        ],
        [],
    )  # fmt: skip
    assert one.due == (2, 1, 0, 0, 0, 0, 0, 1)
    assert (one.overdue, one.undecided, one.owed) == (1, 1, 5)


def test_a_case_that_counts_in_no_figure_is_no_work() -> None:
    rows: list[tuple[str | None, str]] = [("2026-03-05", "running")]
    made_of = workload(
        county.cases([{"opened": "2025-01-06 09:00"}]), county.events([]),
        county.standing([{"is_counted": False}]), clocks(rows), TODAY, county.ZONE, [],
    )  # fmt: skip
    assert made_of.bodies == ()


def test_the_pace_is_the_median_of_thirteen_weeks_with_its_exact_interval() -> None:
    weeks = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    days = [
        (TODAY - dt.timedelta(days=7 * back + 1)).isoformat()
        for back, count in enumerate(weeks)
        for _ in range(count)
    ]
    one = made([("2026-03-05", "running")] * 6, days)
    assert (one.median, one.low, one.high) == (6.0, 2, 10)
    assert one.weeks_needed == 1.0
    assert not one.is_more_than_answered
    assert made([("2026-03-05", "running")] * 81, days).is_more_than_answered


def test_an_answer_of_today_or_before_the_weeks_is_not_in_the_pace() -> None:
    one = made([("2026-03-05", "running")], ["2026-03-04", "2025-12-02"])
    assert one.answered == 0
    one = made([("2026-03-05", "running")], ["2026-03-03", "2025-12-03"])
    assert one.answered == 2


def test_a_pace_of_a_few_answers_says_nothing() -> None:
    one = made([("2026-03-05", "running")] * 50, ["2026-03-03"] * 9)
    assert one.is_few
    assert one.weeks_needed is None
    assert not one.is_more_than_answered


def test_a_young_record_has_no_pace() -> None:
    found = workload(
        county.cases([{"opened": "2026-02-06 09:00"}]), county.events([]),
        county.standing([{"owing_body_id": "b01"}]), clocks([("2026-03-05", "running")]), TODAY,
        county.ZONE, ["b01"],
    )  # fmt: skip
    assert found.known_weeks < 13
    assert found.bodies[0].median is None
