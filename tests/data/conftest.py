"""A small county on both databases, and a case to register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from data.db import Db
from data.rows import NewCase
from tests.conftest import NOW


@pytest.fixture
def county(db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(db)


@pytest.fixture
def new_case() -> Callable[..., NewCase]:
    def make(**changes: object) -> NewCase:
        values: dict[str, object] = {
            "township_code": "990000001000",
            "grid_code": "990000001001001",
            "opened_at": NOW - dt.timedelta(hours=1),
            "domain": "labour",
            "category": "unpaid_wages",
            "kind": "redress",
            "channel": "desk",
            "procedure": "ordinary",
            "body_id": "b01",
            "summary": "东郊工地三个月工资未发。",
        }
        return NewCase(**(values | changes))  # type: ignore[arg-type]

    return make
