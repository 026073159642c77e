"""Rows that were refused: kept sealed for their desk until mended or dismissed, 30 days at most."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotFound, RowProblem
from .fields import is_point_column
from .redact import redact
from .schema import quarantine
from .scope import OPERATOR, Scope

KEPT = dt.timedelta(days=30)


@dataclass(frozen=True)
class Refused:
    """One refused row: where it came from, what is wrong, and its cells, cleaned of persons."""

    id: int
    made_at: dt.datetime
    source_name: str
    row_number: int
    problems: tuple[RowProblem, ...]
    cells: dict[str, str]


def hold(
    db: Db, scope: Scope, source_name: str, rows: dict[int, dict[str, str]],
    problems: list[RowProblem], *, of_desk: str | None = None,
) -> None:  # fmt: skip
    """Keep refused rows for the scope's desk; deletes what is older than 30 days on the way.

    A row that waits there already, word for word, is not kept a second time. Points are not kept
    at all: they only help to find the area.

    Args:
        of_desk: whose rows they are, where the operator takes a desk's ledger over.
    """
    scope.need("grid_worker", "township_clerk", "operator")
    desk = (of_desk if scope.role == OPERATOR else None) or scope.desk or scope.who
    with db.write() as conn:
        at = db.stamp(conn)
        conn.execute(quarantine.delete().where(quarantine.c.made_at < at - KEPT))
        there = [row.cells for row in _of_desk(db, conn, desk, at)]
        for number, cells in rows.items():
            clean = {
                name: redact(cell).text for name, cell in cells.items() if not is_point_column(name)
            }
            if clean in there:
                continue
            version, sealed = db.keys.wrap(
                "text", json.dumps(clean, ensure_ascii=False).encode(), f"quarantine:{desk}"
            )
            told = [
                {"column": p.column, "key": p.key, "values": [list(v) for v in p.values]}
                for p in problems
                if p.row == number
            ]
            conn.execute(
                quarantine.insert().values(
                    desk=desk,
                    made_at=at,
                    source_name=redact(source_name).text[:120],
                    row_number=number,
                    problems=json.dumps(told, ensure_ascii=False),
                    key_version=version,
                    sealed=sealed,
                )
            )
        audit.write(db, conn, scope, "rows_refused", reason=str(len(rows)))


def settle(db: Db, scope: Scope, desk: str, column: str, numbers: Collection[str]) -> None:
    """Let go of a desk's waiting rows that were sent again, right or wrong: found by the sender's
    own number in `column`."""
    scope.need("operator")
    with db.write() as conn:
        waits = _of_desk(db, conn, desk, db.now())
        again = [row.id for row in waits if row.cells.get(column) in numbers]
        for start in range(0, len(again), 500):
            conn.execute(quarantine.delete().where(quarantine.c.id.in_(again[start : start + 500])))
        if again:
            audit.write(db, conn, scope, "rows_sent_again", reason=str(len(again)))


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
        cells = db.keys.unwrap("text", row["key_version"], row["sealed"], f"quarantine:{desk}")
        problems = tuple(
            RowProblem(row["row_number"], p["column"], p["key"], tuple(map(tuple, p["values"])))
            for p in json.loads(row["problems"])
        )
        found.append(
            Refused(
                row["id"], row["made_at"], row["source_name"], row["row_number"], problems,
                json.loads(cells),
            )
        )  # fmt: skip
    return found


def dismiss(db: Db, scope: Scope, refused_id: int) -> None:
    """Delete one refused row of the scope's own desk."""
    scope.need("township_clerk", "department_clerk", "operator")
    desk = scope.desk or scope.who
    with db.write() as conn:
        done = conn.execute(
            quarantine.delete().where(quarantine.c.id == refused_id, quarantine.c.desk == desk)
        )
        if done.rowcount != 1:
            raise NotFound("data.error.no_such_row")
        audit.write(db, conn, scope, "row_dismissed", str(refused_id))
