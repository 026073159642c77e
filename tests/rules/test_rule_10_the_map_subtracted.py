"""DOMAIN.md §2.10: who subtracts every pair of the map's layers, windows, days and levels isolates
no case below the township.

The attacker has every figure the map shows below the township, of every layer, of every week and of
every level, and the exact ones of townships of the same moment. What is known of a figure is the
interval its band allows. He wins where a difference is certain to be one to nine cases.
"""

from __future__ import annotations

import datetime as dt
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.tree import MINIMUM, Tree
from reports.area_bands import BANDS, FIXED, band_ends, band_of
from reports.area_classes import METHODS, classify
from reports.area_wide import SPAN_LAYERS, SPAN_WEEKS, span_figures, spans
from reports.area_words import band_text
from reports.areas import LAYERS, WAIT_WEEKS, Snapshot, area_figures, snapshot_moments
from reports.map_sheet import area_cells, covered, map_sheet

from .conftest import GRIDS, TOWNS, layer

ZONE = "Asia/Shanghai"
MONDAY = dt.datetime(2026, 3, 1, 16, 0, tzinfo=dt.UTC)
AREAS = layer()
TREE = Tree.of(AREAS.set_index("code")["parent_code"])
FINE = AREAS["level"].isin(["village", "grid"]).to_numpy()
MOST = 5000
"""An open band ends there for the attacker: more than any area of these tests has."""


def snapshot(rows: list[tuple[str, int, bool, float]], moment: dt.datetime) -> Snapshot:
    """Open cases: grid, days before MONDAY they were asked, overdue, P(late)."""
    grids = pd.Series([row[0] for row in rows], dtype="str")
    opened = pd.Timestamp(MONDAY) - pd.to_timedelta([row[1] for row in rows], unit="D")
    cases = pd.DataFrame(
        {
            "opened_at": opened.astype("datetime64[us, UTC]"),
            "known_at": opened.astype("datetime64[us, UTC]"),
            "grid_code": grids,
            "township_code": [TOWNS[GRIDS.index(grid) // 3] for grid in grids],
            "is_confirmed": True,
        }
    )
    cases = cases[cases["opened_at"] <= pd.Timestamp(moment)].reset_index(drop=True)
    kept = [row for row in rows if pd.Timestamp(MONDAY) - pd.Timedelta(days=row[1]) <= moment]
    waits = (pd.Timestamp(moment) - cases["opened_at"]) / pd.Timedelta(days=1)
    standing = pd.DataFrame(
        {
            "is_counted": True, "is_open": True, "is_overdue": [row[2] for row in kept],
            "wait_days": waits, "wait_observed": [row[1] % 3 > 0 for row in kept],
        }
    )  # fmt: skip
    return Snapshot(cases, standing, moment, pd.Series([row[3] for row in kept], dtype="float64"))


def shown(rows: list[tuple[str, int, bool, float]], moment: dt.datetime) -> dict[str, pd.DataFrame]:
    moments = snapshot_moments(moment, ZONE)
    now, week = snapshot(rows, moments.now), snapshot(rows, moments.week_end)
    return {name: area_figures(now, week, AREAS, ZONE, "township", name) for name in LAYERS}


def intervals(found: dict[str, pd.DataFrame]) -> dict[tuple[str, str], tuple[int, int]]:
    """What is known of the cases behind each figure shown of an area below the township."""
    known = {}
    for name, figures in found.items():
        own = figures[FINE & (figures["shown_code"] == figures.index).to_numpy()]
        for code, base in own["base"].items():
            known[name, str(code)] = int(base), band_ends(int(base)) or MOST
    return known


cases_of_weeks = st.lists(
    st.tuples(
        st.sampled_from(GRIDS), st.integers(-20, 300), st.booleans(),
        st.floats(0.05, 0.95).map(lambda p: round(p, 2)),
    ),
    min_size=30, max_size=160,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases_of_weeks)
def test_no_pair_of_layers_days_and_levels_isolates_a_case(
    rows: list[tuple[str, int, bool, float]],
) -> None:
    days = [MONDAY + dt.timedelta(days=n) for n in (0, 3, 6, 7)]
    views = [intervals(shown(rows, day)) for day in days]
    assert views[0] == views[1] == views[2], "below the township a week has one picture"
    figures = [interval for view in views for interval in view.values()]
    for (low, high), (less, more) in combinations(sorted(set(figures)), 2):
        ends = sorted((low - more, high - less))
        assert not 1 <= ends[0] <= ends[1] < MINIMUM, ((low, high), (less, more))
        assert not 1 <= -ends[1] <= -ends[0] < MINIMUM


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases_of_weeks)
def test_taking_the_finer_from_the_wider_leaves_none_or_ten(
    rows: list[tuple[str, int, bool, float]],
) -> None:
    """Were the bands exact: what is left within one layer at one moment is none or ten cases."""
    exact = snapshot(rows, MONDAY)
    counts = pd.Series(exact.cases["grid_code"]).value_counts()
    base = TREE.add_up(counts.rename("base").to_frame())["base"]
    found = shown(rows, MONDAY)["open"]
    own = [code for code in found.index if found.loc[code, "shown_code"] == code]
    parents = AREAS.set_index("code")["parent_code"]

    def inside(code: str, wide: str) -> bool:
        at = parents[code]
        while isinstance(at, str):
            if at == wide:
                return True
            at = parents[at]
        return False

    for wide in own:
        within = [code for code in own if inside(code, wide)]
        top = [c for c in within if not any(inside(c, other) for other in within)]
        rest = int(base[wide]) - sum(int(base[c]) for c in top)
        assert rest == 0 or rest >= MINIMUM


@pytest.mark.parametrize("name", ["overdue_share", "expected_late", "late_share"])
def test_a_band_and_a_class_together_never_tell_how_many(name: str) -> None:
    """12 cases and "up to 10 %" must not mean: exactly one of them is overdue."""
    for start in BANDS[:-1]:
        numbers = range(start, (band_ends(start) or 0) + 1)
        fits: dict[int, set[int]] = {}
        for cases in numbers:
            for late in range(cases + 1):
                place = int(np.searchsorted(np.array(FIXED[name]), late / cases, "left"))
                fits.setdefault(place, set()).add(late)
        assert all(len(possible) > 1 for possible in fits.values()), start


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases_of_weeks)
def test_the_file_of_a_part_has_no_cell_that_the_whole_and_the_screen_have_not(
    rows: list[tuple[str, int, bool, float]],
) -> None:
    """So that a part, or all parts, subtracted from the whole leave nothing."""
    for name, figures in shown(rows, MONDAY).items():
        cells = area_cells(figures, name, AREAS, "township", "zh")
        classes = covered(figures, name, "township")[1]
        given_ = {"place": "", "as_of": "", "is_demo": True}
        whole = map_sheet(name, cells, classes, AREAS, "zh", **given_)
        known = set(whole.cells.itertuples(index=False, name=None))
        for code in AREAS["code"]:
            part = map_sheet(name, cells, classes, AREAS, "zh", **given_, of=code)
            assert set(part.cells.itertuples(index=False, name=None)) <= known
        finer = cells[~cells["code"].isin(TOWNS)]
        own = figures.index[FINE & (figures["shown_code"] == figures.index).to_numpy()]
        assert finer["code"].tolist() == own.tolist()
        told = [band_text(int(figures.loc[code, "base"]), "zh") for code in own]
        assert finer["base"].tolist() == told
        assert cells["base"].isin(["", *(band_text(start, "zh") for start in BANDS)]).all()


