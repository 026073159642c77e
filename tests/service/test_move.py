"""A county moves from SQLite to PostgreSQL whole, or not at all."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from data import anchors, filings, record
from data.backup.moving import move
from data.backup.tables import facts, holding, shapes
from data.db import Db, make_engine
from data.errors import ConfigError
from data.history import NewEvent
from data.rows import NewCase
from data.schema import APPEND_ONLY, audit, meta, metadata
from data.scope import Scope
from reports.facts_json import to_json
from service.report import made as report_made
from settings import Settings
from tests.conftest import DESK, LABOUR, NOW, Clock, named_database

pytestmark = pytest.mark.postgres
OPERATOR = Scope.operator()


@pytest.fixture
def target(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    with named_database(postgres_server, f"zaojie_moved_{secrets.token_hex(6)}") as url:
        yield url


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db], clock: Clock) -> Db:
    """A county with something in many kinds of column: bytes, days, truths, numbers, gaps."""
    small_county(sqlite_db)
    new = NewCase(
        township_code="990000001000", grid_code="990000001001001", opened_at=NOW,
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="东郊工地三个月工资未发：\\N \t\n'引号'。",
    )  # fmt: skip
    for _ in range(3):
        clock.go(hours=7)
        made = record.register(sqlite_db, DESK, replace(new, opened_at=clock.at))
        record.add_event(
            sqlite_db, LABOUR, made.case_id, NewEvent("contacted", words={"note": "联系。"}),
            lambda *_: None,
        )  # fmt: skip
    filings.file_day(sqlite_db, DESK, "990000001000", dt.date(2026, 3, 5), "report")
    return sqlite_db


def report(db: Db, day: dt.date) -> bytes:
    return to_json(report_made(db, OPERATOR, "daily", day))


def test_what_arrives_is_what_left_and_the_record_goes_on_there(
    county: Db, target: str, clock: Clock, tmp_path
) -> None:
    day = dt.date(2026, 3, 5)
    before, anchor = report(county, day), anchors.make(county, OPERATOR)
    assert anchor is not None
    moved = move(county, OPERATOR, target)
    engine = make_engine(target)
    there = Db(engine, county.keys, clock)
    try:
        with engine.connect() as conn:
            assert facts(conn) == dict(moved.tables)
            actions = conn.execute(sa.select(audit.c.action)).scalars().all()
        assert moved.tables["case_version"].count == 3
        assert "moved" in actions
        assert report(there, day) == before
        assert anchors.check(there, OPERATOR, [anchor]) == []
        clock.go(hours=1)
        last = moved.tables["case_version"].count
        again = replace(_some_case(clock), opened_at=clock.at)
        record.register(there, DESK, again)
        with engine.connect() as conn:
            newest = sa.select(sa.func.max(metadata.tables["case_version"].c.id))
            assert conn.scalar(newest) == last + 1  # numbers go on where they were
        for name in APPEND_ONLY:
            table = metadata.tables[name]
            with engine.connect() as conn:
                if conn.execute(sa.select(table).limit(1)).first() is not None:
                    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
                        conn.execute(table.delete())
    finally:
        engine.dispose()
    # nobody writes where nobody looks: neither a program that has it open nor one started now
    with pytest.raises(sa.exc.DBAPIError, match="moved to another database"), county.write() as c:
        c.execute(meta.insert().values(key="x", value="y"))
    with pytest.raises(sa.exc.DBAPIError, match="moved to another database"), county.write() as c:
        county.stamp(c)
    with pytest.raises(ConfigError, match="was moved to another one on 2026-03-0"):
        Db.open(Settings(str(county.engine.url), tmp_path / "keys.json", var=tmp_path))


def _some_case(clock: Clock) -> NewCase:
    return NewCase(
        township_code="990000001000", grid_code="990000001001001", opened_at=clock.at,
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="又一件。",
    )  # fmt: skip


def test_both_databases_have_the_same_tables_with_the_same_kinds_of_column(
    sqlite_db: Db, postgres_db: Db
) -> None:
    with sqlite_db.engine.connect() as here, postgres_db.engine.connect() as there:
        assert shapes(here) == shapes(there)
        assert facts(here) == facts(there)
        assert set(shapes(here)) == set(metadata.tables)
        assert holding(here) is None
        assert holding(there) is None


def test_a_move_that_fails_has_moved_nothing_and_the_source_goes_on(
    county: Db, target: str, clock: Clock
) -> None:
    with county.write() as conn:
        conn.execute(meta.insert().values(key="strange", value="a\x00b"))
    with pytest.raises(ConfigError, match=r"Table meta holds something.*Nothing was moved"):
        move(county, OPERATOR, target)
    engine = make_engine(target)
    with engine.connect() as conn:
        assert holding(conn) is None
    engine.dispose()
    with county.write() as conn:
        conn.execute(meta.delete().where(meta.c.key == "strange"))
    assert move(county, OPERATOR, target).row_count > 10  # begun again, cleanly


def test_a_move_goes_only_into_an_empty_postgresql(
    county: Db, postgres_db: Db, tmp_path, target: str
) -> None:
    with postgres_db.write() as conn:
        conn.execute(meta.insert().values(key="kind", value="real"))
    held = postgres_db.engine.url.render_as_string(hide_password=False)
    with pytest.raises(ConfigError, match=r"holds something \(table meta\)"):
        move(county, OPERATOR, held)
    with pytest.raises(ConfigError, match="address of PostgreSQL"):
        move(county, OPERATOR, f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(ConfigError, match="not SQLite"):
        move(postgres_db, OPERATOR, target)
