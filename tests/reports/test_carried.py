"""Cases of a split, merged or renamed area in today's areas: exact in sum, never under ten."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.tree import Tree
from reports.areas import LAYERS, Snapshot, area_figures, kaplan_meier_median, snapshot_moments
from reports.carried import UNIT, Crossings

ZONE = "Asia/Shanghai"
NOW = dt.datetime(2026, 3, 12, 4, tzinfo=dt.UTC)
MOMENTS = snapshot_moments(NOW, ZONE)
SPLIT_ON = dt.date(2026, 2, 1)
AREAS = pd.DataFrame(
    [
        ("c", "county", None), ("t1", "township", "c"), ("t2", "township", "c"),
        ("a", "grid", "t1"), ("b", "grid", "t1"), ("d", "grid", "t2"),
    ],
    columns=["code", "level", "parent_code"],
).astype({"parent_code": "str"})  # fmt: skip
TREE = Tree.of(AREAS.set_index("code")["parent_code"])
CHANGES = pd.DataFrame(
    [("old", "a", "split", 0.6, SPLIT_ON), ("old", "b", "split", 0.4, SPLIT_ON)],
    columns=["from_code", "to_code", "kind", "share", "valid_from"],
)


def cases(rows):
    """rows of (grid, known_at day, count)."""
    many = [(grid, day) for grid, day, count in rows for _ in range(count)]
    known = pd.to_datetime([day for _, day in many], utc=True).astype("datetime64[us, UTC]")
    grid = pd.Series([g for g, _ in many], dtype="str")
    return pd.DataFrame(
        {
            "opened_at": known,
            "known_at": known,
            "grid_code": grid,
            "township_code": grid.map({"d": "t2"}).fillna("t1"),
            "is_confirmed": True,
        }
    )


def figures(rows, changes=CHANGES, layer="open"):
    """Exact figures: nothing lies below the protection level."""
    table = cases(rows)
    days = (pd.Timestamp(NOW) - table["opened_at"]).dt.days.astype(float)
    standing = pd.DataFrame(
        {
            "is_open": True, "is_counted": True, "is_overdue": np.arange(len(table)) % 2 == 0,
            "wait_days": days, "wait_observed": np.arange(len(table)) % 3 > 0,
        }
    )  # fmt: skip
    shots = (Snapshot(table, standing, moment) for moment in (MOMENTS.now, MOMENTS.week_end))
    return area_figures(*shots, AREAS, ZONE, "grid", layer, changes)


def test_a_split_area_s_cases_go_to_its_parts_by_land():
    found = figures([("old", "2026-01-10", 40), ("d", "2026-01-10", 12)])
    assert found.loc[["a", "b"], "value"].tolist() == [24.0, 16.0]
    assert found.loc["t1", "value"] == 40
    assert found["is_approximate"].to_dict() == {
        "c": False, "t1": False, "t2": False, "a": True, "b": True, "d": False,
    }  # fmt: skip


def test_without_the_crosswalk_they_count_in_the_township_only():
    found = figures([("old", "2026-01-10", 40), ("d", "2026-01-10", 12)], changes=None)
    assert found.loc["a", "shown_code"] == "t1"
    assert found.loc["t1", "value"] == 40


def test_a_carried_figure_below_ten_is_covered_by_the_area_around():
    found = figures([("old", "2026-01-10", 20), ("b", "2026-02-10", 15), ("d", "2026-01-10", 12)])
    # a has twelve, b eight carried and fifteen of its own
    assert found.loc["b", "value"] == 23
    few = figures([("old", "2026-01-10", 16), ("b", "2026-02-10", 15), ("d", "2026-01-10", 12)])
    # a would have 9.6; b with 21.4 would give it away, so both show the township
    assert few.loc["a", "shown_code"] == "t1"
    assert few.loc["b", "shown_code"] == "t1"
    assert few.loc["t1", "value"] == 31


def test_a_code_that_lives_on_smaller_keeps_what_was_recorded_after_the_split():
    changes = CHANGES.assign(from_code="a")
    table = cases([("a", "2026-01-31 15:59", 1), ("a", "2026-01-31 16:00", 1)])
    carried = Crossings(TREE, changes, ZONE).places(table)
    parts = {
        (int(row), TREE.codes[place]): int(units)
        for row, place, units in zip(*carried, strict=True)
    }
    assert parts == {(0, "a"): 6000, (0, "b"): 4000, (1, "a"): UNIT}


def test_a_code_that_ended_is_carried_whenever_it_was_recorded():
    carried = Crossings(TREE, CHANGES, ZONE).places(cases([("old", "2026-03-01", 1)]))
    assert carried.units.tolist() == [6000, 4000]


def test_versions_follow_each_other():
    later = pd.DataFrame(
        [("older", "old", "renamed", 1.0, dt.date(2025, 1, 1))], columns=CHANGES.columns
    )
    crossings = Crossings(TREE, pd.concat([CHANGES, later]), ZONE)
    assert crossings.places(cases([("older", "2024-05-01", 1)])).units.tolist() == [6000, 4000]


def test_a_renamed_or_merged_area_is_carried_exactly_and_not_called_approximate():
    changes = CHANGES.assign(kind="merged", share=1.0, to_code="b", from_code=["x", "y"])
    crossings = Crossings(TREE, changes, ZONE)
    carried = crossings.places(cases([("x", "2026-01-01", 1), ("y", "2026-01-01", 1)]))
    assert TREE.codes[carried.place].tolist() == ["b", "b"]
    assert not crossings.approximate().any()


def test_an_area_that_is_gone_leaves_its_history_with_the_township():
    changes = CHANGES.assign(to_code="nowhere")
    carried = Crossings(TREE, changes, ZONE).places(cases([("old", "2026-01-01", 1)]))
    assert TREE.codes[carried.place].tolist() == ["t1"]


FEW = settings(deadline=None, max_examples=30)
SHARES = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=2)


@FEW
@given(SHARES, st.lists(st.tuples(st.sampled_from(["old", "a", "b", "d"]), st.integers(0, 25)),
                        min_size=1, max_size=6))  # fmt: skip
def test_no_case_is_lost_or_doubled_and_nothing_below_ten_is_shown(shares, rows):
    changes = CHANGES.assign(share=np.array(shares) / sum(shares))
    table = [(grid, "2026-01-10", count) for grid, count in rows]
    carried = Crossings(TREE, changes, ZONE).places(cases(table))
    parts = np.bincount(carried.row, weights=carried.units, minlength=len(cases(table)))
    assert (parts == UNIT).all()
    for layer in LAYERS:
        found = figures(table, changes, layer)
        assert (found["base"].dropna() >= 10).all()


@FEW
@given(SHARES, st.integers(0, 60), st.integers(0, 60))
def test_what_is_shown_of_the_parts_leaves_no_rest_below_ten(shares, split, own):
    changes = CHANGES.assign(share=np.array(shares) / sum(shares))
    found = figures([("old", "2026-01-10", split), ("b", "2026-02-10", own),
                     ("d", "2026-01-10", 30)], changes)  # fmt: skip
    shown = [c for c in ("a", "b") if found.loc[c, "shown_code"] == c]
    if found.loc["t1", "shown_code"] == "t1":
        rest = found.loc["t1", "value"] - sum(found.loc[c, "value"] for c in shown)
        assert rest < 0.001 or rest >= 10


def test_the_weighted_median_of_whole_cases_is_the_plain_one():
    rng = np.random.default_rng(3)
    days, seen = rng.integers(0, 30, 200).astype(float), rng.random(200) < 0.7
    group = rng.integers(0, 5, 200)
    plain = kaplan_meier_median(days, seen, group, 5)
    weighted = kaplan_meier_median(days, seen, group, 5, np.full(200, UNIT))
    assert plain == pytest.approx(weighted, nan_ok=True)
