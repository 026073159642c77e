"""Accounts that come in by the office's own sign-in service (OpenID Connect).

The service says who somebody is and what it calls their work; this file says which roles of the
closed list that means. An account is made at the first sign-in and known afterwards by a keyed hash
of issuer and subject, never by its login: nobody takes over an account by being called alike. Roles
follow the claims at every sign-in; cover that an administrator gave for a time stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa

from . import accounts, attempts, audit, passwords, sessions
from .db import Db
from .errors import ConfigError, NotAllowed
from .schema import account, account_role, session
from .scope import Scope
from .vocabulary import ROLES

Roles = dict[str, tuple[str, str | None]]
"""Value of the claim -> role and body."""
_ENTRY = re.compile(r"([^=;]+)=(\w+)(?:@([\w-]+))?")


def parse_roles(text: str) -> Roles:
    """What `ZAOJIE_OIDC_ROLES` means: `value=role` or `value=role@body`, divided by semicolons.

    Raises:
        ConfigError: an entry that is none, a role outside the closed list, a body role without a
            body or a county role with one.
    """
    found: Roles = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ConfigError("access.error.oidc_roles", entry=entry)
        value, role, body_id = match[1].strip(), match[2], match[3]
        if role not in ROLES or (role in sessions.BODY_ROLES) != (body_id is not None):
            raise ConfigError("access.error.oidc_roles", entry=entry)
        found[value] = (role, body_id)
    return found


def come_in(
    db: Db,
    issuer: str,
    subject: str,
    login: str,
    wanted: Iterable[tuple[str, str | None]],
    address: str = "",
) -> str:
    """A session for somebody the service vouches for; returns its token.

    Args:
        issuer, subject: verified by the caller, from the ID token.
        login: what the service calls them; used when the account is made.
        wanted: the roles their claims mean; others of theirs end.

    Raises:
        NotAllowed: no role; administrator together with another; a body that is not there; a login
            that another account has; an account that was ended.
        CodeNeeded, MustWait: as `sessions.sign_in`.
    """
    named = f"outside:{issuer}\n{subject}"
    roles = sorted(set(wanted), key=lambda one: (ROLES.index(one[0]), one[1] or ""))
    if ("administrator", None) in roles and len(roles) > 1:
        raise NotAllowed("access.error.role_mixed")
    with db.write() as conn:
        for role, body_id in roles:
            accounts.check_role(conn, role, body_id)
        of = sa.select(account).where(account.c.outside_id.in_(db.keys.digests("source", named)))
        row = conn.execute(of).mappings().first()
        if row is not None and row["ended_at"] is not None:
            raise NotAllowed("access.error.account_ended")
        account_id = row["account_id"] if row else None
        if account_id is None and roles:
            account_id = _make(db, conn, named, login.strip(), address)
        if account_id is not None:
            _follow(db, conn, account_id, roles, address)
    if account_id is None or not roles:
        raise NotAllowed("access.error.no_outside_role")
    return sessions.enter(db, account_id, attempts.Try(address, row["login"] if row else login, 0))


def _make(db: Db, conn: sa.Connection, named: str, login: str, address: str) -> str:
    accounts.check_login(conn, login)
    made = sessions.insert_account(db, conn, login, passwords.UNUSABLE, None, None)
    outside_id = db.keys.digest("source", named)
    mine = account.c.account_id == made
    conn.execute(account.update().where(mine).values(outside_id=outside_id))
    audit.write(db, conn, _service(address), "account_made", made, reason="outside")
    return made


def _follow(
    db: Db, conn: sa.Connection, account_id: str, roles: list[tuple[str, str | None]], address: str
) -> None:
    """Bring the lasting roles of an account to those its claims mean."""
    at, r = db.stamp(conn), account_role.c
    lasting = sa.select(r.id, r.role, r.body_id).where(
        r.account_id == account_id, r.valid_to.is_(None)
    )
    held = {(role, body_id): role_id for role_id, role, body_id in conn.execute(lasting)}
    for one, role_id in held.items():
        if one not in roles:
            accounts.stop_role(conn, role_id, at)
            sessions.end_sessions(conn, at, session.c.account_role_id == role_id)
            audit.write(
                db, conn, _service(address), "role_ended", account_id, reason=accounts.said(*one)
            )
    for role, body_id in roles:
        if (role, body_id) not in held:
            conn.execute(
                account_role.insert().values(
                    account_id=account_id, role=role, body_id=body_id, valid_from=at
                )
            )
            said = accounts.said(role, body_id)
            audit.write(db, conn, _service(address), "role_given", account_id, reason=said)


def _service(address: str) -> Scope:
    """The log names no account here: the office's service says it, and the program writes it."""
    return Scope("outside", "operator", place=sessions.place_of(address))
