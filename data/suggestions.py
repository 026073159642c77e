"""What became of a suggestion (人民建议): taken up, in part, already so, not, or passed on.

The clerk of the body that has the case says it when it answers, from closed lists and without a
word of text; its asker reads it. Append-only: a correction is a new row that names the one before,
and both are shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed, NotFound
from .prepared import Prepared
from .reading import history_in, owing_body, reached_by
from .schema import case_event, case_version, suggestion_issue, suggestion_outcome
from .scope import Scope
from .vocabulary import SUGGESTION_OUTCOMES, SUGGESTION_REASONS

CLERKS = ("township_clerk", "department_clerk")
WITH_REASON = ("taken_in_part", "not_taken_up")
"""Outcomes that need a reason from the list."""
UNSAID = "unsaid"
"""An answered suggestion of which nobody said what became of it."""
SUGGESTION = "suggestion"


@dataclass(frozen=True)
class Outcome:
    """What a body said became of a suggestion, and when; reason None unless `WITH_REASON`."""

    outcome: str
    reason: str | None
    body_id: str
    at: dt.datetime


@dataclass(frozen=True)
class Quarter:
    """A quarter's totals as they were published. content: JSON."""

    quarter: str
    recorded_at: dt.datetime
    sha256: str
    content: str


def check(outcome: str, reason: str | None) -> None:
    """Refuse what is not from the lists.

    Raises:
        NotAllowed: no outcome, a reason that is missing, not from the list or not asked for.
    """
    if outcome not in SUGGESTION_OUTCOMES:
        raise NotAllowed("suggestions.error.outcome")
    if outcome in WITH_REASON and reason not in SUGGESTION_REASONS:
        raise NotAllowed("suggestions.error.reason")
    if outcome not in WITH_REASON and reason is not None:
        raise NotAllowed("suggestions.error.no_reason")


def say(db: Db, scope: Scope, case_id: str, outcome: str, reason: str | None) -> None:
    """Say what became of a suggestion; noted in the log, shown to its asker.

    Raises:
        NotFound: no such case within the scope.
        NotAllowed: not the body that has it, no suggestion, not answered yet, disowned, or not
            from the lists.
    """
    check(outcome, reason)
    with db.write() as conn:
        at = db.stamp(conn)
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        if scope.role not in CLERKS or history.body_id not in scope.bodies:
            raise NotAllowed("data.error.not_owing")
        if history.kind != SUGGESTION or not history.has("answered") or history.is_disowned:
            raise NotAllowed("suggestions.error.not_answered")
        newest = sa.select(sa.func.max(suggestion_outcome.c.id)).where(
            suggestion_outcome.c.case_id == case_id
        )
        conn.execute(suggestion_outcome.insert().values(
            case_id=case_id, outcome=outcome, reason=reason, body_id=scope.desk, recorded_at=at,
            replaces=conn.execute(newest).scalar(),
        ))  # fmt: skip
        audit.write(db, conn, scope, "suggestion_outcome_said", case_id)


_ALL = Prepared(
    sa.select(suggestion_outcome)
    .where(suggestion_outcome.c.case_id == sa.bindparam("case"))
    .order_by(suggestion_outcome.c.id)
)


def outcomes(db: Db, scope: Scope, case_id: str) -> tuple[Outcome, ...]:
    """What was said of one suggestion, oldest first; for its asker and for who reaches the case.

    Raises:
        NotFound: no such case within the scope.
    """
    with db.read() as conn:
        if history_in(db, conn, scope, case_id) is None:
            raise NotFound("data.error.no_such_case")
        return tuple(
            Outcome(row["outcome"], row["reason"], row["body_id"], row["recorded_at"])
            for row in _ALL.rows(conn, case=case_id)
        )


def unsaid(db: Db, scope: Scope) -> pd.DataFrame:
    """The answered suggestions of the clerk's bodies of which nobody said what became of them.

    Returns:
        case_id, domain, category, answered_at (first answer, UTC), oldest first; those that their
        asker disowned or withdrew are left out.

    Raises:
        NotAllowed: another role than a clerk.
    """
    scope.need(*CLERKS)
    v = case_version.c
    query = (
        sa.select(v.case_id, v.domain, v.category, _answered_at().label("answered_at"))
        .where(_is_unsaid(), reached_by(scope))
        .order_by(_answered_at(), v.case_id)
    )
    return db.frame(query)


