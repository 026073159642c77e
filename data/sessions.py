"""Open sessions of staff: who enters, in which role, until when. Here a staff scope is made.

A session ends on sign-out, after 30 idle minutes, after 12 hours, with its role, with its account
and with a new password. Its token is stored as a hash only, and is another one after every sign-in
and every change of role.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wording import LANGUAGES

from . import attempts, audit, passwords, second_factor
from .attempts import Try
from .db import Db
from .errors import NotAllowed, ProjectError
from .prepared import Prepared
from .schema import account, account_role, body, meta, session
from .scope import Scope
from .sealed import open_note, seal_note
from .vocabulary import ROLES

IDLE = dt.timedelta(minutes=30)
LIFETIME = dt.timedelta(hours=12)
ONE_TIME_LASTS = dt.timedelta(hours=72)
"""How long a one-time password, an invitation, opens an account."""
CODE_LASTS = dt.timedelta(minutes=5)
"""How long a right password waits for its one-time code."""
BODY_ROLES = ("grid_worker", "township_clerk", "department_clerk")
"""Roles that exist only within one body; the others are the county's."""
DEMO_LOGIN = "demo-"
"""How the logins of demo roles begin; no other account's does."""
_REAL_WORK = ("case_registered", "day_filed", "text_opened", "taken_over")


class SignInFailed(ProjectError):
    """Wrong login or password: one sentence for both."""

    def __init__(self) -> None:
        super().__init__("data.error.sign_in_failed")


class CodeNeeded(Exception):
    """The password was right; `ticket` goes with the one-time code to `sign_in_with_code`."""

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        super().__init__("a one-time code is needed")


@dataclass(frozen=True)
class HeldRole:
    """A role an account has now; `ends_at` None = until it is taken away."""

    role_id: int
    role: str
    body_id: str | None
    ends_at: dt.datetime | None


@dataclass(frozen=True)
class SignedIn:
    """An open session: whose, with which scope.

    has_factor: a second factor is set. needs_factor: it must be before anything is seen.
    language: the account's own choice, None = never chosen. roles: all it has now; role_id: the
    one this session acts in.
    """

    account_id: str
    login: str
    must_change: bool
    scope: Scope
    has_factor: bool
    needs_factor: bool
    language: str | None
    roles: tuple[HeldRole, ...]
    role_id: int

    @property
    def first(self) -> str:
        """The page of the door that comes before all others: `password`, `second-factor` or ""."""
        if self.must_change:
            return "password"
        return "second-factor" if self.needs_factor else ""


def sign_in(db: Db, login: str, password: str, address: str = "") -> str:
    """Open a session; returns its token, for the cookie. Only the token's hash is stored.

    Args:
        address: network address of the request.

    Raises:
        SignInFailed: whatever was wrong.
        MustWait: too many failures lately; nothing was looked at.
        CodeNeeded: the password is right and the account has a second factor.
        NotAllowed: the account has no role now.
    """
    login = login.strip()
    one = attempts.take(db, address, login)
    with db.read() as conn:
        row = conn.execute(sa.select(account).where(account.c.login == login)).mappings().first()
    # a login that does not exist takes as long as one that does
    is_right = passwords.is_right(row["password_hash"] if row else None, password)
    if row is None or not is_right or not _is_open(db, row):
        note_failure(db, one, row["account_id"] if row else None)
        raise SignInFailed
    return enter(db, row["account_id"], one)


def enter(db: Db, account_id: str, one: Try) -> str:
    """A session for somebody who has shown who they are; Raises as `sign_in`."""
    with db.write() as conn:
        if not second_factor.is_set(conn, account_id):
            token = open_session(db, conn, account_id, one.address)
            attempts.forgive(db, conn, one)
            return token
        attempts.take_back(db, conn, one)
    raise CodeNeeded(seal_note(db, "ticket", {"account": account_id, "login": one.login}))


def sign_in_with_code(db: Db, ticket: str, code: str, address: str = "") -> str:
    """The second step of a sign-in; returns the session's token.

    Raises:
        NotAllowed: a wrong or used code, a ticket that has died; and as `sign_in`.
        MustWait: as `sign_in`.
    """
    found = open_note(db, "ticket", ticket, CODE_LASTS)
    if found is None:
        raise NotAllowed("access.error.ticket_over")
    one = attempts.take(db, address, found["login"])
    with db.write() as conn:
        is_right = second_factor.use(db, conn, found["account"], code)
        if is_right:
            token = open_session(db, conn, found["account"], address)
            attempts.forgive(db, conn, one)
    if not is_right:
        note_failure(db, one, found["account"])
        raise NotAllowed("access.error.code_wrong")
    return token


