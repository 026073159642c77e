"""Corrections (更正) the asker asks for: category or place was entered wrongly.

Any code of the case may ask: it can only help. The body that has the case, or the desk that
registered it while it still has it, makes a new version of the case or declines with a reason from
a list; both stand on the asker's page. The case's rules and clocks stay those it began with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .categories import Category
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory
from .prepared import Prepared
from .reading import history_in
from .schema import area, case_version, correction, township
from .scope import RESIDENT, Scope
from .vocabulary import CORRECTION_DECLINE_REASONS, CORRECTION_FIELDS

CLERKS = ("township_clerk", "department_clerk")


@dataclass(frozen=True)
class Correction:
    """One request and what became of it.

    value: what the asker says is right: a category's id or a township's code; None = the desk is to
    find the place. state: `asked`, `made`, `declined`. made_value: what was entered instead; None
    unless made. reason: of `CORRECTION_DECLINE_REASONS`; None unless declined.
    """

    field: str
    value: str | None
    asked_at: dt.datetime
    state: str = "asked"
    decided_at: dt.datetime | None = None
    made_value: str | None = None
    reason: str | None = None


def corrections(db: Db, scope: Scope, case_id: str) -> tuple[Correction, ...]:
    """What was asked and decided, oldest first, for the asker and for who reaches the case.

    Raises:
        NotFound: no such case within the scope.
    """
    with db.read() as conn:
        if history_in(db, conn, scope, case_id) is None:
            raise NotFound("data.error.no_such_case")
        return _of(conn, case_id)


def ask(
    db: Db,
    scope: Scope,
    case_id: str,
    field: str,
    value: str | None,
    categories: Mapping[str, Category],
) -> None:
    """Ask for a correction, as the one who asked.

    Args:
        value: a category's id; a township's code, or None: let the desk find the place.
        categories: those in force, by id.

    Raises:
        NotAllowed: nothing from the lists, nothing different, a request that still waits, or a
            case that somebody said they did not ask for.
        NotFound: not this code's case.
    """
    with db.write() as conn:
        add(db, conn, scope, case_id, field, value, categories, db.stamp(conn))


def add(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    case_id: str,
    field: str,
    value: str | None,
    categories: Mapping[str, Category],
    at: dt.datetime,
) -> None:
    """As `ask`, inside the caller's transaction, recorded at `at`."""
    if scope.role != RESIDENT or field not in CORRECTION_FIELDS:
        raise NotAllowed("corrections.error.pick")
    history = history_in(db, conn, scope, case_id)
    if history is None:
        raise NotFound("data.error.no_such_case")
    _check(conn, field, value, categories)
    if value is not None and value == _present(history, field):
        raise NotAllowed("corrections.error.same")
    if history.is_disowned or _open(conn, case_id, field) is not None:
        raise NotAllowed("corrections.error.waits")
    conn.execute(
        correction.insert().values(
            case_id=case_id, event="asked", field=field, value=value, recorded_at=at
        )
    )


def make(
    db: Db,
    scope: Scope,
    case_id: str,
    field: str,
    value: str,
    categories: Mapping[str, Category],
    grid_code: str | None = None,
) -> None:
    """Correct what was asked for: a new version of the case that names the one it replaces.

    Args:
        value: the category's id or the township's code that is right (it may differ from what the
            asker named, who sees it). grid_code: within that township, where it is known; a
            category that keeps no place below the township keeps none.

    Raises:
        NotAllowed: not the body that has the case, nothing that waits, or not from the lists.
        NotFound: no such case within the scope.
    """
    with db.write() as conn:
        at = db.stamp(conn)
        _decidable(db, conn, scope, case_id, field)
        _check(conn, field, value, categories)
        newest = (
            conn.execute(
                sa.select(case_version)
                .where(case_version.c.case_id == case_id)
                .order_by(case_version.c.id.desc())
                .limit(1)
            )
            .mappings()
            .one()
        )
        version = {k: v for k, v in newest.items() if k != "id"}
        version |= {"replaces": newest["id"], "recorded_at": at, "source_recorded_at": None}
        if field == "category":
            version |= {"category": value, "domain": categories[value].domain}
        else:
            if grid_code is not None and not _lies_in(conn, grid_code, value):
                raise NotAllowed("corrections.error.grid")
            version |= {"township_code": value, "grid_code": grid_code}
        if version["category"] in categories and categories[version["category"]].is_place_protected:
            version["grid_code"] = None
        conn.execute(case_version.insert().values(**version))
        conn.execute(
            correction.insert().values(
                case_id=case_id, event="made", field=field, value=value, recorded_at=at
            )
        )
        audit.write(db, conn, scope, "correction_made", case_id)


