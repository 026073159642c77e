"""Who did and saw what: the append-only log, each entry chained to the one before.

An entry never holds a case's text or a code; `target` is a case id, an account id or a file name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from .db import Db, micro
from .prepared import Change, Prepared
from .schema import account, audit
from .scope import Scope

START = "0" * 64
CLOCK_SET_BACK = "clock_set_back"
"""Action of the entry the program writes by itself when the server's clock is behind its record."""
CLOCK_BEHIND = dt.timedelta(minutes=1)
"""How far it may be behind: corrections of a clock by its time service are smaller."""


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
    write_many(db, conn, scope, [(action, target)], reason=reason)


def write_many(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    said: Sequence[tuple[str, str | None]],
    *,
    reason: str | None = None,
) -> None:
    """Add entries in their order, each chained to the one before; all bear one moment.

    A clock that was set back cannot date anything back (`Db.stamp`); it is noted once, before the
    first entry that was written meanwhile.

    Args:
        said: action and target of each. reason: of all of them.
    """
    if not said:
        return
    at = db.stamp(conn)
    behind = at - db.now()
    if (
        behind > CLOCK_BEHIND
        and not conn.execute(
            sa.select(audit.c.id).where(audit.c.action == CLOCK_SET_BACK, audit.c.at == at)
        ).first()
    ):
        seconds = str(round(behind.total_seconds()))
        _append(conn, Scope.operator(), at, [(CLOCK_SET_BACK, None)], seconds)
    _append(conn, scope, at, said, reason)


def _append(
    conn: sa.Connection, scope: Scope, at: dt.datetime, said: Sequence[tuple[str, str | None]],
    reason: str | None,
) -> None:  # fmt: skip
    last = next(iter(_LAST.rows(conn)), None)
    body_id = next(iter(sorted(scope.bodies)), None) if len(scope.bodies) == 1 else None
    previous = START if last is None else last["hash"]
    entries = []
    for action, target in said:
        entry: dict[str, object] = {
            "at": at,
            "who": scope.who,
            "role": scope.role,
            "body_id": body_id,
            "action": action,
            "target": target,
            "reason": reason,
            "previous": previous,
            "place": scope.place,
        }
        previous = chained(entry)
        entries.append({**entry, "hash": previous})
    _ENTRY.run(conn, *entries)


_LAST = Prepared(sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1))
_ENTRY = Change.row(audit, *(column.name for column in audit.c if column.name != "id"))


def chained(entry: dict[str, object]) -> str:
    """The hash of an entry over its own fields and the hash of the one before.

    An entry without a place is hashed without it: so were all before there was one.
    """
    at = entry["at"]
    assert isinstance(at, dt.datetime)
    said = {k: v for k, v in entry.items() if k != "place" or v is not None}
    canonical = json.dumps({**said, "at": micro(at)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def newest_hash(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[int, str] | None:
    """Number and hash of the newest entry by a moment, for the daily report; None = none yet.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    query = (
        sa.select(audit.c.id, audit.c.hash)
        .where(audit.c.at <= as_of)
        .order_by(audit.c.id.desc())
        .limit(1)
    )
    with db.read() as conn:
        row = conn.execute(query).first()
    return None if row is None else (row.id, row.hash)


def write_export(db: Db, scope: Scope, what: str) -> None:
    """Note that something left the office as a file: `what` names it, never a case's text."""
    with db.write() as conn:
        write(db, conn, scope, "exported", what)


@dataclass(frozen=True)
class Entry:
    """One line of the log; `login` is that of the account, None for a command or a code; `target`
    an account's login, else what the entry itself names."""

    id: int
    at: dt.datetime
    login: str | None
    role: str
    body_id: str | None
    action: str
    target: str | None
    reason: str | None
    hash: str
    place: str | None


def newest(db: Db, scope: Scope, count: int) -> list[Entry]:
    """The newest entries, the latest first.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator", "operator")
    a = audit.c
    about = account.alias()
    target = sa.func.coalesce(about.c.login, a.target)
    shown = (
        a.id, a.at, account.c.login, a.role, a.body_id, a.action, target, a.reason, a.hash, a.place,
    )  # fmt: skip
    query = (
        sa.select(*shown)
        .select_from(audit)
        .outerjoin(account, account.c.account_id == a.who)
        .outerjoin(about, about.c.account_id == a.target)
        .order_by(a.id.desc())
        .limit(count)
    )
    with db.read() as conn:
        return [Entry(*tuple(row)) for row in conn.execute(query).all()]


def first_broken(db: Db, scope: Scope) -> int | None:
    """The id of the first entry that does not fit the one before it; None when all fit.

    It finds entries changed, removed from the middle, inserted or reordered. The rest is found
    against a printed anchor only (`data.anchors`).
    """
    scope.need("administrator", "operator")
    fields = ("at", "who", "role", "body_id", "action", "target", "reason", "previous", "place")
    previous = START
    with db.read() as conn:
        for row in conn.execute(sa.select(audit).order_by(audit.c.id)).mappings():
            entry = {name: row[name] for name in fields}
            if entry["previous"] != previous or chained(entry) != row["hash"]:
                return int(row["id"])
            previous = row["hash"]
    return None
