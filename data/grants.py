"""What takes two accounts: reading case texts county-wide without a reason for each, and the
coarsened event log (DOMAIN.md §2.14).

One asks, another grants, who is not the one who will read; the reason is of a closed list, and it
ends by itself. Every reading under it is logged and shown to the asker of the case with that
reason, and how many were granted in a month stands in the public figures.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from . import accounts, audit
from .db import Db
from .errors import NotAllowed
from .schema import account, account_role, paired_grant
from .scope import Scope
from .vocabulary import EVENT_LOG_REASONS, GRANT_REASONS

TEXTS, EVENT_LOG = "texts", "event_log"
"""Kinds of grants."""
PREFIX = "grant:"
"""How a reason begins in the log where a text was read under a grant; its list's word follows."""
MOST_DAYS = 14
ASKED_LASTS = dt.timedelta(days=7)
"""How long a request waits to be granted."""
KEEPERS = ("supervisor", "administrator")


@dataclass(frozen=True)
class Grant:
    """One request or grant. kind: `TEXTS` or `EVENT_LOG`. state: `asked`, `granted` or `over`;
    logins of the accounts: who will read, who asked, who granted.

    ends_at: when it ends by itself: a request that nobody granted, or the reading.
    """

    grant_id: str
    kind: str
    login: str
    reason: str
    asked_by: str
    asked_at: dt.datetime
    granted_by: str | None
    granted_at: dt.datetime | None
    ends_at: dt.datetime
    state: str


def ask(db: Db, scope: Scope, login: str, reason: str) -> str:
    """Ask that a supervisor may read texts county-wide; returns the request's id.

    Raises:
        NotAllowed: neither supervisor nor administrator; an account that is no supervisor's; a
            reason outside the list; something asked or granted for it already.
    """
    scope.need(*KEEPERS)
    if reason not in GRANT_REASONS:
        raise NotAllowed("access.error.grant_reason")
    return _ask(db, scope, TEXTS, login, reason)


def ask_event_log(db: Db, scope: Scope, reason: str) -> str:
    """Ask that oneself may take the coarsened event log along; returns the request's id.

    Raises:
        NotAllowed: not a supervisor; a reason outside the list; asked or granted already.
    """
    scope.need("supervisor")
    if reason not in EVENT_LOG_REASONS:
        raise NotAllowed("access.error.grant_reason")
    return _ask(db, scope, EVENT_LOG, None, reason)


def _ask(db: Db, scope: Scope, kind: str, login: str | None, reason: str) -> str:
    """login: whose the grant will be; None = the one's who asks."""
    with db.write() as conn:
        at = db.stamp(conn)
        reader = scope.who if login is None else accounts.open_account(conn, login)["account_id"]
        if not _is_supervisor(conn, reader, at):
            raise NotAllowed("access.error.grant_supervisor")
        g, grant_id = paired_grant.c, secrets.token_hex(8)
        mine = sa.select(g.grant_id).where(
            g.account_id == reader, g.kind == kind, g.ended_at.is_(None), g.ends_at > at
        )
        if conn.execute(mine).first():
            raise NotAllowed("access.error.grant_there")
        conn.execute(
            paired_grant.insert().values(
                grant_id=grant_id, kind=kind, account_id=reader, reason=reason,
                asked_by=scope.who, asked_at=at, ends_at=at + ASKED_LASTS,
            )
        )  # fmt: skip
        audit.write(db, conn, scope, "grant_asked", reader, reason=reason)
    return grant_id


def grant(db: Db, scope: Scope, grant_id: str, days: int) -> None:
    """Agree to a request: from now for some days.

    Raises:
        NotAllowed: neither supervisor nor administrator; the account that asked or that would
            read; not asked or over; days outside 1 to 14.
    """
    scope.need(*KEEPERS)
    if not 1 <= days <= MOST_DAYS:
        raise NotAllowed("access.error.grant_days", most=MOST_DAYS)
    with db.write() as conn:
        at, row = db.stamp(conn), _open(db, conn, grant_id)
        if row["granted_at"] is not None:
            raise NotAllowed("access.error.grant_over")
        if scope.who in (row["asked_by"], row["account_id"]):
            raise NotAllowed("access.error.grant_two")
        until = at + dt.timedelta(days=days)
        conn.execute(
            paired_grant.update()
            .where(paired_grant.c.grant_id == grant_id)
            .values(granted_by=scope.who, granted_at=at, ends_at=until)
        )
        audit.write(db, conn, scope, "grant_made", row["account_id"], reason=row["reason"])


