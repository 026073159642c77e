"""The second factor: one-time codes from an app (TOTP, RFC 6238), each used once.

The secret is sealed under a key of its own, bound to the account, and stands in no log. Whoever
loses the app is helped by another administrator, or on the server itself.
"""

from __future__ import annotations

import datetime as dt
import hmac

import pyotp
import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed
from .keys import seal, unseal
from .schema import account, session
from .scope import Scope
from .sealed import derived, open_note, seal_note

STEP_SECONDS = 30
SLACK = (0, -1, 1)
"""Steps a phone's clock may be off."""
SETTING_UP_LASTS = dt.timedelta(minutes=15)


def begin(db: Db, account_id: str, login: str) -> tuple[str, str, str]:
    """A fresh secret: as text for the app, as an otpauth address for its picture, and sealed.

    Nothing is kept until `confirm` gets the sealed note back with a code.
    """
    secret = pyotp.random_base32()
    return secret, address_of(db, secret, login), seal_note(
        db, "second factor", {"account": account_id, "secret": secret}
    )  # fmt: skip


def reopened(db: Db, account_id: str, note: str) -> str:
    """The secret of a note that `begin` gave out.

    Raises:
        NotAllowed: not a note of this account, or older than 15 minutes.
    """
    found = open_note(db, "second factor", note, SETTING_UP_LASTS)
    if found is None or found["account"] != account_id:
        raise NotAllowed("access.error.setting_up_over")
    return str(found["secret"])


def address_of(db: Db, secret: str, login: str) -> str:
    """The otpauth address of a secret, for its picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=db.county().name_en)


def confirm(db: Db, scope: Scope, note: str, code: str) -> None:
    """Set the second factor, once the app has shown that it knows the secret.

    Other sessions of the account end. An app that was set before is replaced: who asks has come in
    with its code.

    Raises:
        NotAllowed: a wrong code, or a note that is none of this account's or has died.
    """
    secret = reopened(db, scope.who, note)
    step = _step_of(db, secret, code, None)
    if step is None:
        raise NotAllowed("access.error.code_wrong")
    version, key = derived(db, "second factor")
    sealed = seal(key, secret.encode(), scope.who)
    with db.write() as conn:
        conn.execute(
            account.update()
            .where(account.c.account_id == scope.who)
            .values(totp_version=version, totp_sealed=sealed, totp_step=step)
        )
        _end_sessions(db, conn, scope.who)
        audit.write(db, conn, scope, "second_factor_set", scope.who)


def is_set(conn: sa.Connection, account_id: str) -> bool:
    """Whether an account has one."""
    of = sa.select(account.c.totp_sealed).where(account.c.account_id == account_id)
    return conn.execute(of).scalar() is not None


def use(db: Db, conn: sa.Connection, account_id: str, code: str) -> bool:
    """Whether a code is right and was not used before; then it is used up."""
    row = conn.execute(sa.select(account).where(account.c.account_id == account_id)).mappings()
    found = row.first()
    if found is None or found["totp_sealed"] is None or found["ended_at"] is not None:
        return False
    _, key = derived(db, "second factor", found["totp_version"])
    secret = unseal(key, found["totp_sealed"], account_id).decode()
    step = _step_of(db, secret, code, found["totp_step"])
    if step is None:
        return False
    used = conn.execute(
        account.update()
        .where(account.c.account_id == account_id, account.c.totp_step < step)
        .values(totp_step=step)
    )
    return used.rowcount == 1


def take_off(db: Db, scope: Scope, code: str) -> None:
    """Go without a second factor again; takes a code. Other sessions of the account end.

    Raises:
        NotAllowed: a wrong or used code, or an administrator outside a demo database.
    """
    if scope.role == "administrator" and not db.county().is_demo:
        raise NotAllowed("access.error.factor_required")
    with db.write() as conn:
        if not use(db, conn, scope.who, code):
            raise NotAllowed("access.error.code_wrong")
        _clear(db, conn, scope.who)
        audit.write(db, conn, scope, "second_factor_off", scope.who)


def reset(db: Db, scope: Scope, login: str) -> None:
    """Take the second factor of somebody who lost the app off; their sessions end.

    Raises:
        NotAllowed: neither another administrator nor the server's operator; no such account.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        of = sa.select(account.c.account_id).where(
            account.c.login == login.strip(), account.c.ended_at.is_(None)
        )
        account_id = conn.execute(of).scalar()
        if account_id is None:
            raise NotAllowed("access.error.no_such_account", login=login)
        if account_id == scope.who:
            raise NotAllowed("access.error.not_oneself")
        _clear(db, conn, account_id)
        audit.write(db, conn, scope, "second_factor_reset", account_id)


def _clear(db: Db, conn: sa.Connection, account_id: str) -> None:
    nothing = {"totp_version": None, "totp_sealed": None, "totp_step": None}
    conn.execute(account.update().where(account.c.account_id == account_id).values(nothing))
    _end_sessions(db, conn, account_id)


def _end_sessions(db: Db, conn: sa.Connection, account_id: str) -> None:
    mine = (session.c.account_id == account_id, session.c.ended_at.is_(None))
    conn.execute(session.update().where(*mine).values(ended_at=db.stamp(conn)))


def _step_of(db: Db, secret: str, code: str, used: int | None) -> int | None:
    """The step a code belongs to; None for a wrong one and for one at or before the last used."""
    said, totp = "".join(code.split()), pyotp.TOTP(secret)
    now = int(db.now().timestamp()) // STEP_SECONDS
    right = None
    for slack in SLACK:
        step = now + slack
        is_it = hmac.compare_digest(totp.generate_otp(step).encode(), said.encode())
        if is_it and (used is None or step > used):
            right = step
    return right
