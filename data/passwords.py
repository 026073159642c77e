"""Passwords: how they are kept, and which are refused.

A password may be any text of the allowed length (no rule about its composition), but none of those
that everybody tries first (`config/worst_passwords.txt`), nor one of them, the login or the
county's name with some digits around it.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from .errors import NotAllowed

MINIMUM_PASSWORD_LENGTH = 10
MAXIMUM_PASSWORD_LENGTH = 200
UNUSABLE = "!"
"""Kept where an account has no password: whoever was invited, whoever comes from outside."""
_WORST = Path(__file__).parent / "config" / "worst_passwords.txt"
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"(.{1,4}?)\1+.?.?.?$")
_RUNS = ("01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password fits what is kept; takes as long where nothing is (None, unusable)."""
    is_usable = kept is not None and kept != UNUSABLE
    try:
        _hasher.verify(kept if kept is not None and is_usable else _nobody, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return is_usable


def one_time() -> str:
    """A random password to be handed over once: 64 bits in groups that can be read aloud."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def check(new: str, names: Iterable[str]) -> None:
    """Refuse a password that is too short, too long, or one of the first to be tried.

    Args:
        names: what is known of the account and the place: login, names of the county.

    Raises:
        NotAllowed: with the sentence a page shows.
    """
    if len(new) < MINIMUM_PASSWORD_LENGTH:
        raise NotAllowed("data.error.password_short", least=MINIMUM_PASSWORD_LENGTH)
    if len(new) > MAXIMUM_PASSWORD_LENGTH:
        raise NotAllowed("access.error.password_long", most=MAXIMUM_PASSWORD_LENGTH)
    plain = unicodedata.normalize("NFKC", new).casefold()
    known = {unicodedata.normalize("NFKC", name).casefold().strip() for name in names if name}
    known |= {part for name in known for part in name.split()}
    bare = _AROUND.sub("", plain)
    is_worst = (
        plain in worst()
        or plain in known
        or bare in {"", *known}
        or bare in worst()
        or _REPEATED.match(plain) is not None
        or any(plain in run or plain in run[::-1] for run in _RUNS)
    )
    if is_worst:
        raise NotAllowed("access.error.password_worst")


@cache
def worst() -> frozenset[str]:
    """The passwords everybody tries first, lower case."""
    lines = _WORST.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))
