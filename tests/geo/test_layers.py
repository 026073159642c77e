import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo import crs
from geo.codes import CN
from geo.findings import LayerRefused
from geo.layers import Outermost, load_layer
from geo.outline import made_county
from geo.places import Locator, place
from geo.web import geometry_payload

STEP = 0.01  # degrees; about a kilometre


def geojson(rows):
    """A GeoJSON file: rows of (properties, shape)."""
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": None if shape is None else shape.__geo_interface__,
        }
        for properties, shape in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def square(column, row, size=1):
    return box(
        120 + column * STEP, 30 + row * STEP, 120 + (column + size) * STEP, 30 + (row + size) * STEP
    )


COUNTY = ({"code": "990102", "name_zh": "县"}, square(0, 0, 2))
TOWN_A = (
    {"code": "990102001000", "name_zh": "甲镇"},
    Polygon([(120, 30), (120.01, 30), (120.01, 30.02), (120, 30.02)]),
)
TOWN_B = (
    {"code": "990102002", "name_zh": "乙镇"},
    Polygon([(120.01, 30), (120.02, 30), (120.02, 30.02), (120.01, 30.02)]),
)


def reasons(error):
    return [found.key.removeprefix("geo.layer.") for found in error.value.findings]


def test_a_layer_by_division_codes_gets_levels_and_parents():
    loaded = load_layer(geojson([TOWN_B, COUNTY, TOWN_A]), "cgcs2000", codes=CN)
    areas = loaded.areas
    assert areas["code"].tolist() == ["990102", "990102001", "990102002"]
    assert areas["level"].tolist() == ["county", "township", "township"]
    assert areas["parent_code"].tolist()[1:] == ["990102", "990102"]
    assert pd.isna(areas["parent_code"][0])
    assert areas.crs.to_epsg() == crs.STORED
    assert loaded.findings == ()


def test_a_city_with_codes_of_its_own_needs_no_code_system():
    rows = [({"nr": n, "label": f"A{n}"}, square(n, 0)) for n in (1, 2)]
    city = Outermost("city", "city", "某市", "A city")
    areas = load_layer(
        geojson(rows),
        "wgs84",
        columns={"code": "nr", "name_en": "label"},
        level="area",
        outermost=city,
    ).areas
    assert areas["code"].tolist() == ["city", "1", "2"]
    assert areas["parent_code"].tolist()[1:] == ["city", "city"]
    assert areas["name_zh"].tolist() == ["某市", "A1", "A2"]


def test_a_geopackage_that_was_written_is_read_the_same(tmp_path):
    county = made_county(grids=30, townships=3, seed=1)
    county.to_file(tmp_path / "layer.gpkg", driver="GPKG")
    for source in (tmp_path / "layer.gpkg", (tmp_path / "layer.gpkg").read_bytes()):
        areas = load_layer(source, "cgcs2000", codes=CN).areas
        pd.testing.assert_frame_equal(
            pd.DataFrame(areas.drop(columns="geometry")),
            pd.DataFrame(county.drop(columns="geometry")),
        )


def test_every_reason_is_told_at_once():
    lost = ({"code": "990103001", "name_zh": "丙镇"}, square(0, 0))
    with pytest.raises(LayerRefused) as error:
        load_layer(geojson([COUNTY, TOWN_A, TOWN_A, lost]), "cgcs2000", codes=CN)
    assert reasons(error) == ["repeated_code", "unknown_parent"]
    assert "990103001" in error.value.text("zh")
    assert "2" in error.value.text("en").splitlines()[0]


@pytest.mark.parametrize(
    ("rows", "system", "reason"),
    [
        ([COUNTY], "mars", "unknown_system"),
        (
            [({"code": "990102", "name_zh": "县"}, box(5e5, 3e6, 6e5, 4e6))],
            "cgcs2000",
            "out_of_range",
        ),
        ([({"id": "990102", "name_zh": "县"}, square(0, 0))], "cgcs2000", "missing_column"),
        ([({"code": None, "name_zh": "县"}, square(0, 0))], "cgcs2000", "missing_code"),
        ([({"code": "99010", "name_zh": "县"}, square(0, 0))], "cgcs2000", "bad_code"),
        ([COUNTY, ({"code": "990103", "name_zh": "县"}, square(2, 0))], "cgcs2000", "one_root"),
        (
            [COUNTY, ({"code": "990102001", "name_zh": "镇"}, square(1, 0, 2))],
            "cgcs2000",
            "not_nested",
        ),
    ],
)
def test_a_layer_that_cannot_be_used_is_refused_with_its_reason(rows, system, reason):
    with pytest.raises(LayerRefused) as error:
        load_layer(geojson(rows), system, codes=CN)
    assert reasons(error) == [reason]


def test_a_file_that_is_no_layer_is_refused():
    with pytest.raises(LayerRefused) as error:
        load_layer(b"hello", "wgs84", codes=CN)
    assert reasons(error) == ["unreadable"]


def test_areas_that_enclose_each_other_are_refused():
    rows = [
        ({"code": code, "level": "x", "parent_code": parent, "name_zh": code}, square(0, 0))
        for code, parent in (("a", None), ("b", "c"), ("c", "b"))
    ]
    with pytest.raises(LayerRefused) as error:
        load_layer(geojson(rows), "wgs84")
    assert reasons(error) == ["circle"]


