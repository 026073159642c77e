"""A body's own sweep (自查) in the record: opened over a whole list, noted case by case.

Findings are words of lists about the office's handling, never a sentence; the one who asked reads
them (DOMAIN.md §2.7). Who noted one stands in the audit log only; the record knows the body.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed, NotFound
from .history import was_disowned
from .reading import history_in, known_at
from .record import new_case_id
from .schema import case_event, sweep, sweep_case, sweep_finding
from .scope import RESIDENT, Scope
from .vocabulary import ASSIGNMENT_STEPS, SWEEP_FINDINGS, SWEEP_KINDS

CLERKS = ("township_clerk", "department_clerk")


@dataclass(frozen=True)
class Finding:
    """What was found of a case. step, due_on: what the body owes by which local day; None where
    nothing is. at: when it was noted (aware)."""

    body_id: str
    finding: str
    step: str | None
    due_on: dt.date | None
    at: dt.datetime


@dataclass(frozen=True)
class SweptCase:
    """A case on a list. case_id: None for readers of figures. steps: its events since the sweep
    began, with when each was known; "disowned" and "confirmed" of all times."""

    case_id: str | None
    finding: Finding | None
    steps: tuple[tuple[str, dt.datetime], ...]


@dataclass(frozen=True)
class Sweep:
    """One sweep as known at a moment. at: when it was opened; until: its last local day."""

    sweep_id: str
    body_id: str
    kind: str
    at: dt.datetime
    until: dt.date
    cases: tuple[SweptCase, ...]


Judge = Callable[[Sweep, str, dt.datetime], None]
"""Judges a finding against its sweep and the moment, inside the transaction; raises."""


def begin(
    db: Db, scope: Scope, body_id: str, kind: str, until: dt.date, case_ids: Sequence[str],
    today: dt.date,
) -> str:  # fmt: skip
    """Open a sweep over the whole list of a kind; its id.

    Args:
        case_ids: the list as the log gives it (`service.sweeps` derives it). today: local.

    Raises:
        NotAllowed: not a clerk of that body, a kind outside the list, an empty list, a sweep of
            the same kind that still runs.
    """
    scope.need(*CLERKS)
    if kind not in SWEEP_KINDS or body_id not in scope.bodies:
        raise NotAllowed("data.error.not_allowed")
    if not case_ids:
        raise NotAllowed("sweeps.error.empty")
    with db.write() as conn:
        at = db.stamp(conn)
        c = sweep.c
        running = sa.select(c.sweep_id).where(
            c.body_id == body_id, c.kind == kind, c.until >= today
        )
        if conn.execute(running).first():
            raise NotAllowed("sweeps.error.runs")
        return insert(db, conn, scope, body_id, kind, until, case_ids, at)


def insert(
    db: Db, conn: sa.Connection, scope: Scope, body_id: str, kind: str, until: dt.date,
    case_ids: Sequence[str], at: dt.datetime,
) -> str:  # fmt: skip
    """The rows of a new sweep, inside a transaction of somebody who may open it."""
    made = new_case_id()
    conn.execute(
        sweep.insert().values(
            sweep_id=made, body_id=body_id, kind=kind, until=until, recorded_at=at
        )
    )
    conn.execute(sweep_case.insert(), [{"sweep_id": made, "case_id": one} for one in case_ids])
    audit.write(db, conn, scope, "sweep_opened", made)
    return made


def note(
    db: Db, scope: Scope, sweep_id: str, case_id: str, finding: str, step: str | None,
    due_on: dt.date | None, judge: Judge,
) -> None:  # fmt: skip
    """Note what was found of a case on the list; a later one of the same sweep takes its place.

    Raises:
        NotFound: no such sweep of the own body, or a case that is not on its list.
        NotAllowed: not a clerk, a word outside the lists.
        ProjectError: what `judge` says.
    """
    scope.need(*CLERKS)
    if finding not in SWEEP_FINDINGS or not (step is None or step in ASSIGNMENT_STEPS):
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        found = _rows(conn, _mine(scope) & (sweep.c.sweep_id == sweep_id), at)
        if not found or all(one.case_id != case_id for one in found[0].cases):
            raise NotFound("sweeps.error.not_on_list")
        judge(found[0], case_id, at)
        conn.execute(
            sweep_finding.insert().values(
                sweep_id=sweep_id, case_id=case_id, body_id=found[0].body_id, finding=finding,
                step=step, due_on=due_on, recorded_at=at,
            )
        )  # fmt: skip
        audit.write(db, conn, scope, "sweep_noted", case_id)


def read(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Sweep, ...]:
    """The own body's sweeps with their cases, as known at a moment, the newest first.

    Raises:
        NotAllowed: not a clerk.
    """
    scope.need(*CLERKS)
    with db.read() as conn:
        return _rows(conn, _mine(scope), as_of)


def read_figures(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Sweep, ...]:
    """Every body's sweeps without the cases' numbers: for figures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    with db.read() as conn:
        found = _rows(conn, sa.true(), as_of)
    return tuple(
        Sweep(
            one.sweep_id, one.body_id, one.kind, one.at, one.until,
            tuple(SweptCase(None, case.finding, case.steps) for case in one.cases),
        )
        for one in found
    )  # fmt: skip


