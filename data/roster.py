"""The reception roster (接访安排): which post receives people, when, where and how many at most.

Append-only: a changed or cancelled line is a new row that names the one it replaces. A post comes
from a closed list, so that no name can be typed; a place in which a person is recognised is
refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import DataError, NotFound, RowProblem
from .redact import redact
from .schema import body, roster, roster_sits
from .scope import Scope
from .vocabulary import ROSTER_POSTS

MOST_SLOTS = 99
MOST_PLACE = 80
FARTHEST = dt.timedelta(days=400)
"""How far ahead a line may lie: further is a slip of typing."""
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_COLUMNS = tuple(roster.c[name] for name in ("day", "starts", "ends", "post", "body_id", "place",
                                             "slots", "id"))  # fmt: skip
_ADDRESS = "address"
"""The one kind of `data.redact` that may stand in a place: it is the office's own address."""


@dataclass(frozen=True)
class NewLine:
    """What somebody wants to enter. day: local. starts, ends: local times HH:MM. post: of
    `ROSTER_POSTS`. body_id: whose post it is; None = the county's. slots: how many may come.
    sits: the bodies of a joint session (联合接访), in the order of their ids; () = it is none."""

    day: dt.date
    starts: str
    ends: str
    post: str
    body_id: str | None
    place: str
    slots: int
    sits: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Line(NewLine):
    """A line in force, with its number in the record."""

    line_id: int


def read(
    db: Db, scope: Scope, first: dt.date, last: dt.date, known: dt.datetime | None = None
) -> tuple[Line, ...]:
    """The lines in force of the local days `first`..`last`, by day, time, post and body.

    Public: every scope reaches them, the resident's door too.

    Args:
        known: as they stood at that moment; None = now.
    """
    del scope
    with db.read() as conn:
        return in_force(conn, first, last, known)


def add(db: Db, scope: Scope, lines: Sequence[NewLine]) -> int:
    """Enter lines, all or none; noted in the log. Returns how many.

    Raises:
        NotAllowed: neither supervisor nor administrator (nor the server's operator).
        DataError: lines that break a rule, all of them at once; nothing was written. `row` of a
            problem is the line's place, from 1.
    """
    scope.need("supervisor", "administrator", "operator")
    with db.write() as conn:
        _write(db, conn, scope, lines, None)
        audit.write(db, conn, scope, "roster_saved", reason=str(len(lines)))
    return len(lines)


def change(db: Db, scope: Scope, line_id: int, new: NewLine) -> None:
    """Put a line in the place of another; noted in the log.

    Raises:
        NotFound: no such line in force, or its day is over.
        NotAllowed, DataError: as `add`.
    """
    scope.need("supervisor", "administrator", "operator")
    with db.write() as conn:
        _open_line(db, conn, line_id)
        _write(db, conn, scope, [new], line_id)
        audit.write(db, conn, scope, "roster_saved", str(line_id), reason="1")


def cancel(db: Db, scope: Scope, line_id: int) -> None:
    """Call a reception off: a new row that replaces the line; noted in the log.

    Raises:
        NotFound: no such line in force, or its day is over.
        NotAllowed: as `add`.
    """
    scope.need("supervisor", "administrator", "operator")
    with db.write() as conn:
        old = _open_line(db, conn, line_id)
        conn.execute(roster.insert().values(**_row(old, db.stamp(conn), line_id, True)))
        audit.write(db, conn, scope, "roster_called_off", str(line_id))


def problems_of(
    lines: Sequence[NewLine], today: dt.date, bodies: set[str], there: set[NewLine]
) -> list[RowProblem]:
    """Every broken rule of new lines; [] where all may be entered.

    Args:
        today: the local day. bodies: ids that exist. there: lines in force on those days.
    """
    found = []
    seen = set(there)
    for number, new in enumerate(lines, 1):
        for column, key, values in _broken(new, today, bodies):
            found.append(RowProblem(number, column, f"roster.error.{key}", values))
        if new in seen:
            found.append(RowProblem(number, "", "roster.error.repeated"))
        seen.add(new)
    return found


def _broken(
    new: NewLine, today: dt.date, bodies: set[str]
) -> list[tuple[str, str, tuple[tuple[str, object], ...]]]:
    broken: list[tuple[str, str, tuple[tuple[str, object], ...]]] = []
    if new.day < today:
        broken.append(("day", "past", (("day", new.day.isoformat()),)))
    elif new.day > today + FARTHEST:
        broken.append(("day", "far", (("day", new.day.isoformat()),)))
    times = _TIME.fullmatch(new.starts) and _TIME.fullmatch(new.ends)
    if not times:
        broken.append(("starts", "time", ()))
    elif new.starts >= new.ends:
        broken.append(("ends", "order", (("starts", new.starts), ("ends", new.ends))))
    if new.post not in ROSTER_POSTS:
        broken.append(("post", "post", ()))
    if new.body_id is not None and new.body_id not in bodies:
        broken.append(("body", "body", ()))
    if new.sits and (len(new.sits) < 2 or not bodies.issuperset(new.sits)):
        broken.append(("sits", "sits", ()))
    if not new.place.strip():
        broken.append(("place", "no_place", ()))
    elif len(new.place) > MOST_PLACE:
        broken.append(("place", "long_place", (("limit", MOST_PLACE),)))
    elif set(redact(new.place).found) - {_ADDRESS}:
        broken.append(("place", "person", ()))
    if not 1 <= new.slots <= MOST_SLOTS:
        broken.append(("slots", "slots", (("limit", MOST_SLOTS),)))
    return broken


