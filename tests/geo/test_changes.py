"""Gaps, overlaps and what became of areas from one version of a layer to the next."""

from itertools import pairwise

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geo.coverage import flaws
from geo.crosswalk import crosswalk
from geo.outline import made_county

METRE = 1 / 111_320


def layer(*areas, town=(120.0, 30.0, 120.02, 30.01)):
    """One township and its grids (code, shape, name)."""
    rows = [("t", "township", None, "镇", box(*town))]
    rows += [(code, "grid", "t", name, shape) for code, shape, name in areas]
    frame = gpd.GeoDataFrame(
        [row[:4] for row in rows], columns=["code", "level", "parent_code", "name_zh"],
        geometry=[row[4] for row in rows], crs=4490,
    )  # fmt: skip
    return frame.assign(name_en=frame["name_zh"]).astype({"parent_code": "str"})


def grid(code, west, east, name=""):
    return code, box(120 + west / 100, 30.0, 120 + east / 100, 30.01), name or code


HALVES = layer(grid("a", 0, 1), grid("b", 1, 2))


def changes(old, new):
    found = crosswalk(old, new).changes
    return {(r.from_code, r.to_code, r.kind): round(r.share, 3) for r in found.itertuples()}


def test_a_made_county_has_neither_gap_nor_overlap():
    assert flaws(made_county(grids=60, townships=4, seed=5)) == []


def test_an_overlap_is_told_with_its_size_and_both_areas():
    (found,) = flaws(layer(grid("a", 0, 1.1), grid("b", 1, 2)))
    assert (found.kind, found.level, found.codes) == ("overlap", "grid", ("a", "b"))
    assert found.area_m2 == pytest.approx(0.001 * 0.01 * 111_320**2 * 0.866, rel=0.01)


def test_a_gap_is_told_with_its_size_and_neighbours():
    (found,) = flaws(layer(grid("a", 0, 0.9), grid("b", 1, 2)))
    assert (found.kind, found.codes) == ("gap", ("a", "b"))
    assert found.area_m2 == pytest.approx(0.001 * 0.01 * 111_320**2 * 0.866, rel=0.01)


def test_a_hole_between_areas_is_a_gap_where_the_outline_has_it_too():
    ring = box(120, 30, 120.02, 30.01).difference(box(120.005, 30.004, 120.006, 30.005))
    (found,) = flaws(layer(("a", ring, "a")))
    assert (found.kind, found.codes) == ("gap", ("a",))


def test_rounding_is_no_gap():
    shifted = box(120.01 + 0.001 * METRE, 30.0, 120.02, 30.01)
    assert flaws(layer(grid("a", 0, 1), ("b", shifted, "b"))) == []


def test_the_same_layer_has_no_changes():
    found = crosswalk(HALVES, HALVES)
    assert found.is_empty
    assert found.lost == {}


def test_a_split_a_merger_and_a_new_code_are_told_with_shares():
    old = layer(grid("a", 0, 1), grid("b", 1, 1.5), grid("c", 1.5, 2))
    new = layer(grid("a1", 0, 0.3), grid("a2", 0.3, 1), grid("d", 1, 2))
    assert changes(old, new) == {
        ("a", "a1", "split"): 0.3, ("a", "a2", "split"): 0.7,
        ("b", "d", "merged"): 1.0, ("c", "d", "merged"): 1.0,
    }  # fmt: skip
    assert changes(HALVES, layer(grid("a", 0, 1), grid("x", 1, 2))) == {("b", "x", "renamed"): 1.0}


def test_an_area_that_keeps_its_code_and_loses_land_is_split_between_itself_and_the_other():
    assert changes(HALVES, layer(grid("a", 0, 0.6), grid("b", 0.6, 2))) == {
        ("a", "a", "split"): 0.6, ("a", "b", "split"): 0.4,
    }  # fmt: skip


def test_a_line_drawn_anew_is_no_change():
    assert crosswalk(HALVES, layer(grid("a", 0, 1.005), grid("b", 1.005, 2))).is_empty


def test_new_land_lost_land_and_names_are_told():
    wide = (120.0, 30.0, 120.03, 30.01)
    found = crosswalk(HALVES, layer(grid("a", 0, 1, "新名"), grid("c", 2, 3), town=wide))
    assert (found.new, found.gone) == (("c",), ("b",))
    assert found.renamed == {"a": ("a", "新名")}
    half = crosswalk(HALVES, layer(grid("a", 0, 1), grid("b", 1, 1.5)))
    assert half.lost["b"] == pytest.approx(0.5, abs=0.001)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0.05, 1.95), min_size=1, max_size=6, unique=True))
def test_the_shares_of_an_old_area_add_up_to_one(cuts):
    edges = [0.0, *sorted(cuts), 2.0]
    new = layer(*(grid(f"n{k}", a, b) for k, (a, b) in enumerate(pairwise(edges))))
    found = crosswalk(HALVES, new).changes
    sums = found.groupby("from_code")["share"].sum()
    assert sums.to_dict() == pytest.approx({"a": 1.0, "b": 1.0})
    assert shapely.is_valid(new.geometry.to_numpy()).all()
