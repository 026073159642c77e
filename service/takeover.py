"""Setting up an empty database from a county file, and taking an export over by a mapping."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import NaT

from data import bulk, places, steering
from data.categories import parse_categories
from data.db import County, Db, set_up
from data.errors import ConfigError, NotFound
from data.mapped import Mapped, apply_mapping
from data.mapping import Mapping, parse_mapping
from data.scope import Scope
from data.sheets import read_sheet
from geo import crs
from geo.layers import Outermost, load_layer
from geo.places import Locator

from .figures import CATEGORIES_FILE, categories
from .rules import rules_of

ANY_DAY = dt.date(1900, 1, 1)
"""A layer and offices without a stated first day hold for the whole extract."""


@dataclass(frozen=True)
class TakenOver:
    """What an import came to; `mapped` says what was set aside and why."""

    mapped: Mapped
    added: int
    repeated: int


def set_up_county(db: Db, county_file: Path) -> None:
    """Make an empty database what a county file says: names, zone, pack, categories, layer.

    Raises:
        ConfigError: a part of the file is missing or cannot mean anything; nothing was stored.
        geo.layers.LayerRefused: with every reason; nothing was stored.
    """
    scope = Scope.operator()
    given = _read_toml(county_file)
    try:
        layer, around = given["layer"], given["layer"]["outermost"]
        county = County(
            kind=given["kind"], name_zh=given["zh"], name_en=given["en"], zone=given["zone"],
            pack=rules_of(db).packs[given["pack"]].id, protection_level=given["protection_level"],
            ends_on=given.get("ends_on"),
        )  # fmt: skip
        texts = (county_file.parent / given["categories"]).read_text("utf-8")
        outermost = Outermost(around["code"], around["level"], around["zh"], around["en"])
        columns = {"code": layer["code"], "name_zh": layer["name"], "name_en": layer["name"]}
        source = county_file.parent / layer["file"]
    except KeyError as err:
        raise ConfigError(
            "service.county_file_lacks", file=county_file.name, part=err.args[0]
        ) from err
    if county.kind not in {"open_data", "real"}:
        raise ConfigError("service.county_kind", file=county_file.name, kind=county.kind)
    parse_categories(texts, given["categories"])
    loaded = load_layer(
        source, layer["system"], columns=columns, level=layer["level"], outermost=outermost
    )
    set_up(db, county)
    steering.save_file(db, scope, CATEGORIES_FILE, texts)
    places.save_areas(db, scope, loaded.areas, ANY_DAY)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as err:
        raise NotFound("service.no_file", file=path) from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError("service.not_toml", file=path.name, reason=str(err)) from err


def read_mapping(db: Db, path: Path) -> Mapping:
    """A mapping file, checked against the categories in force.

    Raises:
        ConfigError, NotFound: with one sentence.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as err:
        raise NotFound("service.no_file", file=path) from err
    return parse_mapping(text, path.name, categories(db, Scope.operator()))


def take_over_export(
    db: Db, export: Path, mapping: Mapping, progress: bulk.Progress = lambda what, done, of: None
) -> TakenOver:
    """Take an export of another system over; rows taken over before add nothing.

    Raises:
        DataError: the file cannot be read, or lacks a column; nothing was stored.
    """
    scope = Scope.operator()
    try:
        data = export.read_bytes()
    except FileNotFoundError as err:
        raise NotFound("service.no_file", file=export) from err
    progress("read", 0, 1)
    frame = read_sheet(data, export.name, lambda name: name in set(mapping.columns.values()))
    county = db.county()
    areas = places.read_areas(db, scope, db.now().date())
    leaves = areas[areas["level"] == county.protection_level]
    locator = Locator(areas)

    def place(lon: pd.Series, lat: pd.Series, system: str) -> pd.Series:
        points = crs.points(lon, lat, system).set_axis(lon.index)
        return locator.place(points)["code"]

    now = pd.Timestamp(db.now())
    mapped = apply_mapping(frame, mapping, categories(db, scope), list(leaves["code"]), now, place)
    progress("mapped", len(mapped.cases), mapped.rows)
    _add_offices(db, scope, mapped, leaves, mapping)
    added, repeated = bulk.take_over(
        db, scope, mapped.cases, mapped.events, source_name=export.name, progress=progress
    )
    steering.save_file(db, scope, mapping.name, mapping.text)
    return TakenOver(mapped, added, repeated)


def _add_offices(
    db: Db, scope: Scope, mapped: Mapped, leaves: pd.DataFrame, mapping: Mapping
) -> None:
    """Bodies and places the export names and the county does not have yet."""
    known_bodies = set(places.read_bodies(db, scope)["body_id"])
    bodies = mapped.bodies[~mapped.bodies["body_id"].isin(known_bodies)]
    known = set(places.read_townships(db, scope)["township_code"])
    rows = [(r.code, r.name_zh, r.name_en) for r in leaves.itertuples() if r.code not in known]
    unstated = mapping.area.unstated_code
    if unstated not in known and (mapped.cases["township_code"] == unstated).any():
        rows.append((unstated, mapping.area.names["zh"], mapping.area.names["en"]))
    townships = pd.DataFrame(rows, columns=["township_code", "name_zh", "name_en"], dtype="str")
    townships["valid_from"] = pd.Timestamp(ANY_DAY).as_unit("ns")
    townships["valid_to"] = pd.Series(NaT, index=townships.index, dtype="datetime64[ns]")
    if len(bodies) or len(townships):
        places.save_offices(db, scope, bodies, townships)


def row_list(mapped: Mapped) -> pd.DataFrame:
    """Every row that was set aside, and every one whose point disagrees with its stated area.

    Returns:
        row (the export's), what (`intake.aside.*` or `misplaced`), stated and by_point (area
        codes, of misplaced rows only); in order of rows. No other cell of the export is in it.
    """
    aside = mapped.set_aside[["row", "reason"]].rename(columns={"reason": "what"})
    moved = mapped.misplaced[["row", "stated", "by_point"]].assign(what="misplaced")
    rows = pd.concat([aside, moved], ignore_index=True).sort_values("row", kind="stable")
    return rows.reindex(columns=["row", "what", "stated", "by_point"]).reset_index(drop=True)
