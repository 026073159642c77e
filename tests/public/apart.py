"""A county on PostgreSQL, the resident's process with its role, and that role by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from data import record
from data.db import CODES_SETTING, Db, micro, utc_now
from data.receipts import Slip
from data.rows import NewCase
from data.schema import metadata

from .conftest import DESK, Reader

FINE = "990000001007"
"""The grid of every case made here: kept under seal until its asker has opened it."""


@dataclass
class Apart:
    """owner: the application's database. residents: the process of the role. role: its name.

    engine: the role's own connections, for what no program of ours would do.
    """

    owner: Db
    residents: Reader
    role: str
    engine: sa.Engine

    @contextmanager
    def holding(self, slip: Slip | None) -> Iterator[sa.Connection]:
        """A transaction of the role, with a code in hand; rolled back at the end."""
        with self.engine.connect() as conn:
            if slip is not None:
                hold(conn, self.hash_of(slip))
            yield conn
            conn.rollback()

    @contextmanager
    def writing(self, slip: Slip) -> Iterator[tuple[sa.Connection, int]]:
        """The same with the stamp taken as the program takes it: (connection, recorded_at)."""
        with self.holding(slip) as conn:
            newest = conn.scalar(sa.text("SELECT at FROM last_stamp FOR UPDATE"))
            at = max(int(newest), micro(utc_now()))
            conn.execute(sa.text("UPDATE last_stamp SET at = :at"), {"at": at})
            yield conn, at

    def hash_of(self, slip: Slip) -> str:
        return self.owner.keys.digest("receipt", slip.code)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, as the owner sees them; the stamp alone may go forward."""
        with self.owner.read() as conn:
            return {
                name: sorted((tuple(row) for row in conn.execute(sa.select(table))), key=repr)
                for name, table in metadata.tables.items()
                if name != "last_stamp"
            }

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """What the owner reads."""
        with self.owner.read() as conn:
            return [tuple(row) for row in conn.execute(sa.text(query), values)]


def hold(conn: sa.Connection, hashes: str) -> None:
    conn.execute(sa.text(f"SELECT set_config('{CODES_SETTING}', :v, true)"), {"v": hashes})


def new_case(db: Db, summary: str = "工资三个月没有发。") -> Slip:
    """A case registered on somebody's behalf, its grid under seal, owed by the labour bureau."""
    new = NewCase(
        township_code="990000001000", grid_code=FINE, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="on_behalf",
        procedure="ordinary", body_id="b01", summary=summary,
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return slip


def fill(db: Db, case_id: str) -> None:
    """One row in every table that has none, so that reading nothing says something."""
    with db.engine.begin() as conn:
        for table in metadata.sorted_tables:
            if conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                continue
            row = {c.name: _any_value(c, case_id) for c in table.columns if c.name != "id"}
            conn.execute(table.insert().values(**row))


def _any_value(column: sa.Column[Any], case_id: str) -> object:
    if column.name == "case_id":
        return case_id
    if isinstance(column.type, sa.LargeBinary):
        return b"x"
    if isinstance(column.type, sa.Date):
        return dt.date(2026, 3, 5)
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, sa.String):
        return f"{column.name}"[: column.type.length or 8]
    if isinstance(column.type, sa.Integer | sa.SmallInteger | sa.Float):
        return 1
    return utc_now()
