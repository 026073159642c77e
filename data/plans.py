"""Plans for backlog cases (积案) in the record: added to, never edited; no free text.

Nobody puts a case on the list or takes it off: that follows from its log and its pack. A plan
says which post of which body clears it by which day, by which service steps. Who wrote it stands
in the audit log only.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed, NotFound
from .frames import CaseTable
from .planned import JudgePlan, NewPlan, Plan, PlanStep, StepTaken
from .prepared import Prepared
from .reading import case_table, history_in, known_at, reached_by
from .record import new_case_id
from .schema import backlog_plan, backlog_step, body, case_event, case_version
from .scope import RESIDENT, Scope
from .vocabulary import PLAN_CHANGE_REASONS, PLAN_STEPS, ROSTER_POSTS

CLERKS = ("township_clerk", "department_clerk")
TAKEN = {
    "accept": ("accepted",), "transfer": ("transferred",), "contact": ("contacted",),
    "mediate": ("mediated",), "joint_meeting": ("met",), "reception": ("received",),
    "legal_aid": ("aided",), "hardship_fund": ("funded",), "policy_change": ("policy_changed",),
    "answer": ("answered", "no_remedy"), "deliver": ("delivered",),
}  # fmt: skip
"""By which events of the case a planned step is taken; nobody ticks anything off."""
_TAKEN = tuple(event for events in TAKEN.values() for event in events)


class PlannedCases(NamedTuple):
    """The cases that have a plan, for figures: without their identity.

    table: `frames.Cases` with case_id NA, and `frames.Events`.
    plans: on the index of the cases: post, body_id, due_on of the plan in force (object), since
        (UTC): when the first one was written.
    """

    table: CaseTable
    plans: pd.DataFrame


def make(db: Db, scope: Scope, new: NewPlan, judge: JudgePlan) -> str:
    """Write a plan for a backlog case, or one in the place of another; its id. Nothing of the case
    moves: no clock, no limit, no step.

    Raises:
        NotAllowed: not a supervisor; a word outside the lists; a body that does not owe the
            answer; a change without a reason; somebody else changed the plan meanwhile.
        NotFound: no such case or body.
        ProjectError: what `judge` says.
    """
    scope.need("supervisor")
    _in_lists(new)
    with db.write() as conn:
        at = db.stamp(conn)
        kind = conn.execute(sa.select(body.c.kind).where(body.c.body_id == new.body_id)).scalar()
        if kind is None:
            raise NotFound("data.error.no_such_body")
        history = history_in(db, conn, scope, new.case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        if history.body_id != new.body_id:
            raise NotAllowed("backlog.error.other_body")
        earlier = _rows(conn, backlog_plan.c.case_id == new.case_id, at)
        now = earlier[-1] if earlier else None
        if new.replaces != (now.plan_id if now else None):
            raise NotAllowed("backlog.error.changed_meanwhile")
        judge(new, history, now, str(kind), at)
        made = new_case_id()
        conn.execute(
            backlog_plan.insert().values(
                plan_id=made, case_id=new.case_id, body_id=new.body_id, post=new.post,
                due_on=new.due_on, recorded_at=at, replaces=new.replaces, reason=new.reason,
            )
        )  # fmt: skip
        conn.execute(
            backlog_step.insert(),
            [{"plan_id": made, "step": one.step, "due_on": one.due_on} for one in new.steps],
        )
        audit.write(db, conn, scope, "plan_changed" if now else "plan_made", new.case_id)
    return made


def _in_lists(new: NewPlan) -> None:
    fits = (
        new.post in ROSTER_POSTS
        and all(one.step in PLAN_STEPS for one in new.steps)
        and (new.reason is None or new.reason in PLAN_CHANGE_REASONS)
    )
    if not fits:
        raise NotAllowed("data.error.not_in_list")
    if not new.steps:
        raise NotAllowed("backlog.error.no_steps")
    if (new.replaces is None) != (new.reason is None):
        raise NotAllowed("backlog.error.reason")


def read(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Plan, ...]:
    """The plans in force of the cases this scope reaches, as known at a moment, oldest first.

    A supervisor reads all, a clerk those of the cases the own body owes an answer to now.

    Raises:
        NotAllowed: a role that has nothing to do with them.
    """
    scope.need("supervisor", *CLERKS)
    with db.read() as conn:
        found = _rows(conn, _reached(scope), as_of)
    return tuple({one.case_id: one for one in found}.values())


def of_case(db: Db, scope: Scope, case_id: str, as_of: dt.datetime) -> tuple[Plan, ...]:
    """Every version of one case's plan, as known at a moment, oldest first; for its asker too.

    Raises:
        NotAllowed: a role that has nothing to do with them.
        NotFound: no such case within the scope.
    """
    scope.need("supervisor", RESIDENT, *CLERKS)
    with db.read() as conn:
        if scope.role == RESIDENT:
            if scope.who != case_id:
                raise NotFound("data.error.no_such_case")
            if not _ANY.rows(conn, case=case_id):  # most cases have none
                return ()
        elif history_in(db, conn, scope, case_id) is None:
            raise NotFound("data.error.no_such_case")
        return _rows(conn, backlog_plan.c.case_id == case_id, as_of)


def read_figures(db: Db, scope: Scope, as_of: dt.datetime) -> PlannedCases:
    """Every case that has a plan, as known at a moment, without its identity: for figures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    with db.read() as conn:
        found = {one.case_id: one for one in _rows(conn, sa.true(), as_of, with_log=False)}
    planned = sa.select(backlog_plan.c.case_id).where(backlog_plan.c.recorded_at <= as_of)
    table = case_table(db, case_version.c.case_id.in_(planned), as_of, with_ids=True)
    plans = [found[case_id] for case_id in table.cases["case_id"]]
    since = pd.DatetimeIndex([one.since for one in plans]).as_unit("us")
    beside = pd.DataFrame(
        {
            "post": pd.Series([one.post for one in plans], dtype="object"),
            "body_id": pd.Series([one.body_id for one in plans], dtype="object"),
            "due_on": pd.Series([one.due_on for one in plans], dtype="object"),
            "since": since if plans else pd.DatetimeIndex([], tz="UTC").as_unit("us"),
        }
    )
    cases = table.cases.assign(case_id=pd.Series(pd.NA, index=table.cases.index, dtype="str"))
    return PlannedCases(CaseTable(cases, table.events), beside.set_axis(cases.index))


