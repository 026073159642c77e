"""A point in a form or a file: names its system, finds the grid, is told when it does not fit."""

import dataclasses

import pandas as pd
import pytest

from data.rows import check_rows
from geo import crs
from geo.outline import made_county
from geo.places import Locator

from .conftest import NOW, ZONE

LAYER = made_county(grids=40, townships=2, seed=3)
LOCATOR = Locator(LAYER)
GRIDS = LAYER[LAYER["level"] == "grid"].reset_index(drop=True)
SPOT = GRIDS.geometry.representative_point()
GRID = GRIDS["code"][0]


@pytest.fixture
def placed(known):
    townships = LAYER[LAYER["level"] == "township"]
    return dataclasses.replace(
        known,
        townships=townships.rename(columns={"code": "township_code"}),
        grids={code: code[:9] for code in GRIDS["code"]},
        locator=lambda: LOCATOR,
    )


@pytest.fixture
def pointed(row):
    """A row that says where by a point alone, in GCJ-02."""
    lon, lat = crs.wgs84_to_gcj02([SPOT.x[0]], [SPOT.y[0]])
    del row["网格"], row["乡镇（街道）"]
    return row | {"经度": f"{lon[0]:.6f}", "纬度": f"{lat[0]:.6f}", "坐标系": "高德"}


def check(known, *rows, is_file=True):
    frame = pd.DataFrame(list(rows), index=range(2, 2 + len(rows)), dtype="str")
    return check_rows(frame, known, NOW, ZONE, is_file=is_file)


def keys(found):
    return [(p.row, p.column, p.key.split(".")[-1]) for p in found]


@pytest.mark.parametrize("is_file", [True, False])
def test_a_point_finds_grid_and_township(placed, pointed, is_file):
    checked = check(placed, pointed, is_file=is_file)
    assert (checked.problems, checked.notes) == ([], [])
    case = checked.good[0]
    assert (case.grid_code, case.township_code) == (GRID, GRID[:9])


def test_the_form_sends_the_same_fields_empty(placed, row):
    given = row | {"网格": GRID, "乡镇（街道）": GRID[:9], "经度": "", "纬度": "", "坐标系": ""}
    assert check(placed, given, is_file=False).good[0].grid_code == GRID


def test_an_undeclared_system_is_one_problem_of_the_row(placed, pointed):
    checked = check(placed, pointed | {"坐标系": ""})
    assert keys(checked.problems) == [(2, "经度", "no_system")]
    assert checked.good == []


def test_swapped_columns_are_recognised_in_every_row(placed, pointed):
    turned = pointed | {"经度": pointed["纬度"], "纬度": pointed["经度"]}
    checked = check(placed, turned, turned | {"来源编号": "A-2"})
    assert [key for _, _, key in keys(checked.problems)] == ["swapped", "swapped"]


def test_a_point_outside_its_stated_grid_is_told_and_the_grid_stands(placed, pointed):
    stated = GRIDS["code"].iloc[-1]
    checked = check(placed, pointed | {"网格": stated})
    assert checked.good[0].grid_code == stated
    assert keys(checked.notes) == [(2, "经度", "elsewhere")]


def test_a_township_that_is_stated_holds_against_the_point(placed, pointed):
    other = next(c for c in GRIDS["code"] if c[:9] != GRID[:9])[:9]
    case = check(placed, pointed | {"乡镇（街道）": other})
    assert (case.good[0].township_code, case.good[0].grid_code) == (other, None)
    assert keys(case.notes) == [(2, "经度", "elsewhere")]


def test_a_family_matter_keeps_no_grid_whatever_the_point_found(placed, pointed):
    checked = check(placed, pointed | {"类别": "家庭"})
    assert [c.grid_code for c in checked.good] == [None], checked.problems
    assert checked.good[0].township_code == GRID[:9]
