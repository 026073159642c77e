"""Who did and saw what: the append-only log, each entry chained to the one before.

An entry never holds a case's text or a code; `target` is a case id, an account id or a file name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import sqlalchemy as sa

from .db import Db, micro
from .schema import audit
from .scope import Scope

START = "0" * 64


def write(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    action: str,
    target: str | None = None,
    *,
    reason: str | None = None,
) -> None:
    """Add an entry inside the caller's transaction: what is not logged did not happen."""
    last = conn.execute(
        sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    at = db.stamp(conn)
    body_id = next(iter(sorted(scope.bodies)), None) if len(scope.bodies) == 1 else None
    entry = {
        "at": at,
        "who": scope.who,
        "role": scope.role,
        "body_id": body_id,
        "action": action,
        "target": target,
        "reason": reason,
        "previous": last or START,
    }
    conn.execute(audit.insert().values(**entry, hash=chained(entry)))


def chained(entry: dict[str, object]) -> str:
    """The hash of an entry over its own fields and the hash of the one before."""
    at = entry["at"]
    assert isinstance(at, dt.datetime)
    canonical = json.dumps({**entry, "at": micro(at)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_broken(db: Db, scope: Scope) -> int | None:
    """The id of the first entry that does not fit the one before it; None when all fit.

    It finds entries changed, removed from the middle, inserted or reordered. A cut tail is found
    only against a printed anchor (the newest hash, kept elsewhere).
    """
    scope.need("administrator", "operator")
    fields = ("at", "who", "role", "body_id", "action", "target", "reason", "previous")
    previous = START
    with db.read() as conn:
        for row in conn.execute(sa.select(audit).order_by(audit.c.id)).mappings():
            entry = {name: row[name] for name in fields}
            if entry["previous"] != previous or chained(entry) != row["hash"]:
                return int(row["id"])
            previous = row["hash"]
    return None
