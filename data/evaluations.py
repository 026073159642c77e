"""Evaluations from outside (第三方评估) in the record: a share, of how many, how it was got."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed
from .schema import body, evaluation
from .scope import Scope
from .vocabulary import EVALUATION_MEASURES, EVALUATION_METHODS, EVALUATORS

MOST_BASE = 1_000_000


@dataclass(frozen=True)
class Evaluated:
    """One result. share: 0-1, of `base` answers."""

    year: int
    evaluator: str
    body_id: str
    measure: str
    share: float
    base: int
    method: str


def add(db: Db, scope: Scope, rows: Sequence[Evaluated]) -> int:
    """Record results, all or none; a later one of the same year, evaluator, body and measure takes
    its place. How many.

    Raises:
        NotAllowed: neither supervisor nor operator; a word outside the lists, a share or base that
            cannot be.
    """
    scope.need("supervisor", "operator")
    for row in rows:
        if (
            row.evaluator not in EVALUATORS
            or row.measure not in EVALUATION_MEASURES
            or row.method not in EVALUATION_METHODS
            or not 0 <= row.share <= 1
            or not 1 <= row.base <= MOST_BASE
        ):
            raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        if not {row.body_id for row in rows} <= set(
            conn.execute(sa.select(body.c.body_id)).scalars()
        ):
            raise NotAllowed("data.error.not_in_list")
        if rows:
            conn.execute(evaluation.insert(), [{**vars(row), "recorded_at": at} for row in rows])
        audit.write(db, conn, scope, "evaluation_imported", reason=str(len(rows)))
    return len(rows)


def read(
    db: Db, scope: Scope, year: int, as_of: dt.datetime | None = None
) -> tuple[Evaluated, ...]:
    """The newest results of a year by body, measure and evaluator, as known at a moment.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    c = evaluation.c
    columns = (c.year, c.evaluator, c.body_id, c.measure, c.share, c.base, c.method)
    query = sa.select(*columns).where(c.year == year).order_by(c.id)
    if as_of is not None:
        query = query.where(c.recorded_at <= as_of)
    with db.read() as conn:
        newest = {
            (row.body_id, row.measure, row.evaluator): Evaluated(*row)
            for row in conn.execute(query)
        }
    order = {name: at for at, name in enumerate(EVALUATION_MEASURES)}
    return tuple(sorted(newest.values(), key=lambda r: (r.body_id, order[r.measure], r.evaluator)))
