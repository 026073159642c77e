"""What an office says and does beside cases: filings, forecasts, assignments, rosters, reports."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

filing = sa.Table(
    "filing",
    metadata,
    row_id(),
    sa.Column("township_code", sa.String(20), nullable=False),
    sa.Column("period", sa.Date, nullable=False, index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("filed_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("source_recorded_at", Instant),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(24)),
    comment="append-only: daily filings of the desks; no free text",
)

excused_day = sa.Table(
    "excused_day",
    metadata,
    row_id(),
    sa.Column("township_code", sa.String(20), nullable=False),
    sa.Column("period", sa.Date, nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)

model = sa.Table(
    "model",
    metadata,
    row_id(),
    sa.Column("model_version", sa.String(32), nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("as_of", Instant, nullable=False),
    sa.Column("served", sa.String(24), nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("code_version", sa.String(40), nullable=False),
    sa.Column("card", sa.Text, nullable=False),
    comment="append-only: forecasts put in force, the newest row counts; rolling back adds a row",
)

score = sa.Table(
    "score",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("as_of", Instant, nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("model_version", sa.String(32), nullable=False),
    comment="append-only: the chance of a late answer of an open case, as it was shown",
)

flag = sa.Table(
    "flag",
    metadata,
    sa.Column("flag_id", sa.String(32), primary_key=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("as_of", Instant, nullable=False, index=True),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("level", sa.String(12), nullable=False),
    sa.Column("model_version", sa.String(32), nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    comment="append-only: cases put before the supervisor; reasons are catalogue keys and numbers",
)

flag_event = sa.Table(
    "flag_event",
    metadata,
    row_id(),
    sa.Column("flag_id", sa.String(32), nullable=False, index=True),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("reason", sa.String(24)),
    comment="append-only: what became of a flag; who decided stands in the audit log only",
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("assignment_id", sa.String(14), primary_key=True),
    sa.Column("origin", sa.String(12), nullable=False),
    sa.Column("case_id", sa.String(14), index=True),
    sa.Column("flag_id", sa.String(32), index=True),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("subject", sa.String(24), nullable=False),
    sa.Column("step", sa.String(24), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("text_id", sa.String(32)),
    comment="append-only: a body is asked for a service step by a day; without a case it is about "
    "a subject from a closed list and carries no words",
)

assignment_event = sa.Table(
    "assignment_event",
    metadata,
    row_id(),
    sa.Column("assignment_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(16), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("body_id", sa.String(40)),
    sa.Column("code", sa.String(24)),
    sa.Column("text_id", sa.String(32)),
    comment="append-only: acknowledged, answered, returned, verified, ended",
)

publication = sa.Table(
    "publication",
    metadata,
    row_id(),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    comment="append-only: the covered monthly figures as they were published (JSON)",
)

roster = sa.Table(
    "roster",
    metadata,
    row_id(),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("starts", sa.String(5), nullable=False),
    sa.Column("ends", sa.String(5), nullable=False),
    sa.Column("post", sa.String(40), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("place", sa.String(80), nullable=False),
    sa.Column("slots", sa.SmallInteger, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("replaces", serial),
    sa.Column("is_off", sa.Boolean, nullable=False),
    comment="append-only: who receives people when and where, by post, never by name; a changed or "
    "cancelled line is a new row that names the one it replaces",
)

report_issue = sa.Table(
    "report_issue",
    metadata,
    row_id(),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("issued_by", sa.String(32), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    comment="append-only: reports as they were issued, figures only (JSON)",
)
