"""A case's text opened: by staff, which is logged, and how often, which its asker is shown."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from . import audit, grants, texts
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory, RecordedEvent
from .prepared import Prepared
from .reading import history_in, shown_to
from .redact import redact
from .schema import audit as audit_table
from .schema import case_event
from .scope import RESIDENT, Scope

MOST_REASON = 200
"""Characters of the reason for opening a text: a sentence for the asker, not a file."""

_TEXT_IDS = (
    sa.select(case_event.c.id, case_event.c.text_id)
    .where(case_event.c.case_id == sa.bindparam("case"))
    .order_by(case_event.c.occurred_at, case_event.c.id)
)


def open_texts(
    db: Db, scope: Scope, case_id: str, reason: str | None = None
) -> tuple[str | None, CaseHistory]:
    """The summary and the history with all words, for staff; logged, and shown to the asker.

    Those who owe the answer open it as their work; a supervisor gives a reason, which the asker
    sees, cleaned of persons like every free text, or has that of a grant (`data.grants`). A
    disowned case has no words to open: nothing is shown and nothing is logged.

    Raises:
        NotFound: no such case within the scope.
        NotAllowed: a supervisor without a reason.
    """
    if len(reason or "") > MOST_REASON:
        raise NotAllowed("data.error.reason_long", most=MOST_REASON)
    with db.write() as conn:
        # nobody types what only a grant by two accounts may say
        typed = "" if (reason or "").startswith(grants.PREFIX) else (reason or "").strip()
        if scope.role == "supervisor" and not typed:
            reason = grants.reason_in_force(db, conn, scope)
            if reason is None:
                raise NotAllowed("data.error.reason_needed")
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        if history.is_disowned:
            return None, history
        said = None if reason is None else redact(reason).text
        audit.write(db, conn, scope, "text_opened", case_id, reason=said)
        summary = next(iter(texts.opened(db, conn, case_id, ("summary",)).values()), None)
        words = texts.opened(db, conn, case_id, ("words",))
        rows = conn.execute(_TEXT_IDS.where(shown_to(scope)), {"case": case_id}).all()
    heard = [json.loads(words[text_id]) if text_id in words else None for _, text_id in rows]
    events = tuple(
        RecordedEvent(**{**vars(event), "words": words_of})
        for event, words_of in zip(history.events, heard, strict=True)
    )
    return summary, CaseHistory(**{**vars(history), "events": events})


_OPENINGS = Prepared(
    sa.select(audit_table.c.at, audit_table.c.role, audit_table.c.body_id, audit_table.c.reason)
    .where(audit_table.c.target == sa.bindparam("case"), audit_table.c.action == "text_opened")
    .order_by(audit_table.c.id)
)


def text_openings(db: Db, scope: Scope, case_id: str) -> list[dict[str, Any]]:
    """How often staff opened the text: month (YYYY-MM, UTC), role, body, reason; for the asker."""
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
    with db.read() as conn:
        rows = _OPENINGS.rows(conn, case=case_id)
    counts: dict[tuple[str, str, str | None, str | None], int] = {}
    for row in rows:
        key = (f"{row['at']:%Y-%m}", row["role"], row["body_id"], row["reason"])
        counts[key] = counts.get(key, 0) + 1
    return [
        {"month": month, "role": role, "body_id": body_id, "reason": reason, "count": count}
        for (month, role, body_id, reason), count in counts.items()
    ]
