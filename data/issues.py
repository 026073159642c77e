"""Reports as they were issued: frozen once, numbered within their year, read by county roles.

What was issued stays to the byte; issuing the same day or span again is refused. The content is
figures and words of closed lists (JSON), never a text about a case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed
from .schema import account, report_issue
from .scope import OPERATOR, Scope
from .vocabulary import REPORT_KINDS

ISSUERS = ("supervisor", OPERATOR)
READERS = ("supervisor", "leader", OPERATOR)


@dataclass(frozen=True)
class Issue:
    """One issued report.

    kind: of `REPORT_KINDS`. first, last: local days it speaks of. number: within its kind and the
    year of `last`, from 1. recorded_at: when it was issued. issued_by: account id, or `operator`
    for the command; login: of that account, None for the command. sha256: of `content`, hex.
    """

    kind: str
    first: dt.date
    last: dt.date
    number: int
    recorded_at: dt.datetime
    issued_by: str
    sha256: str
    content: str
    login: str | None = None

    @property
    def role(self) -> str:
        """Who issues, as a role: a supervisor, or the server's operator by command."""
        return OPERATOR if self.issued_by == OPERATOR else "supervisor"


def save(db: Db, scope: Scope, kind: str, first: dt.date, last: dt.date, content: bytes) -> Issue:
    """Issue a report: frozen with its number, who and when; noted in the log.

    Raises:
        NotAllowed: neither a supervisor nor the server's operator; a kind outside the list; a
            report of this kind and span that was issued before.
    """
    scope.need(*ISSUERS)
    if kind not in REPORT_KINDS:
        raise NotAllowed("data.error.not_in_list")
    text, sha256 = content.decode(), hashlib.sha256(content).hexdigest()
    with db.write() as conn:
        if found := _rows(conn, _of(kind, first, last)):
            raise NotAllowed("report.error.issued_before", number=found[0].number)
        year = sa.and_(
            report_issue.c.kind == kind,
            report_issue.c.ends_on.between(dt.date(last.year, 1, 1), dt.date(last.year, 12, 31)),
        )
        count = conn.execute(sa.select(sa.func.count()).where(year)).scalar_one()
        made = Issue(kind, first, last, int(count) + 1, db.stamp(conn), scope.who, sha256, text)
        conn.execute(
            report_issue.insert().values(
                kind=kind, starts_on=first, ends_on=last, number=made.number,
                recorded_at=made.recorded_at, issued_by=scope.who, sha256=sha256, content=text,
            )
        )  # fmt: skip
        what = f"{kind} {last} #{made.number}"
        audit.write(db, conn, scope, "report_issued", what, reason=sha256)
    return made


def read(db: Db, scope: Scope, kind: str, first: dt.date, last: dt.date) -> Issue | None:
    """The report of a kind and span as it was issued; None = it was not.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need(*READERS)
    with db.read() as conn:
        found = _rows(conn, _of(kind, first, last))
    return found[0] if found else None


def read_all(db: Db, scope: Scope) -> list[Issue]:
    """Every issued report, the newest first.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need(*READERS)
    with db.read() as conn:
        return _rows(conn, sa.true())


def newest_before(
    db: Db, scope: Scope, kind: str, day: dt.date, known: dt.datetime
) -> Issue | None:
    """The report of a kind with the last day before `day`, among those issued by a moment.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need(*READERS)
    r = report_issue.c
    with db.read() as conn:
        found = _rows(conn, sa.and_(r.kind == kind, r.ends_on < day, r.recorded_at <= known))
    return max(found, key=lambda one: one.last, default=None)


def _of(kind: str, first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    r = report_issue.c
    return sa.and_(r.kind == kind, r.starts_on == first, r.ends_on == last)


def _rows(conn: sa.Connection, which: sa.ColumnElement[bool]) -> list[Issue]:
    r = report_issue.c
    query = (
        sa.select(
            r.kind, r.starts_on, r.ends_on, r.number, r.recorded_at, r.issued_by, r.sha256,
            r.content, account.c.login,
        )
        .select_from(report_issue.outerjoin(account, account.c.account_id == r.issued_by))
        .where(which)
        .order_by(r.id.desc())
    )  # fmt: skip
    return [Issue(*row) for row in conn.execute(query)]
