"""Failed sign-ins are slowed down: for a login from one address, for a login, for an address.

Kept in the database, so that every process counts alike, as keyed hashes that say nothing without
the key file; forgotten after a day. A try is counted before it is looked at, so that many at once
gain nothing. Nobody is locked out for good: the longest delay is minutes, and an address from which
the login came in lately does not wait for what strangers do elsewhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from .db import Db
from .errors import ProjectError
from .schema import attempt

FREE = {"both": 5, "login": 20, "address": 60}
"""Failures that cost nothing, by what is counted: offices share an address."""
FIRST_WAIT_SECONDS = 2
LONGEST_WAIT_SECONDS = {"both": 900, "login": 300, "address": 60}
FORGOTTEN_AFTER = dt.timedelta(days=1)


class MustWait(ProjectError):
    """Too many failures lately: this try was not looked at. `seconds` until the next one is."""

    def __init__(self, seconds: float) -> None:
        self.seconds = int(seconds) + 1
        super().__init__("access.error.wait", seconds=self.seconds)


@dataclass(frozen=True)
class Try:
    """One try that was counted: for whom, from where, and how many failed with it for the login."""

    address: str
    login: str
    failures: int


def take(db: Db, address: str, login: str = "") -> Try:
    """Count a try, before it is looked at; a right one is forgiven afterwards.

    Args:
        address: network address the request came from; empty = unknown, counted as one.
        login: as typed; empty = something other than a login is tried (an invitation).

    Raises:
        MustWait: too many failed lately; nothing was counted.
    """
    now, keys = db.now(), _keys(db, address, login)
    with db.write() as conn:
        conn.execute(attempt.delete().where(attempt.c.last_at < now - FORGOTTEN_AFTER))
        of = sa.select(attempt).where(attempt.c.key.in_(keys.values()))
        rows = {row["key"]: row for row in conn.execute(of).mappings()}
        counted = {kind: key for kind, key in keys.items() if kind != "known"}
        waits = [
            _wait(kind, rows[key]["failures"], rows[key]["last_at"], now)
            for kind, key in counted.items()
            if key in rows and not (kind == "login" and keys.get("known") in rows)
        ]
        wait = max(waits, default=0.0)
        if wait > 0:
            raise MustWait(wait)
        for key in counted.values():
            _set(conn, key, rows[key]["failures"] + 1 if key in rows else 1, now, key in rows)
    before = rows.get(keys.get("login", ""))
    return Try(address, login, 1 + (before["failures"] if before else 0))


def take_back(db: Db, conn: sa.Connection, one: Try) -> None:
    """A try that was no failure, without forgiving the ones before it."""
    counted = [key for kind, key in _keys(db, one.address, one.login).items() if kind != "known"]
    conn.execute(
        attempt.update()
        .where(attempt.c.key.in_(counted), attempt.c.failures > 0)
        .values(failures=attempt.c.failures - 1)
    )


def forgive(db: Db, conn: sa.Connection, one: Try) -> None:
    """Somebody came in: what this login got wrong from this address is forgotten."""
    take_back(db, conn, one)
    keys = _keys(db, one.address, one.login)
    if "both" in keys:
        conn.execute(attempt.delete().where(attempt.c.key.in_([keys["both"], keys["known"]])))
        _set(conn, keys["known"], 0, db.now(), False)


def _wait(kind: str, failures: int, last_at: dt.datetime, now: dt.datetime) -> float:
    over = failures - FREE[kind]
    if over < 0:
        return 0.0
    wait = min(FIRST_WAIT_SECONDS * 2 ** min(over, 20), LONGEST_WAIT_SECONDS[kind])
    return max(0.0, wait - (now - last_at).total_seconds())


def _keys(db: Db, address: str, login: str) -> dict[str, str]:
    login, address = login.strip().casefold()[:100], address[:64]
    said = {"address": f"attempt address {address}"}
    if login:
        said["login"] = f"attempt login {login}"
        said["both"] = f"attempt both {address} {login}"
        said["known"] = f"attempt known {address} {login}"
    return {kind: db.keys.digest("source", text) for kind, text in said.items()}


def _set(conn: sa.Connection, key: str, failures: int, at: dt.datetime, is_there: bool) -> None:
    if is_there:
        where = attempt.update().where(attempt.c.key == key)
        conn.execute(where.values(failures=failures, last_at=at))
    else:
        conn.execute(attempt.insert().values(key=key, failures=failures, last_at=at))
