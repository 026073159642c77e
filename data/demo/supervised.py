"""Putting a made-up sweep into a demo county: with moments of its own, unlike a real one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from ..db import Db
from ..errors import NotAllowed
from ..record import new_case_id
from ..schema import sweep, sweep_case, sweep_finding
from ..scope import Scope
from ..sweeps import Finding


def keep_sweep(
    db: Db, scope: Scope, body_id: str, kind: str, at: dt.datetime, until: dt.date,
    cases: Iterable[tuple[str, Finding | None]],
) -> str:  # fmt: skip
    """Write a made-up sweep down; its id.

    Raises:
        NotAllowed: not the server's operator, or no demo county.
    """
    scope.need("operator")
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    made, rows = new_case_id(), list(cases)
    with db.write() as conn:
        conn.execute(
            sweep.insert().values(
                sweep_id=made, body_id=body_id, kind=kind, until=until, recorded_at=at
            )
        )
        conn.execute(sweep_case.insert(), [{"sweep_id": made, "case_id": one} for one, _ in rows])
        for case_id, found in rows:
            if found is not None:
                _note(conn, made, case_id, found)
    return made


def _note(conn: sa.Connection, sweep_id: str, case_id: str, found: Finding) -> None:
    conn.execute(
        sweep_finding.insert().values(
            sweep_id=sweep_id, case_id=case_id, body_id=found.body_id, finding=found.finding,
            step=found.step, due_on=found.due_on, recorded_at=found.at,
        )
    )  # fmt: skip