def decline(db: Db, scope: Scope, case_id: str, field: str, reason: str) -> None:
    """Leave it as it is, with a reason from the list; the asker may ask again.

    Raises:
        NotAllowed: not the body that has the case, nothing that waits, or no reason of the list.
        NotFound: no such case within the scope.
    """
    if reason not in CORRECTION_DECLINE_REASONS:
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        _decidable(db, conn, scope, case_id, field)
        conn.execute(
            correction.insert().values(
                case_id=case_id, event="declined", field=field, code=reason, recorded_at=at
            )
        )
        audit.write(db, conn, scope, "correction_declined", case_id)


_ALL = Prepared(
    sa.select(correction)
    .where(correction.c.case_id == sa.bindparam("case"))
    .order_by(correction.c.id)
)


def _of(conn: sa.Connection, case_id: str) -> tuple[Correction, ...]:
    rows = _ALL.rows(conn, case=case_id)
    found: list[Correction] = []
    for row in rows:
        if row["event"] == "asked":
            found.append(Correction(row["field"], row["value"], row["recorded_at"]))
            continue
        # at most one request per field waits, so a decision answers the last one of its field
        at = max(i for i, one in enumerate(found) if one.field == row["field"])
        asked = found[at]
        found[at] = Correction(
            asked.field, asked.value, asked.asked_at, row["event"], row["recorded_at"],
            row["value"], row["code"],
        )  # fmt: skip
    return tuple(found)


def _open(conn: sa.Connection, case_id: str, field: str) -> Correction | None:
    waiting = [c for c in _of(conn, case_id) if c.field == field and c.state == "asked"]
    return waiting[-1] if waiting else None


def _present(history: CaseHistory, field: str) -> str:
    return history.category if field == "category" else history.township_code


def _check(
    conn: sa.Connection, field: str, value: str | None, categories: Mapping[str, Category]
) -> None:
    if field == "category" and (value is None or value not in categories):
        raise NotAllowed("corrections.error.pick")
    if field == "place" and value is not None:
        there = sa.select(township.c.township_code).where(township.c.township_code == value)
        if not conn.execute(there).first():
            raise NotAllowed("corrections.error.pick")


def _decidable(db: Db, conn: sa.Connection, scope: Scope, case_id: str, field: str) -> None:
    history = history_in(db, conn, scope, case_id)
    if history is None:
        raise NotFound("data.error.no_such_case")
    is_own = scope.role in CLERKS and bool({history.body_id, history.desk} & scope.bodies)
    if not is_own:
        raise NotAllowed("data.error.not_owing")
    if _open(conn, case_id, field) is None:
        raise NotAllowed("corrections.error.nothing_waits")


def _lies_in(conn: sa.Connection, code: str, township_code: str) -> bool:
    """Whether an area of the layer lies within a township, by its chain of parents."""
    for _ in range(8):
        if code == township_code:
            return True
        newest = area.c.valid_from.desc()  # the code may be of several versions of the layer
        query = sa.select(area.c.parent_code).where(area.c.code == code).order_by(newest)
        parent = conn.execute(query.limit(1)).scalar()
        if parent is None:
            return False
        code = parent
    return False
