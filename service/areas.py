"""A new version of the layer of areas: looked at first, then put in force from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from data.db import County, Db
from data.errors import ConfigError
from data.places import layer_versions, read_areas, read_changes, read_townships, save_version
from data.scope import Scope
from geo.codes import CN, CodeSystem
from geo.coverage import Flaw, flaws
from geo.crosswalk import Crosswalk, crosswalk
from geo.findings import Finding, LayerRefused, found
from geo.layers import LoadedLayer, Outermost, load_layer
from reports.areas import Snapshot, levels_without_figures, snapshot_moments

from .figures import county_figures


@dataclass(frozen=True)
class NewLayer:
    """A checked file of areas, and what would change with it; nothing is stored yet.

    areas: the whole layer as it would be. valid_from: its first local day.
    findings: what its owner should look at. flaws: gaps and overlaps, the largest first.
    walk: what changed against the version before; None = there is none.
    levels: number of areas by level, the widest first.
    without_figures: levels that would be drawn without figures of their own.
    """

    areas: gpd.GeoDataFrame
    valid_from: dt.date
    findings: tuple[Finding, ...]
    flaws: tuple[Flaw, ...]
    walk: Crosswalk | None
    levels: Mapping[str, int]
    protection_level: str
    without_figures: tuple[str, ...]

    @property
    def has_split(self) -> bool:
        """Whether some history is carried by share of land, and so approximate."""
        return self.walk is not None and bool((self.walk.changes["kind"] == "split").any())


def check(
    db: Db,
    scope: Scope,
    source: bytes | Path,
    system: str,
    valid_from: dt.date,
    columns: Mapping[str, str] | None = None,
) -> NewLayer:
    """Read a file of areas and say what it would change.

    Args:
        source: GeoPackage, GeoJSON or zipped Shapefile.
        system: coordinate system its owner states (`geo.crs.stored_frame`).
        valid_from: first local day of the new version: after the version before, and not before
            today, because figures of days that have passed stay as they were shown.
        columns: our name (code, name_zh, name_en, level, parent_code) -> the file's.

    Raises:
        LayerRefused: the file cannot be used, with every reason.
        ConfigError: the day does not fit. Nothing is stored in either case.
    """
    scope.need("administrator", "operator")
    county = db.county()
    today = db.now().astimezone(ZoneInfo(county.zone)).date()
    versions = layer_versions(db, scope)
    if len(versions):
        newest = versions["valid_from"].iloc[-1]
        if valid_from <= newest:
            raise ConfigError("areas.too_early", day=newest.isoformat())
        if valid_from < today:
            raise ConfigError("areas.in_the_past", day=today.isoformat())
    present = read_areas(db, scope, versions["valid_from"].iloc[-1]) if len(versions) else None
    loaded = _loaded(source, system, columns or {}, present)
    areas = loaded.areas
    if county.protection_level not in set(areas["level"]):
        raise LayerRefused([found("no_protection_level", level=county.protection_level)])
    walk = None if present is None else crosswalk(present, areas)
    notes = [*loaded.findings, *_about(db, scope, areas, walk, county)]
    return NewLayer(
        areas=areas,
        valid_from=valid_from,
        findings=tuple(notes),
        flaws=tuple(flaws(areas)),
        walk=walk,
        levels=areas["level"].value_counts().reindex(areas["level"].unique()).to_dict(),
        protection_level=county.protection_level,
        without_figures=_without_figures(db, areas, walk, valid_from, county),
    )


def apply(db: Db, scope: Scope, new: NewLayer) -> None:
    """Put a checked layer in force from its day on. Raises ConfigError as `check` does."""
    empty = pd.DataFrame(columns=["from_code", "to_code", "kind", "share"])
    changes = empty if new.walk is None else new.walk.changes
    save_version(db, scope, new.areas, changes, new.valid_from)


def _loaded(
    source: bytes | Path,
    system: str,
    columns: Mapping[str, str],
    present: gpd.GeoDataFrame | None,
) -> LoadedLayer:
    """The file read as the present layer is: by code system, or by its own level and parent."""
    codes = CN if present is None or _is_of(present, CN) else None
    level, outermost = None, None
    if present is not None and codes is None and "parent_code" not in columns:
        levels = list(dict.fromkeys(present["level"]))
        if len(levels) == 2:
            # one level of areas in the city: the file need not repeat the city
            root = present.iloc[0]
            level = levels[1]
            outermost = Outermost(root["code"], root["level"], root["name_zh"], root["name_en"])
    return load_layer(
        source, system, codes=codes, columns=columns, level=level, outermost=outermost,
        present=present if outermost is None else None,
    )  # fmt: skip


def _is_of(layer: gpd.GeoDataFrame, codes: CodeSystem) -> bool:
    """Whether every code of a layer is of a system, and names the level it has there."""
    try:
        return all(
            codes.level(code) == level
            for code, level in zip(layer["code"], layer["level"], strict=True)
        )
    except ValueError:
        return False


def _about(
    db: Db, scope: Scope, areas: gpd.GeoDataFrame, walk: Crosswalk | None, county: County
) -> list[Finding]:
    """What follows for the offices and for the history."""
    own = set(areas.loc[areas["level"] == county.protection_level, "code"])
    known = set(read_townships(db, scope)["township_code"])
    notes = [found("no_office", code=code) for code in sorted(own - known)] if known else []
    if walk is not None:
        notes += [found("history_up", code=code) for code in walk.gone]
        notes += [
            found("land_lost", code=code, share=f"{share * 100:.1f}")
            for code, share in sorted(walk.lost.items())
        ]
    return notes


def _without_figures(
    db: Db, areas: gpd.GeoDataFrame, walk: Crosswalk | None, valid_from: dt.date, county: County
) -> tuple[str, ...]:
    """Levels with too few cases a year: read as the operator reads, told as names of levels."""
    operator, now = Scope.operator(), db.now()
    week_end = snapshot_moments(now, county.zone).week_end
    counted = county_figures(db, operator, week_end)
    changes = read_changes(db, operator, valid_from)
    if walk is not None and len(walk.changes):
        changes = pd.concat([changes, walk.changes.assign(valid_from=valid_from)])
    week = Snapshot(counted.cases, counted.standing, week_end)
    return levels_without_figures(week, areas, county.zone, county.protection_level, changes)