_ANY = Prepared(
    sa.select(backlog_plan.c.plan_id).where(backlog_plan.c.case_id == sa.bindparam("case"))
)


def _reached(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.role == "supervisor":
        return sa.true()
    return backlog_plan.c.case_id.in_(sa.select(case_version.c.case_id).where(reached_by(scope)))


def _rows(
    conn: sa.Connection, which: sa.ColumnElement[bool], as_of: dt.datetime, *, with_log: bool = True
) -> tuple[Plan, ...]:
    """Every version known by then, in order of entry; with_log: what was done since beside it."""
    p, s, c = backlog_plan.c, backlog_step.c, case_event.c
    known = (p.recorded_at <= as_of) & which
    heads = conn.execute(sa.select(backlog_plan).where(known).order_by(p.id)).all()
    if not heads:
        return ()
    steps: dict[str, list[PlanStep]] = defaultdict(list)
    ours = sa.select(p.plan_id).where(known)
    query = sa.select(s.plan_id, s.step, s.due_on).where(s.plan_id.in_(ours)).order_by(s.id)
    for plan_id, step, due_on in conn.execute(query):
        steps[plan_id].append(PlanStep(step, due_on))
    taken: dict[str, list[StepTaken]] = defaultdict(list)
    if with_log:
        events = (
            sa.select(c.case_id, c.event, c.occurred_at, c.code)
            .where(
                c.event.in_(_TAKEN), known_at(case_event) <= as_of,
                c.case_id.in_(sa.select(p.case_id).where(known)),
            )
            .order_by(c.occurred_at, c.id)
        )  # fmt: skip
        for case_id, *values in conn.execute(events):
            taken[case_id].append(StepTaken(*values))
    return tuple(_plans(heads, steps, taken))


def _plans(
    heads: Sequence[Any], steps: dict[str, list[PlanStep]], taken: dict[str, list[StepTaken]]
) -> list[Plan]:
    since: dict[str, dt.datetime] = {}
    found = []
    for head in heads:
        first = since.setdefault(head.case_id, head.recorded_at)
        found.append(
            Plan(
                plan_id=head.plan_id, case_id=head.case_id, body_id=head.body_id, post=head.post,
                due_on=head.due_on, at=head.recorded_at, since=first,
                steps=tuple(steps[head.plan_id]), replaces=head.replaces, reason=head.reason,
                taken=tuple(one for one in taken.get(head.case_id, ()) if one.at >= first),
            )
        )  # fmt: skip
    return found
