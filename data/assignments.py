"""Assignments (交办) in the record: written by a person, added to, never edited.

Words about a case are cleaned of persons and sealed with the case's own key, like the words of
its steps; without a case there are none, only words of closed lists. Who wrote stands in the
audit log only; the record knows the body.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from . import audit, texts
from .assigned import (
    OF_A_CASE,
    THIS_CASE,
    Assignment,
    AssignmentEvent,
    CaseStep,
    JudgeEvent,
    JudgeNew,
    NewAssignment,
    NewAssignmentEvent,
)
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory
from .openings import MOST_REASON
from .prepared import Prepared
from .reading import history_in
from .record import new_case_id
from .redact import redact
from .schema import assignment, assignment_event, body, case_event, flag, flag_event
from .scope import OPERATOR, RESIDENT, Scope
from .vocabulary import (
    ASSIGNMENT_ANSWERS,
    ASSIGNMENT_END_REASONS,
    ASSIGNMENT_RETURN_REASONS,
    ASSIGNMENT_STEPS,
    ASSIGNMENT_SUBJECTS,
)

CLERKS = ("township_clerk", "department_clerk")
MAKES = {
    "flag": "supervisor",
    "case": "supervisor",
    "reception": "supervisor",
    "notice": "supervisor",
    "instruction": "leader",
}
"""Who makes an assignment of each origin (DOMAIN.md §1)."""
CODES = {
    "acknowledged": (None,),
    "answered": ASSIGNMENT_ANSWERS,
    "returned": ASSIGNMENT_RETURN_REASONS,
    "verified": (None,),
    "ended": ASSIGNMENT_END_REASONS,
}
"""The word each event carries."""
ENDING = (
    "transferred", "answered", "no_remedy", "declined", "referred", "withdrawal_asked",
    "withdrawal_undone", "withdrawn", "disowned",
)  # fmt: skip
"""Events of a case that may end an assignment about it."""
MOST_WORDS = 1000


def assign(db: Db, scope: Scope, new: NewAssignment, judge: JudgeNew) -> str:
    """Ask a body for a step by a day; the id of the assignment.

    A supervisor assigns from a confirmed flag or a case, or by a notice without a case; a leader
    by an instruction, without a case. Nothing of the case moves: no clock, no place in a list, no
    step (DOMAIN.md §2.8).

    Raises:
        NotAllowed: the role, a word outside the lists, words without a case, a flag that nobody
            confirmed, a body that does not owe the case's answer.
        NotFound: no such case, flag or body.
        ProjectError: what `judge` says.
    """
    with db.write() as conn:
        return assign_in(db, conn, scope, new, judge, db.stamp(conn))


def assign_in(
    db: Db, conn: sa.Connection, scope: Scope, new: NewAssignment, judge: JudgeNew, at: dt.datetime
) -> str:
    """As `assign`, inside a transaction whose stamp is `at`."""
    scope.need(MAKES.get(new.origin, ""))
    _in_lists(new)
    if not conn.execute(sa.select(body.c.body_id).where(body.c.body_id == new.body_id)).first():
        raise NotFound("data.error.no_such_body")
    history: CaseHistory | None = None
    earlier: tuple[Assignment, ...] = ()
    if new.case_id is not None:
        history = _owed_case(db, conn, scope, new)
        if new.origin == "flag":
            _confirmed(conn, new)
        earlier = _rows(conn, assignment.c.case_id == new.case_id, at)
    judge(new, history, earlier, at)
    made = new_case_id()
    conn.execute(
        assignment.insert().values(
            assignment_id=made, origin=new.origin, case_id=new.case_id, flag_id=new.flag_id,
            body_id=new.body_id, subject=new.subject, step=new.step, due_on=new.due_on,
            recorded_at=at, text_id=_words(db, conn, new.case_id, "note", new.words, at),
        )
    )  # fmt: skip
    if new.flag_id is not None:
        conn.execute(
            flag_event.insert().values(flag_id=new.flag_id, event="assigned", recorded_at=at)
        )
    audit.write(db, conn, scope, "assignment_made", new.case_id or made)
    return made


def _in_lists(new: NewAssignment) -> None:
    if new.subject not in ASSIGNMENT_SUBJECTS or new.step not in ASSIGNMENT_STEPS:
        raise NotAllowed("data.error.not_in_list")
    has_case = new.origin in OF_A_CASE
    fits = (
        has_case == (new.case_id is not None)
        and has_case == (new.subject == THIS_CASE)
        and (new.origin == "flag") == (new.flag_id is not None)
    )
    if not fits:
        raise NotAllowed("data.error.not_in_list")
    if new.words.strip() and not has_case:
        raise NotAllowed("assignments.error.no_words")
    _not_long(new.words)


def _not_long(words: str) -> None:
    if len(words) > MOST_WORDS:
        raise NotAllowed("assignments.error.words_long", most=MOST_WORDS)


def _owed_case(db: Db, conn: sa.Connection, scope: Scope, new: NewAssignment) -> CaseHistory:
    history = history_in(db, conn, scope, new.case_id or "")
    if history is None:
        raise NotFound("data.error.no_such_case")
    if history.body_id != new.body_id:
        raise NotAllowed("assignments.error.other_body")
    return history


def _confirmed(conn: sa.Connection, new: NewAssignment) -> None:
    """A person's word comes first: the newest one on the flag must be "confirmed"."""
    decided = (
        sa.select(flag_event.c.event)
        .join(flag, flag.c.flag_id == flag_event.c.flag_id)
        .where(
            flag.c.flag_id == new.flag_id,
            flag.c.case_id == new.case_id,
            flag_event.c.event != "assigned",
        )
        .order_by(flag_event.c.id.desc())
        .limit(1)
    )
    found = conn.execute(decided).scalar()
    if found is None:
        raise NotFound("data.error.no_such_flag")
    if found != "confirmed":
        raise NotAllowed("assignments.error.not_confirmed")