def test_exact_figures_of_two_weeks_would_isolate_a_case() -> None:
    """The attacker is worth something: with the numbers behind the bands he wins."""
    rows = [(GRIDS[0], 100 + n, False, 0.3) for n in range(14)]
    rows += [(grid, 100 + n, False, 0.3) for grid in GRIDS[1:] for n in range(12)]
    more = [*rows, (GRIDS[0], -3, False, 0.3)]
    before, after = (snapshot(more, MONDAY + dt.timedelta(days=n)) for n in (0, 7))
    counts = [(one.cases["grid_code"] == GRIDS[0]).sum() for one in (before, after)]
    assert counts[1] - counts[0] == 1
    shown_twice = [shown(more, MONDAY + dt.timedelta(days=n))["open"] for n in (0, 7)]
    same = [one.loc[GRIDS[0], ["value", "base"]].tolist() for one in shown_twice]
    assert same[0] == same[1] == [10, 10]


def test_windows_are_long_enough_and_the_two_spans_never_overlap() -> None:
    assert min(WAIT_WEEKS, SPAN_WEEKS) >= 13
    for weeks in (13, 14, 52):
        earlier, later = spans(MONDAY + dt.timedelta(days=3), ZONE, weeks)
        assert earlier.last < later.first
        for span in (earlier, later):
            assert (span.last - span.first).days + 1 == SPAN_WEEKS * 7
            assert span.first.weekday() == 0
    with pytest.raises(ValueError, match="overlap"):
        spans(MONDAY, ZONE, 12)
    week = {spans(MONDAY + dt.timedelta(days=n), ZONE)[1].first for n in range(7)}
    assert len(week) == 1, "spans move weekly"


def test_a_comparison_of_spans_shows_nothing_below_the_township() -> None:
    rows = [(grid, n, n % 2 == 0, 0.3) for grid in GRIDS for n in range(40)]
    found = snapshot(rows, MONDAY)
    standing = found.standing.assign(
        outcome=pd.Categorical(np.where(found.standing["is_overdue"], "late_open", "on_time")),
        answer_due_on=pd.Timestamp("2026-02-10"),
    )
    span = spans(MONDAY, ZONE)[1]
    for name in SPAN_LAYERS:
        made = span_figures(
            Snapshot(found.cases, standing, MONDAY), span, AREAS, ZONE, "township", name
        )
        assert set(made["shown_level"]) <= {"county", "township"}
        assert (made["state"] == "shown").all()
    assert made.loc[GRIDS[0], "shown_code"] == TOWNS[0]


def test_classes_made_from_the_data_are_refused_for_small_areas() -> None:
    rows = [(grid, n, n % 3 == 0, 0.3) for grid in GRIDS for n in range(20)]
    found = shown(rows, MONDAY)["overdue_share"]
    assert found["is_band"].any()
    for method in METHODS[1:]:
        with pytest.raises(ValueError, match="protection level"):
            classify(found, "overdue_share", method)


def test_a_band_begins_where_its_number_lies() -> None:
    assert band_of(np.array([10, 19, 20, 49, 50, 999, 1000, 70_000])).tolist() == [
        10, 10, 20, 20, 50, 500, 1000, 1000,
    ]  # fmt: skip
    assert [band_ends(start) for start in (10, 20, 1000)] == [19, 49, None]
    ends = [(start, band_ends(start) or MOST) for start in BANDS]
    for (low, high), (less, more) in product(ends, ends):
        # neither surely one to nine more, nor surely one to nine fewer
        assert low - more <= 0 or high - less >= MINIMUM
        assert high - less >= 0 or low - more <= -MINIMUM
