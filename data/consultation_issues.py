"""Consultations as they were published: frozen, numbered, read by everybody.

A version that was published stays as it is, to the byte; a correction is another version. Small
counts are covered before anything comes here, so that this table may be read outside.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed
from .schema import consultation_issue
from .scope import Scope


@dataclass(frozen=True)
class Issue:
    """One version as published. number: from 1 within its consultation. content: JSON."""

    consultation_id: str
    number: int
    recorded_at: dt.datetime
    sha256: str
    content: str

    def said(self) -> dict[str, Any]:
        """The content, read."""
        return dict(json.loads(self.content))

    def at(self) -> dt.datetime:
        """When it was published (UTC), as the page says."""
        return dt.datetime.fromisoformat(self.said()["published_at"])


def save(
    db: Db, scope: Scope, consultation_id: str, content: str, upto_theme: int | None, number: int
) -> Issue:
    """Freeze a version; noted in the log.

    Args:
        number: the one it was made for, 1 for the first: somebody else's in between is not
            overtaken unseen.

    Raises:
        NotAllowed: neither a supervisor nor the operator, or another version came in between.
    """
    scope.need("supervisor", "operator")
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with db.write() as conn:
        newest = sa.select(sa.func.max(consultation_issue.c.number)).where(
            consultation_issue.c.consultation_id == consultation_id
        )
        if (conn.execute(newest).scalar() or 0) + 1 != number:
            raise NotAllowed("consultations.error.overtaken")
        at = db.stamp(conn)
        conn.execute(consultation_issue.insert().values(
            consultation_id=consultation_id, number=number, recorded_at=at, sha256=sha256,
            content=content, upto_theme=upto_theme,
        ))  # fmt: skip
        audit.write(db, conn, scope, "consultation_published", consultation_id, reason=str(number))
    return Issue(consultation_id, number, at, sha256, content)


def versions(db: Db, scope: Scope, consultation_id: str) -> tuple[Issue, ...]:
    """Every published version of one consultation, oldest first. Public: every scope."""
    del scope
    return _read(db, consultation_issue.c.consultation_id == consultation_id)


def read_all(db: Db, scope: Scope) -> tuple[Issue, ...]:
    """Every published version of every consultation, oldest first. Public: every scope."""
    del scope
    return _read(db, sa.true())


def newest(db: Db, scope: Scope) -> tuple[Issue, ...]:
    """The newest version of each consultation, the one published last first. Public."""
    found = {one.consultation_id: one for one in read_all(db, scope)}
    return tuple(sorted(found.values(), key=lambda one: one.recorded_at, reverse=True))


def rested_on(db: Db, scope: Scope, consultation_id: str) -> dict[int, int | None]:
    """By version, the newest row of comments it rests on; for whoever covers the next one.

    Raises:
        NotAllowed: neither a supervisor nor the operator.
    """
    scope.need("supervisor", "operator")
    issue = consultation_issue.c
    query = sa.select(issue.number, issue.upto_theme).where(
        issue.consultation_id == consultation_id
    )
    with db.read() as conn:
        return {row.number: row.upto_theme for row in conn.execute(query)}


def _read(db: Db, which: sa.ColumnElement[bool]) -> tuple[Issue, ...]:
    issue = consultation_issue.c
    query = (
        sa.select(
            issue.consultation_id, issue.number, issue.recorded_at, issue.sha256, issue.content
        )
        .where(which)
        .order_by(issue.id)
    )
    with db.read() as conn:
        return tuple(Issue(*row) for row in conn.execute(query))