def _words(
    db: Db, conn: sa.Connection, case_id: str | None, part: str, said: str, at: dt.datetime
) -> str | None:
    if not said.strip() or case_id is None:
        return None
    text_id = texts.add(db, conn, case_id, "words", json.dumps({part: said.strip()}), at)
    if text_id is None:
        raise NotAllowed("assignments.error.texts_ended")
    return text_id


def follow_up(
    db: Db, scope: Scope, assignment_id: str, new: NewAssignmentEvent, judge: JudgeEvent
) -> None:
    """Add an event: the body's (acknowledged, answered) or the supervisor's (returned, verified,
    ended; a leader's own instructions also by the leader).

    Raises:
        NotFound: no such assignment within the scope.
        NotAllowed: the role, a word outside the list, an answer about a case without words.
        ProjectError: what `judge` says: it cannot follow now.
    """
    if new.event not in CODES or new.code not in CODES[new.event]:
        raise NotAllowed("data.error.not_in_list")
    _not_long(new.words)
    is_bodys = new.event in ("acknowledged", "answered")
    with db.write() as conn:
        at = db.stamp(conn)
        of = (assignment.c.assignment_id == assignment_id) & _reached(scope)
        found = _rows(conn, of, at)
        if not found:
            raise NotFound("assignments.error.unknown")
        one = found[0]
        if is_bodys != (scope.role in CLERKS):
            raise NotAllowed("data.error.not_allowed")
        if not one.is_of_a_case and new.words.strip():
            raise NotAllowed("assignments.error.no_words")
        if one.is_of_a_case and new.event == "answered" and not new.words.strip():
            raise NotAllowed("assignments.error.words_needed")
        judge(one, new, at)
        part = "said" if is_bodys else "note"
        conn.execute(
            assignment_event.insert().values(
                assignment_id=assignment_id, event=new.event, recorded_at=at,
                body_id=one.body_id if is_bodys else None, code=new.code,
                text_id=_words(db, conn, one.case_id, part, new.words, at),
            )
        )  # fmt: skip
        audit.write(db, conn, scope, f"assignment_{new.event}", one.case_id or assignment_id)


def read(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Assignment, ...]:
    """The assignments this scope reaches, as known at a moment, oldest first; no words.

    A supervisor reads all, a clerk those of the own body, a leader the instructions, the one who
    asked those about the own case.

    Raises:
        NotAllowed: a role that has nothing to do with assignments.
    """
    scope.need("supervisor", "leader", *CLERKS, RESIDENT)
    with db.read() as conn:
        if scope.role == RESIDENT and not _has_any(conn, scope.who):
            return ()
        return _rows(conn, _reached(scope), as_of)


_ANY = Prepared(
    sa.select(assignment.c.assignment_id).where(assignment.c.case_id == sa.bindparam("case"))
)


def _has_any(conn: sa.Connection, case_id: str) -> bool:
    """Most cases have none, and theirs are the pages read most often."""
    return bool(_ANY.rows(conn, case=case_id))


