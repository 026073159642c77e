"""Answers that did not hold, and the two looks back at each: added to, never edited; words of
lists alone, about the office's handling and never about who asked. The asker reads them.

The first look is owed by the body that gave the answer, also where a reviewing body has the case
by then; it learns the case's number, category and days, nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import pandas as pd
import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed, NotFound
from .history import was_disowned
from .planned import FIRST, SECOND, CameBack, Review
from .prepared import Prepared
from .reading import known_at
from .record import new_case_id
from .schema import answer_review, case_event, case_version
from .scope import RESIDENT, Scope
from .vocabulary import ANSWER_HANDLED, CAME_BACK_BECAUSE

CLERKS = ("township_clerk", "department_clerk")
OBJECTIONS = ("not_solved", "review_requested", "recheck_requested")
"""By what an answer comes back: the asker's lawful word (DOMAIN.md §2.4)."""


def came_back(db: Db, scope: Scope, since: dt.datetime, as_of: dt.datetime) -> tuple[CameBack, ...]:
    """The answers that came back since a moment, as known at another, the longest ago first.

    A supervisor reads all, a clerk those the own body gave. What is disowned is left out.

    Raises:
        NotAllowed: a role that reviews no answers.
    """
    scope.need("supervisor", *CLERKS)
    found = [one for one in _came_back(db, None, since, as_of) if _is_reached(scope, one)]
    return tuple(sorted(found, key=lambda one: (one.back_at, one.case_id)))


def _is_reached(scope: Scope, one: CameBack) -> bool:
    return scope.role == "supervisor" or one.body_id in scope.bodies


def _came_back(
    db: Db, case_id: str | None, since: dt.datetime, as_of: dt.datetime
) -> list[CameBack]:
    e, v = case_event.c, case_version.c
    known = known_at(case_event) <= as_of
    back = sa.select(e.case_id).where(e.event.in_(OBJECTIONS), e.occurred_at >= since, known)
    which = e.case_id.in_(back) if case_id is None else e.case_id == case_id
    names = ("answered", *OBJECTIONS, "disowned", "confirmed")
    events = db.frame(
        sa.select(e.id, e.case_id, e.event, e.occurred_at, e.body_id).where(
            e.event.in_(names), known, which
        )
    )
    if events.empty:
        return []
    newest = sa.select(sa.func.max(v.id)).where(
        known_at(case_version) <= as_of, v.case_id.in_(sorted(set(events["case_id"])))
        if case_id is not None else v.case_id.in_(back),
    ).group_by(v.case_id)  # fmt: skip
    versions = db.frame(sa.select(v.case_id, v.category).where(v.id.in_(newest)))
    category = dict(zip(versions["case_id"], versions["category"], strict=True))
    events = events.sort_values(["case_id", "occurred_at", "id"], kind="stable")
    rows = zip(
        events["case_id"], events["event"], events["occurred_at"].dt.to_pydatetime(),
        events["body_id"], strict=True,
    )  # fmt: skip
    found: list[CameBack] = []
    for number, mine in groupby(rows, key=itemgetter(0)):
        found += _of_case(str(number), str(category.get(number)), list(mine))
    return [one for one in found if one.back_at >= since]


def _of_case(
    case_id: str, category: str, events: list[tuple[str, str, dt.datetime, str | None]]
) -> list[CameBack]:
    """The answers of one case that came back, by its events in order."""
    if was_disowned(event for _, event, _, _ in events):
        return []
    found: list[CameBack] = []
    answer: tuple[dt.datetime, str] | None = None
    for _, event, at, body_id in events:
        if event == "answered":
            answer = at, str(body_id)
        elif event in OBJECTIONS and answer is not None:
            found.append(CameBack(case_id, category, answer[1], answer[0], at, event))
            answer = None
    return found


