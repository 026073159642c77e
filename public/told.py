"""What the office says it told the one who asked: each message, and whether it was disputed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data.history import CaseHistory, RecordedEvent
from data.vocabulary import DELIVERY_WAYS

from .names import Names

TELLING = ("notified", "delivered")
"""What an office records when it told the asker something, or an answer reached them."""


@dataclass(frozen=True)
class Telling:
    """One message, as the office recorded it.

    way: how an answer reached them, of `DELIVERY_WAYS`; None = not said. words: the parts,
    unchanged. known_at: when it was written down, where that was over a day later; else None.
    disputed_at: when the asker said "I was not told" after it and before the next message.
    disputed_of: the event they were not told of; None = they did not say.
    """

    event: str
    at: dt.datetime
    body: str | None
    way: str | None
    words: tuple[str, ...]
    known_at: dt.datetime | None
    disputed_at: dt.datetime | None
    disputed_of: str | None


def tellings(history: CaseHistory, names: Names) -> tuple[Telling, ...]:
    """Every message on record, newest first."""
    found: list[Telling] = []
    disputed: RecordedEvent | None = None
    for event in reversed(history.events):
        if event.event == "not_told":
            disputed = event
        elif event.event in TELLING:
            late = event.known_at - event.occurred_at > dt.timedelta(days=1)
            found.append(
                Telling(
                    event.event,
                    event.occurred_at,
                    names.body(event.body_id),
                    event.code if event.code in DELIVERY_WAYS else None,
                    tuple((event.words or {}).values()),
                    event.known_at if late else None,
                    disputed.occurred_at if disputed else None,
                    disputed.code if disputed else None,
                )
            )
            disputed = None
    return tuple(found)
