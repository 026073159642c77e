"""What a database holds, table by table, as numbers that are the same on SQLite and PostgreSQL.

Read from the database itself, not from `data/schema`: a backup of an older version of the program
is checked by the columns it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

REVISIONS = "alembic_version"
"""The table that says which version of the program the others are of; not a record."""
SEEDED = "last_stamp"
"""The one table in which a database that holds nothing has a row."""
BATCH = 5_000

_KINDS: tuple[tuple[type[Any], str], ...] = (
    (sa.Boolean, "bool"), (sa.Date, "day"), (sa.Float, "float"), (sa.Numeric, "float"),
    (sa.Integer, "int"), (sa.LargeBinary, "bytes"), (sa.String, "text"),
)  # fmt: skip
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "bool": sa.Boolean(), "day": sa.Date(), "float": sa.Float(), "int": sa.BigInteger(),
    "bytes": sa.LargeBinary(), "text": sa.Text(),
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A table's columns with their kinds, sorted by name, and its key in order."""

    columns: Mapping[str, str]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What a table holds: how many rows, and SHA-256 over all of them in the order of its key."""

    shape: Shape
    count: int
    sha256: str


def shapes(conn: sa.Connection) -> dict[str, Shape]:
    """Every table of the record, by name."""
    found = sa.inspect(conn)
    columns = found.get_multi_columns()
    keys = found.get_multi_pk_constraint()
    made = {}
    for (schema, name), listed in sorted(columns.items(), key=lambda item: item[0][1]):
        if name != REVISIONS:
            kinds = {str(c["name"]): _kind(c["type"]) for c in listed}
            key = tuple(keys[schema, name]["constrained_columns"])
            made[name] = Shape(dict(sorted(kinds.items())), key)
    return made


def facts(conn: sa.Connection, of: Mapping[str, Shape] | None = None) -> dict[str, Facts]:
    """Count and hash of every table, by name.

    Args:
        of: the tables and columns to look at; None = all there are.
    """
    wanted = shapes(conn) if of is None else of
    return {name: _facts(conn, name, shape) for name, shape in wanted.items()}


def rows(conn: sa.Connection, name: str, shape: Shape) -> Iterator[list[tuple[Any, ...]]]:
    """Every row of a table in the order of its key, in pieces; columns as in `shape`."""
    table = sa.table(name, *(sa.column(c, _TYPES[kind]) for c, kind in shape.columns.items()))
    order: list[sa.ColumnElement[Any]] = []
    for column in shape.key:
        # the order of bytes, as SQLite's: a server sorts letters by its own language
        is_text = shape.columns[column] == "text" and conn.dialect.name == "postgresql"
        order.append(table.c[column].collate("C") if is_text else table.c[column])
    # unbuffered, and cursors of their own end with the result, not with the transaction
    result = conn.execution_options(yield_per=BATCH).execute(sa.select(table).order_by(*order))
    for part in result.partitions():
        yield [tuple(row) for row in part]


def differing(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> list[str]:
    """Names of tables that are not the same in both."""
    names = sorted({*before, *after})
    return [name for name in names if before.get(name) != after.get(name)]


def holding(conn: sa.Connection) -> str | None:
    """The first table that holds a row; None = this database holds nothing."""
    for name in shapes(conn):
        if name != SEEDED and conn.execute(sa.select(1).select_from(sa.table(name)).limit(1)).all():
            return name
    return None


def revision(conn: sa.Connection) -> str | None:
    """Which version of the program the tables are of; None = there are none."""
    if not sa.inspect(conn).has_table(REVISIONS):
        return None
    return conn.execute(sa.text(f"SELECT version_num FROM {REVISIONS}")).scalar()  # noqa: S608


def _facts(conn: sa.Connection, name: str, shape: Shape) -> Facts:
    digest, count = hashlib.sha256(), 0
    for part in rows(conn, name, shape):
        count += len(part)
        digest.update("".join(f"{row!r}\n" for row in part).encode())
    return Facts(shape, count, digest.hexdigest())


def _kind(column: sa.types.TypeEngine[Any]) -> str:
    return next(kind for of, kind in _KINDS if isinstance(column, of))
