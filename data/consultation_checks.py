"""What a consultation's notice, comments and decision have to keep to before they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from .errors import DataError, RowProblem
from .redact import redact
from .schema import body, township
from .scope import Scope
from .vocabulary import (
    CONSULTATION_KINDS,
    CONSULTATION_OUTCOMES,
    SHORT_PERIOD_REASONS,
    THEMES_OF,
)

LENGTHS = {"title": 80, "matter": 1000, "papers_place": 120, "ask_desk": 120}
"""Most letters of each text of a notice."""
MOST_REPLY = 1000
MOST_COMMENTS = 99_999
FARTHEST = dt.timedelta(days=400)
"""How far ahead a day may lie: further is a slip of typing."""
_PLACES = ("papers_place", "ask_desk")
"""Texts in which the address of an office may stand."""


@dataclass(frozen=True)
class Notice:
    """What is to be decided. starts_on, ends_on: local days on which comments count.

    township_code: where it concerns; None = the whole county. papers_place: where the documents
    can be seen; ask_desk: which desk answers questions, never a person. short_reason: of
    `SHORT_PERIOD_REASONS`; None unless there are fewer days than usual.
    """

    body_id: str
    kind: str
    township_code: str | None
    title: str
    matter: str
    papers_place: str
    ask_desk: str
    starts_on: dt.date
    ends_on: dt.date
    short_reason: str | None = None


@dataclass(frozen=True)
class Comments:
    """Of one theme: how many comments spoke of it, and what the body replies; None = no reply."""

    count: int
    reply: str | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided on which local day. changes: what the comments changed; None unless so."""

    outcome: str
    decided_on: dt.date
    changes: str | None = None


Problem = tuple[str, str, tuple[tuple[str, object], ...]]


def _refuse(broken: list[Problem]) -> None:
    if broken:
        problems = [
            RowProblem(0, column, f"consultations.error.{key}", values)
            for column, key, values in broken
        ]
        raise DataError("consultations.error.refused", problems)


def check_notice(
    conn: sa.Connection,
    scope: Scope,
    new: Notice,
    today: dt.date,
    public: tuple[dt.date, dt.date] | None,
) -> None:
    """Refuse a notice that breaks a rule.

    Args:
        today: the local day. public: first and last day for comments as published; the first
            stays, the last may only be later. None = nothing is published.

    Raises:
        DataError: every broken rule at once; a text in which a person is recognised is one.
    """
    broken: list[Problem] = []
    if new.kind not in CONSULTATION_KINDS:
        broken.append(("kind", "kind", ()))
    if not conn.execute(sa.select(body.c.body_id).where(body.c.body_id == new.body_id)).first():
        broken.append(("body", "body", ()))
    if new.township_code is not None:
        is_there = sa.select(township.c.township_code).where(
            township.c.township_code == new.township_code
        )
        if not conn.execute(is_there).first():
            broken.append(("township", "township", ()))
        elif scope.role == "township_clerk" and new.township_code not in scope.townships:
            broken.append(("township", "other_township", ()))
    for name, limit in LENGTHS.items():
        broken += _text_problems(name, getattr(new, name), limit, must=True)
    broken += _day_problems(new, today, public, is_made_up=scope.role == "operator")
    if new.short_reason is not None and new.short_reason not in SHORT_PERIOD_REASONS:
        broken.append(("short_reason", "short_reason", ()))
    _refuse(broken)


def _day_problems(
    new: Notice, today: dt.date, public: tuple[dt.date, dt.date] | None, is_made_up: bool
) -> list[Problem]:
    if new.starts_on >= new.ends_on:
        return [("ends_on", "order", ())]
    if new.ends_on > today + FARTHEST:
        return [("ends_on", "far", (("day", new.ends_on.isoformat()),))]
    if public is not None:
        if new.starts_on != public[0]:
            return [("starts_on", "start_is_public", (("day", public[0].isoformat()),))]
        if new.ends_on < public[1]:
            return [("ends_on", "end_is_public", (("day", public[1].isoformat()),))]
        return []
    if new.starts_on < today and not is_made_up:  # a made-up county has days that are over
        return [("starts_on", "past", (("day", new.starts_on.isoformat()),))]
    return []


def check_comments(kind: str, comments: Mapping[str, Comments]) -> None:
    """Refuse counts and replies that break a rule, all of them at once.

    Raises:
        DataError: a theme that is missing or not of the kind, a count, a reply.
    """
    broken: list[Problem] = []
    themes = THEMES_OF[kind]
    if set(comments) != set(themes):
        broken.append(("theme", "themes", ()))
    for theme, one in comments.items():
        if not 0 <= one.count <= MOST_COMMENTS:
            broken.append((theme, "count", (("limit", MOST_COMMENTS),)))
        if one.count == 0 and (one.reply or "").strip():
            broken.append((theme, "reply_to_nothing", ()))
        broken += _text_problems(theme, one.reply or "", MOST_REPLY, must=False)
    _refuse(broken)


def check_decision(new: Decision, notice: Notice, today: dt.date) -> None:
    """Refuse a decision that breaks a rule, all of them at once.

    Raises:
        DataError: its day, its outcome, no word of what was changed.
    """
    broken: list[Problem] = []
    if new.outcome not in CONSULTATION_OUTCOMES:
        broken.append(("outcome", "outcome", ()))
    if today <= notice.ends_on:
        broken.append(("decided_on", "still_open", (("day", notice.ends_on.isoformat()),)))
    elif new.decided_on > today:
        broken.append(("decided_on", "not_yet", (("day", new.decided_on.isoformat()),)))
    elif new.decided_on <= notice.ends_on:
        broken.append(("decided_on", "before_end", (("day", notice.ends_on.isoformat()),)))
    if new.outcome == "changed" and not (new.changes or "").strip():
        broken.append(("changes", "no_changes", ()))
    broken += _text_problems("changes", new.changes or "", MOST_REPLY, must=False)
    _refuse(broken)


def _text_problems(name: str, text: str, limit: int, *, must: bool) -> list[Problem]:
    if not text.strip():
        return [(name, "empty", ())] if must else []
    if len(text.strip()) > limit:
        return [(name, "long", (("limit", limit),))]
    allowed = {"address"} if name in _PLACES else set()
    return [(name, "person", ())] if set(redact(text).found) - allowed else []
