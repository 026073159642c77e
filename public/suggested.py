"""What became of a suggestion, as its asker reads it: every word of it, the newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data.db import Db
from data.history import CaseHistory
from data.scope import Scope
from data.suggestions import SUGGESTION, outcomes

from .names import Names


@dataclass(frozen=True)
class Said:
    """What a body said became of it; was_changed: it said something else later."""

    at: dt.datetime
    body: str
    outcome: str
    reason: str | None
    was_changed: bool


@dataclass(frozen=True)
class Suggested:
    """said: newest first, empty while nobody said anything; is_answered: it was answered."""

    said: tuple[Said, ...]
    is_answered: bool


def suggested(db: Db, scope: Scope, history: CaseHistory, names: Names) -> Suggested | None:
    """What the asker of a suggestion reads; None where the case is none, or is disowned."""
    if history.kind != SUGGESTION or history.is_disowned:
        return None
    found = outcomes(db, scope, history.case_id)
    said = tuple(
        Said(one.at, names.body(one.body_id) or "—", one.outcome, one.reason, number > 0)
        for number, one in enumerate(reversed(found))
    )
    return Suggested(said, history.has("answered"))
