"""Files that steer the software (categories, mappings, calendars), kept with their hashes.

Who loads one checks it first (`data.categories`, `data.mapping`, `casework.pack`); this room only
keeps what was loaded, every version, so that the public page can list what is in force.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .prepared import Prepared
from .schema import config_file
from .scope import Scope


@dataclass(frozen=True)
class FileInForce:
    """One version of a file: its name, the hash of its content, the content, since when."""

    name: str
    sha256: str
    content: str
    recorded_at: dt.datetime


_COLUMNS = (
    config_file.c.name, config_file.c.sha256, config_file.c.content, config_file.c.recorded_at,
)  # fmt: skip


def save_file(db: Db, scope: Scope, name: str, content: str) -> None:
    """Put a checked file in force under a name; the same content again changes nothing."""
    scope.need("administrator", "operator")
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with db.write() as conn:
        newest = conn.execute(
            sa.select(config_file.c.sha256)
            .where(config_file.c.name == name)
            .order_by(config_file.c.id.desc())
            .limit(1)
        ).scalar()
        if newest == sha256:
            return
        at = db.stamp(conn)
        conn.execute(
            config_file.insert().values(name=name, sha256=sha256, content=content, recorded_at=at)
        )
        audit.write(db, conn, scope, "file_in_force", name, reason=sha256)


def files_in_force(db: Db, scope: Scope) -> list[FileInForce]:
    """The newest content of every name, in order of name. Public: every scope reaches it."""
    del scope
    newest = sa.select(sa.func.max(config_file.c.id)).group_by(config_file.c.name)
    of = sa.select(*_COLUMNS).where(config_file.c.id.in_(newest)).order_by(config_file.c.name)
    with db.read() as conn:
        return [FileInForce(*row) for row in conn.execute(of).all()]


def versions(db: Db, scope: Scope) -> list[FileInForce]:
    """Every version of every name, oldest first: what was in force at any earlier moment."""
    del scope
    with db.read() as conn:
        rows = conn.execute(sa.select(*_COLUMNS).order_by(config_file.c.id)).all()
    return [FileInForce(*row) for row in rows]


def newest(db: Db, scope: Scope) -> tuple[int, str]:
    """Number and hash of the newest version of any file: changes with every change of a file."""
    del scope
    with db.read() as conn:
        rows = db.kept(conn, "newest file", lambda: _NEWEST.rows(conn))
    return (int(rows[0]["id"]), str(rows[0]["sha256"])) if rows else (0, "")


_NEWEST = Prepared(
    sa.select(config_file.c.id, config_file.c.sha256).order_by(config_file.c.id.desc()).limit(1)
)
