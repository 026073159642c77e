"""Backlog (积案) of one case, and its plan: what is on the list, what a plan says, how it stands.

Membership follows from the case's log and its pack alone (DOMAIN.md §5): not closed so many
months after registration; a lawful extension does not keep it out. The tables say the same by
`reports.indicators.backlog`. A plan moves no limit: it says who clears the case, by when and how.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from data.errors import NotAllowed
from data.history import CaseHistory
from data.planned import NewPlan, Plan, PlanStep
from data.plans import TAKEN

from .log import Log
from .rule import OPEN_PHASES, Pack

POSTS: Mapping[str, str] = {
    "county_secretary": "county", "county_head": "county", "deputy_county_head": "county",
    "county_leader": "county", "department_head": "department",
    "department_leader": "department", "township_secretary": "township",
    "township_head": "township", "township_leader": "township",
}  # fmt: skip
"""Posts that can be responsible for a backlog case, and their level (`PLAN_LEVELS`)."""
LEVEL_OF_BODY: Mapping[str, str] = {"township_office": "township"}
"""Level of a body by its kind; every other one is a department. A county post fits every body."""
LEADS_TO_AN_END = ("answer", "transfer")
"""A plan has one of these: it ends with an answer, or the case goes to the right body."""
MOST_STEPS = 8
MOST_DAYS = 366
"""How far ahead a plan's day may lie: further is no plan."""
NOT_TAKEN_YET = ("arranged", "called_off")
"""Words of a step beside the answer that say it has not been taken."""
STATES = ("none", "other_body", "date_passed", "step_late", "on_course")
"""Where a plan stands, what presses most first: none is there; the case has gone to another body
since; its day has passed; a step's day has passed; neither."""


def backlog_after(pack: Pack, registered_on: dt.date) -> dt.date | None:
    """The last day before a case is backlog: calendar months after registration (31 January + 3
    months = 30 April); None where the pack names no backlog."""
    if pack.backlog is None:
        return None
    return (pd.Timestamp(registered_on) + pd.DateOffset(months=pack.backlog.limit)).date()


def backlog_since(log: Log, history: CaseHistory) -> dt.date | None:
    """The first day on which an open case is backlog; None while it is not, or is closed."""
    zone = ZoneInfo(log.zone)
    at = next((e.occurred_at for e in history.events if e.event == "registered"), history.opened_at)
    last = backlog_after(log.pack, at.astimezone(zone).date())
    if last is None or last >= log.as_of.astimezone(zone).date() or not _is_open(log, history):
        return None
    return last + dt.timedelta(days=1)


def _is_open(log: Log, history: CaseHistory) -> bool:
    if history.is_disowned or log.phase is None:
        return False
    if log.phase in ("new", *OPEN_PHASES):
        return True
    # in review and yet called not solved: open in every figure (DOMAIN.md §2.9)
    last = [e.event for e in history.events if e.event in ("answered", "no_remedy", "not_solved")]
    return log.phase in ("review", "reviewed", "recheck", "rechecked") and last[-1:] == [
        "not_solved"
    ]


def posts_for(kind: str) -> tuple[str, ...]:
    """The posts that can be responsible for a case of a body of this kind, the body's own first."""
    level = LEVEL_OF_BODY.get(kind, "department")
    own = tuple(post for post, of in POSTS.items() if of == level)
    return (*own, *(post for post, of in POSTS.items() if of == "county"))


def due_span(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day by which a plan may clear its case."""
    return today + dt.timedelta(days=1), today + dt.timedelta(days=MOST_DAYS)


def check(new: NewPlan, now: Plan | None, kind: str, today: dt.date) -> None:
    """Refuse a plan that is none.

    Args:
        now: the plan in force, None = the first one. kind: of the body. today: the local day.

    Raises:
        NotAllowed: a post that does not fit the body; too many steps; none that leads to an end; a
            step twice; a day outside its span; nothing changed.
    """
    if new.post not in posts_for(kind):
        raise NotAllowed("backlog.error.post")
    if len(new.steps) > MOST_STEPS:
        raise NotAllowed("backlog.error.many_steps", most=MOST_STEPS)
    if not any(one.step in LEADS_TO_AN_END for one in new.steps):
        raise NotAllowed("backlog.error.no_end")
    if len({one.step for one in new.steps}) < len(new.steps):
        raise NotAllowed("backlog.error.step_twice")
    first, last = due_span(today)
    if not first <= new.due_on <= last:
        raise NotAllowed("backlog.error.due", first=first, last=last, got=new.due_on)
    kept = set(now.steps) if now else set()
    for one in new.steps:
        if one.due_on > new.due_on or (one.due_on < first and one not in kept):
            raise NotAllowed("backlog.error.step_day", first=first, last=new.due_on, got=one.due_on)
    if now is not None:
        same = (now.body_id, now.post, now.due_on, set(now.steps))
        if same == (new.body_id, new.post, new.due_on, set(new.steps)):
            raise NotAllowed("backlog.error.same")


@dataclass(frozen=True)
class StepLine:
    """A planned step. taken_on: local day on which the case's log has it; None = not yet.
    is_late: taken after its day, or not taken and its day is over."""

    step: str
    due_on: dt.date
    taken_on: dt.date | None
    is_late: bool


@dataclass(frozen=True)
class PlanStands:
    """Where a plan stands: of STATES; the next step that is not taken, None = none is left."""

    state: str
    steps: tuple[StepLine, ...]

    @property
    def next(self) -> StepLine | None:
        """The earliest step that is not taken."""
        return next((line for line in self.steps if line.taken_on is None), None)


NO_PLAN = PlanStands("none", ())


def stand(plan: Plan | None, body_id: str, today: dt.date, zone: str) -> PlanStands:
    """Where an open case's plan stands.

    Args:
        body_id: that owes the answer now. today: the local day. zone: the county's, IANA.
    """
    if plan is None:
        return NO_PLAN
    tz = ZoneInfo(zone)
    lines = tuple(_line(one, plan, today, tz) for one in sorted(plan.steps, key=_order))
    waits = [line for line in lines if line.taken_on is None]
    if plan.body_id != body_id:
        state = "other_body"
    elif plan.due_on < today:
        state = "date_passed"
    else:
        state = "step_late" if any(line.is_late for line in waits) else "on_course"
    return PlanStands(state, lines)


def _order(one: PlanStep) -> tuple[dt.date, int]:
    return one.due_on, list(TAKEN).index(one.step)


def _line(one: PlanStep, plan: Plan, today: dt.date, tz: ZoneInfo) -> StepLine:
    events = TAKEN[one.step]
    days = [
        e.at.astimezone(tz).date()
        for e in plan.taken
        if e.event in events and e.code not in NOT_TAKEN_YET
    ]
    taken_on = min(days, default=None)
    return StepLine(one.step, one.due_on, taken_on, (taken_on or today) > one.due_on)