def of_case(db: Db, scope: Scope, case_id: str) -> tuple[Finding, ...]:
    """Everything that was found of a case, oldest first, for its asker and those who reach it;
    nothing while the case is disowned.

    Raises:
        NotFound: another case's code, or a case that this scope does not reach.
    """
    if scope.role == RESIDENT and scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    f = sweep_finding.c
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        if was_disowned(event.event for event in history.events):
            return ()
        query = (
            sa.select(f.body_id, f.finding, f.step, f.due_on, f.recorded_at)
            .where(f.case_id == case_id)
            .order_by(f.id)
        )
        return tuple(Finding(*row) for row in conn.execute(query))


def _mine(scope: Scope) -> sa.ColumnElement[bool]:
    return sweep.c.body_id.in_(sorted(scope.bodies))


def _rows(
    conn: sa.Connection, which: sa.ColumnElement[bool], as_of: dt.datetime
) -> tuple[Sweep, ...]:
    s, member, f, e = sweep.c, sweep_case.c, sweep_finding.c, case_event.c
    known = (s.recorded_at <= as_of) & which
    ids = sa.select(s.sweep_id).where(known)
    heads = conn.execute(
        sa.select(sweep).where(known).order_by(s.recorded_at.desc(), s.sweep_id)
    ).all()
    if not heads:
        return ()
    lists: dict[str, list[str]] = defaultdict(list)
    for sweep_id, case_id in conn.execute(
        sa.select(member.sweep_id, member.case_id)
        .where(member.sweep_id.in_(ids))
        .order_by(member.id)
    ):
        lists[sweep_id].append(case_id)
    newest: dict[tuple[str, str], Finding] = {}
    for row in conn.execute(
        sa.select(f.sweep_id, f.case_id, f.body_id, f.finding, f.step, f.due_on, f.recorded_at)
        .where(f.sweep_id.in_(ids), f.recorded_at <= as_of)
        .order_by(f.id)
    ):
        newest[row[0], row[1]] = Finding(*row[2:])
    first = min(head.recorded_at for head in heads)
    at = known_at(case_event)
    steps: dict[str, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for case_id, event, moment in conn.execute(
        sa.select(e.case_id, e.event, at)
        .where(
            e.case_id.in_(sa.select(member.case_id).where(member.sweep_id.in_(ids))),
            at <= as_of, (at > first) | e.event.in_(("disowned", "confirmed")),
        )
        .order_by(e.occurred_at, e.id)
    ):  # fmt: skip
        steps[case_id].append((event, moment))
    return tuple(
        Sweep(
            head.sweep_id, head.body_id, head.kind, head.recorded_at, head.until,
            tuple(
                SweptCase(case, newest.get((head.sweep_id, case)), tuple(steps.get(case, ())))
                for case in lists[head.sweep_id]
            ),
        )
        for head in heads
    )  # fmt: skip
