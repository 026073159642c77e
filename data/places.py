"""Bodies, townships and the layer of areas: who can owe an answer, and where things are.

Public facts about offices, so every staff role may read them; only the administrator or the
operator writes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from geo.crs import STORED
from geo.tree import Tree

from . import audit, frames
from .db import Db
from .schema import area, body, township
from .scope import Scope


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
    rows = [
        {
            "code": row.code,
            "level": row.level,
            "parent_code": row.parent_code if isinstance(row.parent_code, str) else None,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "valid_from": valid_from,
            "shape": row.geometry.wkb,
        }
        for row in areas.itertuples()
    ]
    with db.write() as conn:
        conn.execute(area.insert(), rows)
        audit.write(db, conn, scope, "areas_saved", reason=str(len(rows)))


def read_bodies(db: Db, scope: Scope) -> pd.DataFrame:
    """`frames.Bodies`, in order of id. Offices are public: every scope reaches them."""
    del scope  # named so that no read is without one
    with db.read() as conn:
        rows = conn.execute(sa.select(body).order_by(body.c.body_id)).mappings().all()
    return frames.check(frames.Bodies, _frame(frames.Bodies, rows))


def read_townships(db: Db, scope: Scope) -> pd.DataFrame:
    """`frames.Townships`, in order of code. Offices are public: every scope reaches them."""
    del scope
    with db.read() as conn:
        rows = conn.execute(sa.select(township).order_by(township.c.township_code)).mappings().all()
    return frames.check(frames.Townships, _frame(frames.Townships, rows))


def read_areas(db: Db, scope: Scope, on: dt.date) -> gpd.GeoDataFrame:
    """The layer in force on a day, without cases: code, level, parent_code, names, geometry.

    Boundaries are under sign-in like everything on the map: the resident's door has none.
    """
    scope.need(
        "grid_worker", "township_clerk", "department_clerk", "supervisor", "leader",
        "administrator", "operator",
    )  # fmt: skip
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
    layer = gpd.GeoDataFrame(
        table.astype("str").where(table.notna()),
        geometry=gpd.GeoSeries.from_wkb([row["shape"] for row in rows], crs=STORED),
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


def _frame(model: type, rows: Iterable[sa.RowMapping]) -> pd.DataFrame:
    shape = frames.empty(model)
    return pd.DataFrame([dict(row) for row in rows], columns=list(shape)).astype(dict(shape.dtypes))
