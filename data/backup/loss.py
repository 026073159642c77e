"""Going on after the keys were lost for good: what nobody can read again is let go, the rest stays.

Cases get new keys, so that their offices can write to them again; events, dates and figures are
what they were (docs/keys.md).
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from data import audit
from data.chunks import chunks
from data.db import Db
from data.schema import account, case_text, quarantine, sent_before, text_key
from data.scope import Scope


def begin_anew(db: Db, scope: Scope) -> int:
    """Give every case that had a key a new one under the database's new keys; how many had.

    Sealed texts, refused rows that waited and answers kept for machines go; second factors are set
    anew at the next sign-in. Receipts stay, and open nothing. One transaction, noted in the log.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need("operator")
    with db.write() as conn:
        audit.write(db, conn, scope, "keys_lost")
        alive = text_key.c.destroyed_at.is_(None)
        cases = list(conn.execute(sa.select(text_key.c.case_id).where(alive)).scalars())
        for some in chunks(cases):
            keys = {case_id: secrets.token_bytes(32) for case_id in some}
            version, wrapped = db.keys.wrap_many("text", keys)
            conn.execute(
                text_key.update()
                .where(text_key.c.case_id == sa.bindparam("of_case"))
                .values(key_version=version, wrapped=sa.bindparam("new")),
                [{"of_case": c, "new": w} for c, w in zip(keys, wrapped, strict=True)],
            )
        for table in (case_text, quarantine, sent_before):
            conn.execute(table.delete())
        nothing = {"totp_version": None, "totp_sealed": None, "totp_step": None}
        conn.execute(account.update().values(nothing))
    return len(cases)