def test_an_invalid_shape_is_repaired_and_reported():
    bow = Polygon([(120, 30), (120.01, 30.01), (120.01, 30), (120, 30.01)])
    loaded = load_layer(
        geojson([COUNTY, ({"code": "990102001", "name_zh": "甲镇"}, bow)]), "cgcs2000", codes=CN
    )
    assert [found.key for found in loaded.findings] == ["geo.layer.repaired_geometry"]
    assert "990102001" in loaded.findings[0].text("zh")
    assert loaded.areas.geometry.is_valid.all()
    assert isinstance(loaded.areas.geometry[1], MultiPolygon)


def test_an_area_without_a_shape_stays_listed_and_is_reported():
    rows = [COUNTY, TOWN_A, ({"code": "990102002", "name_zh": "乙镇"}, None)]
    loaded = load_layer(geojson(rows), "cgcs2000", codes=CN)
    assert [found.key for found in loaded.findings] == ["geo.layer.empty_geometry"]
    assert len(loaded.areas) == 3
    assert geometry_payload(loaded.areas).drawn.tolist() == ["990102001"]


LAYER = load_layer(geojson([COUNTY, TOWN_A, TOWN_B]), "cgcs2000", codes=CN).areas


def test_a_point_is_found_in_its_area_and_just_outside_with_the_distance():
    metre = 1 / 111_320
    points = crs.points(
        [120.005, 120.015, 120.005, 120.005],
        [30.01, 30.01, 30 - 40 * metre, 30 - 60 * metre],
        "wgs84",
    )
    found = place(points, LAYER)
    assert found["code"].tolist()[:3] == ["990102001", "990102002", "990102001"]
    assert pd.isna(found["code"][3])
    assert found["distance_m"].tolist() == pytest.approx([0, 0, 40, 60], abs=0.5)


def test_a_point_on_a_shared_corner_always_goes_to_the_lower_code():
    found = place(crs.points([120.01], [30.0], "cgcs2000"), LAYER.iloc[::-1])
    assert found["code"].tolist() == ["990102001"]


def test_no_point_is_no_place():
    points = gpd.GeoSeries([None, Point(120.005, 30.01)], index=[7, 9], crs=crs.STORED)
    found = place(points, LAYER)
    assert found.index.tolist() == [7, 9]
    assert pd.isna(found["code"][7])
    assert pd.isna(found["distance_m"][7])
    assert found["code"][9] == "990102001"


def test_a_point_far_from_its_stated_area_is_told_in_metres():
    points = crs.points([120.005, 120.015, 120.015], [30.01] * 3, "cgcs2000")
    codes = pd.Series(["990102001", "990102001", "elsewhere"])
    distance = Locator(LAYER).distance(points, codes)
    assert distance[0] == 0
    assert distance[1] == pytest.approx(0.005 * 111_320 * 0.866, rel=0.01)
    assert pd.isna(distance[2])


def test_a_point_from_a_phone_falls_into_the_same_area_once_its_system_is_named():
    lon, lat = crs.wgs84_to_gcj02([120.0095], [30.01])
    assert place(crs.points(lon, lat, "gcj02"), LAYER)["code"].tolist() == ["990102001"]
    assert place(crs.points(lon, lat, "wgs84"), LAYER)["code"].tolist() == ["990102002"]


def test_the_browser_gets_the_same_bytes_for_the_same_layer_and_other_ones_for_another():
    first, again = geometry_payload(LAYER), geometry_payload(LAYER.copy())
    assert first.body == again.body
    assert first.content_hash == again.content_hash
    renamed = LAYER.assign(name_zh="别名")
    assert geometry_payload(renamed).content_hash != first.content_hash


def test_the_browser_gets_shapes_in_whole_steps_that_add_up_to_the_outline():
    sent = json.loads(geometry_payload(LAYER).body)
    assert [row[0] for row in sent["areas"]] == LAYER["code"].tolist()
    assert sent["leaves"] == [1, 2]
    steps = sent["shapes"][0][0][0]
    x, y, corners = 0, 0, set()
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        corners.add((x, y))
    assert corners == {
        (12000000, 3000000),
        (12001000, 3000000),
        (12001000, 3002000),
        (12000000, 3002000),
    }
    assert sent["bounds"] == [[30.0, 120.0], [30.02, 120.02]]
    assert json.loads(geometry_payload(LAYER).body)["lines"][0][0] == 0


def test_simplified_neighbours_still_share_their_edges():
    county = made_county(grids=60, townships=4, seed=5)
    sent = json.loads(geometry_payload(county).body)
    corners = [set(corner_list(shape[0][0])) for shape in sent["shapes"]]
    lonely = [own - set().union(*(corners[:k] + corners[k + 1 :])) for k, own in enumerate(corners)]
    edge = set().union(*(corner_list(ring) for _, rings, _ in sent["lines"] for ring in rings))
    assert all(points <= edge for points in lonely)


def corner_list(steps):
    x = y = 0
    corners = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        corners.append((x, y))
    return corners
