"""Cleared ÷ assigned of the backlog, against figures that were published and by hand."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pandas as pd
import pytest

from reports.backlog import (
    AGE_SPLIT,
    AGES,
    PARTS,
    SPLIT,
    age_bands,
    by_group,
    cleared,
    covered,
    parts_of,
    steps_to_leave,
    to_leave,
)
from reports.monthly import COUNTY

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("held", "assigned", "said"), [(12, 14, "85.7"), (10, 10, "100.0"), (20, 25, "80.0")]
)
def test_the_check_figures_of_a_published_county_summary(held, assigned, said):
    """DOMAIN.md §7: 14 assigned, 12 resolved → 85.7 % (the document prints 86.4 %)."""
    parts = pd.Series(["cleared"] * held + ["open"] * (assigned - held))
    rate = cleared(parts)
    assert (rate.numerator, rate.denominator) == (held, assigned)
    assert rate.share is not None
    assert f"{rate.share * 100:.1f}" == said


def table(*rows: tuple[str, int | None, int | None]) -> pd.Series:
    """Parts of cases (stage, days since the last answer, days after it at which it came back)."""
    stage = pd.Series([row[0] for row in rows], dtype="str")
    answered = pd.Series(
        [pd.NaT if row[1] is None else pd.Timestamp(NOW) - pd.Timedelta(days=row[1])
         for row in rows]
    ).astype("datetime64[us, UTC]")  # fmt: skip
    cases = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    standing = pd.DataFrame(
        {"stage": stage, "last_answered_at": answered, "is_counted": [s != "gone" for s in stage]}
    )
    came = [(n, answered[n] + pd.Timedelta(days=row[2])) for n, row in enumerate(rows)
            if row[2] is not None]  # fmt: skip
    events = pd.DataFrame(
        {
            "case": pd.Series([n for n, _ in came], dtype="int64"),
            "event": pd.Series(["review_requested"] * len(came), dtype="str"),
            "occurred_at": pd.Series([at for _, at in came], dtype="datetime64[us, UTC]"),
        }
    )
    return parts_of(cases, events, standing, NOW)


def test_cleared_is_answered_and_held_and_nothing_else():
    found = table(
        ("answered", 60, None), ("answered", 59, None), ("answered", 90, 30),
        ("answered", 90, 61), ("reopened", 90, None), ("declined", None, None),
        ("withdrawn", 10, None), ("accepted", None, None),
    )  # fmt: skip
    assert found.tolist() == [
        "cleared", "answered", "back", "cleared", "open", "ended", "ended", "open",
    ]  # fmt: skip


def test_a_case_that_left_every_figure_is_in_no_part():
    found = table(("answered", 90, None), ("gone", None, None))
    assert found.tolist()[0] == "cleared"
    assert (cleared(found).numerator, cleared(found).denominator) == (1, 1)


def test_of_nothing_assigned_there_is_no_share():
    assert cleared(pd.Series(dtype="object")).share is None


def test_the_parts_of_a_level_add_up_to_its_assigned_in_the_fixed_order():
    parts = pd.Series(["cleared", "open", "ended", "cleared", "back"])
    groups = pd.Series(["township", "county", "township", "county", "county"])
    found = by_group(parts, groups, ["county", "department", "township"])
    assert list(found.index) == ["county", "department", "township"]
    assert list(found.columns) == ["assigned", *PARTS]
    assert found["assigned"].tolist() == [3, 0, 2]
    assert (found[list(PARTS)].sum(axis=1) == found["assigned"]).all()
    assert found.loc["township", ["cleared", "ended"]].tolist() == [1, 1]


def test_ages_are_counted_in_bands_that_hold_every_case():
    found = age_bands(pd.Series([93, 182, 183, 365, 366, 730, 731, 4000]))
    assert found.tolist() == [2, 2, 2, 2]
    assert list(found.index) == list(AGES)
    assert age_bands(pd.Series(dtype="int64")).tolist() == [0, 0, 0, 0]


def level(cells: dict[str, tuple[int, int, int, int, int]]) -> pd.DataFrame:
    return to_leave(pd.DataFrame(cells, index=list(PARTS)).T, pd.Series(dtype="int64"))


def test_small_parts_leave_with_nobody_and_come_out_by_no_subtraction():
    levels = level({"county": (5, 0, 0, 0, 6), "township": (9, 3, 0, 0, 8)})
    bodies = level({"b1": (8, 3, 0, 0, 12), "b2": (1, 0, 0, 0, 1), "b3": (5, 0, 0, 0, 1)})
    shown = covered({"level": levels, "body": bodies}, SPLIT)
    assert shown[COUNTY]["cleared"] == {COUNTY}
    assert shown["level"]["cleared"] == {"county", "township"}
    # b2 and b3 are small; what is left without b1 is 6 cleared and 2 open: two is given back
    assert shown["body"]["cleared"] == frozenset()


def test_a_county_with_fewer_than_ten_assigned_says_nothing():
    shown = covered({"level": level({"county": (5, 0, 0, 0, 4)})}, SPLIT)
    assert shown[COUNTY]["cleared"] == frozenset()
    assert shown["level"]["cleared"] == frozenset()


def test_a_case_without_a_plan_does_not_come_out_as_the_rest():
    planned = pd.DataFrame({"b1": (8, 3, 0, 0, 12), "b2": (5, 4, 3, 0, 9)}, index=list(PARTS)).T
    whole = to_leave(planned, pd.Series({"b1": 1, "b2": 3, "b3": 4}))
    assert whole.loc["b3"].tolist() == [4, 0, 0, 0, 0, 0, 4]
    assert (whole[[*PARTS, "no_plan"]].sum(axis=1) == whole["listed"]).all()
    shown = covered({"body": whole}, SPLIT)["body"]["cleared"]
    assert "b1" not in shown


def test_an_age_with_one_case_is_covered_with_another_one():
    counts = pd.DataFrame({"backlog": [7, 1, 12]}, index=["a", "b", "c"])
    assert covered({"age": counts}, AGE_SPLIT)["age"]["backlog"] == {"c"}


def test_counts_added_up_leave_no_step_of_one_or_two() -> None:
    added_up = pd.Series([0, 1, 4, 5, 5, 9, 9, 10])
    given = steps_to_leave(added_up)
    assert given == [0, None, None, 5, 5, None, None, 10]
    shown = [value for value in given if value is not None]
    assert all(b - a == 0 or b - a >= 3 for a, b in pairwise(shown))
    assert steps_to_leave(pd.Series([1, 2])) == [None, None]
    assert steps_to_leave(pd.Series([3, 6, 6])) == [3, 6, 6]
