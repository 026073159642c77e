"""Consultations before decisions, as they are worked on and as they were published; what became of
suggestions. No column for who commented or suggested, and none for what anybody wrote."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

consultation = sa.Table(
    "consultation",
    metadata,
    row_id(),
    sa.Column("consultation_id", sa.String(14), nullable=False, index=True),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("township_code", sa.String(20)),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("matter", sa.String(1000), nullable=False),
    sa.Column("papers_place", sa.String(120), nullable=False),
    sa.Column("ask_desk", sa.String(120), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("short_reason", sa.String(24)),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", serial),
    comment="append-only: what a body is going to decide and until when it takes comments; a "
    "change is a new row that names the one it replaces; township_code NULL = the whole county",
)

consultation_theme = sa.Table(
    "consultation_theme",
    metadata,
    row_id(),
    sa.Column("consultation_id", sa.String(14), nullable=False, index=True),
    sa.Column("theme", sa.String(16), nullable=False),
    sa.Column("comment_count", sa.Integer, nullable=False),
    sa.Column("reply", sa.String(1000)),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", serial),
    comment="append-only: how many comments said something of a theme, and the body's reply to it; "
    "of comments, never of people; the newest row of a theme counts",
)

consultation_decision = sa.Table(
    "consultation_decision",
    metadata,
    row_id(),
    sa.Column("consultation_id", sa.String(14), nullable=False, index=True),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("changes", sa.String(1000)),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", serial),
    comment="append-only: what was decided, on which day, and what was changed by the comments",
)

consultation_issue = sa.Table(
    "consultation_issue",
    metadata,
    row_id(),
    sa.Column("consultation_id", sa.String(14), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("upto_theme", serial),
    comment="append-only: consultations as they were published, small counts covered (JSON); "
    "upto_theme = the last row of consultation_theme that it rests on",
)

suggestion_outcome = sa.Table(
    "suggestion_outcome",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(24)),
    sa.Column("body_id", sa.String(40), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", serial),
    comment="append-only: what became of a suggestion, from closed lists; a correction is a new "
    "row that names the one it replaces",
)

suggestion_issue = sa.Table(
    "suggestion_issue",
    metadata,
    row_id(),
    sa.Column("quarter", sa.String(7), nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    comment="append-only: a quarter's covered totals of what became of suggestions, as published",
)
