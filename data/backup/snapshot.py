"""One state of a database as a file, while people go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from data import anchors
from data.db import Db, make_engine
from data.errors import ConfigError, StoreFull
from data.scope import Scope

from . import postgres
from .tables import REVISIONS, Facts, facts, revision


@dataclass(frozen=True)
class Snapshot:
    """A state of a database: its file, what its tables hold, the log's anchor ("" = no entry yet).

    db: where the figures of that state are read: the file itself, or the server.
    """

    payload: Path
    revision: str
    tables: Mapping[str, Facts]
    anchor: str
    db: Db


@contextmanager
def snapshot(db: Db, scope: Scope, folder: Path) -> Iterator[Snapshot]:
    """Take a state of the database into a folder; what is written meanwhile is not in it.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: PostgreSQL's program is missing or failed; the copy is damaged.
        StoreFull: no room in the folder.
    """
    scope.need("operator")
    # before the state is taken: rows are only added, so the line fits that state too
    found = anchors.make(db, scope)
    line = "" if found is None else found.line()
    if db.engine.dialect.name == "sqlite":
        with _sqlite(db, folder, line) as made:
            yield made
    else:
        yield _postgres(db, folder, line)


@contextmanager
def _sqlite(db: Db, folder: Path, line: str) -> Iterator[Snapshot]:
    payload = folder / "database.sqlite"
    copy_sqlite(Path(str(db.engine.url.database)), payload)
    engine = make_engine(f"sqlite:///{payload}")
    try:
        with engine.connect() as conn:
            yield Snapshot(
                payload, revision(conn) or "", facts(conn), line,
                Db(engine, db.keys, db.now),
            )  # fmt: skip
    finally:
        engine.dispose()


def copy_sqlite(source: Path, out: Path) -> None:
    """A state of a SQLite file as another file, built anew from its rows.

    Built anew, not page by page: what was deleted (a destroyed key, an erased text) is not in it,
    whatever the source's free pages still hold. Writers go on meanwhile.

    Raises:
        ConfigError: the source or the copy is damaged. StoreFull: no room.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True)) as conn:
            conn.isolation_level = None
            conn.execute("PRAGMA busy_timeout=30000")
            conn.execute("VACUUM INTO ?", (str(out),))
        check_sqlite(out)
    except sqlite3.DatabaseError as err:
        if err.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StoreFull("data.error.disk_full") from err
        raise ConfigError("backup.error.damaged", path=source) from err


def check_sqlite(path: Path) -> None:
    """Refuse a SQLite file that is damaged.

    Raises:
        ConfigError: with its path.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
            found = conn.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError as err:
        raise ConfigError("backup.error.damaged", path=path) from err
    if found != [("ok",)]:
        raise ConfigError("backup.error.damaged", path=path)


def _postgres(db: Db, folder: Path, line: str) -> Snapshot:
    payload = folder / "database.dump"
    with db.engine.connect() as plain:
        conn = plain.execution_options(isolation_level="REPEATABLE READ")
        dump = postgres.program("pg_dump", postgres.server_version(conn))
        state: str = conn.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        schema: str = conn.execute(sa.text("SELECT current_schema()")).scalar_one()
        # the same state for the program and for what is counted here
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}",
                   f"--exclude-table={schema}.{REVISIONS}")  # fmt: skip
        postgres.run([dump, *options, f"--snapshot={state}", f"--file={payload}"], db.engine)
        return Snapshot(payload, revision(conn) or "", facts(conn), line, db)