def _write(
    db: Db, conn: sa.Connection, scope: Scope, lines: Sequence[NewLine], replaces: int | None
) -> None:
    at = db.stamp(conn)
    today = _today(db)
    lines = [replace(new, sits=tuple(sorted(set(new.sits)))) for new in lines]
    if scope.role == "operator" and lines:  # a made-up county has days that are over as well
        today = min(today, *(new.day for new in lines))
    bodies = set(conn.execute(sa.select(body.c.body_id)).scalars())
    days = [new.day for new in lines] or [today]
    there = {
        _plain(line) for line in in_force(conn, min(days), max(days)) if line.line_id != replaces
    }
    problems = problems_of(lines, today, bodies, there)
    if problems:
        raise DataError("roster.error.refused", problems)
    rows = [_row(new, at, replaces, False) for new in lines]
    plain = [row for new, row in zip(lines, rows, strict=True) if not new.sits]
    if plain:
        conn.execute(roster.insert(), plain)
    for new, row in zip(lines, rows, strict=True):
        if new.sits:
            line_id = conn.execute(roster.insert().returning(roster.c.id), row).scalar_one()
            sits = [{"roster_id": line_id, "body_id": one} for one in new.sits]
            conn.execute(roster_sits.insert(), sits)


def _row(new: NewLine, at: dt.datetime, replaces: int | None, is_off: bool) -> dict[str, object]:
    return {
        "day": new.day, "starts": new.starts, "ends": new.ends, "post": new.post,
        "body_id": new.body_id, "place": new.place.strip(), "slots": new.slots, "recorded_at": at,
        "replaces": replaces, "is_off": is_off,
    }  # fmt: skip


def _plain(line: Line) -> NewLine:
    return NewLine(
        line.day, line.starts, line.ends, line.post, line.body_id, line.place, line.slots,
        sits=line.sits,
    )  # fmt: skip


def _open_line(db: Db, conn: sa.Connection, line_id: int) -> Line:
    day = conn.execute(sa.select(roster.c.day).where(roster.c.id == line_id)).scalar()
    if day is not None and day >= _today(db):
        for line in in_force(conn, day, day):
            if line.line_id == line_id:
                return line
    raise NotFound("roster.error.gone")


def in_force(
    conn: sa.Connection, first: dt.date, last: dt.date, known: dt.datetime | None = None
) -> tuple[Line, ...]:
    """As `read`, inside a transaction of somebody who showed a scope."""
    r, later = roster.c, roster.alias()
    replaced = sa.exists().where(later.c.replaces == r.id)
    by_then: sa.ColumnElement[bool] = sa.true()
    if known is not None:
        replaced = replaced.where(later.c.recorded_at <= known)
        by_then = r.recorded_at <= known
    query = (
        sa.select(*_COLUMNS)
        .where(
            r.day.between(first, last),
            r.is_off.is_(False),
            by_then,
            ~replaced,
        )
        .order_by(r.day, r.starts, r.id)
    )
    lines = _with_sits(conn, conn.execute(query).all())
    posts = {post: at for at, post in enumerate(ROSTER_POSTS)}
    return tuple(
        sorted(lines, key=lambda n: (n.day, n.starts, posts.get(n.post, 99), n.body_id or ""))
    )


def _with_sits(conn: sa.Connection, rows: Sequence[Any]) -> list[Line]:
    """Rows of `_COLUMNS` as lines, each with the bodies that sit."""
    sits = defaultdict(list)
    if rows:
        of = roster_sits.c.roster_id.between(min(r.id for r in rows), max(r.id for r in rows))
        query = sa.select(roster_sits).where(of).order_by(roster_sits.c.body_id)
        for line_id, body_id in conn.execute(query):
            sits[line_id].append(body_id)
    return [Line(*row[: len(_COLUMNS)], sits=tuple(sits[row.id])) for row in rows]


def by_id(conn: sa.Connection, ids: Collection[int]) -> dict[int, tuple[Line, Line | None]]:
    """Lines by their number in the record, inside a transaction of somebody who showed a scope:
    each as it was entered, and the line in force that became of it; None = it was called off."""
    r = roster.c
    changes = sa.select(r.replaces, r.id).where(r.replaces.is_not(None))
    later = {int(row.replaces): int(row.id) for row in conn.execute(changes)}
    newest = {}
    for one in ids:
        newest[one] = one
        while newest[one] in later:
            newest[one] = later[newest[one]]
    wanted = {*ids, *newest.values()}
    rows = conn.execute(sa.select(*_COLUMNS, r.is_off).where(r.id.in_(wanted))).all()
    lines = {line.line_id: line for line in _with_sits(conn, rows)}
    off = {row.id: bool(row.is_off) for row in rows}
    return {
        one: (lines[one], None if off[newest[one]] else lines[newest[one]])
        for one in ids
        if one in lines
    }


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()
