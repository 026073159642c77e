"""Reading the record as of a moment, within a scope: the query applies it, nobody afterwards.

Three depths, for three kinds of readers (DOMAIN.md §1):
    read_figures   every case without its identity, for those who see the county's figures
    read_worklist  the cases one owes an answer to, or, for a supervisor, all, without any text
    read_case      one case; `data.openings.open_texts` with its words, which is logged and shown to
                   the asker
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from . import audit, texts
from .columns import Place as Place
from .columns import known_at as known_at
from .db import Db
from .errors import NotAllowed, NotFound
from .frames import CaseTable
from .history import CaseHistory, RecordedEvent, was_disowned
from .kept_columns import columns_of, read_rows
from .prepared import Prepared
from .schema import case_event, case_version
from .scope import MACHINE, RESIDENT, Scope

MOVING = ("transferred", "review_requested", "recheck_requested")
"""Events after which another body owes the answer, where they name one."""


def owing_body() -> sa.ColumnElement[Any]:
    """Body that owes a case's next answer: the one the case last went to, by a transfer or by the
    asker's request for a review or recheck; else the one first named."""
    last = (
        sa.select(case_event.c.to_body_id)
        .where(
            case_event.c.case_id == case_version.c.case_id,
            case_event.c.event.in_(MOVING),
            case_event.c.to_body_id.is_not(None),
        )
        .order_by(case_event.c.occurred_at.desc(), case_event.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(last, case_version.c.body_id)


def reached_by(scope: Scope) -> sa.ColumnElement[bool]:
    """The rows of `case_version` whose case this scope may see by itself."""
    if scope.role == RESIDENT:
        return case_version.c.case_id == scope.who
    if scope.role == "supervisor":
        return sa.true()
    if scope.role in {"township_clerk", "department_clerk"}:
        mine = sorted(scope.bodies)
        # named first or passed on to it once: found by index, and only of these the last is sought
        first, went = case_version.alias(), case_event.alias()
        ever = sa.union(
            sa.select(first.c.case_id).where(first.c.body_id.in_(mine)),
            sa.select(went.c.case_id).where(went.c.to_body_id.in_(mine)),
        )
        named = case_version.c.case_id.in_(ever)
        return named & owing_body().in_(mine)
    return sa.false()


def read_figures(db: Db, scope: Scope, as_of: dt.datetime) -> CaseTable:
    """Every case as known at `as_of`, without its identity: for figures only.

    Returns:
        `frames.Cases` with `case_id` NA, and `frames.Events`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    return case_table(db, None, as_of, with_ids=False)


class Numbered(NamedTuple):
    """What `read_figures` gives, and what tells a later reader which of its cases it saw whole.

    number: of each case in the record, by the order in which they were registered. place: how far
    the record was read. moved: which cases, by number, have rows behind a place, or known or
    happened after a moment. holds: whether a place is one of this very record.
    """

    table: CaseTable
    number: NDArray[np.int64]
    place: Place
    moved: Callable[[Place, dt.datetime], NDArray[np.bool_]]
    holds: Callable[[Place], bool]


def read_figures_numbered(db: Db, scope: Scope, as_of: dt.datetime) -> Numbered:
    """`read_figures`, for who keeps something of what was computed from it (`service.near`).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if not scope.sees_county_figures:
        raise NotAllowed("data.error.not_allowed")
    columns, seen = columns_of(db)
    table, number = columns.numbered(as_of, with_ids=False, until=seen)
    return Numbered(table, number, seen, columns.moved, columns.holds)


def read_worklist(db: Db, scope: Scope, as_of: dt.datetime) -> CaseTable:
    """The cases this scope owes an answer to (a supervisor: all), as known at `as_of`, no texts.

    Returns:
        `frames.Cases` with ids, and `frames.Events`; no rows where nothing is owed.

    Raises:
        NotAllowed: a role that has no work list.
    """
    scope.need("supervisor", "township_clerk", "department_clerk")
    reached = None if scope.role == "supervisor" else reached_by(scope)
    return case_table(db, reached, as_of, with_ids=True)


def read_for_export(db: Db, scope: Scope, as_of: dt.datetime) -> CaseTable:
    """Every case with its id, for `export-cases`, noted in the log: demo and open data only.

    Rows of a real county leave only coarsened, by two persons (DOMAIN.md §2.14;
    `data.event_log`), so there it is refused.
    """
    scope.need("operator")
    if db.county().kind == "real":
        raise NotAllowed("data.error.export_refused")
    audit.write_export(db, scope, "case table")
    return case_table(db, None, as_of, with_ids=True)


def read_for_scoring(db: Db, scope: Scope, as_of: dt.datetime) -> CaseTable:
    """Every case with its id, for the forecast's own command: scores are recorded by case.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need("operator")
    return case_table(db, None, as_of, with_ids=True)


def read_for_rules(db: Db, scope: Scope, as_of: dt.datetime) -> CaseTable:
    """Every case without its identity and its grid, to count the dates a change of rules moves.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
    """
    scope.need("administrator", "operator")
    found = case_table(db, None, as_of, with_ids=False)
    return CaseTable(found.cases.assign(grid_code=found.cases["case_id"]), found.events)


def case_table(
    db: Db,
    reached: sa.ColumnElement[bool] | None,
    as_of: dt.datetime,
    *,
    with_ids: bool,
    is_few: bool = False,
) -> CaseTable:
    """The cases among the reached rows of `case_version` (None = all), as known at a moment.

    For this room's own reads, each of which says whose rows these are.

    Args:
        with_ids: with `case_id`, and without any rating. is_few: the condition names some cases
            of many: only their rows are read, and not the whole record's columns.
    """
    if reached is not None and is_few:
        return read_rows(db, reached).table(as_of, with_ids=with_ids)
    ids = None
    if reached is not None:
        with db.read() as conn:
            ids = np.array(
                conn.execute(sa.select(case_version.c.id).where(reached)).scalars().all()
            )
    columns, seen = columns_of(db)
    return columns.table(as_of, with_ids=with_ids, reached=ids, until=seen)


_unrated = case_event.c.event != "rated"


def shown_to(scope: Scope) -> sa.ColumnElement[bool]:
    """The events of a case this scope reads: nobody but its asker sees its rating (§10)."""
    return sa.true() if scope.role == RESIDENT else _unrated


def history_in(db: Db, conn: sa.Connection, scope: Scope, case_id: str) -> CaseHistory | None:
    """One case within the scope, inside a transaction; None when the scope does not reach it.

    A resident's history carries the words; staff read words by
    `data.openings.open_texts`, which is logged.
    """
    key = ("history", scope, case_id)
    return db.kept(conn, key, lambda: _history_in(db, conn, scope, case_id))


def _history_in(db: Db, conn: sa.Connection, scope: Scope, case_id: str) -> CaseHistory | None:
    if scope.role == RESIDENT:
        return _own_history(db, conn, scope, case_id)
    if scope.role not in {"supervisor", "township_clerk", "department_clerk"}:
        return None
    read = _reached_one(scope.role, tuple(sorted(scope.bodies)))
    newest = next(iter(read.rows(conn, case=case_id)), None)
    return None if newest is None else _history(newest, _UNRATED.rows(conn, case=case_id), {})


@lru_cache(maxsize=512)
def _reached_one(role: str, bodies: tuple[str, ...]) -> Prepared:
    """The newest row of one case where staff may see it; the same as by `reached_by`, whose search
    for all the cases of a body one case does not need."""
    if role == "supervisor":
        return Prepared(_NEWEST)
    # the desk that registered it may look until the case is with another body
    is_passed_on = sa.exists().where(
        case_event.c.case_id == case_version.c.case_id,
        case_event.c.event.in_(("transferred", "accepted", "declined")),
    )
    received = case_version.c.desk.in_(bodies) & ~is_passed_on
    return Prepared(_NEWEST.where(owing_body().in_(bodies) | received))


_NEWEST = (
    sa.select(case_version, owing_body().label("owing_body"))
    .where(case_version.c.case_id == sa.bindparam("case"))
    .order_by(case_version.c.id.desc())
    .limit(1)
)
_EVENTS = (
    sa.select(case_event)
    .where(case_event.c.case_id == sa.bindparam("case"))
    .order_by(case_event.c.occurred_at, case_event.c.id)
)


def _own_history(db: Db, conn: sa.Connection, scope: Scope, case_id: str) -> CaseHistory | None:
    """The asker's own case with its words; none of them while it is disowned."""
    if scope.who != case_id:
        return None
    newest = next(iter(_ONE.rows(conn, case=case_id)), None)
    if newest is None:
        return None
    events = _ALL_EVENTS.rows(conn, case=case_id)
    is_disowned = was_disowned(row["event"] for row in events)
    words = {} if is_disowned else texts.opened(db, conn, case_id, ("words",))
    return _history(newest, events, words)


_ONE, _ALL_EVENTS = Prepared(_NEWEST), Prepared(_EVENTS)
_UNRATED = Prepared(_EVENTS.where(_unrated))


def history_for_ending(conn: sa.Connection, scope: Scope, case_id: str) -> CaseHistory | None:
    """One case without a word of it, for the run that ends texts (`data.ending`).

    Raises:
        NotAllowed: not the operator.
    """
    scope.need("operator")
    return _without_words(conn, case_id, _ALL_EVENTS)


def history_of_sent(conn: sa.Connection, scope: Scope, case_id: str) -> CaseHistory | None:
    """One case without its words and its rating, for the machine of which `data.machines` says
    that it sent it."""
    scope.need(MACHINE)
    return _without_words(conn, case_id, _UNRATED)


def _without_words(conn: sa.Connection, case_id: str, events: Prepared) -> CaseHistory | None:
    newest = next(iter(_ONE.rows(conn, case=case_id)), None)
    return None if newest is None else _history(newest, events.rows(conn, case=case_id), {})


def _history(newest: Any, rows: list[dict[str, Any]], words: dict[str, str]) -> CaseHistory:
    events = tuple(
        RecordedEvent(
            event=row["event"],
            occurred_at=row["occurred_at"],
            known_at=row["source_recorded_at"] or row["recorded_at"],
            actor=row["actor"],
            body_id=row["body_id"],
            to_body_id=row["to_body_id"],
            days=row["days"],
            code=row["code"],
            planned_on=row["planned_on"],
            words=json.loads(words[row["text_id"]]) if row["text_id"] in words else None,
        )
        for row in rows
    )
    return CaseHistory(
        case_id=newest["case_id"],
        opened_at=newest["opened_at"],
        known_at=newest["source_recorded_at"] or newest["recorded_at"],
        township_code=newest["township_code"],
        grid_code=newest["grid_code"],
        domain=newest["domain"],
        category=newest["category"],
        kind=newest["kind"],
        channel=newest["channel"],
        amount_band=newest["amount_band"],
        procedure=newest["procedure"],
        pack=newest["pack"],
        body_id=newest["owing_body"],
        desk=newest["desk"],
        limit_at=newest["limit_at"],
        needs_confirmation=newest["needs_confirmation"],
        events=events,
        named_body_id=newest["body_id"],
    )


def read_case(db: Db, scope: Scope, case_id: str) -> CaseHistory:
    """One case; with its words for the asker, without them for staff.

    Raises:
        NotFound: no such case within the scope.
    """
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
    if history is None:
        raise NotFound("data.error.no_such_case")
    return history


def read_summary(db: Db, scope: Scope, case_id: str) -> str | None:
    """What was written down when the asker asked, for the asker.

    None when texts have ended, and while the case is disowned.
    """
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
        if history is None or history.is_disowned:
            return None
        return next(iter(texts.opened(db, conn, case_id, ("summary",)).values()), None)
