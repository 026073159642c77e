"""A county with a map, cases in it, offices that act, and a resident with a browser."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from starlette.applications import Starlette

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import bulk, places, record
from data.db import Db, set_up
from data.history import NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from public.routes import routes
from tests.conftest import BODIES, COUNTY, DESK, LABOUR, NOW, TOWNSHIPS, opened_copy
from tests.public.conftest import Reader

ZONE = "Asia/Shanghai"
TOWNS = ("990000001000", "990000002000")
GRIDS = tuple(f"{town[:9]}001{number:03d}" for town in TOWNS for number in (1, 2, 3))
"""Three grids in each township's one village."""

ANSWER = {
    "request": "请求支付三个月工资。",
    "facts": "查明拖欠属实。",
    "opinion": "责令十日内付清。",
    "basis": "保障农民工工资支付条例第三条。",
    "remedy": "三十日内可以申请复查。",
}


def layer() -> gpd.GeoDataFrame:
    """County, two townships, a village each, three grids each: squares in rows."""
    rows: list[tuple[str, str, str | None, object]] = [
        ("990000", "county", None, box(120.0, 29.0, 120.3, 29.2))
    ]
    for south, town in enumerate(TOWNS):
        y, village = 29.0 + south * 0.1, f"{town[:9]}001"
        shape = box(120.0, y, 120.3, y + 0.1)
        rows += [(town, "township", "990000", shape), (village, "village", town, shape)]
        for west in range(3):
            x = 120.0 + west * 0.1
            grid = f"{village}{west + 1:03d}"
            rows.append((grid, "grid", village, box(x, y, x + 0.1, y + 0.1)))
    table = gpd.GeoDataFrame(
        [(code, level, parent, code, code) for code, level, parent, _ in rows],
        columns=["code", "level", "parent_code", "name_zh", "name_en"],
        geometry=[shape for *_, shape in rows],
        crs=4490,
    )
    order = {"county": 0, "township": 1, "village": 2, "grid": 3}
    return table.iloc[table["level"].map(order).argsort(kind="stable")].reset_index(drop=True)


def cases(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Bulk cases from what matters in a test; opened a day apart before `NOW`."""
    filled = []
    for number, row in enumerate(rows):
        opened = pd.Timestamp(NOW) - pd.Timedelta(days=20 + number % 40)
        filled.append(
            {
                "opened_at": opened, "known_at": opened, "township_code": TOWNS[0],
                "grid_code": GRIDS[0], "domain": "labour", "category": "unpaid_wages",
                "kind": "redress", "channel": "desk", "amount_band": None,
                "procedure": "ordinary", "body_id": "b01", "desk": "t01",
                "limit_at": pd.NaT, "needs_confirmation": True, **row,
            }
        )  # fmt: skip
    frame = pd.DataFrame(filled)
    for name in ("opened_at", "known_at", "limit_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def events(frame: pd.DataFrame, which: dict[int, list[tuple[str, float]]]) -> pd.DataFrame:
    """Registration of every case, and further (event, days after opening) by case."""
    rows = []
    for case, opened in frame["opened_at"].items():
        for event, days in [("registered", 0.0), *which.get(int(str(case)), [])]:
            at = opened + pd.Timedelta(days=days)
            is_office = event not in ("confirmed", "disowned", "not_solved", "rated")
            rows.append(
                (case, event, at, at, "office" if is_office else "asker",
                 "b01" if is_office else None, None, None, None)
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(bulk.EVENT_COLUMNS))
    return table.astype({"occurred_at": "datetime64[us, UTC]", "known_at": "datetime64[us, UTC]"})


def set_county(db: Db, kind: str = "real") -> Db:
    """The small county of tests/conftest.py with its layer."""
    set_up(db, type(COUNTY)(**{**vars(COUNTY), "kind": kind}))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    places.save_areas(db, Scope.operator(), layer(), dt.date(2020, 1, 1))
    return db


@pytest.fixture
def county(sqlite_db: Db, made_once) -> Db:
    return made_once(sqlite_db, "rules-real", set_county)


@pytest.fixture
def another(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template, clock, made_once
) -> Callable[..., Db]:
    """Makes further databases of the same county: to change one thing and compare."""
    made: list[Db] = []

    def make(kind: str = "real") -> Db:
        path = tmp_path_factory.mktemp("county") / "zaojie.db"
        shutil.copy(sqlite_template, path)
        made.append(opened_copy(path, clock))
        return made_once(made[-1], f"rules-{kind}", lambda db: set_county(db, kind))

    yield make  # type: ignore[misc]
    for db in made:
        db.engine.dispose()


@pytest.fixture
def new_case() -> Callable[..., NewCase]:
    def make(**changes: object) -> NewCase:
        values: dict[str, object] = {
            "township_code": TOWNS[0], "grid_code": GRIDS[0],
            "opened_at": NOW - dt.timedelta(hours=1), "domain": "labour",
            "category": "unpaid_wages", "kind": "redress", "channel": "desk",
            "procedure": "ordinary", "body_id": "b01", "summary": "东郊工地三个月工资未发。",
        }  # fmt: skip
        return NewCase(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def slip(county: Db, new_case: Callable[..., NewCase]) -> Slip:
    made = record.register(county, DESK, new_case()).slip
    assert made is not None
    return made


@pytest.fixture
def reader(county: Db) -> Reader:
    return Reader(Starlette(routes=routes(lambda: county)))


def anything(history: object, event: object) -> None:
    """A grammar that allows everything."""


def office(db: Db, case_id: str, event: str, scope: Scope = LABOUR, **values: object) -> None:
    """A step of the office that owes the answer, under the default pack."""
    judge = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), ZONE)
    record.add_event(db, scope, case_id, NewEvent(event, **values), judge)  # type: ignore[arg-type]


@pytest.fixture
def answered(county: Db, slip: Slip, clock) -> Slip:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    clock.go(days=10)
    office(county, slip.case_id, "answered", words=ANSWER)
    clock.go(hours=1)
    return slip
