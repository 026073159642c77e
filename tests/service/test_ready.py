"""A server that starts reads the columns before somebody asks, and starts whatever it finds."""

from __future__ import annotations

import logging

import pytest

from data import kept_columns
from data.db import Db
from service.demo import make_demo
from ui import ready


def test_what_the_overview_needs_is_there_before_anybody_asks(sqlite_db: Db) -> None:
    make_demo(sqlite_db, grids=24, townships=3, cases_per_year=60, years=1)
    ready.begin(lambda: sqlite_db).join(60)
    shelf = kept_columns._shelves[sqlite_db.engine]
    assert len(shelf.columns.ids) > 30


def test_a_database_that_is_not_set_up_or_not_there_stops_no_server(
    sqlite_db: Db, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Db:
        raise OSError("secret path")

    ready.make_ready(lambda: sqlite_db)  # never set up
    assert caplog.text == ""
    with caplog.at_level(logging.WARNING):
        ready.make_ready(broken)
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text