def read_figures(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Assignment, ...]:
    """Every assignment without its case, flag and texts: for figures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    with db.read() as conn:
        found = _rows(conn, sa.true(), as_of)
    hidden = {"case_id": None, "flag_id": None, "text_id": None}
    return tuple(Assignment(**{**vars(one), **hidden}) for one in found)


def read_for_flags(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Assignment, ...]:
    """The assignments made from flags, for what became of each (DOMAIN.md §8).

    Raises:
        NotAllowed: anybody who does not read flags case by case.
    """
    scope.need("supervisor", OPERATOR)
    with db.read() as conn:
        return _rows(conn, assignment.c.flag_id.is_not(None), as_of)


def _reached(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.role == "supervisor":
        return sa.true()
    if scope.role in CLERKS:
        return assignment.c.body_id.in_(sorted(scope.bodies))
    if scope.role == "leader":
        return assignment.c.origin == "instruction"
    if scope.role == RESIDENT:
        return assignment.c.case_id == scope.who
    return sa.false()


def _rows(
    conn: sa.Connection, which: sa.ColumnElement[bool], as_of: dt.datetime
) -> tuple[Assignment, ...]:
    a, e, c = assignment.c, assignment_event.c, case_event.c
    known = (a.recorded_at <= as_of) & which
    heads = conn.execute(
        sa.select(assignment).where(known).order_by(a.recorded_at, a.assignment_id)
    ).all()
    if not heads:
        return ()
    events: dict[str, list[AssignmentEvent]] = defaultdict(list)
    for row in conn.execute(
        sa.select(e.assignment_id, e.event, e.recorded_at, e.body_id, e.code, e.text_id)
        .where(e.recorded_at <= as_of, e.assignment_id.in_(sa.select(a.assignment_id).where(known)))
        .order_by(e.id)
    ):
        events[row[0]].append(AssignmentEvent(*row[1:]))
    steps: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    known_at = sa.func.coalesce(c.source_recorded_at, c.recorded_at)
    for step in conn.execute(
        sa.select(c.case_id, c.event, sa.type_coerce(known_at, c.recorded_at.type), c.to_body_id)
        .where(
            c.event.in_(ENDING), known_at <= as_of,
            c.case_id.in_(sa.select(a.case_id).where(known, a.case_id.is_not(None))),
        )
        .order_by(c.occurred_at, c.id)
    ):  # fmt: skip
        steps[step[0]].append(tuple(step[1:]))
    return tuple(
        Assignment(
            assignment_id=head.assignment_id,
            origin=head.origin,
            case_id=head.case_id,
            flag_id=head.flag_id,
            body_id=head.body_id,
            subject=head.subject,
            step=head.step,
            due_on=head.due_on,
            at=head.recorded_at,
            text_id=head.text_id,
            events=tuple(events[head.assignment_id]),
            case_steps=tuple(
                CaseStep(*step)
                for step in steps.get(head.case_id or "", ())
                if step[1] > head.recorded_at
            ),
        )
        for head in heads
    )


def open_words(
    db: Db, scope: Scope, assignment_id: str, reason: str | None = None
) -> dict[str, dict[str, str]]:
    """The words of an assignment about a case, for staff; logged and shown to the asker (§2.11).

    Returns:
        By text id: part to words, unchanged; empty where there are none or they ended.

    Raises:
        NotFound: no such assignment within the scope, or its case is another body's by now.
        NotAllowed: a supervisor without a reason.
    """
    scope.need("supervisor", *CLERKS)
    if scope.role == "supervisor" and not (reason or "").strip():
        raise NotAllowed("data.error.reason_needed")
    if len(reason or "") > MOST_REASON:
        raise NotAllowed("data.error.reason_long", most=MOST_REASON)
    with db.write() as conn:
        found = _rows(
            conn, (assignment.c.assignment_id == assignment_id) & _reached(scope), db.stamp(conn)
        )
        case_id = found[0].case_id if found else None
        history = history_in(db, conn, scope, case_id) if case_id else None
        if history is None or case_id is None:
            raise NotFound("assignments.error.unknown")
        if history.is_disowned:
            return {}
        said = None if reason is None else redact(reason).text
        audit.write(db, conn, scope, "text_opened", case_id, reason=said)
        return _of(found, texts.opened(db, conn, case_id, ("words",)))


def askers_words(
    db: Db, scope: Scope, case_id: str, found: tuple[Assignment, ...]
) -> dict[str, dict[str, str]]:
    """Every word of the assignments about a case, by text id, for its asker; none while the case
    is disowned.

    Args:
        found: those of the case, as `read` gives them to its asker.

    Raises:
        NotFound: another case's code.
    """
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
        if history is None or history.is_disowned:
            return {}
        return _of(found, texts.opened(db, conn, case_id, ("words",))) if found else {}


def _of(found: tuple[Assignment, ...], opened: dict[str, str]) -> dict[str, dict[str, str]]:
    ours = {text_id for one in found for text_id in (one.text_id, *(e.text_id for e in one.events))}
    return {text_id: json.loads(said) for text_id, said in opened.items() if text_id in ours}
