"""A case's backlog plan, and the looks back at its answers, as its asker reads them: names of
bodies, words by list, every version (DOMAIN.md §2.7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.log import Log
from casework.plans import PlanStands
from data.answer_reviews import for_asker
from data.db import Db
from data.history import CaseHistory
from data.planned import Plan
from data.scope import Scope
from service import plans as served

from .names import Names


@dataclass(frozen=True)
class Planned:
    """since: first day in the backlog, None = not in it now. now: the plan in force, None = none;
    now_body: for whom it was made. earlier: every other version, the newest first."""

    since: dt.date | None
    extended_days: int
    body: str
    now: Plan | None
    now_body: str | None
    stands: PlanStands
    earlier: tuple[Plan, ...]


@dataclass(frozen=True)
class LookBack:
    """One look back at an answer; is_first: by the body, else by the supervisor."""

    answered_at: dt.datetime
    at: dt.datetime
    is_first: bool
    body: str | None
    handled: str
    came_back: str


def planned(db: Db, scope: Scope, history: CaseHistory, log: Log, names: Names) -> Planned | None:
    """The case's place in the backlog and its plans; None where there is neither."""
    found = served.of_case(db, scope, history.case_id, log.as_of, (history, log))
    if found.since is None and not found.plans:
        return None
    return Planned(
        since=found.since,
        extended_days=found.extended_days,
        body=names.bodies.get(found.body_id, found.body_id),
        now=found.now,
        now_body=names.body(found.now.body_id) if found.now else None,
        stands=found.stands,
        earlier=tuple(reversed(found.plans[:-1])),
    )


def looks_back(db: Db, scope: Scope, case_id: str, names: Names) -> tuple[LookBack, ...]:
    """Every look back at the case's answers, in order of entry."""
    return tuple(
        LookBack(
            one.answered_at, one.at, one.body_id is not None, names.body(one.body_id),
            one.handled, one.came_back,
        )
        for one in for_asker(db, scope, case_id)
    )  # fmt: skip
