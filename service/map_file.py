"""What the map shows as a file: read within a scope, covered, noted in the audit log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from data.audit import write_export as note_export
from data.db import County, Db
from data.errors import NotFound
from data.expected import read_probabilities
from data.places import read_areas, read_changes
from data.scope import Scope
from reports.area_desks import DESK_LAYERS
from reports.area_wide import (
    SPAN_LAYERS,
    SPAN_WEEKS,
    Span,
    SpanLayer,
    office_figures,
    span_figures,
    spans,
)
from reports.areas import LAYERS, Layer, Snapshot, area_figures, snapshot_moments
from reports.hotspot_words import digits, smooth_digits
from reports.hotspots import MEASURES, Measure
from reports.map_files import map_file, pair_file
from reports.map_sheet import Frame, MapSheet, area_cells, covered, hotspot_cells, map_sheet
from wording import t
from wording.formats import day as day_text
from wording.formats import moment as moment_text

from . import how_far
from .area_desks import WITHOUT, of_offices
from .figures import CaseFigures, county_figures
from .hotspots import slow_areas

SLOW: dict[str, Measure] = {f"slow_{measure}": measure for measure in MEASURES}
SMOOTH: dict[str, Measure] = {f"smooth_{measure}": measure for measure in MEASURES}
FILE_LAYERS = (*LAYERS, *DESK_LAYERS, *SLOW, *SMOOTH)
READ, COUNTED = 0.7, 0.8
"""Shares of a file's work that lie behind when the cases are read, and when its cells are there, as
measured on 300,000 cases."""
APART = (SPAN_WEEKS, 52)
"""Weeks between the ends of two spans that are compared."""


@dataclass(frozen=True)
class Part:
    """What of the map is wanted: an area by its code, or a view; of neither everything."""

    area: str | None = None
    frame: Frame | None = None


ALL = Part()


@dataclass(frozen=True)
class _Asked:
    """Everything a sheet is made of besides its cells."""

    db: Db
    scope: Scope
    as_of: dt.datetime
    language: str
    part: Part
    areas: gpd.GeoDataFrame

    @property
    def county(self) -> County:
        return self.db.county()

    @property
    def today(self) -> dt.date:
        return self.as_of.astimezone(ZoneInfo(self.county.zone)).date()

    @property
    def week_end(self) -> dt.datetime:
        return snapshot_moments(self.as_of, self.county.zone).week_end

    @property
    def week_day(self) -> dt.date:
        """The last day of the last whole week."""
        zone = ZoneInfo(self.county.zone)
        return (self.week_end - dt.timedelta(seconds=1)).astimezone(zone).date()

    def cases(self, moment: dt.datetime) -> CaseFigures:
        """Every case at a moment."""
        found = county_figures(self.db, self.scope, moment)
        how_far.say(READ)
        return found

    def of_week(self) -> str:
        return t("mapfile.week_of", self.language, day=day_text(self.week_day, self.language))

    def sheet(self, layer: str, figures: pd.DataFrame, level: str, told: str,
              *notes: str) -> MapSheet:  # fmt: skip
        """Of figures in the shape of `reports.areas.area_figures`."""
        classes = covered(figures, layer, level)[1]
        cells = area_cells(figures, layer, self.areas, level, self.language)
        return map_sheet(
            layer, cells, classes, self.areas, self.language, place=self.place(), as_of=told,
            is_demo=self.county.is_demo, notes=notes, of=self.part.area, frame=self.part.frame,
        )  # fmt: skip

    def place(self) -> str:
        """The way from the county to the area, by names."""
        names = self.areas.set_index("code")[["parent_code", f"name_{self.language}"]]
        at, way = self.part.area or str(names.index[0]), []
        while isinstance(at, str) and at in names.index:
            at, name = names.loc[at]
            way.append(str(name))
        if self.part.frame is not None:
            way.insert(0, t("mapfile.view", self.language))
        return " · ".join(reversed(way))


def sheet_of(
    db: Db, scope: Scope, layer: str, as_of: dt.datetime, language: str, part: Part = ALL
) -> MapSheet:
    """A layer of the map as it may leave the office (`reports.map_sheet`).

    Args:
        layer: of `FILE_LAYERS`. as_of: aware; figures of places are of the end of its last whole
            week.

    Raises:
        NotAllowed: a role that does not see the county's figures.
        NotFound: no layer of areas is loaded, none has a shape, there is no case at all, or no
            area of that code.
        ValueError: no such layer.
    """
    scope.need("supervisor", "leader", "operator")
    if layer not in FILE_LAYERS:
        raise ValueError(f"no such layer: {layer!r}; there are {', '.join(FILE_LAYERS)}")
    asked = _asked(db, scope, as_of, language, part)
    level = asked.county.protection_level
    if layer in SLOW or layer in SMOOTH:
        return _slow(asked, layer)
    if layer not in DESK_LAYERS:
        return asked.sheet(layer, _of_places(asked, layer), level, asked.of_week())
    is_of_week = layer == "longer_wait"
    cases = asked.cases(asked.week_end if is_of_week else as_of)
    last = asked.week_day if is_of_week else asked.today
    own = of_offices(db, scope, layer, as_of, cases, last)
    at = moment_text(as_of, language, asked.county.zone)
    told = asked.of_week() if is_of_week else t("mapfile.as_of", language, at=at)
    return asked.sheet(layer, office_figures(asked.areas, level, own, WITHOUT[layer]), level, told)


def pair_of(
    db: Db,
    scope: Scope,
    layer: str,
    weeks: int,
    as_of: dt.datetime,
    language: str,
    part: Part = ALL,
) -> tuple[MapSheet, MapSheet]:
    """Two spans of thirteen weeks as they may leave the office, the earlier one first.

    Args:
        layer: of `reports.area_wide.SPAN_LAYERS`. weeks: apart, of `APART`.

    Raises as `sheet_of`.
    """
    scope.need("supervisor", "leader", "operator")
    if layer not in SPAN_LAYERS or weeks not in APART:
        raise ValueError(
            f"no such comparison: {layer!r}, {weeks} weeks apart; there are "
            f"{', '.join(SPAN_LAYERS)}, {' and '.join(map(str, APART))} weeks apart"
        )
    asked = _asked(db, scope, as_of, language, part)
    earlier, later = spans(as_of, asked.county.zone, weeks)
    before = _span(asked, layer, earlier)
    how_far.say(COUNTED / 2)
    return before, _span(asked, layer, later)


def write_export(
    db: Db,
    scope: Scope,
    layer: str,
    kind: str,
    as_of: dt.datetime,
    language: str,
    part: Part = ALL,
) -> bytes:
    """A layer as a file of `reports.map_files.FORMATS`; the audit log says who took which.

    Raises as `sheet_of`; then nothing is noted and nothing has left.
    """
    sheet = sheet_of(db, scope, layer, as_of, language, part)
    how_far.say(COUNTED)
    made = map_file(sheet, kind)
    note_export(db, scope, file_name(layer, kind, as_of, db.county().zone, part))
    return made


def write_pair(
    db: Db,
    scope: Scope,
    layer: str,
    weeks: int,
    kind: str,
    as_of: dt.datetime,
    language: str,
    part: Part = ALL,
) -> bytes:
    """A comparison as a file of `reports.map_files.PAIR_FORMATS`, noted as `write_export`."""
    sheets = pair_of(db, scope, layer, weeks, as_of, language, part)
    how_far.say(COUNTED)
    made = pair_file(*sheets, kind)
    note_export(db, scope, pair_name(layer, weeks, kind, as_of, db.county().zone, part))
    return made


def file_name(layer: str, kind: str, as_of: dt.datetime, zone: str, part: Part = ALL) -> str:
    """Such as map-overdue_share-2026-03-05.png; of a part with its code, or "view"."""
    day = as_of.astimezone(ZoneInfo(zone)).date().isoformat()
    of = "-view" if part.frame else f"-{part.area}" if part.area else ""
    return f"map-{layer}{of}-{day}.{kind}"


def pair_name(
    layer: str, weeks: int, kind: str, as_of: dt.datetime, zone: str, part: Part = ALL
) -> str:
    """Such as map-two-spans-52-late_share-2026-03-05.xlsx."""
    return file_name(f"two-spans-{weeks}-{layer}", kind, as_of, zone, part)


def _asked(db: Db, scope: Scope, as_of: dt.datetime, language: str, part: Part) -> _Asked:
    today = as_of.astimezone(ZoneInfo(db.county().zone)).date()
    areas = read_areas(db, scope, today)
    if areas.empty or not areas.geometry.notna().any():
        raise NotFound("mapfile.error.no_layer")
    if part.area is not None and part.area not in set(areas["code"]):
        raise NotFound("mapfile.error.no_area", code=part.area)
    return _Asked(db, scope, as_of, language, part, areas)


def _slow(asked: _Asked, layer: str) -> MapSheet:
    """Where answers are slow beyond chance: labels, or the classes of smoothed figures."""
    language, smooth = asked.language, layer in SMOOTH
    found, areas = slow_areas(asked.db, asked.scope, asked.as_of, {**SLOW, **SMOOTH}[layer])
    notes = [t("hotspots.note.smooth" if smooth else "hotspots.note.spans", language)]
    if found.reason and not smooth:
        notes.append(t(f"hotspots.reason.{found.reason}", language))
    return map_sheet(
        layer, hotspot_cells(found, areas, language, smooth=smooth),
        smooth_digits(found) if smooth else digits(found), areas, language,
        place=asked.place(), as_of=asked.of_week(), is_demo=asked.county.is_demo, notes=notes,
        of=asked.part.area, frame=asked.part.frame,
    )  # fmt: skip


def _of_places(asked: _Asked, layer: str) -> pd.DataFrame:
    db, scope, county, week_end = asked.db, asked.scope, asked.county, asked.week_end
    found = asked.cases(week_end)
    if found.table.cases.empty:
        raise NotFound("mapfile.error.no_cases")
    probability = None
    if layer == "expected_late":
        known = db.now() if county.ends_on is not None else None
        probability = read_probabilities(db, scope, week_end, known)
    week = Snapshot(found.table.cases, found.standing, week_end, probability)
    return area_figures(
        week, week, asked.areas, county.zone, county.protection_level, cast(Layer, layer),
        read_changes(db, scope, asked.today),
    )  # fmt: skip


def _span(asked: _Asked, layer: str, span: Span) -> MapSheet:
    db, scope, county = asked.db, asked.scope, asked.county
    found = county_figures(db, scope, span.known_at)
    figures = span_figures(
        Snapshot(found.table.cases, found.standing, span.known_at), span, asked.areas, county.zone,
        county.protection_level, cast(SpanLayer, layer), read_changes(db, scope, asked.today),
    )  # fmt: skip
    told = t(
        "map.page.span", asked.language, first=day_text(span.first, asked.language),
        last=day_text(span.last, asked.language), weeks=SPAN_WEEKS,
    )  # fmt: skip
    return asked.sheet(layer, figures, county.protection_level, told)
