"""DOMAIN.md §2.4: asking is lawful and never a fault. More askers at the same timeliness move
no rank, score, colour or list position."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from data import bulk
from data.db import Db
from data.scope import Scope
from reports.area_bands import FIXED
from reports.area_classes import PLAIN, classify
from reports.daily import daily_report
from reports.indicators import Window, on_time_by
from tests.reports.county import AS_OF, COUNTY, DAY, FILES, record

from .conftest import GRIDS, TOWNS, cases, events
from .looking import area_tables

WINDOW = Window(DAY.replace(month=1, day=1), DAY.replace(month=12, day=31))


def due(
    counts: dict[str, tuple[int, int]], times: dict[str, int]
) -> tuple[pd.DataFrame, pd.Series]:
    """A standing with (on time, late) answers per group, each `times` as often."""
    rows = [
        (group, outcome)
        for group, (met, late) in counts.items()
        for outcome in ["on_time"] * met * times.get(group, 1)
        + ["late"] * late * times.get(group, 1)
    ]
    standing = pd.DataFrame(
        {
            "is_counted": True,
            "answer_due_on": pd.Timestamp(DAY),
            "outcome": pd.Series([outcome for _, outcome in rows], dtype="str"),
        }
    )
    return standing, pd.Series([group for group, _ in rows], dtype="str")


@pytest.mark.parametrize("many", ["t1", "t2", "t3"])
@pytest.mark.parametrize("times", [2, 9])
def test_twice_the_cases_of_one_township_move_no_rank_and_no_share(many: str, times: int) -> None:
    counts = {"t1": (18, 2), "t2": (10, 10), "t3": (12, 3)}
    before = on_time_by(*due(counts, {}), WINDOW)
    after = on_time_by(*due(counts, {many: times}), WINDOW)
    assert list(after.index) == list(before.index)
    assert after["rank"].tolist() == before["rank"].tolist() == [1, 3, 2]
    assert after["share"].tolist() == pytest.approx(before["share"].tolist())
    assert after.loc[many, "denominator"] == times * before.loc[many, "denominator"]


def test_a_worse_timeliness_does_move_a_rank() -> None:
    before = on_time_by(*due({"t1": (18, 2), "t2": (10, 10)}, {}), WINDOW)
    after = on_time_by(*due({"t1": (2, 18), "t2": (10, 10)}, {}), WINDOW)
    assert after["rank"].tolist() != before["rank"].tolist()


def filled(db: Db, times: int) -> Db:
    """12 cases per grid, a third of them overdue; the first township's `times` as often."""
    rows, which = [], {}
    for grid in GRIDS:
        town = TOWNS[GRIDS.index(grid) // 3]
        for number in range(12):
            for _ in range(times if town == TOWNS[0] else 1):
                opened = pd.Timestamp("2025-06-02 02:00", tz="UTC") + pd.Timedelta(days=number * 20)
                which[len(rows)] = [("confirmed", 0.5), ("accepted", 1.0)]
                if number % 2:
                    which[len(rows)].append(("answered", 10.0 + number))
                rows.append(
                    {"grid_code": grid, "township_code": town, "opened_at": opened,
                     "known_at": opened}
                )  # fmt: skip
    frame = cases(rows)
    bulk.take_over(db, Scope.operator(), frame, events(frame, which), source_name="county.csv")
    return db


def test_twice_the_cases_of_one_township_move_no_colour_on_any_map(another) -> None:
    once, twice = area_tables(filled(another(), 1)), area_tables(filled(another(), 2))
    for layer in once:
        before, after = classify(once[layer], layer), classify(twice[layer], layer)
        assert set(before.digits) - {"1"}, layer
        assert before.edges == after.edges
        pd.testing.assert_series_equal(after.digits, before.digits)
        assert list(after.digits.index) == list(before.digits.index)
        if layer != "open":  # an expected number grows with the cases, its share does not
            values = twice[layer]["value"], once[layer]["value"]
            pd.testing.assert_series_equal(*values)
    assert twice["open"].loc[TOWNS[0], "value"] == 2 * once["open"].loc[TOWNS[0], "value"]


def test_how_many_ask_has_no_scale_and_no_class_edges(another) -> None:
    assert set(FIXED) == {"overdue_share", "expected_late", "late_share", "median_wait"}
    classes = classify(area_tables(filled(another(), 1))["open"], "open")
    assert classes.edges == ()
    assert set(classes.digits) == {PLAIN}


def doubled(which: str):
    """The hand-made county of tests/reports with one township's cases twice."""
    made = record()
    again = made.cases.index[made.cases["township_code"] == which]
    numbers = {old: len(made.cases) + n for n, old in enumerate(again)}
    extra = made.events[made.events["case"].isin(again)]
    return dataclasses.replace(
        made,
        cases=pd.concat([made.cases, made.cases.loc[again]], ignore_index=True).rename_axis("case"),
        events=pd.concat([made.events, extra.assign(case=extra["case"].map(numbers))])
        .sort_values(["case", "occurred_at"], kind="stable", ignore_index=True),
        standing=pd.concat([made.standing, made.standing.loc[again]], ignore_index=True)
        .rename_axis("case"),
    )  # fmt: skip


@pytest.mark.parametrize("town", ["330901101", "330901102", "330901103"])
def test_twice_the_cases_of_one_township_move_no_position_in_the_daily_report(town: str) -> None:
    before = daily_report(COUNTY, DAY, AS_OF, record(), FILES)
    after = daily_report(COUNTY, DAY, AS_OF, doubled(town), FILES)
    for part, name in (
        ("by_domain", "domain"), ("by_township", "township_code"), ("priority", "body_id"),
        ("reminders", "township_code"),
    ):  # fmt: skip
        order = [getattr(line, name) for line in getattr(before, part)]
        assert [getattr(line, name) for line in getattr(after, part)] == order, part
    assert [body for body, _ in after.due_next] == [body for body, _ in before.due_next]
    assert after.open_now.today >= before.open_now.today


@pytest.mark.parametrize("mark", ["is_very_late", "is_overdue", "due_soon", "not_solved"])
def test_a_body_that_more_people_ask_stands_nowhere_higher_on_the_list(mark: str) -> None:
    """Two bodies have the same kind of trouble, one of them twenty times as often after."""
    made = record()
    standing = made.standing.assign(is_overdue=False, next_due_on=pd.Timestamp("2026-03-30"))
    for body, number in (("b01", 3), ("b02", 1)):
        rows = standing.index[standing["is_open"] & (standing["owing_body_id"] == body)][:number]
        if mark == "due_soon":
            standing.loc[rows, ["next_due_on", "next_clock"]] = pd.Timestamp("2026-03-05"), "answer"
        elif mark == "not_solved":
            standing.loc[rows, "stage"] = "reopened"
        else:
            standing.loc[rows, list({"is_overdue", mark})] = True
    made = dataclasses.replace(made, standing=standing)
    last = rows.repeat(20)
    more = dataclasses.replace(
        made,
        cases=pd.concat([made.cases, made.cases.loc[last]], ignore_index=True).rename_axis("case"),
        standing=pd.concat([standing, standing.loc[last]], ignore_index=True).rename_axis("case"),
    )
    before = daily_report(COUNTY, DAY, AS_OF, made, FILES)
    after = daily_report(COUNTY, DAY, AS_OF, more, FILES)
    order = [line.body_id for line in before.priority]
    assert order == ["b01", "b02"]
    assert [line.body_id for line in after.priority] == order
    assert [body for body, _ in after.due_next] == [body for body, _ in before.due_next]
    assert (mark == "due_soon") == bool(after.due_next)
