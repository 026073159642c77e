"""One-time links by which somebody sets the first password of their account, or a new one.

A token opens for 72 hours, once, and ends with a newer one. It is stored as a hash, and travels in
a link's fragment or in a form: in no address that a server writes down.
"""

from __future__ import annotations

import hashlib
import secrets

import sqlalchemy as sa

from . import accounts, attempts, audit, sessions
from .db import Db
from .errors import NotAllowed
from .schema import account, invitation
from .scope import Scope


def invite(db: Db, scope: Scope, login: str) -> str:
    """A token to hand over; older ones of the account end.

    The account stays as it is until the token is used.

    Raises:
        NotAllowed: neither an administrator nor the server's operator; no such account; an
            account of a demo role or of the office's own sign-in service, which have no password.
    """
    scope.need("administrator", "operator")
    token = secrets.token_urlsafe(24)
    with db.write() as conn:
        found = accounts.open_account(conn, login)
        if found["outside_id"] or found["login"].startswith(sessions.DEMO_LOGIN):
            raise NotAllowed("access.error.no_password", login=login)
        at = db.stamp(conn)
        accounts.end_invitations(conn, found["account_id"], at)
        conn.execute(
            invitation.insert().values(
                token_hash=_hash(token), account_id=found["account_id"], made_at=at,
                expires_at=at + sessions.ONE_TIME_LASTS,
            )
        )  # fmt: skip
        audit.write(db, conn, scope, "invited", found["account_id"])
    return token


def redeem(db: Db, token: str, new: str, address: str = "") -> str:
    """Set the password and enter; returns the session's token.

    Raises:
        NotAllowed: a token that is unknown, used, over or replaced (one sentence for all), or a
            password that is refused (the token stays good).
        CodeNeeded, MustWait: as `sessions.sign_in`.
    """
    one = attempts.take(db, address)
    mine = invitation.c.token_hash == _hash(token.strip())
    with db.write() as conn:
        row = conn.execute(
            sa.select(account.c.account_id, account.c.login)
            .join_from(invitation, account, account.c.account_id == invitation.c.account_id)
            .where(mine, invitation.c.used_at.is_(None), invitation.c.ended_at.is_(None),
                   invitation.c.expires_at > db.now(), account.c.ended_at.is_(None))
        ).first()  # fmt: skip
        if row is None:
            raise NotAllowed("access.error.invitation_over")
        attempts.take_back(db, conn, one)
        accounts.set_password(db, conn, row.account_id, row.login, new)
        conn.execute(invitation.update().where(mine).values(used_at=db.stamp(conn)))
        who = Scope(row.account_id, "operator", place=sessions.place_of(address))
        audit.write(db, conn, who, "invitation_used", row.account_id)
    return sessions.enter(db, row.account_id, attempts.Try(address, row.login, 0))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