def end(db: Db, scope: Scope, grant_id: str) -> None:
    """End a request or a grant at once; either of the roles may.

    Raises:
        NotAllowed: another role, or none that is open.
    """
    scope.need(*KEEPERS)
    with db.write() as conn:
        row = _open(db, conn, grant_id)
        conn.execute(
            paired_grant.update()
            .where(paired_grant.c.grant_id == grant_id)
            .values(ended_at=db.stamp(conn))
        )
        audit.write(db, conn, scope, "grant_ended", row["account_id"], reason=row["reason"])


def read_grants(db: Db, scope: Scope) -> list[Grant]:
    """Every request and grant, the newest first.

    Raises:
        NotAllowed: neither supervisor nor administrator.
    """
    scope.need(*KEEPERS)
    now, g = db.now(), paired_grant.c
    with db.read() as conn:
        names = {
            row.account_id: row.login
            for row in conn.execute(sa.select(account.c.account_id, account.c.login))
        }
        rows = conn.execute(sa.select(paired_grant).order_by(g.asked_at.desc())).mappings().all()
    return [
        Grant(
            row["grant_id"], row["kind"], names[row["account_id"]], row["reason"],
            names[row["asked_by"]], row["asked_at"],
            names.get(row["granted_by"]), row["granted_at"], row["ended_at"] or row["ends_at"],
            "over" if row["ended_at"] is not None or row["ends_at"] <= now
            else "granted" if row["granted_at"] is not None else "asked",
        )
        for row in rows
    ]  # fmt: skip


def readers(db: Db, scope: Scope) -> list[str]:
    """Logins of the supervisors that it can be asked for.

    Raises:
        NotAllowed: neither supervisor nor administrator.
    """
    scope.need(*KEEPERS)
    with db.read() as conn:
        rows = conn.execute(sa.select(account).where(account.c.ended_at.is_(None))).mappings().all()
        now = db.now()
        return sorted(r["login"] for r in rows if _is_supervisor(conn, r["account_id"], now))


def reason_in_force(db: Db, conn: sa.Connection, scope: Scope) -> str | None:
    """The reason, as the log writes it, under which this supervisor may read now; None = none."""
    reason = _in_force(db, conn, scope, TEXTS)
    return None if reason is None else f"{PREFIX}{reason}"


def need_event_log(db: Db, conn: sa.Connection, scope: Scope) -> str:
    """The reason for which this supervisor may take the event log along now.

    Raises:
        NotAllowed: no other account has granted it, or the time is over.
    """
    reason = _in_force(db, conn, scope, EVENT_LOG)
    if reason is None:
        raise NotAllowed("access.error.event_log_ungranted")
    return reason


def _in_force(db: Db, conn: sa.Connection, scope: Scope, kind: str) -> str | None:
    g = paired_grant.c
    of = sa.select(g.reason).where(
        g.account_id == scope.who, g.kind == kind, g.granted_at.is_not(None),
        g.ended_at.is_(None), g.ends_at > db.now(),
    )  # fmt: skip
    return conn.execute(of).scalar() if scope.role == "supervisor" else None


def grant_of(reason: str | None) -> str | None:
    """The word of `GRANT_REASONS` a logged reason stands for; None = it was typed, or none."""
    word = (reason or "").removeprefix(PREFIX)
    return word if reason == f"{PREFIX}{word}" and word in GRANT_REASONS else None


def granted_between(db: Db, scope: Scope, since: dt.datetime, until: dt.datetime) -> int:
    """How many readings were granted from a moment on and before another, for the public figures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    g = paired_grant.c
    of = sa.select(sa.func.count()).where(
        g.kind == TEXTS, g.granted_at >= since, g.granted_at < until
    )
    with db.read() as conn:
        return int(conn.execute(of.select_from(paired_grant)).scalar_one())


def _open(db: Db, conn: sa.Connection, grant_id: str) -> sa.RowMapping:
    g = paired_grant.c
    of = sa.select(paired_grant).where(
        g.grant_id == grant_id, g.ended_at.is_(None), g.ends_at > db.now()
    )
    row = conn.execute(of).mappings().first()
    if row is None:
        raise NotAllowed("access.error.grant_over")
    return row


def _is_supervisor(conn: sa.Connection, account_id: str, at: dt.datetime) -> bool:
    r = account_role.c
    of = sa.select(r.id).where(
        r.account_id == account_id, r.role == "supervisor", r.valid_from <= at,
        sa.or_(r.valid_to.is_(None), r.valid_to > at),
    )  # fmt: skip
    return conn.execute(of).first() is not None