def review(
    db: Db,
    scope: Scope,
    case_id: str,
    answered_at: dt.datetime,
    handled: str,
    came_back_because: str,
    replaces: str | None = None,
) -> str:
    """Look back at an answer that did not hold; the id of the review. By whom says which look it
    is: a clerk's is the first, a supervisor's the second, which follows the first.

    Args:
        replaces: the own earlier review that this one corrects; None = there is none.

    Raises:
        NotAllowed: another role, a word outside the lists, a second look before the first, one
            that was written meanwhile.
        NotFound: no such answer that came back within the scope.
    """
    scope.need("supervisor", *CLERKS)
    if handled not in ANSWER_HANDLED or came_back_because not in CAME_BACK_BECAUSE:
        raise NotAllowed("data.error.not_in_list")
    kind = SECOND if scope.role == "supervisor" else FIRST
    always = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    of = [one for one in _came_back(db, case_id, always, db.now())
          if one.answered_at == answered_at and _is_reached(scope, one)]  # fmt: skip
    if not of:
        raise NotFound("backlog.error.no_such_answer")
    with db.write() as conn:
        at = db.stamp(conn)
        there = newest(_rows(conn, answer_review.c.case_id == case_id, at))
        if kind == SECOND and (case_id, answered_at, FIRST) not in there:
            raise NotAllowed("backlog.error.first_missing")
        earlier = there.get((case_id, answered_at, kind))
        if replaces != (earlier.review_id if earlier else None):
            raise NotAllowed("backlog.error.reviewed_meanwhile")
        made = new_case_id()
        conn.execute(
            answer_review.insert().values(
                review_id=made, case_id=case_id, answered_at=answered_at, kind=kind,
                body_id=of[0].body_id if kind == FIRST else None, handled=handled,
                came_back=came_back_because, recorded_at=at, replaces=replaces,
            )
        )  # fmt: skip
        audit.write(db, conn, scope, f"answer_reviewed_{kind}", case_id)
    return made


Key = tuple[str, dt.datetime, str]


def newest(reviews: Iterable[Review]) -> dict[Key, Review]:
    """The review that counts, by case, answer and kind; `reviews` in order of entry."""
    return {(one.case_id, one.answered_at, one.kind): one for one in reviews}


def read(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Review, ...]:
    """The reviews this scope reaches, as known at a moment, in order of entry: a supervisor all, a
    clerk those of the own body's answers.

    Raises:
        NotAllowed: a role that reviews no answers.
    """
    scope.need("supervisor", *CLERKS)
    with db.read() as conn:
        if scope.role == "supervisor":
            return _rows(conn, sa.true(), as_of)
        r = answer_review.c
        mine = sa.select(r.case_id).where(r.body_id.in_(sorted(scope.bodies)))
        found = _rows(conn, r.case_id.in_(mine), as_of)
    firsts = {(o.case_id, o.answered_at) for o in found if o.body_id in scope.bodies}
    return tuple(one for one in found if (one.case_id, one.answered_at) in firsts)


def for_asker(db: Db, scope: Scope, case_id: str) -> tuple[Review, ...]:
    """Every review of one case's answers, for the one who asked, in order of entry.

    Raises:
        NotFound: another case's code.
    """
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    with db.read() as conn:
        if not _ANY.rows(conn, case=case_id):  # most cases have none
            return ()
        return _rows(conn, answer_review.c.case_id == case_id, db.now())


_ANY = Prepared(
    sa.select(answer_review.c.review_id).where(answer_review.c.case_id == sa.bindparam("case"))
)


def read_figures(db: Db, scope: Scope, since: dt.datetime, as_of: dt.datetime) -> pd.DataFrame:
    """What was said of the answers reviewed since a moment, without case and body: for lessons.

    Returns:
        One row per answer: category, handled, came_back (str), is_second (bool: the supervisor's
        word, else the body's own); by category.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    r, v = answer_review.c, case_version.c
    known = (r.recorded_at <= as_of) & (r.recorded_at >= since)
    latest = sa.select(sa.func.max(v.id)).where(
        known_at(case_version) <= as_of, v.case_id.in_(sa.select(r.case_id).where(known))
    ).group_by(v.case_id)  # fmt: skip
    with db.read() as conn:
        found = newest(_rows(conn, known, as_of))
        of = conn.execute(sa.select(v.case_id, v.category).where(v.id.in_(latest)))
        category = {row.case_id: row.category for row in of}
    counts = {key[:2]: one for key, one in found.items() if key[2] == FIRST}
    counts |= {key[:2]: one for key, one in found.items() if key[2] == SECOND}
    rows = [
        (str(category[one.case_id]), one.handled, one.came_back, one.kind == SECOND)
        for one in counts.values()
    ]
    columns = ["category", "handled", "came_back", "is_second"]
    return pd.DataFrame(sorted(rows), columns=columns)


def _rows(
    conn: sa.Connection, which: sa.ColumnElement[bool], as_of: dt.datetime
) -> tuple[Review, ...]:
    r = answer_review.c
    query = (
        sa.select(r.review_id, r.case_id, r.answered_at, r.kind, r.body_id, r.handled,
                  r.came_back, r.recorded_at, r.replaces)
        .where(r.recorded_at <= as_of, which)
        .order_by(r.id)
    )  # fmt: skip
    return tuple(Review(*row) for row in conn.execute(query))
