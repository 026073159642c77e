"""Answers that did not hold: the list per body, the two looks back, the lessons by category."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data import answer_reviews as kept
from data.db import Db
from data.planned import FIRST, SECOND, CameBack, Review
from data.scope import Scope
from reports.lessons import Lessons, lessons

SPAN = dt.timedelta(days=365)
"""How far back the list and the lessons reach."""
LISTS = ("first", "second", "done")
"""What waits for the body's look, for the supervisor's, for neither."""


@dataclass(frozen=True)
class Row:
    """An answer that came back, and the looks back that count; None = not yet."""

    answer: CameBack
    first: Review | None
    second: Review | None

    @property
    def waits_for(self) -> str:
        """One of LISTS."""
        if self.first is None:
            return "first"
        return "second" if self.second is None else "done"

    def own(self, role: str) -> Review | None:
        """The look this role writes, as it stands."""
        return self.second if role == "supervisor" else self.first


def listed(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Row, ...]:
    """The answers of the last year that came back, the longest ago first: a supervisor all, a clerk
    those the own body gave.

    Raises:
        NotAllowed: a role that reviews no answers.
    """
    there = kept.newest(kept.read(db, scope, as_of))
    return tuple(
        Row(
            one,
            there.get((one.case_id, one.answered_at, FIRST)),
            there.get((one.case_id, one.answered_at, SECOND)),
        )
        for one in kept.came_back(db, scope, as_of - SPAN, as_of)
    )


def learnt(db: Db, scope: Scope, as_of: dt.datetime, categories: list[str]) -> Lessons:
    """The lessons of the last year (`reports.lessons`); categories: in their fixed order.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    return lessons(kept.read_figures(db, scope, as_of - SPAN, as_of), categories)
