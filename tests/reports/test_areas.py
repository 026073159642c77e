"""Area figures: by hand, against slow definitions, and against DOMAIN.md §2.4 and §2.10."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.area_classes import COLOURS, HATCHED, METHODS, SCALE, classify, legend
from reports.areas import (
    LAYERS,
    WAIT_WEEKS,
    Snapshot,
    area_figures,
    kaplan_meier_median,
    levels_without_figures,
    snapshot_moments,
)
from reports.waiting import quantile_days

ZONE = "Asia/Shanghai"
NOW = dt.datetime(2026, 3, 12, 4, tzinfo=dt.UTC)  # Thursday noon in Shanghai
MOMENTS = snapshot_moments(NOW, ZONE)

AREAS = pd.DataFrame(
    [
        ("c", "county", None),
        ("t1", "township", "c"),
        ("t2", "township", "c"),
        ("v1", "village", "t1"),
        ("v2", "village", "t2"),
        ("g1", "grid", "v1"),
        ("g2", "grid", "v1"),
        ("g3", "grid", "v2"),
    ],
    columns=["code", "level", "parent_code"],
).astype({"parent_code": "str"})
TOWNSHIP = {"g1": "t1", "g2": "t1", "g3": "t2"}


def record(rows, as_of=NOW):
    """A snapshot: rows of (place, is_open, is_overdue, wait_days, wait_observed)."""
    frame = pd.DataFrame(
        rows, columns=["place", "is_open", "is_overdue", "wait_days", "wait_observed"]
    )
    place = frame["place"].astype("str")
    cases = pd.DataFrame(
        {
            "opened_at": (pd.Timestamp(as_of) - pd.to_timedelta(frame["wait_days"], unit="D")),
            "grid_code": place.where(place.isin(TOWNSHIP)),
            "township_code": place.map(TOWNSHIP).fillna(place),
            "is_confirmed": True,
        }
    )
    standing = frame[["is_open", "is_overdue", "wait_days", "wait_observed"]].assign(
        is_counted=True
    )
    return Snapshot(cases, standing, as_of)


def at_both(rows):
    return record(rows, MOMENTS.now), record(rows, MOMENTS.week_end)


def figures(rows, layer="open", level="township", is_wide=False):
    return area_figures(*at_both(rows), AREAS, ZONE, level, layer, is_wide=is_wide)


def still_open(place, count, overdue=0):
    return [(place, True, k < overdue, 10.0, False) for k in range(count)]


def answered(place, *days):
    return [(place, False, False, float(d), True) for d in days]


def test_the_week_ends_on_monday_at_midnight_of_the_county():
    assert MOMENTS.now == NOW
    assert MOMENTS.week_end == dt.datetime(2026, 3, 8, 16, tzinfo=dt.UTC)
    sunday_night = dt.datetime(2026, 3, 8, 15, 59, tzinfo=dt.UTC)
    assert snapshot_moments(sunday_night, ZONE).week_end == dt.datetime(
        2026, 3, 1, 16, tzinfo=dt.UTC
    )
    monday = dt.datetime(2026, 3, 8, 16, tzinfo=dt.UTC)
    assert snapshot_moments(monday, ZONE).week_end == monday


def test_all_days_of_a_week_give_the_same_weekly_moment_across_a_clock_change():
    zone = "America/Chicago"  # clocks went forward on Sunday 8 March 2026
    ends = {
        snapshot_moments(dt.datetime(2026, 3, 9 + k, 12, tzinfo=dt.UTC), zone).week_end
        for k in range(7)
    }
    assert ends == {dt.datetime(2026, 3, 9, 5, tzinfo=dt.UTC)}


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="as_of needs a zone"):
        snapshot_moments(dt.datetime(2026, 3, 12), ZONE)


def test_the_window_of_the_wait_is_at_least_thirteen_whole_weeks():
    assert WAIT_WEEKS >= 13


def test_a_small_grid_shows_the_smallest_enclosing_area_with_ten_cases():
    found = figures(
        still_open("g1", 14, overdue=7) + still_open("g2", 11) + still_open("g3", 12, 3),
        "overdue_share",
    )
    assert found.loc["g1", ["shown_code", "shown_level"]].tolist() == ["g1", "grid"]
    assert found.loc["g1", "value"] == 0.5
    assert found.loc["g2", "value"] == 0.1  # the upper edge of its class: nothing exact is here
    assert found.loc["g1", "base"] == 10  # its band, 10-19
    assert found.index[found["is_band"]].tolist() == ["v1", "v2", "g1", "g2", "g3"]
    assert found.loc["t2", "value"] == 0.25
    assert found.loc["c", "base"] == 37
    few = figures(
        still_open("g1", 14, overdue=7) + still_open("g2", 6) + still_open("g3", 12, 3),
        "overdue_share",
    )
    assert few.loc["g2", ["shown_code", "shown_level"]].tolist() == ["v1", "village"]
    assert few.loc["g1", "shown_code"] == "v1"  # 20 - 14 would say 6
    assert few.loc["g2", "value"] == 0.5  # 35 %: between 30 and 50
    assert few.loc["g2", "base"] == 20


def test_no_cases_and_too_few_in_the_county_are_told_apart_and_show_nothing():
    few = figures(still_open("g1", 9))
    assert set(few["state"]) == {"too_few"}
    assert few["value"].isna().all()
    assert few["base"].isna().all()
    assert few["shown_code"].isna().all()
    assert set(figures(answered("g1", 3))["state"]) == {"none"}


def test_a_grid_without_cases_looks_like_one_with_few():
    found = figures(still_open("g1", 12) + still_open("g3", 10))
    assert found.loc["g2", "state"] == "shown"
    assert found.loc["g2", "shown_code"] == "v1"


def test_a_level_whose_median_area_has_fewer_than_ten_a_year_has_no_figures_of_its_own():
    # the middle one of three grids has nine cases, the middle village fifteen
    rows = still_open("g1", 9) + still_open("g2", 9) + still_open("g3", 12)
    assert levels_without_figures(at_both(rows)[1], AREAS, ZONE, "township") == ("grid",)
    found = figures(rows)
    assert found.loc["g1", "shown_code"] == "v1"
    fuller = rows + still_open("g1", 1) + still_open("g2", 1)
    assert levels_without_figures(at_both(fuller)[1], AREAS, ZONE, "township") == ()
    assert figures(fuller).loc["g1", "shown_code"] == "g1"


def test_the_protection_level_keeps_its_figures_however_few_cases_there_are():
    assert levels_without_figures(at_both(still_open("g1", 12))[1], AREAS, ZONE, "grid") == ()


def test_a_case_without_a_grid_counts_from_its_township_on():
    found = figures(still_open("t1", 12) + still_open("g3", 12))
    assert found.loc["t1", "value"] == 12
    assert found.loc["g1", "shown_code"] == "t1"


def test_a_case_of_an_unknown_place_counts_for_the_county_only():
    found = figures(still_open("elsewhere", 11) + still_open("g3", 12))
    assert found.loc["c", "value"] == 23
    assert found.loc["t2", "value"] == 12


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("column", ["is_confirmed", "is_counted"])
def test_unconfirmed_and_uncounted_cases_move_nothing(layer, column):
    rows = still_open("g1", 14, 5) + still_open("g3", 12) + answered("g2", *range(1, 30))
    extra = still_open("g2", 30, 30) + answered("g3", *range(50, 90))
    without = area_figures(*at_both(rows), AREAS, ZONE, "township", layer)
    snapshots = []
    for snapshot in at_both(rows + extra):
        part = snapshot.cases if column == "is_confirmed" else snapshot.standing
        part[column] = np.arange(len(part)) < len(rows)
        snapshots.append(snapshot)
    pd.testing.assert_frame_equal(area_figures(*snapshots, AREAS, ZONE, "township", layer), without)


def test_below_the_protection_level_the_moment_moves_nothing():
    week = record(
        still_open("g1", 14) + still_open("g2", 11) + still_open("g3", 12), MOMENTS.week_end
    )
    now = record(still_open("g1", 40) + still_open("g2", 11) + still_open("g3", 12))
    found = area_figures(now, week, AREAS, ZONE, "township", "open")
    assert found.loc["g1", "value"] == 10
    assert found.loc["v1", "value"] == 20
    assert found.loc["t1", "value"] == 51
    assert found.loc["c", "value"] == 63


def test_a_grid_that_shows_its_township_shows_the_township_of_the_moment():
    week = record(still_open("g1", 3) + still_open("g3", 12), MOMENTS.week_end)
    now = record(still_open("g1", 15) + still_open("g3", 12))
    found = area_figures(now, week, AREAS, ZONE, "township", "open")
    assert found.loc["g1", ["shown_code", "value"]].tolist() == ["t1", 15.0]


def test_a_layer_that_ends_at_its_protection_level_is_of_the_moment_throughout():
    week = record([], MOMENTS.week_end)
    now = record(still_open("g1", 15) + still_open("g2", 10))
    found = area_figures(now, week, AREAS, ZONE, "grid", "open")
    assert found.loc["g1", ["shown_code", "value"]].tolist() == ["g1", 15.0]


def test_a_weekly_snapshot_of_another_moment_is_refused():
    with pytest.raises(ValueError, match="end of the last whole week"):
        area_figures(record([]), record([]), AREAS, ZONE, "township", "open")


@pytest.mark.parametrize(
    ("layer", "level"), [("complaints_per_head", "township"), ("open", "province")]
)
def test_a_layer_or_level_that_does_not_exist_is_refused(layer, level):
    with pytest.raises(ValueError, match=r"no such layer|no area of the protection level"):
        figures(still_open("g1", 10), layer, level)


def test_the_wait_counts_those_still_waiting():
    found = figures(answered("g1", *range(1, 11)) + still_open("g1", 5), "median_wait")
    # 5 wait on at 10 days: after 8 answers 7 of 15 are left, less than half
    assert found.loc["g1", "value"] == 8
    assert found.loc["g1", "base"] == 15
    unknown = figures(answered("g1", 1, 2, 3) + still_open("g1", 12), "median_wait")
    assert unknown.loc["g1", "state"] == "unknown"
    assert pd.isna(unknown.loc["g1", "value"])
    assert unknown.loc["g1", "base"] == 15


def test_cases_older_than_the_window_do_not_enter_the_wait():
    old = answered("g1", *range(400, 420))
    found = figures(answered("g1", *range(1, 13)) + old, "median_wait")
    assert found.loc["c", "base"] == 12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 2)), min_size=1, max_size=60
    )
)
def test_grouped_medians_are_those_of_lifelines_group_by_group(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import KaplanMeierFitter
    days, observed, group = (np.array(column) for column in zip(*rows, strict=True))
    found = kaplan_meier_median(days.astype(float), observed, group, 4)
    assert np.isnan(found[3])
    for one in range(3):
        mine = group == one
        if not mine.any():
            assert np.isnan(found[one])
            continue
        fitted = KaplanMeierFitter().fit(days[mine], observed[mine])
        curve = fitted.survival_function_["KM_estimate"]
        reached = curve.index[curve <= 0.5 + 1e-9]
        expected = reached[0] if len(reached) else None
        assert (None if np.isnan(found[one]) else found[one]) == expected
        slow = quantile_days(pd.Series(days[mine]), pd.Series(observed[mine]), 0.5)
        assert slow == expected


def test_doubling_a_township_at_the_same_timeliness_moves_no_colour():
    rows = still_open("g1", 20, 5) + still_open("g2", 24, 8) + still_open("g3", 20, 1)
    rows += answered("g1", *range(1, 40)) + answered("g3", *range(5, 50))
    doubled = rows + [row for row in rows if row[0] == "g3"]
    for layer in LAYERS:
        for method in METHODS:
            is_wide = method != "fixed"
            before, after = (
                classify(figures(some, layer, is_wide=is_wide), layer, method)
                for some in (rows, doubled)
            )
            drawn = AREAS.loc[AREAS["level"] == "grid", "code"]
            pd.testing.assert_series_equal(before.digits[drawn], after.digits[drawn])
            assert before.edges == after.edges


def test_how_many_ask_has_no_scale():
    found = classify(figures(still_open("g1", 200) + still_open("g3", 12)), "open")
    assert set(found.digits) == {"8"}
    assert found.edges == ()


def test_an_area_whose_figure_covers_many_counts_once_in_the_quantiles():
    rows = still_open("g1", 5, 1) + still_open("g2", 5, 1) + still_open("g3", 20, 10)
    found = figures(rows, "overdue_share", is_wide=True)
    classes = classify(found, "overdue_share", "quantile")
    assert found.loc[["g1", "g2", "g3"], "value"].tolist() == [0.2, 0.2, 0.5]
    assert classes.edges == pytest.approx((0.26, 0.32, 0.38, 0.44))
    assert classes.digits[["g1", "g2", "g3"]].tolist() == ["3", "3", "7"]


def test_fixed_classes_take_their_upper_edge_in():
    found = figures(still_open("g1", 20, 4) + still_open("g3", 10, 6), "overdue_share")
    classes = classify(found, "overdue_share")
    assert classes.digits["g1"] == "4"  # exactly 20 %
    assert classes.digits["g3"] == "7"
    assert classes.bounds("4") == (0.10, 0.20)
    assert classes.bounds("7") == (0.50, None)
    with pytest.raises(ValueError, match="no fixed edges"):
        classify(found, "receptions")


def test_the_legend_lists_what_is_on_the_map_and_counts_it():
    found = figures(still_open("g1", 20, 2) + still_open("g3", 10, 5), "overdue_share")
    rows = legend(classify(found, "overdue_share"), pd.Index(["g1", "g2", "g3"]))
    assert rows["areas_count"].sum() == 3
    assert rows["digit"].is_monotonic_increasing
    few = legend(classify(figures(still_open("g1", 3)), "open"), pd.Index(["g1"]))
    assert few["digit"].tolist() == ["1"]
    assert few["hatch"].tolist() == ["////"]


def lightness(colour, kind="all"):
    """CIE L* of a colour, as seen by everybody, or without red or green cones (Viénot 1999)."""
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    turn = {
        "all": np.eye(3),
        "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }[kind]
    light = float(np.array([0.2126, 0.7152, 0.0722]) @ (np.array(turn) @ linear))
    return 116 * np.cbrt(light) - 16 if light > 0.008856 else 903.3 * light


@pytest.mark.parametrize("kind", ["all", "protan", "deutan"])
def test_the_scale_darkens_in_clear_steps_for_every_eye_and_on_grey_paper(kind):
    steps = [lightness(COLOURS[digit], kind) for digit in SCALE]
    assert (np.diff(steps) < -10).all()


def test_what_is_missing_is_hatched_or_white_and_never_the_colour_of_low():
    missing = {digit: COLOURS[digit] for digit in "012"}
    assert set(HATCHED) == {"1", "2", "9"}
    assert len(set(missing.values()) | {COLOURS[digit] for digit in SCALE}) == 8
