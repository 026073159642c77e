"""Several cases at once: who is asked for what, judged before anything is written.

Confirming a flag stays one by one (DOMAIN.md §2.8): a case whose flag nobody judged is left out.
Nothing said in bulk carries words; what is said of a case stands on its asker's page like every
other assignment (§2.7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from casework.assignments import SUBJECT_STEPS
from data import scores
from data.assigned import THIS_CASE, NewAssignment
from data.db import Db
from data.errors import NotFound, ProjectError
from data.scope import Scope

from . import assignments
from .forecast import settled_cases

CLOSED = ("verified", "ended")
WHY_NOT = ("not_confirmed", "asked_already", "case_ended", "step", "due", "unknown")
"""Why a case or a body is left out of what is done to several."""


@dataclass(frozen=True)
class Plan:
    """What would be done. new: one assignment each. left_out: (case or body, one of WHY_NOT)."""

    new: tuple[NewAssignment, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Done:
    """What was done. made: ids of the new assignments. refused: (case or body, why), found only
    when it was written."""

    made: tuple[str, ...]
    refused: tuple[tuple[str, ProjectError], ...]


def steps_for(db: Db, scope: Scope, case_ids: Iterable[str]) -> tuple[str, ...]:
    """The steps that fit at least one of the cases, the usual ones first."""
    found: dict[str, None] = {}
    for case_id in case_ids:
        try:
            found |= dict.fromkeys(assignments.choices(db, scope, case_id).steps)
        except NotFound:
            continue
    return tuple(found)


def plan_cases(
    db: Db, scope: Scope, case_ids: Iterable[str], step: str | None, due_on: dt.date | None
) -> Plan:
    """Each case's own body asked for a step by a day.

    Args:
        step: None = the usual one of each. due_on: None = the usual day of each.

    Raises:
        NotAllowed: not a supervisor.
    """
    scope.need("supervisor")
    now = db.now()
    confirmed, undecided = _flags(db, scope, now)
    asked = {
        (row.one.case_id, row.one.step, row.one.body_id)
        for row in assignments.listed(db, scope, now)
        if row.now.state not in CLOSED
    }
    new, left_out = [], []
    for case_id in case_ids:
        try:
            found = assignments.choices(db, scope, case_id)
        except NotFound:
            left_out.append((case_id, "unknown"))
            continue
        wanted = step or next(iter(found.steps), "")
        day = due_on or found.usual_day
        why = (
            "not_confirmed" if case_id in undecided
            else "case_ended" if not found.steps
            else "step" if wanted not in found.steps
            else "due" if not found.first_day <= day <= found.last_day
            else "asked_already" if (case_id, wanted, found.body_id) in asked
            else ""
        )  # fmt: skip
        if why:
            left_out.append((case_id, why))
            continue
        flag_id = confirmed.get(case_id)
        origin = "case" if flag_id is None else "flag"
        new.append(NewAssignment(origin, found.body_id, THIS_CASE, wanted, day, case_id, flag_id))
    return Plan(tuple(new), tuple(left_out))


def _flags(db: Db, scope: Scope, now: dt.datetime) -> tuple[dict[str, str], set[str]]:
    """Flag ids of the cases whose newest word is "confirmed", and the cases that were flagged
    last and that nobody judged."""
    flags = scores.read_flags(db, scope, now)
    settled = settled_cases(flags, now)
    decided = flags[flags["decision"].notna()].sort_values("decided_at", kind="stable")
    last = decided.drop_duplicates("case_id", keep="last")
    confirmed = last[last["decision"] == "confirmed"]
    newest = flags[(flags["as_of"] == flags["as_of"].max()) & flags["decision"].isna()]
    waiting = set(newest["case_id"]) - settled
    return dict(zip(confirmed["case_id"], confirmed["flag_id"], strict=True)), waiting


def plan_notices(db: Db, scope: Scope, bodies: Iterable[str], subject: str) -> Plan:
    """A reminder to each body: a notice (督办函) about a kind of owed work, without a case.

    Raises:
        NotAllowed: not a supervisor.
    """
    scope.need("supervisor")
    step = SUBJECT_STEPS[subject][0]
    asked = {
        row.one.body_id
        for row in assignments.listed(db, scope, db.now())
        if (row.one.subject, row.one.step) == (subject, step) and row.now.state not in CLOSED
    }
    new, left_out = [], []
    for body in sorted(set(bodies)):
        if body in asked:
            left_out.append((body, "asked_already"))
            continue
        day = assignments.subject_choices(db, subject, body).usual_day
        new.append(NewAssignment("notice", body, subject, step, day))
    return Plan(tuple(new), tuple(left_out))


def carry_out(
    db: Db, scope: Scope, plan: Plan, tell: Callable[[int, int], None] = lambda done, of: None
) -> Done:
    """Write them one after the other, a transaction each: what was written stays written, and
    what was refused meanwhile is said.

    Args:
        tell: called after each with how many lie behind and how many there are.
    """
    made, refused = [], []
    for at, new in enumerate(plan.new, 1):
        try:
            made.append(assignments.assign(db, scope, new))
        except ProjectError as err:
            refused.append((new.case_id or new.body_id, err))
        tell(at, len(plan.new))
    return Done(tuple(made), tuple(refused))


def take_back(db: Db, scope: Scope, made: Iterable[str]) -> int:
    """End assignments as made in error; how many could still be ended."""
    ended = 0
    for number in made:
        try:
            assignments.follow_up(db, scope, number, "ended", "made_in_error")
        except ProjectError:
            continue  # the body has answered, or the case has: nothing is left to take back
        ended += 1
    return ended
