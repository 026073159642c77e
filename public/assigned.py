"""The assignments of a case as its asker reads them: names of bodies, codes by list, all words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.assignments import ENDED_BY_RULE
from data.db import Db
from data.scope import Scope
from service.assignments import for_asker

from .names import Names

CODE_LISTS = {"answered": "answer", "returned": "return_reason", "ended": "end_reason"}
"""Under which key of the catalogue `assignments` an event's code stands."""


@dataclass(frozen=True)
class Event:
    """One event; `code_list` is the catalogue's list of its code, empty without a code."""

    event: str
    at: dt.datetime
    body: str | None
    code: str | None
    code_list: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Assigned:
    """One assignment; `ended_by` is the rule that ended it, None where none did."""

    origin: str
    body: str
    step: str
    at: dt.datetime
    due_on: dt.date
    words: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    state: str
    since: dt.datetime
    ended_by: str | None


def assigned(db: Db, scope: Scope, case_id: str, names: Names) -> tuple[Assigned, ...]:
    """What bodies were asked for about a case, oldest first (`service.assignments.for_asker`)."""
    return tuple(
        Assigned(
            origin=one.origin,
            body=names.bodies.get(one.body_id, one.body_id),
            step=one.step,
            at=one.at,
            due_on=one.due_on,
            words=one.words,
            events=tuple(
                Event(
                    e.event, e.at, names.body(e.body_id), e.code, CODE_LISTS.get(e.event, ""),
                    e.words,
                )
                for e in one.events
            ),
            state=one.state,
            since=one.since,
            ended_by=one.why if one.why in ENDED_BY_RULE else None,
        )
        for one in for_asker(db, scope, case_id)
    )  # fmt: skip
