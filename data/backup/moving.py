"""A county's whole record from SQLite into an empty PostgreSQL, compared row by row.

All of it goes in one transaction of the target: a move that is broken off has moved nothing and is
begun again. Writers of the source wait, or are refused, as long as it lasts; afterwards the source
takes no row any more, so that no program started before writes where nobody looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa

from data import audit
from data.db import Db, make_engine
from data.errors import ConfigError
from data.migrating import MOVED_AT, migrate
from data.schema import meta
from data.scope import Scope

from .tables import SEEDED, Facts, Shape, differing, facts, holding, revision, rows, shapes

Progress = Callable[[str, int, int], None]
ACTIONS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Moved:
    """What was moved: of each table count and hash, the same in both databases."""

    tables: Mapping[str, Facts]

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(one.count for one in self.tables.values())


def move(db: Db, scope: Scope, url: str, progress: Progress = lambda *_: None) -> Moved:
    """Move a SQLite database into an empty PostgreSQL one; noted in the log before it goes.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: the source is not SQLite, the target is not an empty PostgreSQL database or
            cannot hold what the source holds, or the two differ afterwards. Nothing was moved.
    """
    scope.need("operator")
    if db.engine.dialect.name != "sqlite":
        raise ConfigError("backup.error.not_sqlite")
    target = empty_postgres(url)
    try:
        with db.write() as source:  # the writers' own lock: nothing is written meanwhile
            audit.write(db, source, scope, "moved")
            found = copy_over(source, target, progress)
            _close(source, db.now())
    finally:
        target.dispose()
    return Moved(found)


def empty_postgres(url: str) -> sa.Engine:
    """The engine of a PostgreSQL database that holds nothing yet, with this version's tables.

    Raises:
        ConfigError: another kind of database, one that cannot be reached, is not in UTF-8, or holds
            something.
    """
    engine = make_engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name != "postgresql":
        raise ConfigError("backup.error.not_postgres")
    try:
        with engine.connect() as conn:
            encoding = conn.execute(sa.text("SHOW server_encoding")).scalar_one()
            if encoding != "UTF8":
                raise ConfigError("backup.error.not_utf8", url=shown, encoding=encoding)
            if held := holding(conn):
                raise ConfigError("backup.error.not_empty", url=shown, table=held)
        migrate(engine)
    except sa.exc.OperationalError as err:
        engine.dispose()
        raise ConfigError("data.error.database_unreachable", url=shown) from err
    except ConfigError:
        engine.dispose()
        raise
    return engine


def copy_over(source: sa.Connection, target: sa.Engine, progress: Progress) -> dict[str, Facts]:
    """Copy every row of a SQLite connection into an empty PostgreSQL; count and hash of each table,
    read from the source and found again in the target.

    Raises:
        ConfigError: other tables, a text PostgreSQL cannot hold, or a difference afterwards.
    """
    wanted = shapes(source)
    with target.begin() as conn:
        there = shapes(conn)
        if wanted != there or revision(source) != revision(conn):
            names = ", ".join(n for n in {**wanted, **there} if wanted.get(n) != there.get(n))
            raise ConfigError("backup.error.other_tables", tables=names or "-")
        conn.execute(sa.text(f"DELETE FROM {SEEDED}"))  # noqa: S608
        for done, (name, shape) in enumerate(wanted.items()):
            progress(name, done, len(wanted))
            _copy_table(source, conn, name, shape)
        progress("compare", len(wanted), len(wanted))
        before, after = facts(source), facts(conn)
        if wrong := differing(before, after):
            raise ConfigError("backup.error.differs", tables=", ".join(wrong))
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("ANALYZE"))  # else the first pages are planned for empty tables
    return before


def _copy_table(source: sa.Connection, conn: sa.Connection, name: str, shape: Shape) -> None:
    raw: Any = conn.connection.driver_connection
    columns = ", ".join(f'"{column}"' for column in shape.columns)
    try:
        with (
            raw.cursor() as cursor,
            cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN') as copy,
        ):
            for part in rows(source, name, shape):
                for row in part:
                    copy.write_row(row)
    except psycopg.DataError as err:
        reason = str(err).splitlines()[0][:200]
        raise ConfigError("backup.error.cannot_hold", table=name, reason=reason) from err
    if shape.key == ("id",):
        conn.execute(
            sa.text(
                "SELECT setval(s, m) FROM (SELECT pg_get_serial_sequence(:name, 'id') AS s, "  # noqa: S608
                f'(SELECT max(id) FROM "{name}") AS m) AS found '
                "WHERE s IS NOT NULL AND m IS NOT NULL"
            ),
            {"name": f'"{name}"'},
        )


def _close(source: sa.Connection, at: dt.datetime) -> None:
    """Let the source take no row any more, whoever has it open."""
    source.execute(meta.insert().values(key=MOVED_AT, value=at.isoformat(timespec="seconds")))
    for name in shapes(source):
        for action in ACTIONS:
            source.execute(
                sa.text(
                    f'CREATE TRIGGER "moved_{name}_{action.lower()}" BEFORE {action} ON "{name}" '
                    "BEGIN SELECT RAISE(ABORT, 'this record was moved to another database'); END"
                )
            )
