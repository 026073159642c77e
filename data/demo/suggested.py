"""What became of the made-up county's suggestions, as if said with each answer."""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa

from data.db import Db
from data.errors import NotAllowed
from data.schema import case_event, case_version, suggestion_outcome
from data.scope import Scope
from data.suggestions import SUGGESTION, WITH_REASON
from data.vocabulary import SUGGESTION_OUTCOMES, SUGGESTION_REASONS

ODDS = (0.34, 0.22, 0.16, 0.20, 0.08)
"""Of each outcome, in the order of `SUGGESTION_OUTCOMES`."""
SAID = 0.7
"""Share of the suggestions answered in the last `NEW_DAYS` of which somebody said what became of
them; of older ones, all."""
NEW_DAYS = 30


def keep(db: Db, scope: Scope, seed: int) -> int:
    """Make up an outcome for nearly every answered suggestion; how many. The same seed: the same.

    Raises:
        NotAllowed: not the operator, or no demo county.
    """
    scope.need("operator")
    if not db.county().is_demo:
        raise NotAllowed("data.error.not_allowed")
    e = case_event.c
    of_kind = sa.select(case_version.c.case_id).where(case_version.c.kind == SUGGESTION)
    query = (
        sa.select(e.case_id, e.body_id, e.recorded_at)
        .where(e.event == "answered", e.body_id.is_not(None), e.case_id.in_(of_kind))
        .order_by(e.occurred_at, e.id)
    )
    rng = np.random.default_rng(seed)
    with db.write() as conn:
        first = {row.case_id: row for row in reversed(conn.execute(query).all())}
        answers = list(reversed(first.values()))
        count = len(answers)
        outcomes = rng.choice(SUGGESTION_OUTCOMES, size=count, p=ODDS)
        reasons = rng.choice(SUGGESTION_REASONS, size=count)
        since = db.now() - dt.timedelta(days=NEW_DAYS)
        is_old = np.array([row.recorded_at < since for row in answers], dtype=bool)
        is_said = is_old | (rng.random(count) < SAID)
        rows = [
            {
                "case_id": row.case_id, "body_id": row.body_id, "recorded_at": row.recorded_at,
                "outcome": str(outcome), "reason": str(why) if outcome in WITH_REASON else None,
            }
            for row, outcome, why, said in zip(answers, outcomes, reasons, is_said, strict=True)
            if said
        ]  # fmt: skip
        if rows:
            conn.execute(suggestion_outcome.insert(), rows)
    return len(rows)
