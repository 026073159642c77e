"""Plans for backlog cases (积案), and what came of answers that did not hold; no free text."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id

backlog_plan = sa.Table(
    "backlog_plan",
    metadata,
    row_id(),
    sa.Column("plan_id", sa.String(14), nullable=False, index=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("body_id", sa.String(40), nullable=False),
    sa.Column("post", sa.String(40), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", sa.String(14)),
    sa.Column("reason", sa.String(24)),
    comment="append-only: which post of which body clears a backlog case by which day; a change is "
    "a new plan that names the one it replaces and why, from a list",
)

backlog_step = sa.Table(
    "backlog_step",
    metadata,
    row_id(),
    sa.Column("plan_id", sa.String(14), nullable=False, index=True),
    sa.Column("step", sa.String(24), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    comment="append-only: a service step of a plan and its day; whether it was taken, the case's "
    "own log says",
)

answer_review = sa.Table(
    "answer_review",
    metadata,
    row_id(),
    sa.Column("review_id", sa.String(14), nullable=False),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("answered_at", Instant, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("handled", sa.String(24), nullable=False),
    sa.Column("came_back", sa.String(24), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("replaces", sa.String(14)),
    comment="append-only: how a case was handled whose answer did not hold, and why it came back, "
    "both from lists; the first by the body that answered, the second by the supervisor",
)
