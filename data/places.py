"""Bodies, townships and the layer of areas: who can owe an answer, and where things are.

Public facts about offices, so every staff role may read them; only the administrator or the
operator writes them.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa
from pandera.pandas import DataFrameModel

from geo.crs import STORED
from geo.tree import Tree

from . import audit, frames
from .db import Db
from .errors import ConfigError
from .schema import area, area_change, body, township
from .scope import Scope

READERS = (
    "grid_worker", "township_clerk", "department_clerk", "supervisor", "leader", "administrator",
    "operator",
)  # fmt: skip
"""Every role of staff; the resident's door has no boundaries."""
_NO_SHAPE = shapely.Polygon()
"""Stored for an area that is listed and not drawn."""


def save_offices(db: Db, scope: Scope, bodies: pd.DataFrame, townships: pd.DataFrame) -> None:
    """Add bodies (`frames.Bodies`) and townships (`frames.Townships`) to an empty county."""
    scope.need("administrator", "operator")
    bodies = frames.check(frames.Bodies, bodies)
    townships = frames.check(frames.Townships, townships)
    with db.write() as conn:
        conn.execute(body.insert(), _records(bodies))
        if len(townships):
            conn.execute(township.insert(), _records(townships))
        audit.write(db, conn, scope, "offices_saved", reason=f"{len(bodies)}, {len(townships)}")


def save_areas(db: Db, scope: Scope, areas: gpd.GeoDataFrame, valid_from: dt.date) -> None:
    """Add a layer: `code, level, parent_code, name_zh, name_en, geometry` in EPSG:4490."""
    scope.need("administrator", "operator")
    with db.write() as conn:
        conn.execute(area.insert(), _area_rows(areas, valid_from))
        audit.write(db, conn, scope, "areas_saved", reason=str(len(areas)))


