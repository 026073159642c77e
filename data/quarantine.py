"""Rows that were refused: kept sealed for their desk until mended or dismissed, 30 days at most."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import sqlalchemy as sa

from . import audit
from .chunks import chunks
from .db import Db
from .errors import NotAllowed, NotFound, RowProblem
from .fields import by_header, is_person_column, is_point_column
from .file_names import logged
from .redact import redact
from .schema import quarantine
from .scope import MACHINE, OPERATOR, Scope
from .vocabulary import ROW_DISMISS_REASONS

KEPT = dt.timedelta(days=30)


@dataclass(frozen=True)
class Refused:
    """One refused row: where it came from, what is wrong, and its cells, cleaned of persons.

    channel: that of the machine which sent it, or an asker's own by the mapping of a clerk's file;
        None = it came in a file, which says it itself.
    """

    id: int
    made_at: dt.datetime
    source_name: str
    row_number: int
    problems: tuple[RowProblem, ...]
    cells: dict[str, str]
    channel: str | None = None

    def by_field(self) -> dict[str, str]:
        """The cells by name of the field their column means; other columns are left out."""
        found = {name: by_header(name) for name in self.cells}
        return {field.name: self.cells[name] for name, field in found.items() if field is not None}

    @property
    def number(self) -> str:
        """The sender's own number; empty where none was given."""
        return self.by_field().get("source_id", "")


def hold(
    db: Db, scope: Scope, source_name: str, rows: dict[int, dict[str, str]],
    problems: list[RowProblem], *, of_desk: str | None = None, sent: Collection[str] = (),
    channel: str | None = None,
) -> None:  # fmt: skip
    """Keep refused rows for the scope's desk; deletes what is older than 30 days on the way.

    A row that waits there already, word for word, is not kept a second time. Points and columns
    of persons are not kept at all. What the sender called file and columns may name somebody: it
    is cleaned and lies under the seal with the cells; in plain stands which rules were broken.

    Args:
        of_desk: whose rows they are, where the operator takes a desk's ledger over.
        sent: the senders' own numbers that came in with this file, in right rows and wrong ones:
            what waited under one of them has been sent again and is let go of.
        channel: of the machine that sent them, or by the mapping of a clerk's file.
    """
    scope.need("grid_worker", "township_clerk", MACHINE, "operator")
    desk = (of_desk if scope.role == OPERATOR else None) or scope.desk or scope.who
    names = {*chain.from_iterable(rows.values()), *(p.column for p in problems)}
    own = {name: redact(name).text for name in names}
    clean = {
        number: {own[n]: redact(cell).text for n, cell in cells.items() if _is_kept(n)}
        for number, cells in rows.items()
    }
    told: dict[int, list[Mapping[str, object]]] = {number: [] for number in rows}
    for p in problems:
        if p.row in told:
            said = {"column": own[p.column], "key": p.key, "values": _clean(p.values)}
            told[p.row].append(said)
    file = redact(source_name).text[:120]
    with db.write() as conn:
        at = db.stamp(conn)
        conn.execute(quarantine.delete().where(quarantine.c.made_at < at - KEPT))
        waits = _of_desk(db, conn, desk, at)
        numbers = {redact(number).text for number in sent} if waits else set()
        again = {row.id for row in waits if row.number in numbers}
        _let_go(db, conn, scope, sorted(again))
        there = {frozenset(row.cells.items()) for row in waits if row.id not in again}
        kept = []
        for number, cells in clean.items():
            if frozenset(cells.items()) in there:
                continue
            held = {"file": file, "cells": cells, "problems": told[number], "channel": channel}
            version, sealed = db.keys.wrap(
                "text", json.dumps(held, ensure_ascii=False).encode(), f"quarantine:{desk}"
            )
            kept.append(
                {
                    "desk": desk,
                    "made_at": at,
                    "source_name": logged(db, source_name),
                    "row_number": number,
                    "problems": json.dumps([said["key"] for said in told[number]]),
                    "key_version": version,
                    "sealed": sealed,
                }
            )
        if kept:
            conn.execute(quarantine.insert(), kept)
        if rows:
            audit.write(db, conn, scope, "rows_refused", reason=str(len(rows)))


