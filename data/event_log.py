"""The record for the coarsened event log: it takes two accounts, and is in the audit log."""

from __future__ import annotations

import datetime as dt

from . import audit, grants
from .db import Db
from .frames import CaseTable
from .reading import case_table
from .scope import Scope


def read_for_event_log(db: Db, scope: Scope, as_of: dt.datetime, of: str) -> CaseTable:
    """Every case without its identity, as known at a moment; what leaves is made coarse of it.

    Args:
        of: what is exported, for the audit log: a quarter.

    Raises:
        NotAllowed: not a supervisor, or no second account has granted it.
    """
    scope.need("supervisor")
    with db.write() as conn:
        reason = grants.need_event_log(db, conn, scope)
        audit.write(db, conn, scope, "exported", f"event log {of}", reason=reason)
    return case_table(db, None, as_of, with_ids=False)
