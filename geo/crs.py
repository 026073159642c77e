"""Coordinate systems: the one place that knows their numbers and turns one into another.

Stored: longitude and latitude in CGCS2000. WGS 84 counts as equal to it (centimetres). GCJ-02 and
BD-09 are the shifted systems of phones and web maps in China; their shift is the published
approximation used by every open converter, inverted here by iteration. Metres come from a
transverse Mercator zone chosen by the centroid (DOMAIN.md §3).
"""

from __future__ import annotations

import re
from functools import cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from wording import LANGUAGES, t

STORED = 4490
"""CGCS2000, degrees."""
WGS84 = 4326
SYSTEMS = ("cgcs2000", "wgs84", "gcj02", "bd09")
"""What an incoming coordinate may say of itself."""

_GK_FIRST, _GK_FIRST_MERIDIAN, _GK_LAST_MERIDIAN = 4534, 75, 135
_UTM_NORTH, _UTM_SOUTH = 32600, 32700
_CHINA = (73.62, 16.7, 134.77, 53.56)
"""Area of use of CGCS2000: west, south, east, north, degrees."""
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
"""Where GCJ-02 shifts at all; outside it equals WGS 84."""

FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
"""Full-width signs and digits to the usual ones, for `str.translate`."""

_SHIFTED_DATUMS = frozenset({"Beijing 1954", "New Beijing", "Xian 1980"})

Degrees = NDArray[np.float64]


def system_named(text: str) -> str | None:
    """The system somebody means: "WGS-84", "GPS", "bd09 (Baidu)", and what Chinese calls them (the
    catalogues' `placing.called`); None = none we know. BD-09 in metres (bd09mc) is none."""
    head = text.translate(FULL_WIDTH).split("(")[0]
    return _called().get(re.sub(r"[\W_]", "", head).casefold())


@cache
def _called() -> dict[str, str]:
    return {
        name: system
        for language in LANGUAGES
        for system in SYSTEMS
        for name in (system, *t(f"placing.called.{system}", language).split("|"))
    }


def metric_zone(lon: float, lat: float) -> int:
    """EPSG number of the zone in which lengths and areas around a centroid are computed.

    Args:
        lon, lat: the centroid, degrees CGCS2000 or WGS 84.

    Returns:
        The 3-degree Gauss-Krüger zone within China's bounds, the UTM zone elsewhere.
    """
    west, south, east, north = _CHINA
    if west <= lon <= east and south <= lat <= north:
        meridian = min(max(round(lon / 3) * 3, _GK_FIRST_MERIDIAN), _GK_LAST_MERIDIAN)
        return _GK_FIRST + (meridian - _GK_FIRST_MERIDIAN) // 3
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (_UTM_NORTH if lat >= 0 else _UTM_SOUTH) + zone


def metric_zone_of(shapes: gpd.GeoSeries) -> int:
    """The metric zone of a layer, by the middle of its bounds.

    Raises:
        ValueError: where no shape has an extent.
    """
    west, south, east, north = shapes.to_crs(STORED).total_bounds
    if not np.isfinite(west):
        raise ValueError("no geometry, so no metric zone; load a layer that has shapes")
    return metric_zone((west + east) / 2, (south + north) / 2)


def to_metres(shapes: gpd.GeoSeries, zone: int | None = None) -> gpd.GeoSeries:
    """Shapes in metres; `zone` keeps several layers in the same zone (default: their own)."""
    return shapes.to_crs(metric_zone_of(shapes) if zone is None else zone)


def to_stored(lon: ArrayLike, lat: ArrayLike, system: str) -> tuple[Degrees, Degrees]:
    """Longitude and latitude in the stored system, from a system that is named.

    Args:
        lon, lat: degrees, equal shapes; NaN stays NaN.
        system: one of `SYSTEMS`.

    Raises:
        ValueError: for a system that is not in `SYSTEMS`: coordinates of unknown origin can be
            off by a kilometre and are not guessed at.
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    if system in {"cgcs2000", "wgs84"}:
        return x, y
    if system == "gcj02":
        return gcj02_to_wgs84(x, y)
    if system == "bd09":
        return bd09_to_wgs84(x, y)
    raise ValueError(f"unknown coordinate system {system!r}; name one of {', '.join(SYSTEMS)}")


def points(lon: ArrayLike, lat: ArrayLike, system: str) -> gpd.GeoSeries:
    """Points in the stored system, from coordinates in a named one. Raises as `to_stored`."""
    return gpd.GeoSeries(gpd.points_from_xy(*to_stored(lon, lat, system)), crs=STORED)


def stored_frame(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    """A layer's shapes in the stored system.

    Args:
        frame: shapes whose coordinates are in `system`; a CRS it carries is ignored, because
            `system` is what its owner states.
        system: one of `SYSTEMS`, or a number as "EPSG:4549".

    Raises:
        ValueError: for a system nobody knows, or one of the older Chinese datums (Beijing 1954,
            Xian 1980): without the county's own parameters they end up to 100 m away.
    """
    if system in {"gcj02", "bd09"}:
        shift = gcj02_to_wgs84 if system == "gcj02" else bd09_to_wgs84
        moved = shapely.transform(
            frame.geometry.to_numpy(),
            lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1])),
        )
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=STORED))
    number: int | str
    number = {"cgcs2000": STORED, "wgs84": STORED}.get(system, system)
    try:
        # by number only: a name such as "xian80" would be guessed at
        known = isinstance(number, int) or re.fullmatch(r"(?i)epsg:\d{4,6}", number)
        crs = pyproj.CRS.from_user_input(number) if known else None
    except pyproj.exceptions.CRSError:
        crs = None
    if crs is None or (crs.datum is not None and crs.datum.name in _SHIFTED_DATUMS):
        raise ValueError(
            f"unknown coordinate system {system!r}; name one of {', '.join(SYSTEMS)} or EPSG:…"
        )
    return frame.set_crs(crs, allow_override=True).to_crs(STORED)


# The shift of GCJ-02: a series in degrees around (105, 35) on the Krasovsky ellipsoid, as
# published in the open converters (eviltransform, coordtransform); it has no official source.
_A, _EE = 6378245.0, 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0


def _shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    short = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    d_lat += (short + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    d_lon += (short + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = np.degrees(d_lat / (_A * (1.0 - _EE) / (magic * np.sqrt(magic))))
    d_lon = np.degrees(d_lon / (_A / np.sqrt(magic) * np.cos(phi)))
    return d_lon, d_lat


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """WGS 84 to GCJ-02, degrees; outside the shifted box nothing moves."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    d_lon, d_lat = _shift(x, y)
    west, south, east, north = _SHIFTED
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return np.where(inside, x + d_lon, x), np.where(inside, y + d_lat, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """GCJ-02 to WGS 84, degrees, by fixed-point iteration: the shift changes by under 1 % over
    its own length, so six rounds leave less than a millimetre."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_x, guess_y = x, y
    for _ in range(6):
        there_x, there_y = wgs84_to_gcj02(guess_x, guess_y)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return guess_x, guess_y


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """WGS 84 to BD-09, degrees: GCJ-02, then Baidu's own turn and stretch."""
    return _gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """BD-09 to WGS 84, degrees, both steps inverted by iteration."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_x, guess_y = x - 0.0065, y - 0.006
    for _ in range(8):
        there_x, there_y = _gcj02_to_bd09(guess_x, guess_y)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return gcj02_to_wgs84(guess_x, guess_y)


def _gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
