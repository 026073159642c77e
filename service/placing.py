"""The area a stated point lies in, for every door that takes points; the point is then forgotten.

Whatever is read through `data.rows.check_rows` is placed there; this is for the others.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from threading import Lock
from zoneinfo import ZoneInfo

from data.db import Db
from data.errors import NotFound
from data.places import layer_version, read_areas
from data.scope import Scope
from geo.places import Locator
from geo.stated import Asked, Placed, place_point

MOST_KEPT = 4
"""Layers held ready: of several databases in one process, or of a day and the next."""

_kept: OrderedDict[tuple[object, ...], Locator] = OrderedDict()
_lock = Lock()


def locator(db: Db, on: dt.date | None = None) -> Locator:
    """The layer in force on a local day (None = today), ready to be asked.

    Raises:
        NotFound: the county has no boundaries yet.
    """
    day = on or db.now().astimezone(ZoneInfo(db.county().zone)).date()
    key = (str(db.engine.url), day, layer_version(db))
    with _lock:
        if key not in _kept:
            areas = read_areas(db, Scope.operator(), day)
            if areas.empty or not areas.geometry.notna().any():
                raise NotFound("placing.no_layer")
            _kept[key] = Locator(areas)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def asked(db: Db) -> Asked:
    """The locator of today's layer, made when the first point is there (`data.rows.Known`)."""
    return lambda: locator(db)


def place_of(db: Db, lon: str, lat: str, system: str, stated: str = "") -> Placed:
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
    return place_point(lon, lat, system, asked(db), stated)
