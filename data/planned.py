"""A plan for a backlog case (积案), and a look back at an answer that did not hold: plain values
without a database, so that `casework` can judge them and the doors show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from .history import CaseHistory

FIRST, SECOND = "first", "second"
"""The two looks at an answer that did not hold (`vocabulary.ANSWER_REVIEWS`)."""


@dataclass(frozen=True)
class PlanStep:
    """A service step and the local day by whose end it is to be taken."""

    step: str
    due_on: dt.date


@dataclass(frozen=True)
class StepTaken:
    """An event of a planned case: its name, when it happened (aware), the word it carries."""

    event: str
    at: dt.datetime
    code: str | None = None


@dataclass(frozen=True)
class Plan:
    """One version of a plan, as known at a moment.

    post: who is responsible, as a post and never as a name. body_id: whose case it was then.
    due_on: local day by which the case is to be cleared. at: when it was written (aware).
    since: when the case's first plan was. steps: in order of their days. replaces: the version
    before; reason: why it was changed; both None for the first. taken: what the case's log has
    since the first plan, in order.
    """

    plan_id: str
    case_id: str
    body_id: str
    post: str
    due_on: dt.date
    at: dt.datetime
    since: dt.datetime
    steps: tuple[PlanStep, ...]
    replaces: str | None = None
    reason: str | None = None
    taken: tuple[StepTaken, ...] = ()


@dataclass(frozen=True)
class NewPlan:
    """What somebody wants to plan. replaces, reason: of a change; both None for the first plan."""

    case_id: str
    body_id: str
    post: str
    due_on: dt.date
    steps: tuple[PlanStep, ...]
    replaces: str | None = None
    reason: str | None = None


JudgePlan = Callable[[NewPlan, CaseHistory, Plan | None, str, dt.datetime], None]
"""Judges a new plan against its case, the plan in force and the kind of the body, inside the
transaction that writes it; raises a `ProjectError`. `casework` knows the rule, this room none."""


@dataclass(frozen=True)
class CameBack:
    """An answer that did not hold.

    body_id: that gave it. answered_at: when. back_at: when its asker said "not solved" or asked
    for a review or recheck, the first time before another answer; by: which of these.
    """

    case_id: str
    category: str
    body_id: str
    answered_at: dt.datetime
    back_at: dt.datetime
    by: str


@dataclass(frozen=True)
class Review:
    """A look back at such an answer, both words of lists. kind: `first` by the body, `second` by
    the supervisor (body_id None). at: when it was written; the newest of a kind counts."""

    review_id: str
    case_id: str
    answered_at: dt.datetime
    kind: str
    body_id: str | None
    handled: str
    came_back: str
    at: dt.datetime
    replaces: str | None = None
