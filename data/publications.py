"""Monthly figures as they were published: written once, read by everybody.

A month that was published stays as it is, to the byte: publishing it again gives what stands.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from . import audit
from .db import Db
from .schema import asker_word, case_version, publication, receipt
from .schema import audit as audit_table
from .scope import Scope


@dataclass(frozen=True)
class Publication:
    """One month as published: the content (JSON), its SHA-256, when it was recorded."""

    month: str
    recorded_at: dt.datetime
    sha256: str
    content: str


_COLUMNS = (
    publication.c.month, publication.c.recorded_at, publication.c.sha256, publication.c.content,
)  # fmt: skip


def save(db: Db, scope: Scope, month: str, content: str) -> Publication:
    """Freeze a month (YYYY-MM), noted in the log; what was published before stays and is returned.

    Raises:
        NotAllowed: neither the server's operator nor a supervisor.
    """
    scope.need("supervisor", "operator")
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with db.write() as conn:
        found = _first(conn, month)
        if found is not None:
            return found
        at = db.stamp(conn)
        conn.execute(
            publication.insert().values(month=month, recorded_at=at, sha256=sha256, content=content)
        )
        audit.write(db, conn, scope, "published", month, reason=sha256)
        return Publication(month, at, sha256, content)


def read(db: Db, scope: Scope, month: str) -> Publication | None:
    """A month as published; None when it was not. Public: every scope reaches it."""
    del scope
    with db.read() as conn:
        return _first(conn, month)


def read_all(db: Db, scope: Scope) -> list[Publication]:
    """Every published month, oldest first. Public: every scope reaches them."""
    del scope
    with db.read() as conn:
        rows = conn.execute(sa.select(*_COLUMNS).order_by(publication.c.id)).all()
    return sorted({row[0]: Publication(*row) for row in reversed(rows)}.values(),
                  key=lambda one: one.month)  # fmt: skip


def months(db: Db, scope: Scope) -> list[str]:
    """The published months, newest first. Public: every scope reaches them."""
    del scope
    with db.read() as conn:
        return sorted(conn.execute(sa.select(publication.c.month).distinct()).scalars())[::-1]


def _first(conn: sa.Connection, month: str) -> Publication | None:
    of = sa.select(*_COLUMNS).where(publication.c.month == month).order_by(publication.c.id)
    row = conn.execute(of.limit(1)).first()
    return None if row is None else Publication(*row)


def counted_beside(
    db: Db, scope: Scope, since: dt.datetime, until: dt.datetime
) -> dict[str, tuple[str, pd.Series]]:
    """What the store alone can count of a span: counts by group, no case and nobody's name.

    Args:
        since, until: aware moments; the span includes the first and not the second.

    Returns:
        corrections (of category or procedure), reissued (codes) and not_me (cases in which somebody
        said "I did not open it before", DOMAIN.md §2.9; by registering desk) by desk, texts_opened
        by role: each with the breakdown it is for, int64.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    new, old = case_version.c, case_version.alias().c
    before = (
        sa.select(sa.func.max(old.id))
        .where(old.case_id == new.case_id, old.id < new.id)
        .correlate(case_version)
        .scalar_subquery()
    )
    earlier = case_version.alias()
    first = sa.select(sa.func.min(old.id)).group_by(old.case_id)
    queries = {
        "corrections": ("desk", sa.select(new.desk, sa.func.count())
            .select_from(case_version).join(earlier, earlier.c.id == before)
            .where(_within(new.recorded_at, since, until), sa.or_(
                earlier.c.category != new.category, earlier.c.procedure != new.procedure))
            .group_by(new.desk)),
        "reissued": ("desk", sa.select(receipt.c.desk, sa.func.count())
            .where(receipt.c.reissued, _within(receipt.c.issued_at, since, until))
            .group_by(receipt.c.desk)),
        "not_me": ("desk", sa.select(new.desk, sa.func.count(asker_word.c.case_id.distinct()))
            .select_from(asker_word).join(case_version, new.case_id == asker_word.c.case_id)
            .where(_within(asker_word.c.void_at, since, until), new.id.in_(first))
            .group_by(new.desk)),
        "texts_opened": ("role", sa.select(audit_table.c.role, sa.func.count())
            .where(audit_table.c.action == "text_opened",
                   _within(audit_table.c.at, since, until))
            .group_by(audit_table.c.role)),
    }  # fmt: skip
    found = {}
    with db.read() as conn:
        for name, (by, query) in queries.items():
            rows = {str(group): int(count) for group, count in conn.execute(query).all()}
            found[name] = (by, pd.Series(rows, dtype="int64"))
    return found


def _within(
    column: sa.ColumnElement[dt.datetime], since: dt.datetime, until: dt.datetime
) -> sa.ColumnElement[bool]:
    return sa.and_(column >= since, column < until)