def with_code(db: Db, who: SignedIn, address: str, act: Callable[[], None]) -> str:
    """Do what takes a code in an open session; guesses are slowed down like sign-ins.

    Returns the token of a new session in the same role.

    Raises:
        MustWait: too many failures lately; nothing was done. And what `act` raises.
    """
    one = attempts.take(db, address, who.login)
    act()
    with db.write() as conn:
        attempts.forgive(db, conn, one)
        return open_session(db, conn, who.account_id, address, who.role_id)


def _is_open(db: Db, row: sa.RowMapping) -> bool:
    """Whether a password may open this account: not ended, no one-time password of long ago."""
    stale = row["must_change"] and db.now() - row["made_at"] > ONE_TIME_LASTS
    return row["ended_at"] is None and not stale


def note_failure(db: Db, one: Try, account_id: str | None) -> None:
    """The first, second, fourth, eighth … failure of a login: a thousand guesses are ten lines."""
    if one.failures & (one.failures - 1):
        return
    with db.write() as conn:
        target = account_id or db.keys.digest("source", f"login:{one.login}")
        who = Scope(who="operator", role="operator", place=place_of(one.address))
        audit.write(db, conn, who, "sign_in_failed", target, reason=str(one.failures))


def place_of(address: str) -> str | None:
    """The network of an address, as the audit log keeps it: /24 (IPv4) or /48 (IPv6)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def demo_sign_in(db: Db, role: str, body_id: str | None, address: str = "") -> str:
    """Open a session in a demo role, by one click; in a demo database only.

    Raises:
        NotAllowed: in any other database, and in one that calls itself a demo but holds what
            real accounts did.
    """
    if not db.county().is_demo or holds_real_work(db):
        raise NotAllowed("data.error.demo_only")
    if role not in ROLES or (role in BODY_ROLES) != (body_id is not None):
        raise NotAllowed("data.error.role_body")
    login = f"{DEMO_LOGIN}{role}" + (f"-{body_id}" if body_id else "")
    with db.write() as conn:
        found = conn.execute(sa.select(account.c.account_id).where(account.c.login == login))
        account_id = found.scalar() or insert_account(
            db, conn, login, passwords.UNUSABLE, role, body_id
        )
        return open_session(db, conn, account_id, address)


def holds_real_work(db: Db) -> bool:
    """Whether the log knows work on cases by accounts that are no demo's.

    The kind of a database is a word in it that whoever owns the file can change; what the log
    holds cannot be changed unseen.
    """
    a, who = audit.audit.c, account.c
    worked = (
        sa.select(a.id)
        .join_from(audit.audit, account, who.account_id == a.who)
        .where(
            who.login.not_like(f"{DEMO_LOGIN}%"),
            sa.or_(a.action.in_(_REAL_WORK), a.action.like("event_%")),
        )
    )
    with db.read() as conn:
        return conn.execute(worked.limit(1)).first() is not None


def insert_account(
    db: Db, conn: sa.Connection, login: str, password_hash: str, role: str | None,
    body_id: str | None, *, must_change: bool = False,
) -> str:  # fmt: skip
    """A new account and, unless None, its first role; the caller has checked both. Its id."""
    at, account_id = db.stamp(conn), secrets.token_hex(8)
    conn.execute(
        account.insert().values(
            account_id=account_id, login=login, password_hash=password_hash,
            must_change=must_change, made_at=at,
        )
    )  # fmt: skip
    if role is not None:
        conn.execute(
            account_role.insert().values(
                account_id=account_id, role=role, body_id=body_id, valid_from=at
            )
        )
    return account_id


def open_session(
    db: Db, conn: sa.Connection, account_id: str, address: str, role_id: int | None = None
) -> str:
    """A new session in a role the account has now, else in its first; returns its token.

    Raises:
        NotAllowed: no role now, or not this one.
    """
    at = db.stamp(conn)
    found = [r for r in _roles(conn, account_id, at) if role_id in (None, r["id"])]
    if not found:
        raise NotAllowed("access.error.no_role_now")
    token = secrets.token_urlsafe(32)
    conn.execute(
        session.insert().values(
            token_hash=_hash(token), account_id=account_id, made_at=at, seen_at=at,
            account_role_id=found[0]["id"],
        )
    )  # fmt: skip
    audit.write(db, conn, _scope(account_id, found[0], address), "signed_in", account_id)
    return token


def choose_role(db: Db, token: str | None, role_id: int, address: str = "") -> str:
    """The same person in another of their roles: a new session, the old one ends.

    Raises:
        NotAllowed: no session, or not a role of theirs.
    """
    who = session_of(db, token, address)
    if who is None or who.first:
        raise NotAllowed("data.error.not_allowed")
    with db.write() as conn:
        made = open_session(db, conn, who.account_id, address, role_id)
        end_sessions(conn, db.stamp(conn), session.c.token_hash == _hash(token or ""))
    return made


def session_of(db: Db, token: str | None, address: str = "") -> SignedIn | None:
    """Who a session token belongs to and how far they reach; None when it ended or is unknown."""
    if not token:
        return None
    now = db.now()
    with db.read() as conn:
        row = next(iter(_OPEN.rows(conn, token_hash=_hash(token))), None)
        if row is None or now - row["seen_at"] > IDLE or now - row["made_at"] > LIFETIME:
            return None
        roles = _roles(conn, row["account_id"], now)
        kind = conn.execute(sa.select(meta.c.value).where(meta.c.key == "kind")).scalar()
    mine = next((r for r in roles if row["account_role_id"] in (None, r["id"])), None)
    if mine is None or (row["login"].startswith(DEMO_LOGIN) and kind != "demo"):
        return None
    if now - row["seen_at"] > dt.timedelta(minutes=1):  # not a write for every click
        with db.write() as conn:
            conn.execute(
                session.update().where(session.c.token_hash == _hash(token)).values(seen_at=now)
            )
    has_factor = row["totp_sealed"] is not None
    return SignedIn(
        row["account_id"], row["login"], row["must_change"],
        _scope(row["account_id"], mine, address), has_factor,
        mine["role"] == "administrator" and kind != "demo" and not has_factor, row["language"],
        tuple(HeldRole(r["id"], r["role"], r["body_id"], r["valid_to"]) for r in roles), mine["id"],
    )  # fmt: skip


# every click asks both, some of them three times
_OPEN = Prepared(
    sa.select(
        session.c.made_at, session.c.seen_at, session.c.account_role_id, account.c.account_id,
        account.c.login, account.c.must_change, account.c.language, account.c.totp_sealed,
    )
    .join(account, account.c.account_id == session.c.account_id)
    .where(session.c.token_hash == sa.bindparam("token_hash"), session.c.ended_at.is_(None),
           account.c.ended_at.is_(None))
)  # fmt: skip
_ROLES = Prepared(
    sa.select(*(account_role.c[name] for name in ("id", "role", "body_id", "valid_to")),
              body.c.township_code)
    .join_from(account_role, body, body.c.body_id == account_role.c.body_id, isouter=True)
    .where(account_role.c.account_id == sa.bindparam("account_id"),
           account_role.c.valid_from <= sa.bindparam("at"),
           sa.or_(account_role.c.valid_to.is_(None), account_role.c.valid_to > sa.bindparam("at")))
    .order_by(account_role.c.id)
)  # fmt: skip


def _roles(conn: sa.Connection, account_id: str, at: dt.datetime) -> list[dict[str, Any]]:
    """The roles an account has at a moment, the oldest first, with their body's township."""
    return _ROLES.rows(conn, account_id=account_id, at=at)


def _scope(account_id: str, row: Mapping[str, Any], address: str) -> Scope:
    role, body_id, township_code = row["role"], row["body_id"], row["township_code"]
    owes = role in {"township_clerk", "department_clerk"}
    return Scope(
        who=account_id,
        role=role,
        townships=frozenset({township_code}) if township_code else frozenset(),
        bodies=frozenset({body_id}) if owes and body_id else frozenset(),
        desk=body_id,
        place=place_of(address),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def end_sessions(conn: sa.Connection, at: dt.datetime, *where: sa.ColumnElement[bool]) -> None:
    """End the open sessions that are meant."""
    conn.execute(session.update().where(session.c.ended_at.is_(None), *where).values(ended_at=at))


def sign_out(db: Db, token: str | None) -> None:
    """End a session; nothing happens when it had ended."""
    if token:
        with db.write() as conn:
            end_sessions(conn, db.stamp(conn), session.c.token_hash == _hash(token))


def keep_language(db: Db, signed_in: SignedIn, language: str) -> None:
    """Remember the language an account chose."""
    if language in LANGUAGES and language != signed_in.language:
        with db.write() as conn:
            mine = account.c.account_id == signed_in.account_id
            conn.execute(account.update().where(mine).values(language=language))
