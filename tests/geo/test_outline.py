import pandas as pd
import pytest
import shapely

from geo.codes import CN
from geo.outline import COUNTY_CODE, LEVELS, made_county
from geo.tree import Tree

COUNTY = made_county(grids=300, townships=8, seed=3)


@pytest.mark.parametrize("level", ["grid", "village", "township"])
def test_a_level_covers_the_county_without_gaps_or_overlaps(level):
    shapes = COUNTY.geometry[COUNTY["level"] == level].to_numpy()
    whole = COUNTY.geometry[COUNTY["level"] == "county"].iloc[0]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.symmetric_difference(shapely.coverage_union_all(shapes), whole).area == 0
    assert whole.geom_type == "Polygon"
    assert not whole.interiors


def test_areas_are_valid_connected_and_of_the_number_asked_for():
    assert (COUNTY.geometry.geom_type == "Polygon").all()
    assert COUNTY.geometry.is_valid.all()
    sizes = COUNTY["level"].value_counts()
    assert (sizes["grid"], sizes["township"], sizes["county"]) == (300, 8, 1)
    assert 80 <= sizes["village"] <= 120


def test_parents_enclose_their_children_exactly():
    shapes = COUNTY.set_index("code").geometry
    inner = COUNTY[COUNTY["parent_code"].notna()]
    around = shapes[inner["parent_code"]].to_numpy()
    assert shapely.covers(shapely.buffer(around, 1e-9), inner.geometry.to_numpy()).all()


def test_codes_follow_the_division_code_under_a_number_no_county_has():
    assert COUNTY["code"].is_unique
    assert COUNTY["code"].str.startswith(COUNTY_CODE).all()
    assert COUNTY_CODE.startswith("99")
    assert COUNTY["level"].tolist() == [CN.level(code) for code in COUNTY["code"]]
    inner = COUNTY[COUNTY["parent_code"].notna()]
    assert inner["parent_code"].tolist() == [CN.parent(code) for code in inner["code"]]
    Tree.of(pd.Series(COUNTY["parent_code"].to_numpy(), index=pd.Index(COUNTY["code"])))
    assert tuple(COUNTY["level"].unique()) == LEVELS


def test_the_outline_is_no_rectangle():
    whole = COUNTY.geometry.iloc[0]
    assert whole.area / whole.envelope.area < 0.8
    assert whole.area / whole.convex_hull.area < 0.97


def test_the_same_seed_gives_the_same_county_and_another_seed_another():
    again = made_county(grids=300, townships=8, seed=3)
    assert again.to_wkb().equals(COUNTY.to_wkb())
    assert not made_county(grids=300, townships=8, seed=4).to_wkb().equals(COUNTY.to_wkb())


def test_names_are_in_both_languages_and_townships_differ():
    townships = COUNTY[COUNTY["level"] == "township"]
    assert townships["name_zh"].is_unique
    assert COUNTY["name_zh"].str.len().gt(0).all()
    assert COUNTY["name_en"].map(str.isascii).all()


def test_sizes_the_codes_cannot_hold_are_refused():
    with pytest.raises(ValueError, match="do not fit the codes"):
        made_county(grids=5, townships=6)


def test_the_smallest_county_is_one_area_of_each_level():
    assert made_county(grids=1, townships=1)["level"].tolist() == list(LEVELS)
