"""The `Idempotency-Key` of a request."""

from __future__ import annotations

from data.machines import MOST_KEY, Key

from .door import Call, Refused


def key_of(call: Call) -> Key | None:
    """The key a request came with; None = it came without one.

    Raises:
        Refused: an empty or overlong key.
    """
    text = call.headers.get("idempotency-key")
    if text is None:
        return None
    if not 1 <= len(text) <= MOST_KEY or not text.isprintable():
        raise Refused(400, "bad_key", most=MOST_KEY)
    return Key.of(text, call.body)
