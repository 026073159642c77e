"""Consultations before decisions: what is to be decided, comments as counts by theme with a reply
to each, and the decision. What a body works on; what is published is in `consultation_issues`.

Append-only: a change is a new row that names the one it replaces. Nothing is kept of who commented
or of what anybody wrote. A text in which a person is recognised is refused.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from . import audit
from .consultation_checks import (
    LENGTHS,
    Comments,
    Decision,
    Notice,
    check_comments,
    check_decision,
    check_notice,
)
from .db import Db
from .errors import NotAllowed, NotFound
from .record import new_case_id
from .schema import (
    consultation,
    consultation_decision,
    consultation_issue,
    consultation_theme,
)
from .scope import Scope
from .vocabulary import THEMES_OF

CLERKS = ("township_clerk", "department_clerk")


@dataclass(frozen=True)
class Consultation:
    """One consultation as it is worked on.

    versions: of the notice, how many there are. comments: by theme, in the order of the kind's
    list; empty = not entered yet, which is not the same as none. upto_theme: the newest row of
    comments. changed_at: when anything was last entered.
    """

    consultation_id: str
    notice: Notice
    versions: int
    comments: Mapping[str, Comments]
    decision: Decision | None
    upto_theme: int | None
    changed_at: dt.datetime


def read_all(db: Db, scope: Scope) -> tuple[Consultation, ...]:
    """Every consultation within the scope, newest first: a clerk's own bodies', a supervisor's all.

    Raises:
        NotAllowed: another role; what is published is open to everybody.
    """
    _need(scope)
    with db.read() as conn:
        return _all(conn, _reached(scope))


def read_one(db: Db, scope: Scope, consultation_id: str) -> Consultation:
    """One consultation within the scope.

    Raises:
        NotFound: none of this number within the scope.
        NotAllowed: as `read_all`.
    """
    _need(scope)
    with db.read() as conn:
        return _one(conn, scope, consultation_id)


def open_new(db: Db, scope: Scope, notice: Notice) -> str:
    """Write down a notice as a draft; nobody outside sees it. Returns its number.

    Raises:
        NotAllowed: not a clerk of that body (nor the server's operator).
        DataError: every broken rule at once; nothing was written.
    """
    _write_for(scope, notice.body_id)
    with db.write() as conn:
        at = db.stamp(conn)
        check_notice(conn, scope, notice, _today(db), None)
        made = new_case_id()
        conn.execute(consultation.insert().values(**_row(made, notice, at, None)))
        audit.write(db, conn, scope, "consultation_saved", made)
    return made


def change(db: Db, scope: Scope, consultation_id: str, notice: Notice) -> None:
    """Put a new version of the notice in the place of the one in force; its body stays.

    Raises:
        NotFound, NotAllowed, DataError: as `read_one` and `open_new`.
    """
    with db.write() as conn:
        at = db.stamp(conn)
        there = _one(conn, scope, consultation_id)
        _write_for(scope, there.notice.body_id)
        if there.comments and notice.kind != there.notice.kind:  # each kind has its own themes
            raise NotAllowed("consultations.error.kind_counted")
        notice = replace(notice, body_id=there.notice.body_id)
        check_notice(conn, scope, notice, _today(db), _public(conn, consultation_id))
        newest = _newest_id(conn, consultation, consultation_id)
        conn.execute(consultation.insert().values(**_row(consultation_id, notice, at, newest)))
        audit.write(db, conn, scope, "consultation_saved", consultation_id)


def save_comments(
    db: Db, scope: Scope, consultation_id: str, comments: Mapping[str, Comments]
) -> int:
    """Enter counts and replies of every theme of the kind; how many themes changed.

    Raises:
        NotFound, NotAllowed: as `change`; also before the first day for comments.
        DataError: a theme that is missing or not of the kind, a count, a reply; nothing was
            written.
    """
    with db.write() as conn:
        at = db.stamp(conn)
        there = _one(conn, scope, consultation_id)
        _write_for(scope, there.notice.body_id)
        if _today(db) < there.notice.starts_on:
            raise NotAllowed("consultations.error.not_begun")
        check_comments(there.notice.kind, comments)
        rows = []
        for theme, one in comments.items():
            kept = Comments(one.count, (one.reply or "").strip() or None)
            if there.comments.get(theme) == kept:
                continue
            before = _newest_id(
                conn, consultation_theme, consultation_id, consultation_theme.c.theme == theme
            )
            rows.append({
                "consultation_id": consultation_id, "theme": theme, "comment_count": kept.count,
                "reply": kept.reply, "recorded_at": at, "replaces": before,
            })  # fmt: skip
        if rows:
            conn.execute(consultation_theme.insert(), rows)
            audit.write(db, conn, scope, "consultation_comments_saved", consultation_id)
    return len(rows)


def save_decision(db: Db, scope: Scope, consultation_id: str, decision: Decision) -> None:
    """Enter what was decided.

    Raises:
        NotFound, NotAllowed: as `change`.
        DataError: before the last day for comments, a later day than today, no word of what was
            changed; nothing was written.
    """
    with db.write() as conn:
        at = db.stamp(conn)
        there = _one(conn, scope, consultation_id)
        _write_for(scope, there.notice.body_id)
        check_decision(decision, there.notice, _today(db))
        conn.execute(consultation_decision.insert().values(
            consultation_id=consultation_id, outcome=decision.outcome,
            decided_on=decision.decided_on, changes=(decision.changes or "").strip() or None,
            recorded_at=at,
            replaces=_newest_id(conn, consultation_decision, consultation_id),
        ))  # fmt: skip
        audit.write(db, conn, scope, "consultation_decision_saved", consultation_id)


def counts_upto(
    db: Db, scope: Scope, consultation_id: str, upto_theme: int | None
) -> dict[str, int]:
    """The exact counts by theme as they stood with one row of comments the newest.

    For covering a later version against an earlier one.

    Raises:
        NotAllowed: neither supervisor nor operator.
    """
    scope.need("supervisor", "operator")
    if upto_theme is None:
        return {}
    c = consultation_theme.c
    query = (
        sa.select(c.theme, c.comment_count)
        .where(c.consultation_id == consultation_id, c.id <= upto_theme)
        .order_by(c.id)
    )
    with db.read() as conn:
        return {theme: int(count) for theme, count in conn.execute(query)}


def _need(scope: Scope) -> None:
    scope.need(*CLERKS, "supervisor", "operator")


def _write_for(scope: Scope, body_id: str) -> None:
    scope.need(*CLERKS, "operator")
    if scope.role in CLERKS and body_id not in scope.bodies:
        raise NotAllowed("consultations.error.other_body")


def _reached(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.role in CLERKS:
        return consultation.c.body_id.in_(sorted(scope.bodies))
    return sa.true()


def _one(conn: sa.Connection, scope: Scope, consultation_id: str) -> Consultation:
    found = _all(conn, _reached(scope) & (consultation.c.consultation_id == consultation_id))
    if not found:
        raise NotFound("consultations.error.unknown")
    return found[0]


def _all(conn: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Consultation, ...]:
    notices = conn.execute(sa.select(consultation).where(which).order_by(consultation.c.id))
    by_id: dict[str, list[Any]] = {}
    for row in notices.mappings():
        by_id.setdefault(row["consultation_id"], []).append(row)
    themes = _grouped(conn, consultation_theme, by_id)
    decisions = _grouped(conn, consultation_decision, by_id)
    found = []
    for number, rows in by_id.items():
        newest, said, decided = rows[-1], themes.get(number, []), decisions.get(number, [])
        counts = {row["theme"]: Comments(row["comment_count"], row["reply"]) for row in said}
        order = THEMES_OF[newest["kind"]]
        found.append(Consultation(
            number, Notice(**{name: newest[name] for name in Notice.__dataclass_fields__}),
            len(rows), {theme: counts[theme] for theme in order if theme in counts},
            Decision(decided[-1]["outcome"], decided[-1]["decided_on"], decided[-1]["changes"])
            if decided else None,
            said[-1]["id"] if said else None,
            max(row["recorded_at"] for row in (newest, *said[-1:], *decided[-1:])),
        ))  # fmt: skip
    return tuple(reversed(found))


def _grouped(conn: sa.Connection, table: sa.Table, numbers: Iterable[str]) -> dict[str, list[Any]]:
    """Rows by consultation, oldest first."""
    query = sa.select(table).where(table.c.consultation_id.in_(list(numbers))).order_by(table.c.id)
    found: dict[str, list[Any]] = {}
    for row in conn.execute(query).mappings():
        found.setdefault(row["consultation_id"], []).append(row)
    return found


def _newest_id(
    conn: sa.Connection, table: sa.Table, number: str, *more: sa.ColumnElement[bool]
) -> int | None:
    query = sa.select(sa.func.max(table.c.id)).where(table.c.consultation_id == number, *more)
    return conn.execute(query).scalar()


def _row(number: str, notice: Notice, at: dt.datetime, replaces: int | None) -> dict[str, object]:
    said = {name: getattr(notice, name).strip() for name in LENGTHS}
    short = notice.short_reason or None
    return vars(notice) | said | {
        "consultation_id": number, "recorded_at": at, "replaces": replaces, "short_reason": short,
    }  # fmt: skip


def _public(conn: sa.Connection, number: str) -> tuple[dt.date, dt.date] | None:
    """First and last day for comments as they were published last; None = nothing is public."""
    issue = consultation_issue.c
    query = sa.select(issue.content).where(issue.consultation_id == number)
    content = conn.execute(query.order_by(issue.id.desc()).limit(1)).scalar()
    if content is None:
        return None
    said = json.loads(content)
    return dt.date.fromisoformat(said["starts_on"]), dt.date.fromisoformat(said["ends_on"])


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()
