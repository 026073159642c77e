"""The area a stated point lies in, for every door that takes points; the point is then forgotten.

Whatever is read through `data.rows.check_rows` is placed there; this is for the others.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from threading import Lock
from zoneinfo import ZoneInfo

import pandas as pd

from data.db import Db
from data.errors import DataError, NotFound, RowProblem
from data.places import layer_version, read_areas
from data.scope import Scope
from geo import crs
from geo.layers import TOLERANCE_M
from geo.places import Locator
from geo.stated import Asked, Placed, place_point

MOST_KEPT = 4
"""Layers held ready: of several databases in one process, or of a day and the next."""

_kept: OrderedDict[tuple[object, ...], Locator] = OrderedDict()
_lock = Lock()


def locator(db: Db, scope: Scope, on: dt.date | None = None) -> Locator:
    """The layer in force on a local day (None = today), ready to be asked.

    Raises:
        NotFound: the county has no boundaries yet.
    """
    day = on or db.now().astimezone(ZoneInfo(db.county().zone)).date()
    key = (str(db.engine.url), day, layer_version(db, scope))
    with _lock:
        if key not in _kept:
            # whoever may send a point may have it placed; no boundary leaves by this way
            areas = read_areas(db, Scope.operator(), day)
            if areas.empty or not areas.geometry.notna().any():
                raise NotFound("placing.no_layer")
            _kept[key] = Locator(areas)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def asked(db: Db, scope: Scope) -> Asked:
    """The locator of today's layer, made when the first point is there (`data.rows.Known`)."""
    return lambda: locator(db, scope)


def place_of(db: Db, scope: Scope, lon: str, lat: str, system: str, stated: str = "") -> Placed:
    """The area a sender's point lies in.

    Args:
        lon, lat: as sent, decimal degrees. system: as sent; empty = undeclared, which is refused.
        stated: code of the area the sender named, of any level; it holds, and a point more than
            50 m outside it is told in `notes`.

    Returns:
        `Placed`: a code, or problems that say what to do; sentences by `Finding.text(language)`.
        No coordinate is in it.

    Raises:
        NotFound: the county has no boundaries yet.
    """
    return place_point(lon, lat, system, asked(db, scope), stated)


def areas_of(
    locator: Locator,
    among: pd.Series,
    lon: pd.Series,
    lat: pd.Series,
    system: str,
    stated: pd.Series,
) -> pd.Series:
    """The areas of one level in which the points of a whole export lie.

    Args:
        among: codes of the areas of that level.
        lon, lat: degrees in `system` (`geo.crs.SYSTEMS`); stated: codes, NA = none; one index.

    Returns:
        code per point: the stated one where the point lies in it or within 50 m, else the one it
        lies in; NA outside every area.

    Raises:
        DataError: half of the points or more lie in no area, and would with longitude and
            latitude exchanged; nothing was taken over.
    """
    points = locator.to_metres(crs.points(lon, lat, system).set_axis(lon.index))
    found = locator.place(points)["code"]
    outside = locator.distance(points, stated)
    lost = found.isna() & (outside.isna() | (outside > TOLERANCE_M))
    if lost.sum() * 2 >= len(lost) and (lon[lost].abs() <= 90).any():
        turned = crs.points(lat[lost], lon[lost].where(lon.abs() <= 90), system)
        swapped = int(locator.place(turned)["code"].notna().sum())
        if swapped * 2 >= len(lost):
            problem = RowProblem(0, "", "placing.file_swapped", (("count", swapped),))
            raise DataError("placing.file_swapped", [problem])
    wide = {code: locator.enclosing(code, frozenset(among)) for code in found.dropna().unique()}
    return stated.where(outside <= TOLERANCE_M, found.map(wide)).astype("str")
