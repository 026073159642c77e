import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from geo import crs

LON, LAT = st.floats(74, 134), st.floats(18, 53)


def metres_between(a, b):
    (x1, y1), (x2, y2) = a, b
    return np.hypot((x2 - x1) * 111_320 * np.cos(np.radians(y1)), (y2 - y1) * 111_320)


def test_the_zone_is_the_three_degree_zone_of_the_centroid_in_china():
    assert crs.metric_zone(120.2, 30.0) == 4549  # central meridian 120
    assert crs.metric_zone(75.0, 39.0) == 4534
    assert crs.metric_zone(134.5, 48.0) == 4554
    assert crs.metric_zone(121.6, 30.0) == 4550  # nearer to 123


def test_the_zone_is_utm_elsewhere():
    assert crs.metric_zone(-87.6, 41.9) == 32616
    assert crs.metric_zone(151.2, -33.9) == 32756
    assert crs.metric_zone(180.0, 10.0) == 32660


def test_a_square_kilometre_is_a_square_kilometre():
    side = 1000 / 111_320
    square = gpd.GeoSeries([box(120, 30, 120 + side / np.cos(np.radians(30)), 30 + side)], crs=4490)
    assert crs.to_metres(square).area[0] == pytest.approx(1e6, rel=0.01)


@given(LON, LAT)
def test_shifted_coordinates_come_back_within_a_centimetre(lon, lat):
    for there, back in (
        (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
        (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
    ):
        assert metres_between((lon, lat), back(*there(lon, lat))) < 0.01


@given(LON, LAT)
def test_the_shift_is_as_large_as_the_domain_says(lon, lat):
    assert 10 < metres_between((lon, lat), crs.wgs84_to_gcj02(lon, lat)) < 1000
    assert 300 < metres_between((lon, lat), crs.wgs84_to_bd09(lon, lat)) < 2200


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
    ],
)
def test_the_shift_agrees_with_the_check_points_of_the_open_converters(wgs84, gcj02):
    assert metres_between(gcj02, crs.wgs84_to_gcj02(*wgs84)) < 0.1


def test_nothing_is_shifted_outside_the_box():
    assert crs.gcj02_to_wgs84(-87.6, 41.9) == (-87.6, 41.9)


def test_a_coordinate_without_a_known_system_is_refused():
    with pytest.raises(ValueError, match="name one of cgcs2000, wgs84, gcj02, bd09"):
        crs.to_stored([120.0], [30.0], "mars")
    frame = gpd.GeoDataFrame(geometry=[Point(120, 30)])
    with pytest.raises(ValueError, match="unknown coordinate system 'EPSG:1'"):
        crs.stored_frame(frame, "EPSG:1")


def test_a_layer_in_a_shifted_system_moves_to_the_stored_one():
    lon, lat = crs.wgs84_to_gcj02(120.0, 30.0)
    frame = gpd.GeoDataFrame(geometry=[Point(lon, lat)])
    moved = crs.stored_frame(frame, "gcj02").geometry[0]
    assert metres_between((120.0, 30.0), (moved.x, moved.y)) < 0.01
    assert crs.stored_frame(frame, "gcj02").crs.to_epsg() == crs.STORED


def test_a_layer_in_metres_is_read_by_its_number():
    metres = gpd.GeoSeries([Point(120.1, 30.0)], crs=4490).to_crs(4549)
    frame = gpd.GeoDataFrame(geometry=metres).set_crs(None, allow_override=True)
    found = crs.stored_frame(frame, "EPSG:4549").geometry[0]
    assert (found.x, found.y) == pytest.approx((120.1, 30.0), abs=1e-7)


def dense(step=0.25):
    """Points all over China's bounds, a quarter of a degree apart: some 36,000."""
    lon, lat = np.meshgrid(np.arange(73.5, 135.1, step), np.arange(17.0, 53.6, step))
    return lon.ravel(), lat.ravel()


def by_bisection(there, lon, lat):
    """The slow inverse: Newton's steps with a difference quotient, until nothing moves."""
    x, y = lon.copy(), lat.copy()
    h = 1e-6
    for _ in range(12):
        fx, fy = there(x, y)
        fx_x, fy_x = there(x + h, y)
        fx_y, fy_y = there(x, y + h)
        a, b, c, d = (fx_x - fx) / h, (fx_y - fx) / h, (fy_x - fy) / h, (fy_y - fy) / h
        det = a * d - b * c
        ex, ey = lon - fx, lat - fy
        x, y = x + (d * ex - b * ey) / det, y + (a * ey - c * ex) / det
    return x, y


@pytest.mark.parametrize(
    ("there", "back"),
    [(crs.wgs84_to_gcj02, crs.gcj02_to_wgs84), (crs.wgs84_to_bd09, crs.bd09_to_wgs84)],
)
def test_all_over_china_the_inverse_is_within_a_metre_of_the_iterative_one(there, back):
    lon, lat = dense()
    apart = metres_between(back(lon, lat), by_bisection(there, lon, lat))
    assert len(lon) > 36_000
    assert np.max(apart) < 1.0
    assert np.max(metres_between((lon, lat), back(*there(lon, lat)))) < 0.01


def test_outside_the_shifted_box_nothing_is_touched():
    lon, lat = (
        np.array([-87.6, 151.2, 2.35, 139.7, -0.1]),
        np.array([41.9, -33.9, 48.9, 35.7, 51.5]),
    )
    for there in (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84):
        x, y = there(lon, lat)
        assert x.tolist() == lon.tolist()
        assert y.tolist() == lat.tolist()
    x, y = crs.bd09_to_wgs84(*crs.wgs84_to_bd09(lon, lat))
    assert np.max(metres_between((lon, lat), (x, y))) < 0.01


@pytest.mark.parametrize("system", ["EPSG:4610", "EPSG:4214", "EPSG:2333", "xian80", "EPSG:99", ""])
def test_an_older_datum_or_a_name_to_guess_at_is_refused(system):
    frame = gpd.GeoDataFrame(geometry=[Point(120, 30)])
    with pytest.raises(ValueError, match="unknown coordinate system"):
        crs.stored_frame(frame, system)
