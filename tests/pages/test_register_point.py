"""The form takes a point instead of a grid: found and forgotten, or told what is wrong with it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from data import places
from data.db import Db
from data.schema import case_version
from data.scope import Scope
from data.texts import opened
from tests.pages.test_register import _fill
from tests.rules.conftest import GRIDS, layer
from wording import t


@pytest.fixture
def placed(county: Db) -> Db:
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    return county


def with_point(open_page, lon: str, lat: str, system: str | None):
    test = open_page("register", "township_clerk")
    test.text_input(key="register_lon_0").set_value(lon)
    test.text_input(key="register_lat_0").set_value(lat)
    if system:
        test.selectbox(key="register_coordinate_system_0").set_value(system)
    return _fill(test)


def test_a_point_in_the_form_finds_the_grid_which_waits_sealed_for_the_asker(
    placed: Db, open_page
) -> None:
    test = with_point(open_page, "120.05", "29.05", "wgs84")
    assert not test.error
    with placed.read() as conn:
        case_id = conn.execute(sa.select(case_version.c.case_id)).scalar_one()
        sealed = opened(placed, conn, case_id, ("place",))
    assert [json.loads(text) for text in sealed.values()] == [{"grid_code": GRIDS[0]}]


@pytest.mark.parametrize(
    ("lon", "lat", "system", "said"),
    [
        ("120.05", "29.05", None, "no_system"),
        ("29.05", "120.05", "wgs84", "swapped"),
        ("120.05", "", "wgs84", "half_point"),
    ],
)
def test_what_is_wrong_with_a_point_stands_beside_it_and_nothing_is_stored(
    placed: Db, open_page, lon: str, lat: str, system: str | None, said: str
) -> None:
    test = with_point(open_page, lon, lat, system)
    assert t(f"placing.point.{said}", "zh") in [error.value for error in test.error]
    with placed.read() as conn:
        assert conn.execute(sa.select(case_version)).first() is None
