"""What maps, files and memory show of a record: to be compared before and after a change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.db import Db
from data.places import read_areas
from data.scope import Scope
from geo.web import geometry_payload
from reports.area_classes import classify
from reports.areas import LAYERS, Snapshot, area_figures, snapshot_moments
from service.figures import county_figures
from tests.conftest import SUPERVISOR
from ui.map import restyle_script


def area_tables(db: Db) -> dict[str, object]:
    """The area figures of every layer of the map, as of now."""
    zone, now = db.county().zone, db.now()
    moments = snapshot_moments(now, zone)
    shots = []
    for moment in (now, moments.week_end):
        found = county_figures(db, SUPERVISOR, moment)
        shots.append(Snapshot(found.table.cases, found.standing, moment, scored(found.table.cases)))
    areas = read_areas(db, Scope.operator(), now.date())
    level = db.county().protection_level
    order = {"county": 0, "township": 1, "village": 2, "grid": 3}
    areas = areas.iloc[areas["level"].map(order).argsort(kind="stable")].reset_index(drop=True)
    return {name: area_figures(shots[0], shots[1], areas, zone, level, name) for name in LAYERS}


def scored(cases: pd.DataFrame) -> pd.Series:
    """A made-up P(late) per case, the same for the same case whatever else is in the record."""
    age = (cases["opened_at"] - cases["opened_at"].min()).dt.days
    return (0.15 + (age % 7) / 10).astype("float64")


def map_bytes(db: Db) -> bytes:
    """Everything of the map that depends on cases: figures of every layer, what a rerun sends."""
    areas = read_areas(db, Scope.operator(), db.now().date())
    order = {"county": 0, "township": 1, "village": 2, "grid": 3}
    areas = areas.iloc[areas["level"].map(order).argsort(kind="stable")].reset_index(drop=True)
    geometry = geometry_payload(areas)
    sent = []
    for name, figures in area_tables(db).items():
        for language in ("zh", "en"):
            classes = classify(figures, name)
            sent.append(restyle_script(geometry, figures, classes, name, language))
        sent.append(figures.to_csv())
    return geometry.body + "\n".join(sent).encode()


def stored_bytes(db: Db) -> bytes:
    """The database file, its write-ahead log and its index, as bytes."""
    path = Path(str(db.engine.url.database))
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(f"{path.name}*")))


def encodings(text: str) -> list[bytes]:
    """A text as it could lie in a file."""
    escaped = text.encode("unicode_escape")
    return [text.encode("utf-8"), text.encode("utf-16-le"), text.encode("gb18030"), escaped]
