"""Reading what is new of a work list, so that a kept one need not be read again as a whole.

The record is append-only: rows newer than the last ones seen name the cases that can have changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from . import frames
from .db import Db
from .frames import CaseTable
from .reading import case_table, known_at, reached_by
from .schema import case_event, case_version
from .scope import Scope

MOST_CHANGED = 5_000
"""Cases that are read by their number; with more a whole read is as quick."""
_MOST_ROWS = 100_000


class Seen(NamedTuple):
    """How far the record was read: newest ids of `case_version` and `case_event` known then.

    next_at: when a row up to these ids becomes known (a source's own later time): it was passed
    over, and no later read looks for it.
    """

    version: int
    event: int
    next_at: dt.datetime | None


class Changes(NamedTuple):
    """What became of a work list since it was read.

    table: the cases with new rows that the scope reaches, as `read_worklist`; None = so much is
    new that the list is better read again. gone: of the kept ids, those the scope reaches no
    longer. seen: how far this read came.
    """

    table: CaseTable | None
    gone: frozenset[str]
    seen: Seen


def seen_at(db: Db, as_of: dt.datetime) -> Seen:
    """How far a read as of this moment comes; taken before the read itself, it misses nothing."""
    ids, later = [], []
    with db.read() as conn:
        for table in (case_version, case_event):
            newest = sa.select(table.c.id).where(known_at(table) <= as_of)
            ids.append(conn.execute(newest.order_by(table.c.id.desc()).limit(1)).scalar() or 0)
            later.append(_passed_over(conn, table, 0, ids[-1], as_of))
    return Seen(ids[0], ids[1], _first(later))


def _passed_over(
    conn: sa.Connection, table: sa.Table, after: int, upto: int, as_of: dt.datetime
) -> dt.datetime | None:
    """When the first row of these ids that is not known yet becomes known; None = all are."""
    first = sa.select(sa.func.min(known_at(table))).where(known_at(table) > as_of)
    found: dt.datetime | None = conn.execute(
        first.where(table.c.id > after, table.c.id <= upto)
    ).scalar()
    return found


def _first(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((at for at in moments if at is not None), default=None)


def read_changes(
    db: Db,
    scope: Scope,
    as_of: dt.datetime,
    seen: Seen,
    kept: Collection[str],
    due: Collection[str] = (),
) -> Changes:
    """The cases of a work list with rows newer than `seen`, and those named by `due`.

    Args:
        kept: ids of the list as read before. due: ids to be read again in any case.

    Raises:
        NotAllowed: a role that has no work list.
    """
    scope.need("supervisor", "township_clerk", "department_clerk")
    changed, ids, is_cut, later = set(due), [], False, [seen.next_at]
    with db.read() as conn:
        for table, last in ((case_version, seen.version), (case_event, seen.event)):
            new = sa.select(table.c.id, table.c.case_id).where(table.c.id > last)
            rows = conn.execute(new.where(known_at(table) <= as_of).limit(_MOST_ROWS)).all()
            ids.append(max((row.id for row in rows), default=last))
            changed |= {row.case_id for row in rows}
            later.append(_passed_over(conn, table, last, ids[-1], as_of))
            is_cut |= len(rows) == _MOST_ROWS
    now = Seen(ids[0], ids[1], _first(later))
    if is_cut or len(changed) > MOST_CHANGED:
        return Changes(None, frozenset(), now)
    named = case_version.c.case_id.in_(sorted(changed)) & reached_by(scope)
    with db.read() as conn:
        is_any = conn.execute(sa.select(case_version.c.id).where(named).limit(1)).first()
    if is_any:
        found = case_table(db, named, as_of, with_ids=True, is_few=True)
    else:  # most of what is recorded is others'
        found = CaseTable(frames.empty(frames.Cases), frames.empty(frames.Events))
    gone = changed.intersection(kept).difference(found.cases["case_id"])
    return Changes(found, frozenset(gone), now)
