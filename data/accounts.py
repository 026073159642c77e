"""Staff accounts and their roles: made, invited, given roles for a time, ended.

Passwords are argon2id hashes. The first start makes one administrator with a one-time password
that is printed once, lasts 72 hours and must be changed at the first sign-in. Nobody gives a role
to their own account, and no account is administrator and anything else. What opens sessions is
`data.sessions`; its names are here too, for this is where others look for them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from . import attempts, audit, passwords, sessions
from .attempts import MustWait
from .db import Db
from .errors import NotAllowed
from .list_views import forget_views
from .passwords import MAXIMUM_PASSWORD_LENGTH, MINIMUM_PASSWORD_LENGTH
from .schema import account, account_role, body, invitation, paired_grant, session
from .scope import Scope
from .sessions import (
    BODY_ROLES,
    DEMO_LOGIN,
    LIFETIME,
    CodeNeeded,
    HeldRole,
    SignedIn,
    SignInFailed,
    choose_role,
    demo_sign_in,
    insert_account,
    keep_language,
    session_of,
    sign_in,
    sign_in_with_code,
    sign_out,
    with_code,
)
from .vocabulary import ROLES

__all__ = [
    "BODY_ROLES", "LIFETIME", "MAXIMUM_PASSWORD_LENGTH", "MINIMUM_PASSWORD_LENGTH", "AccountLine",
    "CodeNeeded", "HeldRole", "MustWait", "RoleLine", "SignInFailed", "SignedIn", "add_account",
    "change_password", "choose_role", "demo_sign_in", "end_account", "end_role",
    "first_administrator", "give_role", "keep_language", "make_account", "read_accounts",
    "session_of", "sign_in", "sign_in_with_code", "sign_out",
    "with_code",
]  # fmt: skip
LONGEST_COVER = dt.timedelta(days=92)


@dataclass(frozen=True)
class RoleLine:
    """A role of an account: from when; until when, None = until it is taken away."""

    role_id: int
    role: str
    body_id: str | None
    starts_at: dt.datetime
    ends_at: dt.datetime | None


@dataclass(frozen=True)
class AccountLine:
    """One account, for the administrator's list.

    state: `invited` (no password yet), `one_time` (not changed yet), `outside` (comes in by the
    office's own sign-in service) or `in_use`. roles: those that have not ended.
    """

    login: str
    made_at: dt.datetime
    state: str
    has_factor: bool
    roles: tuple[RoleLine, ...]


def first_administrator(db: Db) -> tuple[str, str] | None:
    """Make the first administrator of a database that has no account.

    Returns (login, one-time password), to be printed once; None when accounts exist.
    """
    with db.write() as conn:
        if conn.execute(sa.select(account.c.account_id)).first():
            return None
        password = passwords.one_time()
        insert_account(
            db, conn, "admin", passwords.hashed(password), "administrator", None, must_change=True
        )
    return "admin", password


def add_account(
    db: Db, scope: Scope, login: str, role: str, body_id: str | None
) -> tuple[str, str]:
    """Make an account with one role; returns (login, one-time password) to hand over.

    Raises:
        NotAllowed: as `make_account`.
    """
    password = passwords.one_time()
    return _make(db, scope, login, role, body_id, passwords.hashed(password)), password


def make_account(db: Db, scope: Scope, login: str, role: str, body_id: str | None) -> str:
    """Make an account that an invitation opens (`data.invitations`); returns its login.

    Raises:
        NotAllowed: neither an administrator nor the server's operator; a login that is taken, empty
            or a demo's; a role outside the closed list; a body role without a body, or a county
            role with one.
    """
    return _make(db, scope, login, role, body_id, passwords.UNUSABLE)


def _make(
    db: Db, scope: Scope, login: str, role: str, body_id: str | None, password_hash: str
) -> str:
    scope.need("administrator", "operator")
    login = login.strip()
    with db.write() as conn:
        check_role(conn, role, body_id)
        check_login(conn, login)
        must_change = password_hash != passwords.UNUSABLE
        made = insert_account(
            db, conn, login, password_hash, role, body_id, must_change=must_change
        )
        audit.write(db, conn, scope, "account_made", made, reason=said(role, body_id))
    return login


def check_login(conn: sa.Connection, login: str) -> None:
    """Refuse a login that is empty, too long, a demo's or taken (ended accounts keep theirs)."""
    taken = conn.execute(sa.select(account.c.login).where(account.c.login == login)).first()
    if not login or len(login) > 60 or taken or login.startswith(DEMO_LOGIN):
        raise NotAllowed("data.error.login_taken", login=login[:60] or "—")


def check_role(conn: sa.Connection, role: str, body_id: str | None) -> None:
    """Refuse a role outside the closed list, and one that does not fit its body."""
    if role not in ROLES or (role in BODY_ROLES) != (body_id is not None):
        raise NotAllowed("data.error.role_body")
    if body_id and not conn.execute(sa.select(body).where(body.c.body_id == body_id)).first():
        raise NotAllowed("data.error.no_such_body")


def said(role: str, body_id: str | None) -> str:
    """A role as the log writes it."""
    return role if body_id is None else f"{role} {body_id}"


def open_account(conn: sa.Connection, login: str) -> sa.RowMapping:
    """An account that has not ended.

    Raises:
        NotAllowed: there is none of that login.
    """
    of = sa.select(account).where(account.c.login == login.strip(), account.c.ended_at.is_(None))
    found = conn.execute(of).mappings().first()
    if found is None:
        raise NotAllowed("access.error.no_such_account", login=login.strip()[:60] or "—")
    return found


def read_accounts(db: Db, scope: Scope) -> list[AccountLine]:
    """Every account that has not ended, in order of login; no password, no hash.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
    """
    scope.need("administrator", "operator")
    with db.read() as conn:
        rows = conn.execute(
            sa.select(account).where(account.c.ended_at.is_(None)).order_by(account.c.login)
        ).mappings().all()  # fmt: skip
        roles: dict[str, list[RoleLine]] = {}
        for role in _unended(conn, db.now()):
            roles.setdefault(role["account_id"], []).append(
                RoleLine(*(role[name] for name in ("id", "role", "body_id", "valid_from",
                                                   "valid_to")))
            )  # fmt: skip
    return [
        AccountLine(
            row["login"], row["made_at"], _state(row), row["totp_sealed"] is not None,
            tuple(roles.get(row["account_id"], ())),
        )
        for row in rows
    ]  # fmt: skip


def _unended(conn: sa.Connection, now: dt.datetime) -> list[sa.RowMapping]:
    until = account_role.c.valid_to
    open_ = sa.or_(until.is_(None), until > now)
    query = sa.select(account_role).where(open_).order_by(account_role.c.id)
    return list(conn.execute(query).mappings())


def _state(row: sa.RowMapping) -> str:
    if row["outside_id"]:
        return "outside"
    if row["password_hash"] == passwords.UNUSABLE and not row["login"].startswith(DEMO_LOGIN):
        return "invited"
    return "one_time" if row["must_change"] else "in_use"


def give_role(
    db: Db,
    scope: Scope,
    login: str,
    role: str,
    body_id: str | None,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> None:
    """Give an account a further role, from a moment on; with an end it is cover for somebody away.

    Args:
        starts_at: None = now. ends_at: None = until it is taken away; at most 92 days away.

    Raises:
        NotAllowed: neither an administrator nor the server's operator; one's own account;
            administrator together with another role; a role it has already; an end before its
            start or too far away; and as `make_account`.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        check_role(conn, role, body_id)
        found = open_account(conn, login)
        if found["account_id"] == scope.who:
            raise NotAllowed("access.error.not_oneself")
        at = db.stamp(conn)
        starts_at = max(at, starts_at or at)
        if ends_at is not None and not starts_at < ends_at <= starts_at + LONGEST_COVER:
            raise NotAllowed("access.error.cover_days", most=LONGEST_COVER.days)
        held = [r for r in _unended(conn, at) if r["account_id"] == found["account_id"]]
        if any(("administrator" in (role, r["role"])) and r["role"] != role for r in held):
            raise NotAllowed("access.error.role_mixed")
        if any((r["role"], r["body_id"]) == (role, body_id) for r in held):
            raise NotAllowed("access.error.role_held")
        conn.execute(
            account_role.insert().values(
                account_id=found["account_id"], role=role, body_id=body_id,
                valid_from=starts_at, valid_to=ends_at,
            )
        )  # fmt: skip
        action = "role_given" if ends_at is None else "cover_given"
        audit.write(db, conn, scope, action, found["account_id"], reason=said(role, body_id))


def end_role(db: Db, scope: Scope, role_id: int) -> None:
    """Take a role away at once; sessions in it end.

    Raises:
        NotAllowed: neither an administrator nor the server's operator; no such role; the last
            administrator's.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        at = db.stamp(conn)
        row = next((r for r in _unended(conn, at) if r["id"] == role_id), None)
        if row is None:
            raise NotAllowed("access.error.no_such_role")
        if row["role"] == "administrator":
            _need_another(conn, row["account_id"], at)
        stop_role(conn, role_id, max(at, row["valid_from"]))
        what = said(row["role"], row["body_id"])
        audit.write(db, conn, scope, "role_ended", row["account_id"], reason=what)
        mine = (session.c.account_role_id == role_id,)
        sessions.end_sessions(conn, at, *mine)


def stop_role(conn: sa.Connection, role_id: int, at: dt.datetime) -> None:
    """Set a role's end."""
    conn.execute(account_role.update().where(account_role.c.id == role_id).values(valid_to=at))


def end_account(db: Db, scope: Scope, login: str) -> list[str]:
    """End an account at once: sessions, roles, invitations and grants with it.

    Its login stays taken, so that the log keeps meaning one person. What the account had in hand
    is its body's work and stays there.

    Returns:
        ids of the bodies it worked for.

    Raises:
        NotAllowed: neither an administrator nor the server's operator; no such account; the last
            administrator.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        found, at = open_account(conn, login), db.stamp(conn)
        account_id = found["account_id"]
        held = [r for r in _unended(conn, at) if r["account_id"] == account_id]
        if any(r["role"] == "administrator" for r in held):
            _need_another(conn, account_id, at)
        for row in held:
            stop_role(conn, row["id"], max(at, row["valid_from"]))
        mine = account.c.account_id == account_id
        conn.execute(account.update().where(mine).values(ended_at=at))
        sessions.end_sessions(conn, at, session.c.account_id == account_id)
        end_invitations(conn, account_id, at)
        forget_views(conn, account_id)
        conn.execute(
            paired_grant.update()
            .where(paired_grant.c.account_id == account_id, paired_grant.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        audit.write(db, conn, scope, "account_ended", account_id)
    return sorted({row["body_id"] for row in held if row["body_id"]})


def end_invitations(conn: sa.Connection, account_id: str, at: dt.datetime) -> None:
    """End the invitations of an account that nobody has used."""
    conn.execute(
        invitation.update()
        .where(invitation.c.account_id == account_id, invitation.c.used_at.is_(None),
               invitation.c.ended_at.is_(None))
        .values(ended_at=at)
    )  # fmt: skip


def _need_another(conn: sa.Connection, account_id: str, at: dt.datetime) -> None:
    others = [
        r for r in _unended(conn, at)
        if r["role"] == "administrator" and r["account_id"] != account_id
        and r["valid_from"] <= at and r["valid_to"] is None
    ]  # fmt: skip
    if not others:
        raise NotAllowed("access.error.last_administrator")


def change_password(db: Db, signed_in: SignedIn, old: str, new: str, address: str = "") -> str:
    """Set a new password; every session of the account ends. Returns the token of a new one.

    Raises:
        SignInFailed: the old password is wrong.
        NotAllowed: the new one is too short or long, among the worst, or the old one.
        MustWait: the old one was wrong too often.
    """
    one = attempts.take(db, address, signed_in.login)
    with db.read() as conn:
        of = sa.select(account.c.password_hash).where(account.c.account_id == signed_in.account_id)
        known = conn.execute(of).scalar_one()
    if not passwords.is_right(known, old):
        sessions.note_failure(db, one, signed_in.account_id)
        raise sessions.SignInFailed
    with db.write() as conn:
        attempts.take_back(db, conn, one)
    if new == old:
        raise NotAllowed("data.error.password_short", least=passwords.MINIMUM_PASSWORD_LENGTH)
    with db.write() as conn:
        set_password(db, conn, signed_in.account_id, signed_in.login, new)
        end_invitations(conn, signed_in.account_id, db.stamp(conn))
        audit.write(db, conn, signed_in.scope, "password_changed", signed_in.account_id)
        return sessions.open_session(db, conn, signed_in.account_id, address, signed_in.role_id)


def set_password(db: Db, conn: sa.Connection, account_id: str, login: str, new: str) -> None:
    """Keep a new password and end every session of the account.

    Raises:
        NotAllowed: too short or long, or among the worst.
    """
    county = db.county()
    passwords.check(new, (login, county.name_zh, county.name_en))
    conn.execute(
        account.update()
        .where(account.c.account_id == account_id)
        .values(password_hash=passwords.hashed(new), must_change=False)
    )
    sessions.end_sessions(conn, db.stamp(conn), session.c.account_id == account_id)
