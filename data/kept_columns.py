"""The columns of a record as one process keeps them, brought up to date by every read.

One per open database; a large record's are also kept in a file (`data.column_files`), so that a
process that starts reads what was appended since, and not three years anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from . import column_files
from .columns import NOWHERE, STEPS, VERSIONS, Columns, Place
from .db import Db
from .schema import case_event, case_version

_log = logging.getLogger("zaojie")


@dataclass
class _Shelf:
    """Of one open database; sessions are threads, and one at a time reads what is new."""

    columns: Columns = field(default_factory=Columns.none)
    on_disk: int | None = None
    """Events in the file; None = not looked yet."""
    lock: Lock = field(default_factory=Lock)


_shelves: WeakKeyDictionary[sa.Engine, _Shelf] = WeakKeyDictionary()
_lock = Lock()


def columns_of(db: Db) -> tuple[Columns, Place]:
    """The columns of the whole record, and how far this reader sees it.

    Inside `Db.one_state` another reader may have come further: rows behind the place are not of
    that state.
    """
    with _lock:
        shelf = _shelves.setdefault(db.engine, _Shelf())
    with shelf.lock:
        folder = column_files.folder_of(db)
        if shelf.on_disk is None:
            shelf.columns = column_files.load(folder)
            shelf.on_disk = len(shelf.columns.events)
        shelf.columns, seen = _brought_up(db, shelf.columns)
        if column_files.is_worth_it(len(shelf.columns.events), shelf.on_disk):
            column_files.save(folder, shelf.columns)
            shelf.on_disk = len(shelf.columns.events)
        return shelf.columns, seen


def read_rows(db: Db, reached: sa.ColumnElement[bool]) -> Columns:
    """The columns of the rows of `case_version` that a condition names, read for this once."""
    versions = db.frame(VERSIONS.where(reached))
    ids = sa.select(case_version.c.case_id).where(reached)
    events = db.frame(STEPS.where(case_event.c.case_id.in_(ids)))
    return Columns.of(NOWHERE, versions, events)


def _brought_up(db: Db, kept: Columns) -> tuple[Columns, Place]:
    """What is kept and what was appended since; anew where the record is another one."""
    seen = _seen(db, kept.place)
    if seen is None:
        _log.warning("the record is not the one whose columns were kept: all is read again")
        kept, seen = Columns.none(), _seen(db, NOWHERE)
        assert seen is not None
    if seen.version <= kept.place.version and seen.event <= kept.place.event:
        return kept, seen
    versions, events = (
        db.frame(query.where(table.c.id > after, table.c.id <= upto))
        for query, table, after, upto in (
            (VERSIONS, case_version, kept.place.version, seen.version),
            (STEPS, case_event, kept.place.event, seen.event),
        )
    )
    return kept.and_then(seen, versions, events), seen


def _seen(db: Db, kept: Place) -> Place | None:
    """How far a reader sees the record now; None where the rows kept last are others there."""
    newest, of_kept = [], []
    # events first: the case of each of them is among the versions that are seen afterwards
    for table, last in ((case_event, kept.event), (case_version, kept.version)):
        highest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        newest.append(sa.select(table.c.id, *_mark(table)).where(table.c.id == highest))
        of_kept.append(sa.select(*_mark(table)).where(table.c.id == last))
    with db.read() as conn:
        rows = [conn.execute(query).one_or_none() for query in newest]
        found = tuple(0 if row is None else row[0] for row in rows)
        marks = tuple("" if row is None else f"{row[1]} {row[2]}" for row in rows)
        known = ((kept.event, kept.event_mark), (kept.version, kept.version_mark))
        for query, (last, mark), at in zip(of_kept, known, found, strict=True):
            if 0 < last <= at:
                row = conn.execute(query).one_or_none()
                if row is None or f"{row[0]} {row[1]}" != mark:
                    return None
            elif last > at and not db.is_in_one_state:
                return None
    return Place(found[1], found[0], marks[1], marks[0])


def _mark(table: sa.Table) -> tuple[sa.ColumnElement[object], ...]:
    return table.c.case_id, sa.type_coerce(table.c.recorded_at, sa.BigInteger)
