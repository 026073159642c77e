"""Putting the made-up county into an empty database, marked as demo for good."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import sqlalchemy as sa

from .. import bulk, places, receipts, steering
from ..db import County, Db, set_up
from ..schema import case_event, case_version, meta, text_key
from ..scope import Scope
from .history import DemoHistory

CATEGORIES = Path(__file__).parents[1] / "config" / "categories_cn.toml"


def build(
    db: Db,
    areas: gpd.GeoDataFrame,
    history: DemoHistory,
    *,
    pack: str,
    zone: str,
    progress: bulk.Progress = lambda what, done, of: None,
) -> None:
    """Fill an empty database with a made-up county.

    Args:
        areas: the layer, the county's own area among them (its names become the county's).
        history: what `make_history` made of these areas.

    Raises:
        ConfigError: the database was set up before; nothing is changed.
    """
    scope = Scope.operator()
    whole = areas[areas["level"] == "county"].iloc[0]
    county = County(
        kind="demo", name_zh=whole["name_zh"], name_en=whole["name_en"], zone=zone, pack=pack,
        protection_level="township", ends_on=None,
    )  # fmt: skip
    set_up(db, county)
    steering.save_file(db, scope, "categories.toml", CATEGORIES.read_text("utf-8"))
    places.save_offices(db, scope, history.bodies, history.townships)
    first_day = history.townships["valid_from"].min().date()
    places.save_areas(db, scope, areas, first_day)
    bulk.take_over(
        db, scope, history.cases, history.events, source_name="demo", with_receipts=True,
        progress=progress,
    )  # fmt: skip
    bulk.take_over_filings(db, scope, history.filings, history.excused, source_name="demo")
    _show_one_code(db)


def _show_one_code(db: Db) -> None:
    """A code for the newest answered demo case, kept readable: there is nobody behind it, and a
    visitor wants to see what an asker sees."""
    with db.write() as conn:
        at: dt.datetime = db.stamp(conn)
        newest = conn.execute(
            sa.select(case_event.c.case_id, case_version.c.desk)
            .join(case_version, case_version.c.case_id == case_event.c.case_id)
            .join(text_key, text_key.c.case_id == case_event.c.case_id)
            .where(case_event.c.event == "answered", case_event.c.text_id.is_not(None))
            .order_by(case_event.c.occurred_at.desc())
            .limit(1)
        ).first()
        if newest is not None:
            slip = receipts.issue(db, conn, newest.case_id, newest.desk, at)
            conn.execute(meta.insert().values(key="demo_code", value=slip.code))
