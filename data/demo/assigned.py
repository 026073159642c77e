"""Putting made-up assignments into a demo county: with moments of their own, unlike real ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from .. import texts
from ..assigned import Assignment
from ..db import Db
from ..errors import NotAllowed
from ..schema import assignment, assignment_event
from ..scope import Scope


@dataclass(frozen=True)
class MadeUp:
    """An assignment of the demo county and its words.

    note: of the assignment. said: of each of its events. Empty = none.
    """

    one: Assignment
    note: str
    said: tuple[str, ...]


def keep(db: Db, scope: Scope, made: Iterable[MadeUp]) -> int:
    """Write made-up assignments down, all or none; how many.

    Raises:
        NotAllowed: not the server's operator, or no demo county.
    """
    scope.need("operator")
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    rows = list(made)
    with db.write() as conn:
        at = db.stamp(conn)

        def sealed(case_id: str | None, part: str, said: str) -> str | None:
            if case_id is None or not said:
                return None
            return texts.add(db, conn, case_id, "words", json.dumps({part: said}), at)

        for row in rows:
            one = row.one
            conn.execute(
                assignment.insert().values(
                    assignment_id=one.assignment_id, origin=one.origin, case_id=one.case_id,
                    flag_id=None, body_id=one.body_id, subject=one.subject, step=one.step,
                    due_on=one.due_on, recorded_at=one.at,
                    text_id=sealed(one.case_id, "note", row.note),
                )
            )  # fmt: skip
            for event, said in zip(one.events, row.said, strict=True):
                part = "said" if event.body_id else "note"
                conn.execute(
                    assignment_event.insert().values(
                        assignment_id=one.assignment_id, event=event.event, recorded_at=event.at,
                        body_id=event.body_id, code=event.code,
                        text_id=sealed(one.case_id, part, said),
                    )
                )  # fmt: skip
    return len(rows)
