"""What makes a form this server's own, and one case of it however often it is sent."""

from __future__ import annotations

import secrets

from data.db import Db


def new_token(db: Db) -> str:
    """A fresh token for a form: random, with this server's keyed mark."""
    nonce = secrets.token_hex(16)
    return f"{nonce}-{_mark(db, nonce)}"


def is_token(db: Db, token: str) -> bool:
    """Whether this server made the token."""
    nonce, _, mark = token.partition("-")
    return len(nonce) == 32 and secrets.compare_digest(_mark(db, nonce).encode(), mark.encode())


def _mark(db: Db, nonce: str) -> str:
    return db.keys.digest("source", f"form:{nonce}")[:24]
