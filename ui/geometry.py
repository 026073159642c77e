"""The map's geometry: prepared once per layer, held for the route that sends it to the browser."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from threading import Lock
from zoneinfo import ZoneInfo

from data.db import Db
from data.places import layer_version, read_areas
from data.scope import Scope
from geo.web import Geometry, geometry_payload

MOST_KEPT = 8
"""Days whose layer is held: today's, and those somebody looks back at."""

_kept: OrderedDict[tuple[str, dt.date, tuple[object, ...]], Geometry] = OrderedDict()
_lock = Lock()


def layer(db: Db, scope: Scope, day: dt.date) -> Geometry | None:
    """The layer in force on a local day, as the browser gets it; None while there is no shape.

    Held from its first use, until another version is loaded.
    """
    key = (str(db.engine.url), day, layer_version(db, scope))
    with _lock:  # also so that two who ask at once do not prepare it twice
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        areas = read_areas(db, scope, day)
        if areas.empty or not areas.geometry.notna().any():
            return None
        _kept[key] = geometry_payload(areas)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def body(db: Db, scope: Scope, content_hash: str) -> bytes | None:
    """The bytes of a layer by their hash; None for one that is not the county's.

    Another process of the same application may have drawn the page: then today's layer is
    prepared here as well.
    """
    with _lock:
        for (url, *_), known in _kept.items():
            if known.content_hash == content_hash and url == str(db.engine.url):
                return known.body
    today = db.now().astimezone(ZoneInfo(db.county().zone)).date()
    made = layer(db, scope, today)
    return made.body if made is not None and made.content_hash == content_hash else None
