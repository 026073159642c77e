"""One case as it is read by itself: its newest version and its events in order.

Plain values without a database, so that `casework` can judge what may happen next and the doors
can show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .vocabulary import ASKER_EVENTS


@dataclass(frozen=True)
class RecordedEvent:
    """One recorded event. Times are aware; `words` is None when there are none, or they ended.

    planned_on: local day a mediation, joint meeting, aid or hearing is set for.
    """

    event: str
    occurred_at: dt.datetime
    known_at: dt.datetime
    actor: str
    body_id: str | None = None
    to_body_id: str | None = None
    days: int | None = None
    code: str | None = None
    words: dict[str, str] | None = None
    planned_on: dt.date | None = None


@dataclass(frozen=True)
class CaseHistory:
    """A case and everything that happened, as known now; sorted by time, then order of entry."""

    case_id: str
    opened_at: dt.datetime
    known_at: dt.datetime
    township_code: str
    grid_code: str | None
    domain: str
    category: str
    kind: str
    channel: str
    amount_band: str | None
    procedure: str
    pack: str
    body_id: str
    """Body that owes the answer now: named at registration, moved on by transfers."""
    desk: str
    limit_at: dt.datetime | None
    needs_confirmation: bool
    events: tuple[RecordedEvent, ...]
    named_body_id: str | None = None
    """Body named at registration, whatever moved on since."""

    @property
    def is_confirmed(self) -> bool:
        """The asker's own channel, or its code has been used."""
        return not self.needs_confirmation or self.has("confirmed")

    def has(self, event: str) -> bool:
        """Whether such an event is in the record."""
        return any(e.event == event for e in self.events)

    @property
    def is_disowned(self) -> bool:
        """The asker said "I did not ask for this", and no later `confirmed` undid it: its words
        are given to nobody (DOMAIN.md §2.1)."""
        return was_disowned(event.event for event in self.events)

    @property
    def is_objected(self) -> bool:
        """A body said that the case is not its task, and nobody has passed it on since."""
        steps = [e.event for e in self.events if e.event in ("objected", "transferred")]
        return bool(steps) and steps[-1] == "objected"

    def asker_events(self) -> tuple[RecordedEvent, ...]:
        """What the one who asked recorded."""
        return tuple(e for e in self.events if e.event in ASKER_EVENTS)


def was_disowned(events: Iterable[str]) -> bool:
    """Whether names of events in their order end in "I did not ask for this" that stands."""
    told = [event for event in events if event in ("disowned", "confirmed")]
    return bool(told) and told[-1] == "disowned"


@dataclass(frozen=True)
class NewEvent:
    """What somebody wants to record now.

    occurred_at: aware; None = this very moment.
    words: the office's or the asker's own words by part; an answer has five (`ANSWER_PARTS`).
    planned_on: local day a step alongside the answer (`vocabulary.LINKED_STEPS`) is set for.
    """

    event: str
    occurred_at: dt.datetime | None = None
    to_body_id: str | None = None
    days: int | None = None
    code: str | None = None
    words: dict[str, str] | None = None
    planned_on: dt.date | None = None


ANSWER_PARTS = ("request", "facts", "opinion", "basis", "remedy")
"""What Art. 32 asks of a written answer: the request, the facts found, the opinion, the legal
basis, and the way to review with its last day."""

Allow = Callable[[CaseHistory, RecordedEvent], None]
"""Judges a new event against the history, inside the transaction that writes it; raises
`RuleError` when the pack's grammar forbids it. `casework` provides it: this room knows no law."""