def unsaid_by_body(db: Db, scope: Scope) -> dict[str, int]:
    """How many answered suggestions each body still has to say that of, by id, none left out.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    owing = owing_body()
    query = sa.select(owing, sa.func.count()).where(_is_unsaid()).group_by(owing).order_by(owing)
    with db.read() as conn:
        return {str(body): int(count) for body, count in conn.execute(query)}


def _is_unsaid() -> sa.ColumnElement[bool]:
    said = sa.exists().where(suggestion_outcome.c.case_id == case_version.c.case_id)
    return sa.and_(_is_suggestion(), ~said, _answered_at().is_not(None))


def totals(
    db: Db, scope: Scope, since: dt.datetime, until: dt.datetime, known: dt.datetime
) -> pd.DataFrame:
    """Suggestions first answered within a span, by domain and what became of them.

    Args:
        since, until: aware; the span includes the first and not the second. known: what was said
            by then counts.

    Returns:
        Index: domain. Columns: `SUGGESTION_OUTCOMES` and `UNSAID`, whole numbers, 0 where none.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    o, v = suggestion_outcome.c, case_version.c
    newest = (
        sa.select(o.outcome)
        .where(o.case_id == v.case_id, o.recorded_at <= known)
        .order_by(o.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    first = _answered_at()
    query = sa.select(v.domain, newest.label("outcome")).where(
        _is_suggestion(), first >= since, first < until
    )
    with db.read() as conn:
        rows = [(row.domain, row.outcome or UNSAID) for row in conn.execute(query)]
    frame = pd.DataFrame(rows, columns=["domain", "outcome"])
    counts = frame.groupby(["domain", "outcome"]).size().unstack(fill_value=0)
    return counts.reindex(columns=[*SUGGESTION_OUTCOMES, UNSAID], fill_value=0).astype("int64")


def _is_suggestion() -> sa.ColumnElement[bool]:
    """The newest version of cases that are suggestions and that their asker lets stand."""
    v, later = case_version.c, case_version.alias()
    e = case_event.c
    is_replaced = sa.exists().where(later.c.case_id == v.case_id, later.c.id > v.id)
    last = (
        sa.select(e.event)
        .where(e.case_id == v.case_id, e.event.in_(("disowned", "confirmed")))
        .order_by(e.occurred_at.desc(), e.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    stands = sa.func.coalesce(last, "confirmed") != "disowned"
    return sa.and_(v.kind == SUGGESTION, ~is_replaced, stands)


def _answered_at() -> sa.ColumnElement[dt.datetime]:
    """When a case was first answered; NULL while it was not."""
    e = case_event.c
    return (
        sa.select(sa.func.min(e.occurred_at))
        .where(e.case_id == case_version.c.case_id, e.event == "answered")
        .scalar_subquery()
    )


# quarters as published ------------------------------------------------------------------------


def save_quarter(db: Db, scope: Scope, quarter: str, content: str) -> Quarter:
    """Freeze a quarter's covered totals, noted in the log; what was published before stays.

    Raises:
        NotAllowed: neither a supervisor nor the operator.
    """
    scope.need("supervisor", "operator")
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with db.write() as conn:
        query = sa.select(*_QUARTER).where(suggestion_issue.c.quarter == quarter)
        found = conn.execute(query.order_by(suggestion_issue.c.id).limit(1)).first()
        if found is not None:
            return Quarter(*found)
        at = db.stamp(conn)
        conn.execute(suggestion_issue.insert().values(
            quarter=quarter, recorded_at=at, sha256=sha256, content=content,
        ))  # fmt: skip
        audit.write(db, conn, scope, "suggestions_published", quarter, reason=sha256)
        return Quarter(quarter, at, sha256, content)


def quarters(db: Db, scope: Scope) -> tuple[Quarter, ...]:
    """Every published quarter, newest first. Public: every scope reaches them."""
    del scope
    query = sa.select(*_QUARTER).order_by(suggestion_issue.c.quarter.desc())
    with db.read() as conn:
        return tuple(Quarter(*row) for row in conn.execute(query))


_QUARTER = (
    suggestion_issue.c.quarter, suggestion_issue.c.recorded_at, suggestion_issue.c.sha256,
    suggestion_issue.c.content,
)  # fmt: skip
