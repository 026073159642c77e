"""Marks of the yearly inspection in the record: per body and item, by post and never by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .checklist import Checklist
from .db import Db
from .errors import NotAllowed
from .schema import body, inspection
from .scope import Scope
from .vocabulary import INSPECTION_MARKS, ROSTER_POSTS


@dataclass(frozen=True)
class NewMark:
    """What an inspector found. done_on: local day of the inspection. post: who inspected."""

    year: int
    body_id: str
    item: str
    mark: str
    done_on: dt.date
    post: str


def mark(
    db: Db, scope: Scope, marks: Sequence[NewMark], checklist: Checklist, today: dt.date
) -> None:
    """Record marks, all or none; a later one of the same body, year and item takes its place.

    Raises:
        NotAllowed: neither supervisor nor operator; a word outside the lists; an item that is not
            on the list in force; a day that is to come or before the year.
    """
    scope.need("supervisor", "operator")
    items = {one.item_id for one in checklist.items}
    for new in marks:
        is_listed = new.item in items and new.mark in INSPECTION_MARKS and new.post in ROSTER_POSTS
        if not is_listed:
            raise NotAllowed("data.error.not_in_list")
        if not dt.date(new.year, 1, 1) <= new.done_on <= today:
            raise NotAllowed("supervision.error.day", year=new.year)
    with db.write() as conn:
        at = db.stamp(conn)
        if not {new.body_id for new in marks} <= set(
            conn.execute(sa.select(body.c.body_id)).scalars()
        ):
            raise NotAllowed("data.error.not_in_list")
        for new in marks:
            conn.execute(
                inspection.insert().values(**vars(new), checklist=checklist.sha256, recorded_at=at)
            )
            what = f"{new.body_id} {new.year}"
            audit.write(db, conn, scope, "inspection_marked", what, reason=new.item)


def read(
    db: Db, scope: Scope, year: int, as_of: dt.datetime | None = None
) -> dict[tuple[str, str], NewMark]:
    """The newest mark per body and item of a year, as known at a moment (None = now).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    c = inspection.c
    query = sa.select(c.year, c.body_id, c.item, c.mark, c.done_on, c.post).where(c.year == year)
    if as_of is not None:
        query = query.where(c.recorded_at <= as_of)
    with db.read() as conn:
        rows = [NewMark(*row) for row in conn.execute(query.order_by(c.id))]
    return {(row.body_id, row.item): row for row in rows}
