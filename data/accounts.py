"""Staff accounts, their roles, and their sessions: the one place where a staff scope is made.

Passwords are argon2id hashes. The first start makes one administrator with a one-time password
that is printed once and must be changed at the first sign-in. One-click demo roles exist in a
demo database only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from . import audit
from .db import Db
from .errors import NotAllowed, ProjectError
from .schema import account, account_role, body, session
from .scope import Scope
from .vocabulary import ROLES

MINIMUM_PASSWORD_LENGTH = 10
IDLE = dt.timedelta(minutes=30)
LIFETIME = dt.timedelta(hours=12)
BODY_ROLES = ("grid_worker", "township_clerk", "department_clerk")
"""Roles that exist only within one body; the others are the county's."""

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe(16))


class SignInFailed(ProjectError):
    """Wrong login or password: one sentence for both."""

    def __init__(self) -> None:
        super().__init__("data.error.sign_in_failed")


@dataclass(frozen=True)
class SignedIn:
    """An open session: whose, with which scope."""

    account_id: str
    login: str
    must_change: bool
    scope: Scope


@dataclass(frozen=True)
class AccountLine:
    """One account and its role, for the administrator's list; body_id None = a county role."""

    login: str
    role: str
    body_id: str | None
    made_at: dt.datetime
    must_change: bool


def first_administrator(db: Db) -> tuple[str, str] | None:
    """Make the first administrator of a database that has no account.

    Returns (login, one-time password), to be printed once; None when accounts exist.
    """
    with db.write() as conn:
        if conn.execute(sa.select(account.c.account_id)).first():
            return None
        password = _one_time_password()
        _insert(db, conn, "admin", password, [("administrator", None)], must_change=True)
    return "admin", password


def add_account(
    db: Db, scope: Scope, login: str, role: str, body_id: str | None
) -> tuple[str, str]:
    """Make an account with one role; returns (login, one-time password) to hand over.

    Raises:
        NotAllowed: not an administrator; a login that is taken or empty; a role outside the
            closed list; a body role without a body, or a county role with one.
    """
    scope.need("administrator", "operator")
    login = login.strip()
    if role not in ROLES or (role in BODY_ROLES) != (body_id is not None):
        raise NotAllowed("data.error.role_body")
    with db.write() as conn:
        if not login or conn.execute(sa.select(account).where(account.c.login == login)).first():
            raise NotAllowed("data.error.login_taken", login=login or "—")
        if body_id and not conn.execute(sa.select(body).where(body.c.body_id == body_id)).first():
            raise NotAllowed("data.error.no_such_body")
        password = _one_time_password()
        account_id = _insert(db, conn, login, password, [(role, body_id)], must_change=True)
        audit.write(db, conn, scope, "account_made", account_id, reason=role)
    return login, password


