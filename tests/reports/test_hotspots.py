"""Clusters of slow answers: new, persistent, fading; what asking more does not move; noise."""

import dataclasses
import datetime as dt
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from reports.area_bands import BANDS
from reports.area_classes import PLAIN, TOO_FEW, UNKNOWN
from reports.area_words import band_text
from reports.areas import Snapshot
from reports.hotspot_map import hotspot_figures, smooth_figures
from reports.hotspots import MEASURES, hotspots, slow_spans
from reports.map_sheet import hotspot_cells

ZONE = "Asia/Shanghai"
NOW = dt.datetime(2026, 3, 12, 4, tzinfo=dt.UTC)
SPANS = slow_spans(NOW, ZONE)
SIDE = 6
TOWNS = [f"t{n:02}" for n in range(SIDE * SIDE)]
BLOCK = {f"t{6 * row + column:02}" for row in range(3) for column in range(3)}
CORE = ["t01", "t06", "t07"]
"""Of the block, those with five neighbours or more inside it: others are sometimes too few."""


def square(x, y, step=0.05):
    return shapely.box(118 + step * x, 29 + step * y, 118 + step * (x + 1), 29 + step * (y + 1))


def layer():
    shapes = [square(n % SIDE, n // SIDE) for n in range(len(TOWNS))]
    rows = [("c", "county", None), *((town, "township", "c") for town in TOWNS)]
    table = pd.DataFrame(rows, columns=["code", "level", "parent_code"])
    return gpd.GeoDataFrame(
        table.astype({"parent_code": "str"}),
        geometry=[shapely.union_all(shapes), *shapes], crs="EPSG:4490",
    )  # fmt: skip


AREAS = layer()


def record(per_town):
    """A snapshot from {(town, span): (answers due, late)}; the late ones are of the land office."""
    rows = []
    for (town, span), (due, late) in per_town.items():
        for k in range(due):
            is_late = k < late
            day = pd.Timestamp(SPANS[span].first) + pd.Timedelta(days=k % 80)
            rows.append((town, day, is_late, "land" if is_late or k % 2 else "labour"))
    frame = pd.DataFrame(rows, columns=["town", "due_on", "is_late", "body"])
    waited = np.where(frame["is_late"], 50.0, 5.0)
    ended = frame["due_on"].dt.tz_localize(ZONE)
    cases = pd.DataFrame(
        {
            "opened_at": ended - pd.to_timedelta(waited, unit="D"),
            "known_at": ended,
            "grid_code": pd.array([None] * len(frame), dtype="str"),
            "township_code": frame["town"].astype("str"),
            "category": "title_deed",
            "is_confirmed": True,
        }
    )
    standing = pd.DataFrame(
        {
            "is_counted": True,
            "answer_due_on": frame["due_on"],
            "outcome": np.where(frame["is_late"], "late", "on_time"),
            "owing_body_id": frame["body"],
            "wait_days": waited,
            "wait_observed": True,
        }
    )
    return Snapshot(cases, standing, SPANS[-1].known_at)


def usual(town, span):
    return 40, 4 + (TOWNS.index(town) * 3 + span) % 4


def counts(slow=(), block=BLOCK, change=None):
    """Every town in every span; those of the block are slow in the spans named."""
    found = {
        (town, span): (40, 30) if span in slow and town in block else usual(town, span)
        for town in TOWNS for span in range(3)
    }  # fmt: skip
    return found | (change or {})


def found_in(per_town, measure="late_share", areas=AREAS, permutations=1999):
    return hotspots(record(per_town), areas, ZONE, "township", measure, permutations=permutations)


def test_three_spans_of_thirteen_whole_weeks_follow_each_other():
    assert [(span.last - span.first).days + 1 for span in SPANS] == [91] * 3
    assert all(a.last + dt.timedelta(days=1) == b.first for a, b in pairwise(SPANS))
    assert SPANS[-1].last == dt.date(2026, 3, 8)


@pytest.mark.parametrize(
    ("slow", "label"),
    [((2,), "new"), ((1, 2), "persistent"), ((1,), "fading"), ((0, 2), "persistent")],
)
def test_a_cluster_is_new_persistent_or_fading(slow, label):
    table = found_in(counts(slow)).table
    assert set(table["label"][CORE]) == {label}
    assert set(table["label"].drop(sorted(BLOCK))) == {"usual"}


@pytest.mark.parametrize("measure", MEASURES)
def test_both_measures_find_where_answers_are_slow(measure):
    table = found_in(counts((2,)), measure).table
    assert table["is_high"][CORE].all()
    slow, rest = table["smooth"][sorted(BLOCK)], table["smooth"].drop(sorted(BLOCK))
    assert slow.min() > rest.max()


def test_why_names_the_body_and_the_category_with_their_counts():
    said = found_in(counts((2,))).why["t07"]
    assert (said.body.id, said.body.here.numerator, said.code) == ("land", 30, "t07")
    assert said.body.elsewhere < said.body.here.share
    assert said.category.id == "title_deed"


def test_an_area_with_fewer_than_ten_shows_the_one_around_and_takes_no_part():
    found = found_in(counts((2,), change={("t22", 2): (9, 9), ("t23", 2): (4, 0)})).table
    assert found.loc[["t22", "t23"], "state"].tolist() == ["few", "few"]
    assert found.loc["t22", "shown_code"] == "c"
    assert found.loc[["t22", "t23"], ["own", "smooth", "z", "base", "label"]].isna().all(axis=None)


def test_what_is_left_of_the_county_is_never_one_to_nine_cases():
    """One area of nine alone could be had by subtraction: another is covered with it."""
    found = found_in(counts(change={("t22", 2): (9, 9)})).table
    assert (found["state"] == "few").sum() == 2


def test_twice_the_cases_of_one_township_at_the_same_timeliness_move_no_label_and_no_z():
    once = counts((2,))
    for town in ("t00", "t12"):
        due, late = once[town, 2]
        twice = found_in({**once, (town, 2): (2 * due, 2 * late)})
        plain = found_in(once)
        assert twice.table["label"].tolist() == plain.table["label"].tolist()
        np.testing.assert_allclose(twice.table["z"], plain.table["z"], atol=1e-9)
        assert twice.table["p_adjusted"].tolist() == plain.table["p_adjusted"].tolist()
        assert list(twice.table.index) == list(plain.table.index)


def test_an_island_and_an_area_without_a_shape_are_said_not_judged():
    areas = AREAS.copy()
    shapes = areas.geometry.copy()
    shapes[areas["code"] == "t35"] = square(90, 90)
    shapes[areas["code"] == "t34"] = None
    table = found_in(counts((2,)), areas=areas.set_geometry(shapes)).table
    assert table.loc[["t35", "t34"], "state"].tolist() == ["island", "no_shape"]
    assert table.loc["t35", "smooth"] > 0
    assert table.loc[["t35", "t34"], "label"].isna().all()


def test_an_empty_record_judges_nothing_and_says_why():
    found = found_in({("t00", 2): (12, 3)})
    assert found.reason == "few_areas"
    assert found.table["label"].isna().all()


def test_noise_is_called_a_cluster_no_more_often_than_stated():
    """Answers late by chance alone, towns of quite unequal size: any label is a false one."""
    rng = np.random.default_rng(3)
    draws, false = 40, 0
    for _ in range(draws):
        sizes = {town: int(rng.integers(12, 120)) for town in TOWNS}
        noise = {(town, 2): (n, int(rng.binomial(n, 0.2))) for town, n in sizes.items()}
        table = found_in(noise, permutations=1999).table
        false += bool(table["label"].isin(["new", "apart", "persistent"]).any())
    assert false <= draws * 0.05 + 3 * (draws * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize("measure", MEASURES)
def test_smoothed_figures_are_read_on_the_map_and_have_one_colour(measure):
    """A smoothed figure moves with the number of cases; a colour may not (DOMAIN.md §2.4)."""
    found = found_in(counts((2,)), measure, permutations=99)
    figures, classes = smooth_figures(found, AREAS)
    shown = found.table["smooth"].notna()
    assert shown.any()
    assert set(classes.digits[found.table.index[shown]]) == {PLAIN}
    assert classes.edges == ()
    assert figures["value"].reindex(found.table.index).equals(found.table["smooth"])
    assert classes.digits.iloc[0] == UNKNOWN  # the county is not smoothed
    fine = dataclasses.replace(found, is_fine=True)
    rough, _ = smooth_figures(fine, AREAS)
    assert rough["value"].isna().all()
    assert set(rough["base"].dropna()) <= set(BANDS)
    cells = hotspot_cells(found, AREAS.assign(name_en=AREAS["code"]), "en", smooth=True)
    assert cells["base"].isin(["", *(band_text(start, "en") for start in BANDS)]).all()
    told = cells.loc[cells["digit"] == PLAIN, "figure"]
    assert told.str.contains("%" if measure == "late_share" else "days").all()


def test_on_the_map_every_area_shows_the_label_of_the_judged_area_around_it():
    villages = gpd.GeoDataFrame(
        {"code": ["v1", "v2"], "level": "village", "parent_code": ["t07", "t22"]},
        geometry=[None, None], crs="EPSG:4490",
    )  # fmt: skip
    areas = pd.concat([AREAS, villages], ignore_index=True)
    found = found_in(counts((2,), change={("t22", 2): (9, 9), ("t23", 2): (4, 0)}), areas=areas)
    figures, classes = hotspot_figures(found, areas)
    assert list(figures.index) == list(areas["code"])
    assert figures.loc[["t07", "v1", "t22", "v2", "c"], "shown_code"].tolist() == [
        "t07", "t07", "c", "c", "c",
    ]  # fmt: skip
    assert classes.digits[["v1", "v2"]].tolist() == [classes.digits["t07"], TOO_FEW]
    assert classes.words[classes.digits["v1"]] == "hotspots.label.new"
    assert figures[["value", "amount", "base"]].isna().all(axis=None)