def save_version(
    db: Db, scope: Scope, areas: gpd.GeoDataFrame, changes: pd.DataFrame, valid_from: dt.date
) -> None:
    """Put a new version of the layer in force from a day on; the one before ends the day before.

    Args:
        areas: as for `save_areas`.
        changes: `geo.crosswalk.Crosswalk.changes`, from the version before to this one.

    Raises:
        ConfigError: a version from that day or a later one is there already; nothing was stored.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        newest = conn.execute(sa.select(sa.func.max(area.c.valid_from))).scalar()
        if newest is not None and newest >= valid_from:
            raise ConfigError("areas.too_early", day=newest.isoformat())
        conn.execute(
            area.update()
            .where(area.c.valid_to.is_(None))
            .values(valid_to=valid_from - dt.timedelta(days=1))
        )
        conn.execute(area.insert(), _area_rows(areas, valid_from))
        rows = [
            {**row, "valid_from": valid_from, "recorded_at": db.stamp(conn)}
            for row in changes.to_dict("records")
        ]
        if rows:
            conn.execute(area_change.insert(), rows)
        audit.write(db, conn, scope, "areas_saved", reason=f"{len(areas)}, {valid_from}")


def read_changes(db: Db, scope: Scope, on: dt.date) -> pd.DataFrame:
    """The crosswalk up to a day: from_code, to_code, kind, share, valid_from; oldest first."""
    scope.need(*READERS)
    columns = ["from_code", "to_code", "kind", "share", "valid_from"]
    query = (
        sa.select(*(area_change.c[name] for name in columns))
        .where(area_change.c.valid_from <= on)
        .order_by(area_change.c.valid_from, area_change.c.from_code, area_change.c.id)
    )
    with db.read() as conn:
        rows = conn.execute(query).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=columns)


def layer_versions(db: Db, scope: Scope) -> pd.DataFrame:
    """The versions of the layer: valid_from, valid_to (NA = open), areas_count; oldest first."""
    scope.need(*READERS)
    query = (
        sa.select(area.c.valid_from, sa.func.max(area.c.valid_to), sa.func.count())
        .group_by(area.c.valid_from)
        .order_by(area.c.valid_from)
    )
    with db.read() as conn:
        rows = conn.execute(query).all()
    return pd.DataFrame(
        [tuple(row) for row in rows], columns=["valid_from", "valid_to", "areas_count"]
    )


def _area_rows(areas: gpd.GeoDataFrame, valid_from: dt.date) -> list[dict[str, object]]:
    return [
        {
            "code": row.code,
            "level": row.level,
            "parent_code": row.parent_code if isinstance(row.parent_code, str) else None,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "valid_from": valid_from,
            "shape": (row.geometry or _NO_SHAPE).wkb,
        }
        for row in areas.itertuples()
    ]


def read_bodies(db: Db, scope: Scope) -> pd.DataFrame:
    """`frames.Bodies`, in order of id. Offices are public: every scope reaches them."""
    del scope  # named so that no read is without one
    return _office_rows(db, frames.Bodies, _BODIES)


def read_townships(db: Db, scope: Scope) -> pd.DataFrame:
    """`frames.Townships`, in order of code. Offices are public: every scope reaches them."""
    del scope
    return _office_rows(db, frames.Townships, _TOWNSHIPS)


_BODIES = sa.select(*(body.c[name] for name in frames.empty(frames.Bodies))).order_by(
    body.c.body_id
)
_TOWNSHIPS = sa.select(*(township.c[name] for name in frames.empty(frames.Townships))).order_by(
    township.c.township_code
)


def _office_rows(db: Db, model: type[DataFrameModel], query: sa.Select[Any]) -> pd.DataFrame:
    with db.read() as conn:
        rows = tuple(tuple(row) for row in conn.execute(query))
    return _checked(model, rows).copy(deep=False)


@lru_cache(maxsize=8)
def _checked(model: type[DataFrameModel], rows: tuple[tuple[object, ...], ...]) -> pd.DataFrame:
    """Every upload and every page asks for the offices, and they hardly ever change: the rows are
    read each time, made a table and checked once."""
    shape = frames.empty(model)
    frame = pd.DataFrame(list(rows), columns=list(shape)).astype(dict(shape.dtypes))
    return frames.check(model, frame)


def read_areas(db: Db, scope: Scope, on: dt.date) -> gpd.GeoDataFrame:
    """The layer in force on a day, without cases: code, level, parent_code, names, geometry.

    Boundaries are under sign-in like everything on the map: the resident's door has none.
    """
    scope.need(*READERS)
    query = (
        sa.select(area)
        .where(area.c.valid_from <= on)
        .where(sa.or_(area.c.valid_to.is_(None), area.c.valid_to >= on))
        .order_by(area.c.code)
    )
    with db.read() as conn:
        rows = conn.execute(query).mappings().all()
    columns = ["code", "level", "parent_code", "name_zh", "name_en"]
    table = pd.DataFrame([{c: row[c] for c in columns} for row in rows], columns=columns)
    shapes = gpd.GeoSeries.from_wkb([row["shape"] for row in rows], crs=STORED)
    layer = gpd.GeoDataFrame(
        table.astype("str").where(table.notna()), geometry=shapes.where(~shapes.is_empty)
    )
    if layer.empty:
        return layer
    # the order every layer has: widest areas first, then by code
    depth = Tree.of(layer.set_index("code")["parent_code"]).depth
    return layer.iloc[np.argsort(depth, kind="stable")].reset_index(drop=True)


def layer_version(db: Db, scope: Scope) -> tuple[object, ...]:
    """A value that changes whenever the areas do: the key of whatever is kept of a layer."""
    del scope  # a count and a day tell nobody anything
    with db.read() as conn:
        row = conn.execute(
            sa.select(
                sa.func.count(), sa.func.max(area.c.valid_from), sa.func.count(area.c.valid_to)
            ).select_from(area)
        ).one()
    return tuple(row)


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    plain = frame.astype(object).where(frame.notna(), None)
    rows = plain.to_dict("records")
    for row in rows:
        for key, value in row.items():
            if isinstance(value, (dt.datetime, pd.Timestamp)):
                row[key] = value.date()
    return rows