def _clean(values: Iterable[tuple[str, object]]) -> list[list[object]]:
    """A sentence's values, cleaned: among them are the sender's names of columns."""
    return [[k, redact(v).text if isinstance(v, str) else v] for k, v in values]


def _is_kept(column: str) -> bool:
    return not is_point_column(column) and not is_person_column(column)


def _let_go(db: Db, conn: sa.Connection, scope: Scope, ids: Sequence[int]) -> None:
    for some in chunks(ids):
        conn.execute(quarantine.delete().where(quarantine.c.id.in_(some)))
    if ids:
        audit.write(db, conn, scope, "rows_sent_again", reason=str(len(ids)))


def settle(db: Db, scope: Scope, desk: str, column: str, numbers: Collection[str]) -> None:
    """Let go of a desk's waiting rows that were sent again, right or wrong: found by the sender's
    own number in `column`."""
    scope.need("operator")
    with db.write() as conn:
        waits = _of_desk(db, conn, desk, db.now())
        again = [row.id for row in waits if row.cells.get(redact(column).text) in numbers]
        _let_go(db, conn, scope, again)


def waiting(db: Db, scope: Scope) -> list[Refused]:
    """The refused rows of the scope's own desk, oldest first."""
    scope.need("township_clerk", "department_clerk", "operator")
    desk = scope.desk or scope.who
    with db.read() as conn:
        return _of_desk(db, conn, desk, db.now())


def _of_desk(db: Db, conn: sa.Connection, desk: str, now: dt.datetime) -> list[Refused]:
    rows = conn.execute(
        sa.select(quarantine).where(
            quarantine.c.desk == desk, quarantine.c.made_at >= now - KEPT
        ).order_by(quarantine.c.id)
    ).mappings().all()  # fmt: skip
    found = []
    for row in rows:
        plain = db.keys.unwrap("text", row["key_version"], row["sealed"], f"quarantine:{desk}")
        held = json.loads(plain)
        problems = tuple(
            RowProblem(row["row_number"], p["column"], p["key"], tuple(map(tuple, p["values"])))
            for p in held["problems"]
        )
        found.append(
            Refused(
                row["id"], row["made_at"], held["file"], row["row_number"], problems,
                held["cells"], held.get("channel"),
            )
        )  # fmt: skip
    return found


def end_old(db: Db, scope: Scope) -> int:
    """Delete the rows that have waited for 30 days, of every desk; how many went.

    Raises:
        NotAllowed: not the server's operator.
    """
    scope.need("operator")
    with db.write() as conn:
        gone = conn.execute(quarantine.delete().where(quarantine.c.made_at < db.now() - KEPT))
        if gone.rowcount:
            audit.write(db, conn, scope, "rows_ended", reason=str(gone.rowcount))
        return gone.rowcount


def dismiss(db: Db, scope: Scope, refused_id: int, reason: str) -> None:
    """Delete one refused row of the scope's own desk, for a reason of the list.

    Raises:
        NotAllowed: no reason of `ROW_DISMISS_REASONS`. NotFound: no such row at this desk.
    """
    if reason not in ROW_DISMISS_REASONS:
        raise NotAllowed("data.error.not_in_list")
    _delete(db, scope, refused_id, "row_dismissed", reason)


def mended(db: Db, scope: Scope, refused_id: int, case_id: str) -> None:
    """Let go of one refused row of the scope's own desk: it was put right and is now a case.

    Raises:
        NotFound: no such row at this desk; somebody else may have mended it meanwhile.
    """
    _delete(db, scope, refused_id, "row_mended", case_id)


def _delete(db: Db, scope: Scope, refused_id: int, action: str, reason: str) -> None:
    scope.need("township_clerk", "department_clerk", "operator")
    desk = scope.desk or scope.who
    with db.write() as conn:
        done = conn.execute(
            quarantine.delete().where(quarantine.c.id == refused_id, quarantine.c.desk == desk)
        )
        if done.rowcount != 1:
            raise NotFound("data.error.no_such_row")
        audit.write(db, conn, scope, action, str(refused_id), reason=reason)
