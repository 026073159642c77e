"""The history of a row: a case as it was registered, and each version that replaced one.

Nothing is edited: a correction, or the place that the asker's first use of the code lets in, is a
new version that names the one before. It names no person; who did it stands in the audit log.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from .db import Db
from .errors import NotFound
from .reading import history_in
from .schema import case_version
from .scope import Scope

COMPARED = (
    "opened_at", "township_code", "grid_code", "domain", "category", "kind", "channel",
    "amount_band", "procedure", "body_id", "limit_at",
)  # fmt: skip
"""What a sender said, column by column; the rest is the record's own."""


@dataclass(frozen=True)
class Change:
    """What one version changed: column, value before and after (None = none was there)."""

    column: str
    before: object
    after: object


@dataclass(frozen=True)
class Version:
    """One version: when the record learned it (UTC), and what differs from the one it replaces;
    nothing differs in the first."""

    recorded_at: dt.datetime
    changes: tuple[Change, ...]


def versions(db: Db, scope: Scope, case_id: str) -> tuple[Version, ...]:
    """Every version of a case, oldest first, for the desk that owns it.

    Raises:
        NotAllowed: not a clerk. NotFound: no such case within the scope.
    """
    scope.need("township_clerk", "department_clerk")
    with db.read() as conn:
        if history_in(db, conn, scope, case_id) is None:
            raise NotFound("data.error.no_such_case")
        rows = conn.execute(
            sa.select(case_version)
            .where(case_version.c.case_id == case_id)
            .order_by(case_version.c.id)
        )
        found = {row["id"]: row for row in rows.mappings()}
    made = []
    for row in found.values():
        before = found.get(row["replaces"], row)
        changes = [Change(c, before[c], row[c]) for c in COMPARED if before[c] != row[c]]
        made.append(Version(row["recorded_at"], tuple(changes)))
    return tuple(made)
