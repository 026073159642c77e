"""One desk's record beside its older system's own numbers, for the monthly reconciliation.

Only the desk that owns the rows compares them (DOMAIN.md §2.14): by its clerks, or by the operator
who has its file. The numbers themselves are not stored; each is found by its keyed hash.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed
from .file_names import logged
from .frames import CaseTable
from .reading import case_table
from .schema import case_version, source_ref
from .scope import OPERATOR, Scope


def read_desk(
    db: Db, scope: Scope, desk: str, numbers: Iterable[str], file: str
) -> tuple[CaseTable, dict[str, str]]:
    """The cases a desk registered, without texts, and the case of each of its own numbers.

    Noted in the log as an export, because a list of cases follows.

    Args:
        numbers: of the desk's file. file: its name, for the log.

    Returns:
        `frames.Cases` with ids and `frames.Events`, and case id by number, known ones only.

    Raises:
        NotAllowed: neither the server's operator nor a clerk of that very desk.
    """
    scope.need("township_clerk", "department_clerk", OPERATOR)
    if scope.role != OPERATOR and scope.desk != desk:
        raise NotAllowed("takeover.reconcile.other_desk")
    keys = {
        key: number for number in numbers for key in db.keys.digests("source", f"{desk}:{number}")
    }
    table = case_table(db, case_version.c.desk == desk, db.now(), with_ids=True)
    with db.write() as conn:
        known = conn.execute(sa.select(source_ref.c.source_key, source_ref.c.case_id)).all()
        named = f"reconciliation {desk} {logged(db, file)}"[:80]
        audit.write(db, conn, scope, "exported", named)
    return table, {keys[key]: case_id for key, case_id in known if key in keys}
