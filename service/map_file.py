"""A layer of the map as a file: read within a scope, covered, noted in the audit log."""

from __future__ import annotations

import datetime as dt
from typing import cast
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from data import roster
from data.audit import write_export as note_export
from data.db import Db
from data.errors import NotFound
from data.expected import read_probabilities
from data.places import read_areas, read_bodies, read_changes, read_townships
from data.scope import Scope
from reports.area_desks import (
    DESK_LAYERS,
    RECEPTION_DAYS,
    filing_states,
    longer_waits,
    reception_states,
)
from reports.area_wide import office_figures
from reports.areas import LAYERS, Layer, Snapshot, area_figures, snapshot_moments
from reports.hotspot_words import digits
from reports.hotspots import MEASURES, Measure
from reports.map_files import map_file
from reports.map_sheet import MapSheet, area_cells, covered, hotspot_cells, map_sheet
from wording import t
from wording.formats import day as day_text
from wording.formats import moment as moment_text

from .figures import county_figures
from .filing import span_matrix
from .hotspots import slow_areas

SLOW: dict[str, Measure] = {f"slow_{measure}": measure for measure in MEASURES}
FILE_LAYERS = (*LAYERS, *DESK_LAYERS, *SLOW)
FILING_DAYS = 14


def sheet_of(db: Db, scope: Scope, layer: str, as_of: dt.datetime, language: str) -> MapSheet:
    """A layer of the map as it may leave the office (`reports.map_sheet`).

    Args:
        layer: of `FILE_LAYERS`. as_of: aware; figures of places are of the end of its last whole
            week.

    Raises:
        NotAllowed: a role that does not see the county's figures.
        NotFound: no layer of areas is loaded, none has a shape, or there is no case at all.
        ValueError: no such layer.
    """
    scope.need("supervisor", "leader", "operator")
    if layer not in FILE_LAYERS:
        raise ValueError(f"no such layer: {layer!r}; there are {', '.join(FILE_LAYERS)}")
    county = db.county()
    week_end = snapshot_moments(as_of, county.zone).week_end
    today = as_of.astimezone(ZoneInfo(county.zone)).date()
    areas = read_areas(db, scope, today)
    if areas.empty or not areas.geometry.notna().any():
        raise NotFound("mapfile.error.no_layer")
    place = {"zh": county.name_zh, "en": county.name_en}[language]
    if layer in SLOW:
        found, areas = slow_areas(db, scope, as_of, SLOW[layer])
        cells, classes = hotspot_cells(found, areas, language), digits(found)
        notes = [t("hotspots.note.spans", language)]
        if found.reason:
            notes.append(t(f"hotspots.reason.{found.reason}", language))
        last = day_text(found.spans[-1].last, language)
        told = t("mapfile.week_of", language, day=last)
        return map_sheet(
            layer,
            cells,
            classes,
            areas,
            language,
            as_of=told,
            notes=notes,
            place=place,
            is_demo=county.is_demo,
        )
    if layer in DESK_LAYERS:
        figures = _of_offices(db, scope, layer, as_of, areas)
        told = t("mapfile.as_of", language, at=moment_text(as_of, language, county.zone))
    else:
        figures = _of_places(db, scope, layer, week_end, areas, today)
        last_day = (week_end - dt.timedelta(seconds=1)).astimezone(ZoneInfo(county.zone)).date()
        told = t("mapfile.week_of", language, day=day_text(last_day, language))
    _, classes = covered(figures, layer, county.protection_level)
    cells = area_cells(figures, layer, areas, county.protection_level, language)
    return map_sheet(
        layer, cells, classes, areas, language, as_of=told, place=place, is_demo=county.is_demo
    )


def write_export(
    db: Db, scope: Scope, layer: str, kind: str, as_of: dt.datetime, language: str
) -> bytes:
    """A layer as a file of `reports.map_files.FORMATS`; the audit log says who took which.

    Raises as `sheet_of`; then nothing is noted and nothing has left.
    """
    made = map_file(sheet_of(db, scope, layer, as_of, language), kind)
    note_export(db, scope, file_name(layer, kind, as_of, db.county().zone))
    return made


def file_name(layer: str, kind: str, as_of: dt.datetime, zone: str) -> str:
    """Such as map-overdue_share-2026-03-05.png."""
    return f"map-{layer}-{as_of.astimezone(ZoneInfo(zone)).date().isoformat()}.{kind}"


def _of_places(
    db: Db, scope: Scope, layer: str, week_end: dt.datetime, areas: gpd.GeoDataFrame, today: dt.date
) -> pd.DataFrame:
    county = db.county()
    found = county_figures(db, scope, week_end)
    if found.table.cases.empty:
        raise NotFound("mapfile.error.no_cases")
    probability = None
    if layer == "expected_late":
        known = db.now() if county.ends_on is not None else None
        probability = read_probabilities(db, scope, week_end, known)
    week = Snapshot(found.table.cases, found.standing, week_end, probability)
    return area_figures(
        week, week, areas, county.zone, county.protection_level, cast(Layer, layer),
        read_changes(db, scope, today), is_wide=True,
    )  # fmt: skip


def _of_offices(
    db: Db, scope: Scope, layer: str, as_of: dt.datetime, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Figures of offices, of the moment: they say nothing of who asks."""
    county = db.county()
    today = as_of.astimezone(ZoneInfo(county.zone)).date()
    if layer == "longer_wait":
        week_end = snapshot_moments(as_of, county.zone).week_end
        found = county_figures(db, scope, week_end)
        last = (week_end - dt.timedelta(seconds=1)).astimezone(ZoneInfo(county.zone)).date()
        own, without = longer_waits(found.table.cases, found.standing, last), "too_few"
    elif layer == "filing":
        first = today - dt.timedelta(days=FILING_DAYS)
        own = filing_states(span_matrix(db, scope, first, today, as_of, None))
        without = "unknown"
    else:
        towns = read_bodies(db, scope).set_index("body_id")["township_code"].dropna()
        ahead = pd.Series(
            [
                str(towns.get(line.body_id or "", ""))
                for line in roster.read(db, scope, today, today + dt.timedelta(RECEPTION_DAYS))
            ],
            dtype="str",
        ).value_counts()
        codes = sorted(read_townships(db, scope)["township_code"])
        own, without = reception_states(codes, ahead.to_dict()), "none_planned"
    return office_figures(areas, county.protection_level, own, without)