def read_accounts(db: Db, scope: Scope) -> list[AccountLine]:
    """Every account that has not ended, in order of login; no password, no hash.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator", "operator")
    query = (
        sa.select(
            account.c.login, account_role.c.role, account_role.c.body_id,
            account.c.made_at, account.c.must_change,
        )
        .join(account_role, account_role.c.account_id == account.c.account_id)
        .where(account.c.ended_at.is_(None), account_role.c.valid_to.is_(None))
        .order_by(account.c.login, account_role.c.id)
    )  # fmt: skip
    with db.read() as conn:
        return [AccountLine(*row) for row in conn.execute(query).all()]


def _one_time_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _insert(
    db: Db,
    conn: sa.Connection,
    login: str,
    password: str,
    roles: list[tuple[str, str | None]],
    *,
    must_change: bool,
) -> str:
    at, account_id = db.stamp(conn), secrets.token_hex(8)
    conn.execute(
        account.insert().values(
            account_id=account_id,
            login=login,
            password_hash=_hasher.hash(password),
            must_change=must_change,
            made_at=at,
        )
    )
    for role, body_id in roles:
        conn.execute(
            account_role.insert().values(
                account_id=account_id, role=role, body_id=body_id, valid_from=at
            )
        )
    return account_id


def sign_in(db: Db, login: str, password: str) -> str:
    """Open a session; returns its token, for the cookie. Only the token's hash is stored.

    Raises:
        SignInFailed: whatever was wrong.
    """
    with db.read() as conn:
        row = conn.execute(
            sa.select(account).where(account.c.login == login.strip(), account.c.ended_at.is_(None))
        ).mappings().first()  # fmt: skip
    try:
        # a login that does not exist takes as long as one that does
        _hasher.verify(row["password_hash"] if row else _nobody, password)
    except VerifyMismatchError:
        row = None
    with db.write() as conn:
        if row is None:
            who = Scope.operator()
            audit.write(db, conn, who, "sign_in_failed", db.keys.digest("source", f"login:{login}"))
        else:
            return _open_session(db, conn, row["account_id"])
    raise SignInFailed


def demo_sign_in(db: Db, role: str, body_id: str | None) -> str:
    """Open a session in a demo role, by one click; in a demo database only.

    Raises:
        NotAllowed: in any other database.
    """
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    if role not in ROLES or (role in BODY_ROLES) != (body_id is not None):
        raise NotAllowed("data.error.role_body")
    login = f"demo-{role}" + (f"-{body_id}" if body_id else "")
    with db.write() as conn:
        found = conn.execute(sa.select(account.c.account_id).where(account.c.login == login))
        account_id = found.scalar() or _insert(
            db, conn, login, secrets.token_urlsafe(24), [(role, body_id)], must_change=False
        )
        return _open_session(db, conn, account_id)


def _open_session(db: Db, conn: sa.Connection, account_id: str) -> str:
    token, at = secrets.token_urlsafe(32), db.stamp(conn)
    conn.execute(
        session.insert().values(
            token_hash=_hash(token), account_id=account_id, made_at=at, seen_at=at
        )
    )
    audit.write(db, conn, Scope.operator(), "signed_in", account_id)
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(db: Db, token: str | None) -> SignedIn | None:
    """Who a session token belongs to and how far they reach; None when it ended or is unknown.

    A session ends on sign-out, after 30 idle minutes, after 12 hours, or with its account's role.
    """
    if not token:
        return None
    now = db.now()
    with db.read() as conn:
        row = conn.execute(
            sa.select(session.c.made_at, session.c.seen_at, account.c.account_id, account.c.login,
                      account.c.must_change, account_role.c.role, account_role.c.body_id,
                      body.c.township_code)
            .join(account, account.c.account_id == session.c.account_id)
            .join(account_role, account_role.c.account_id == account.c.account_id)
            .outerjoin(body, body.c.body_id == account_role.c.body_id)
            .where(session.c.token_hash == _hash(token), session.c.ended_at.is_(None),
                   account.c.ended_at.is_(None), account_role.c.valid_from <= now,
                   sa.or_(account_role.c.valid_to.is_(None), account_role.c.valid_to > now))
            .order_by(account_role.c.id)
        ).mappings().first()  # fmt: skip
    if row is None or now - row["seen_at"] > IDLE or now - row["made_at"] > LIFETIME:
        return None
    if now - row["seen_at"] > dt.timedelta(minutes=1):  # not a write for every click
        with db.write() as conn:
            conn.execute(
                session.update().where(session.c.token_hash == _hash(token)).values(seen_at=now)
            )
    return SignedIn(row["account_id"], row["login"], row["must_change"], _scope(row))


def _scope(row: sa.RowMapping) -> Scope:
    role, body_id, township_code = row["role"], row["body_id"], row["township_code"]
    owes = role in {"township_clerk", "department_clerk"}
    return Scope(
        who=row["account_id"],
        role=role,
        townships=frozenset({township_code}) if township_code else frozenset(),
        bodies=frozenset({body_id}) if owes and body_id else frozenset(),
        desk=body_id,
    )


def sign_out(db: Db, token: str | None) -> None:
    """End a session; nothing happens when it had ended."""
    if token:
        with db.write() as conn:
            at = db.stamp(conn)
            conn.execute(
                session.update()
                .where(session.c.token_hash == _hash(token), session.c.ended_at.is_(None))
                .values(ended_at=at)
            )


def change_password(db: Db, signed_in: SignedIn, old: str, new: str) -> None:
    """Set a new password; every session of the account ends.

    Raises:
        SignInFailed: the old password is wrong.
        NotAllowed: the new one is too short or is the old one.
    """
    if len(new) < MINIMUM_PASSWORD_LENGTH or new == old:
        raise NotAllowed("data.error.password_short", least=MINIMUM_PASSWORD_LENGTH)
    with db.write() as conn:
        known = conn.execute(
            sa.select(account.c.password_hash).where(account.c.account_id == signed_in.account_id)
        ).scalar_one()
        try:
            _hasher.verify(known, old)
        except VerifyMismatchError:
            raise SignInFailed from None
        at = db.stamp(conn)
        conn.execute(
            account.update()
            .where(account.c.account_id == signed_in.account_id)
            .values(password_hash=_hasher.hash(new), must_change=False)
        )
        conn.execute(
            session.update()
            .where(session.c.account_id == signed_in.account_id, session.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        audit.write(db, conn, signed_in.scope, "password_changed", signed_in.account_id)
