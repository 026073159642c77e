"""Where answers are slow beyond chance, read and computed for every door alike."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import geopandas as gpd

from data.db import Db
from data.errors import NotFound
from data.places import read_areas, read_changes
from data.scope import Scope
from reports.areas import Snapshot
from reports.hotspots import Hotspots, Measure, hotspots, slow_spans

from .figures import CaseFigures, county_figures


def known_at(db: Db, as_of: dt.datetime) -> dt.datetime:
    """As of when the record is read: the newest span's."""
    return slow_spans(as_of, db.county().zone)[-1].known_at


def slow_areas(
    db: Db, scope: Scope, as_of: dt.datetime, measure: Measure, found: CaseFigures | None = None
) -> tuple[Hotspots, gpd.GeoDataFrame]:
    """Clusters of slow answers on the layer in force on the local day of `as_of`, and that layer.

    Args:
        found: the county's figures at `known_at`, where the caller has them.

    Raises:
        NotAllowed: a role that does not see the county's figures.
        NotFound: no area is loaded.
    """
    scope.need("supervisor", "leader", "operator")
    county, moment = db.county(), known_at(db, as_of)
    today = as_of.astimezone(ZoneInfo(county.zone)).date()
    areas = read_areas(db, scope, today)
    if areas.empty:
        raise NotFound("mapfile.error.no_layer")
    now = found or county_figures(db, scope, moment)
    return hotspots(
        Snapshot(now.table.cases, now.standing, moment), areas, county.zone,
        county.protection_level, measure, read_changes(db, scope, today),
    ), areas  # fmt: skip
