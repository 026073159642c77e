"""The files of a published month, all made from its frozen content."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd

from data import places, publications
from data.db import Db
from data.publications import Publication
from data.scope import Scope
from reports.monthly_content import Content
from reports.monthly_files import to_atom, to_csv, to_json, to_metadata
from reports.monthly_package import to_datapackage, to_gpkg, to_parquet
from reports.monthly_page import STYLE, static_page

from . import consultations, suggestions
from .roster_files import roster_files, roster_pages


def write_files(db: Db, found: Publication, folder: Path) -> list[str]:
    """Write a published month into a folder: pages, CSV with metadata, JSON, Parquet, a GeoPackage
    of the townships, feed; the reception roster as it stands now, with its own CSV and JSON; the
    consultations and suggestions published so far; and the description of all of it as a data
    package.

    Returns:
        Names of the files.

    Raises:
        OSError: a folder that cannot be written to.
    """
    content: Content = json.loads(found.content)
    county = content["county"]
    links = {
        "csv": "figures.csv", "meta": "figures.csv-metadata.json", "json": "figures.json",
        "feed": "feed.atom", "roster": "roster.html",
    }  # fmt: skip
    entries = [
        (one.month, one.sha256, one.recorded_at.isoformat())
        for one in publications.read_all(db, Scope.public())[::-1]
        if one.month <= found.month
    ]
    made = {
        "index.html": static_page(content, "zh", links, found.sha256, "index.en.html"),
        "index.en.html": static_page(
            content, "en", links | {"roster": "roster.en.html"}, found.sha256, "index.html"
        ),
        "figures.css": STYLE,
        "figures.csv": to_csv(content),
        "figures.csv-metadata.json": to_metadata(content, "figures.csv"),
        "figures.json": to_json(content),
        "feed.atom": to_atom(county["name_zh"], entries, lambda month: "index.html", "zh"),
    }
    made["figures.parquet"] = to_parquet(content)
    shapes = _township_shapes(db, dt.date.fromisoformat(content["known_at"][:10]))
    if len(shapes):
        made["figures.gpkg"] = to_gpkg(content, shapes)
    made |= roster_files(db, Scope.public()) | roster_pages(db, Scope.public())
    made |= consultations.public_files(db, Scope.public())
    made |= suggestions.public_files(db, Scope.public())
    made["datapackage.json"] = to_datapackage(content, made)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return list(made)


def _township_shapes(db: Db, on: dt.date) -> gpd.GeoDataFrame:
    """The areas of the protection level on a day: `code` and geometry; empty without a layer."""
    areas = places.read_areas(db, Scope.operator(), on)
    if areas.empty:
        return areas
    is_level = areas["level"] == db.county().protection_level
    return areas[is_level & areas.geometry.notna()]
