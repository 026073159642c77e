"""A sender's point: read, turned into the stored system, found, told; and nothing else."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from geo import crs
from geo.outline import made_county
from geo.places import Locator
from geo.stated import degrees, place_point, place_points

COUNTY = made_county(grids=60, townships=4, seed=5)
LOCATOR = Locator(COUNTY)
GRIDS = COUNTY[COUNTY["level"] == "grid"].reset_index(drop=True)
INSIDE = GRIDS.geometry.representative_point()
GRID, TOWNSHIP = GRIDS["code"][0], GRIDS["code"][0][:9]
LON, LAT = f"{INSIDE.x[0]:.6f}", f"{INSIDE.y[0]:.6f}"


def found(lon=LON, lat=LAT, system="wgs84", stated=""):
    return place_point(lon, lat, system, lambda: LOCATOR, stated)


def keys(findings):
    return [f.key.removeprefix("placing.point.") for f in findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120.15", 120.15), ("１２０．１５", 120.15), ("120.15°E", 120.15),
        ("东经120.15度", 120.15), ("E 120.15", 120.15), ("87.6W", -87.6), ("南纬12", -12.0),
        ("120°9'0\"", None), ("abc", None), ("1e5", None), ("nan", None), ("1,5", None), ("", None),
    ],
)  # fmt: skip
def test_degrees_are_read_as_people_write_them(text, value):
    assert degrees(text) == value


@pytest.mark.parametrize("system", crs.SYSTEMS)
def test_a_point_in_any_named_system_finds_its_grid(system):
    there = {"gcj02": crs.wgs84_to_gcj02, "bd09": crs.wgs84_to_bd09}
    lon, lat = there.get(system, lambda x, y: (x, y))(INSIDE.x, INSIDE.y)
    said = pd.DataFrame({"lon": lon, "lat": lat}).map("{:.7f}".format)
    said = said.assign(system=system, stated="")
    codes = [placed.code for placed in place_points(said, lambda: LOCATOR)]
    assert codes == GRIDS["code"].tolist()


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("WGS-84", "wgs84"), ("GPS", "wgs84"), ("高德", "gcj02"), ("GCJ－02", "gcj02"),
        ("bd09ll", "bd09"), ("百度地图", "bd09"), ("CGCS 2000", "cgcs2000"),
        ("EPSG:4490", "cgcs2000"), ("GCJ-02（高德、腾讯）", "gcj02"), ("bd09mc", None),
        ("西安80", None), ("epsg4549", None),
    ],
)  # fmt: skip
def test_a_system_is_known_by_the_names_people_use_and_never_guessed(text, system):
    assert crs.system_named(text) == system


def test_an_undeclared_system_is_refused_with_the_remedy():
    placed = found(system="")
    assert (placed.code, keys(placed.problems)) == (None, ["no_system"])
    for system in crs.SYSTEMS:
        assert system in placed.problems[0].text("zh")
        assert system in placed.problems[0].text("en")
    assert keys(found(system="西安80").problems) == ["unknown_system"]


def test_a_system_alone_is_no_point():
    assert found("", "", "gcj02", GRID) == dataclasses.replace(found(), code=GRID)
    assert found("", "", "") == dataclasses.replace(found(), code=None)


@pytest.mark.parametrize(
    ("lon", "lat", "key"),
    [
        (LON, "", "half_point"), ("", LAT, "half_point"), ("x", LAT, "not_a_number"),
        (LAT, LON, "swapped"), ("40512345.1", "3345678.2", "not_degrees"), ("0", "0", "nowhere"),
    ],
)  # fmt: skip
def test_a_point_that_cannot_be_used_is_said(lon, lat, key):
    placed = found(lon, lat)
    assert (placed.code, keys(placed.problems)) == (None, [key])


def test_swapped_numbers_are_recognised_where_both_could_be_a_latitude():
    west = COUNTY.set_geometry(COUNTY.geometry.translate(xoff=80 - INSIDE.x[0]))
    placed = place_point(LAT, "80.0", "wgs84", lambda: Locator(west))
    assert keys(placed.problems) == ["swapped"]


def metres_east(metres):
    return f"{INSIDE.x[0] + metres / (111_320 * np.cos(np.radians(INSIDE.y[0]))):.7f}"


def test_fifty_metres_outside_the_stated_grid_are_borne_and_more_is_told():
    outline = crs.to_metres(GRIDS.geometry)
    edge = outline[0].bounds[2] - outline.representative_point().x[0]
    line = crs.to_metres(INSIDE).iloc[0]
    # along the line to the east: where the grid ends
    steps = np.arange(0, edge + 400, 1.0)
    away = [outline[0].distance(type(line)(line.x + s, line.y)) for s in steps]
    near = steps[np.searchsorted(away, 45)]
    far = steps[np.searchsorted(away, 60)]
    assert keys(found(metres_east(near), stated=GRID).notes) == []
    told = found(metres_east(far), stated=GRID)
    assert told.code == GRID
    assert keys(told.notes) in (["elsewhere"], ["outside"])
    assert GRID in told.notes[0].text("zh")


def test_a_point_in_another_grid_is_told_with_both_and_not_moved():
    other = GRIDS["code"].iloc[-1]
    placed = found(stated=other)
    assert placed.code == other
    assert keys(placed.notes) == ["elsewhere"]
    assert dict(placed.notes[0].values)["found"] == GRID


def test_within_a_stated_township_the_point_finds_the_grid():
    assert found(stated=TOWNSHIP).code == GRID


def test_an_area_without_an_outline_is_said_to_be_unchecked():
    assert keys(found(stated="990199999").notes) == ["unchecked"]


def test_what_comes_back_holds_no_coordinate():
    for placed in (found(), found(stated=GRIDS["code"].iloc[-1]), found("0", "0"), found(LAT, LON)):
        said = [
            f.text(language) for f in (*placed.problems, *placed.notes) for language in ("zh", "en")
        ]
        assert not [s for s in (*said, repr(placed)) if LON[:7] in s or LAT[:6] in s]


def test_no_layer_is_asked_for_where_no_point_is():
    assert place_point("", "", "", lambda: pytest.fail("made"), GRID).code == GRID
