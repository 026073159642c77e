"""A backup's way back: unpacked, put into an empty database, compared with its manifest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from data import anchors
from data.anchors import Broken
from data.db import Db, make_engine
from data.errors import ConfigError
from data.migrating import known_revision, migrate
from data.scope import Scope

from . import postgres
from .manifest import Manifest
from .moving import copy_over, empty_postgres
from .snapshot import check_sqlite
from .tables import SEEDED, differing, facts, holding, revision, shapes


def put_back(manifest: Manifest, payload: Path, url: str) -> None:
    """Put an unpacked backup into an empty database, and bring that up to this version.

    Args:
        payload: the database's own file as `container.unpack` left it; used up.

    Raises:
        ConfigError: the database holds something or is of another kind, the backup is of a newer
            version of the program, or what came back is not what the manifest says.
    """
    if not known_revision(manifest.revision):
        raise ConfigError("backup.error.newer", file=manifest.payload)
    engine = make_engine(url)
    is_sqlite = engine.dialect.name == "sqlite"
    engine.dispose()
    if manifest.database == "sqlite" and is_sqlite:
        _into_file(manifest, payload, Path(str(engine.url.database)))
    elif manifest.database == "sqlite":
        _through_file(manifest, payload, url)
    elif is_sqlite:
        raise ConfigError("backup.error.needs_postgres")
    else:
        _into_server(manifest, payload, url)


def refuse_if_held(url: str) -> None:
    """Refuse a database that holds something, before anything is unpacked.

    Raises:
        ConfigError: with the first table that has a row.
    """
    engine = make_engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).exists()):
        return
    try:
        with engine.connect() as conn:
            held = holding(conn)
    except sa.exc.OperationalError as err:
        raise ConfigError("data.error.database_unreachable", url=shown) from err
    finally:
        engine.dispose()
    if held:
        raise ConfigError("backup.error.not_empty", url=shown, table=held)


def evidence(db: Db, scope: Scope, manifest: Manifest) -> list[Broken]:
    """What does not fit in the log, and against the anchor the backup was made with; empty = all.

    An anchor of an older version covers fewer tables: then the log alone is looked at.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need("operator")
    try:
        kept = anchors.parse(manifest.anchor) if manifest.anchor else []
    except ConfigError:
        kept = []
    return anchors.check(db, scope, kept)


def _into_file(manifest: Manifest, payload: Path, target: Path) -> None:
    _compare(manifest, payload)
    if target.exists():
        refuse_if_held(f"sqlite:///{target}")
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        left.unlink(missing_ok=True)
    # first beside its place, then into it: the place holds the whole record or none
    beside = Path(f"{target}.restoring")
    shutil.copyfile(payload, beside)
    beside.chmod(0o600)
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)
    _bring_up(f"sqlite:///{target}")


def _through_file(manifest: Manifest, payload: Path, url: str) -> None:
    _compare(manifest, payload)
    _bring_up(f"sqlite:///{payload}")
    source, target = make_engine(f"sqlite:///{payload}"), empty_postgres(url)
    try:
        with source.connect() as conn:
            copy_over(conn, target, lambda *_: None)
    finally:
        source.dispose()
        target.dispose()


def _compare(manifest: Manifest, payload: Path) -> None:
    check_sqlite(payload)
    engine = make_engine(f"sqlite:///{payload}")
    try:
        with engine.connect() as conn:
            _same(manifest, conn)
    finally:
        engine.dispose()


def _same(manifest: Manifest, conn: sa.Connection) -> None:
    there = shapes(conn)
    wanted = {name: one.shape for name, one in manifest.tables.items()}
    wrong = [name for name in {**there, **wanted} if there.get(name) != wanted.get(name)]
    wrong = wrong or differing(manifest.tables, facts(conn, wanted))
    if wrong or revision(conn) != manifest.revision:
        raise ConfigError("backup.error.differs", tables=", ".join(sorted(wrong)) or "-")


def _bring_up(url: str) -> None:
    engine = make_engine(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()


def _into_server(manifest: Manifest, payload: Path, url: str) -> None:
    refuse_if_held(url)
    engine = make_engine(url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as conn:
            there, version = revision(conn), postgres.server_version(conn)
        if there not in (None, manifest.revision):
            raise ConfigError("backup.error.not_fresh", url=shown)
        if there is None:
            migrate(engine, manifest.revision)
        with engine.begin() as conn:
            conn.execute(sa.text(f"DELETE FROM {SEEDED}"))  # noqa: S608
        tool = postgres.program("pg_restore", version)
        options = ("--data-only", "--no-owner", "--no-privileges", "--exit-on-error",
                   "--single-transaction")  # fmt: skip
        postgres.run([tool, *options, str(payload)], engine)
        with engine.connect() as conn:
            _same(manifest, conn)
        migrate(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text("ANALYZE"))
    except CommandError as err:
        raise ConfigError("backup.error.newer", file=manifest.payload) from err
    finally:
        engine.dispose()
