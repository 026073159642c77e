"""Characters nobody sees: they make two texts differ that look alike, or turn a line around."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Controls, zero-width, marks of direction, halves of characters."""
_BREAKS = re.compile("[\u2028\u2029]")
_EITHER = re.compile(f"{_UNSEEN.pattern}|{_BREAKS.pattern}")


def seen(text: str) -> str:
    """A text without what nobody sees, and without space around it."""
    if not text.isprintable():  # none of them is
        text = _BREAKS.sub("\n", _UNSEEN.sub("", text))
    return text.strip()


def has_unseen(text: str) -> bool:
    """Whether `seen` takes more from some part of the text than space."""
    return _EITHER.search(text) is not None


def seen_all(texts: list[str]) -> list[str]:
    """`seen` of each text."""
    return [seen(text) for text in texts]


def stripped_all(texts: list[str]) -> list[str]:
    """The same of texts out of a whole that has nothing unseen."""
    return [text.strip() for text in texts]
