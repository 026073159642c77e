"""DOMAIN.md §2.10: points are used to find the grid and then forgotten, by whichever door."""

from __future__ import annotations

import logging

import pandas as pd
import pytest

from data import quarantine, record
from data.categories import load_categories
from data.db import Db
from data.places import read_areas, read_bodies, read_townships
from data.rows import Known, check_rows
from data.scope import Scope
from service import placing
from tests.conftest import DESK

from .looking import encodings, stored_bytes


def known(db: Db) -> Known:
    today = db.now().date()
    areas = read_areas(db, DESK, today)
    grids = areas[areas["level"] == "grid"]
    towns = read_townships(db, DESK)
    parents = dict(zip(areas["code"], areas["parent_code"], strict=True))
    townships = {}
    for code in grids["code"]:
        at = parents[code]
        while at not in set(towns["township_code"]):
            at = parents[at]
        townships[code] = at
    return Known(
        load_categories(), read_bodies(db, DESK), towns, townships,
        locator=placing.asked(db, DESK),
    )  # fmt: skip


def test_a_point_is_on_no_disk_and_in_no_log(
    county: Db, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    areas = read_areas(county, Scope.operator(), county.now().date())
    spot = areas[areas["level"] == "grid"].geometry.iloc[0].representative_point()
    lon, lat = f"{spot.x + 0.000_012_3:.7f}", f"{spot.y + 0.000_045_6:.7f}"
    right = {
        "source_id": "A-1", "opened_at": "2026-03-01", "category": "unpaid_wages",
        "kind": "redress", "channel": "desk", "body": "b01", "summary": "工资三个月未发。",
        "lon": lon, "lat": lat, "coordinate_system": "wgs84",
    }  # fmt: skip
    rows = [
        right,
        right | {"source_id": "A-2", "category": "nothing"},
        right | {"source_id": "A-3", "coordinate_system": ""},
        right | {"source_id": "A-4", "lon": lat, "lat": lon},
        right | {"source_id": "A-5", "lat": "0.5"},
    ]
    frame = pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype="str")
    with caplog.at_level(logging.DEBUG):
        checked = check_rows(frame, known(county), county.now(), "Asia/Shanghai", is_file=True)
        assert [case.grid_code is not None for case in checked.good] == [True]
        record.register_all(county, DESK, checked.good)
        refused = {n: dict(frame.loc[n]) for n in sorted({p.row for p in checked.problems})}
        quarantine.hold(county, DESK, "places.xlsx", refused, checked.problems)
        placed = placing.place_of(county, DESK, lon, lat, "wgs84")
    assert placed.code == checked.good[0].grid_code
    said = capfd.readouterr()
    sealed = [repr(held) for held in quarantine.waiting(county, DESK)]
    assert len(sealed) == 4
    told = [*map(repr, checked.problems), *map(repr, checked.notes), *sealed, repr(placed)]
    for number in (lon, lat):
        stored = stored_bytes(county)
        assert not [form for form in encodings(number) if form in stored]
        assert number not in caplog.text + said.out + said.err + "".join(told)


def test_the_record_has_no_column_for_a_point(county: Db) -> None:
    from data.schema import metadata

    columns = {c.name for table in metadata.sorted_tables for c in table.columns}
    assert not columns & {"lon", "lat", "point", "coordinate_system", "x", "y"}
