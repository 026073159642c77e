"""Up and back between versions of the tables, with rows in every table: nothing old is touched."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import receipts, tables
from data.db import Db, make_engine
from data.errors import ConfigError
from data.keys import Keys
from data.migrating import is_at_head, migrate
from data.record import register
from tests.conftest import DESK, NOW, _named
from tests.service.test_commands import run as run

OLD = "0005"
NEWER = [version for version in tables.known() if version > OLD]
ROWS = 3
Shape = dict[str, list[str]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of each kind, without a table."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path}/old.db")
        yield made
        made.dispose()
        return
    server = request.getfixturevalue("postgres_server")
    name, admin = f"zaojie_{secrets.token_hex(6)}", make_engine(server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    made = make_engine(_named(server, name))
    yield made
    made.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def fill(engine: sa.Engine) -> Shape:
    """A few rows in every table, made from nothing but its columns; the columns by table."""
    found = sa.MetaData()
    found.reflect(engine)
    shape = {}
    with engine.begin() as conn:
        for table in found.sorted_tables:
            if table.name in ("alembic_version", "last_stamp"):
                continue
            shape[table.name] = [column.name for column in table.columns]
            for number in range(1, ROWS + 1):
                row = {c.name: value(c, number) for c in table.columns}
                conn.execute(table.insert().values(row))
    return shape


def value(column: sa.Column, number: int) -> object:
    if column.nullable and number == 1:
        return None
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Float):
        return number / 7
    if isinstance(kind, sa.Date):
        return dt.date(2026, 3, number)
    if isinstance(kind, (sa.LargeBinary,)):
        return bytes([number, 0, 255])
    return f"{number}件'"[: getattr(kind, "length", None) or 20]


def hashes(engine: sa.Engine, shape: Shape) -> dict[str, str]:
    """SHA-256 of every old table over its old columns."""
    found = {}
    with engine.connect() as conn:
        for name, columns in shape.items():
            table = sa.table(name, *map(sa.column, columns))
            rows = sorted(repr(tuple(row)) for row in conn.execute(sa.select(table)))
            assert len(rows) == ROWS
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_rows_of_every_table_go_up_back_and_up_again_unchanged(engine: sa.Engine) -> None:
    migrate(engine, OLD)
    shape = fill(engine)
    assert len(shape) > 30
    before = hashes(engine, shape)
    for version in NEWER:
        migrate(engine, version)
        assert hashes(engine, shape) == before, version
    assert is_at_head(engine)
    for version in [*reversed(NEWER[:-1]), OLD]:
        tables.back(engine, version)
        assert tables.version_of(engine) == version
        assert hashes(engine, shape) == before, version
    assert set(sa.inspect(engine).get_table_names()) == {*shape, "alembic_version", "last_stamp"}
    migrate(engine)
    assert hashes(engine, shape) == before
    for table in ("case_event", "audit", "report_issue"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as conn:
            conn.execute(sa.text(f"DELETE FROM {table}"))


def test_a_case_of_today_opens_by_its_code_after_the_way_back_and_up(
    engine: sa.Engine, small_county, new_case
) -> None:
    migrate(engine)
    db = small_county(Db(engine, Keys.fresh(), lambda: NOW))
    slip = register(db, DESK, new_case(grid_code=None)).slip
    assert slip is not None
    tables.back(engine, OLD)
    migrate(engine)
    opened = receipts.find(db, slip.code)
    assert opened is not None
    assert opened.case_id == slip.case_id


def test_what_going_back_would_lose_is_named_with_its_rows(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.begin() as conn:
        conn.execute(
            sa.text("INSERT INTO run (day, recorded_at, process) VALUES ('2026-03-05', 1, 2)")
        )
    lost = tables.lost_at(engine, OLD)
    assert lost["run"] == 1
    assert lost["run_step"] == 0
    assert "case_event" not in lost
    with pytest.raises(ConfigError, match="9999"):
        tables.lost_at(engine, "9999")
    with pytest.raises(ConfigError, match="9999"):
        tables.back(engine, "9999")


def test_the_command_goes_up_says_what_would_be_lost_and_goes_back(run, tmp_path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/zaojie.db")
    migrate(engine, OLD)
    assert f"tables: {OLD}" in run("upgrade", "--check")
    assert tables.version_of(engine) == OLD
    assert tables.newest() in run("upgrade")
    with engine.begin() as conn:
        conn.execute(
            sa.text("INSERT INTO run (day, recorded_at, process) VALUES ('2026-03-05', 1, 2)")
        )
    out = run("upgrade", "--to", OLD, code=1)
    assert "would be lost: run, 1 rows" in out
    assert is_at_head(engine)
    run("upgrade", "--to", OLD, "--lose-newer")
    assert tables.version_of(engine) == OLD
    assert "There is no version" in run("upgrade", "--to", "banana", code=1)
    engine.dispose()
