"""Short notes that leave the server and come back unread and unchanged.

A browser carries them between two steps (a right password before its one-time code, the way to the
office's own sign-in service and back); nothing of them is kept here, and each dies by itself.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any

from cryptography.exceptions import InvalidTag

from .db import Db, micro
from .keys import seal, unseal


def derived(db: Db, what: str, version: int | None = None) -> tuple[int, bytes]:
    """A key of its own for one use, made from the key for senders' numbers; and its version.

    That key is one the resident's process never holds (`keys.RESIDENTS_PURPOSES`).
    """
    version = version or db.keys.newest("source")
    return version, bytes.fromhex(db.keys.digest("source", f"derived:{what}", version))


def seal_note(db: Db, what: str, values: dict[str, Any]) -> str:
    """A note for one use, as text that fits a form field or a cookie."""
    version, key = derived(db, what)
    plain = json.dumps({**values, "at": micro(db.now())}).encode()
    sealed = base64.urlsafe_b64encode(seal(key, plain, what)).decode()
    return f"{version}.{sealed}"


def open_note(db: Db, what: str, text: str, lasts: dt.timedelta) -> dict[str, Any] | None:
    """What `seal_note` sealed for this use; None when it is none of ours or has died."""
    version, _, sealed = text.partition(".")
    try:
        _, key = derived(db, what, int(version))
        plain = unseal(key, base64.urlsafe_b64decode(sealed), what)
    except (ValueError, KeyError, binascii.Error, InvalidTag):
        return None
    values: dict[str, Any] = json.loads(plain)
    age = micro(db.now()) - values["at"]
    return values if 0 <= age <= lasts / dt.timedelta(microseconds=1) else None
