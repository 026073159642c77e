"""Sweeps, campaigns, inspections and outside evaluations: of bodies' service, never of who asks."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id

sweep = sa.Table(
    "sweep",
    metadata,
    sa.Column("sweep_id", sa.String(14), primary_key=True),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: a body looks at all its own cases of a kind until a day",
)

sweep_case = sa.Table(
    "sweep_case",
    metadata,
    row_id(),
    sa.Column("sweep_id", sa.String(14), nullable=False, index=True),
    sa.Column("case_id", sa.String(14), nullable=False),
    comment="append-only: the whole list of a sweep as the log gave it at its start; nobody picks",
)

sweep_finding = sa.Table(
    "sweep_finding",
    metadata,
    row_id(),
    sa.Column("sweep_id", sa.String(14), nullable=False, index=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("body_id", sa.String(40), nullable=False),
    sa.Column("finding", sa.String(16), nullable=False),
    sa.Column("step", sa.String(24)),
    sa.Column("due_on", sa.Date),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: what a body found of its own handling of a case, and the step it owes; "
    "words of lists, shown to the one who asked; the newest of a case counts",
)

campaign = sa.Table(
    "campaign",
    metadata,
    sa.Column("campaign_id", sa.String(14), primary_key=True),
    sa.Column("begins_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("categories", sa.Text, nullable=False),
    sa.Column("bodies", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: bodies mend their service in some categories (JSON lists); no case",
)

campaign_measure = sa.Table(
    "campaign_measure",
    metadata,
    sa.Column("measure_id", sa.String(14), primary_key=True),
    sa.Column("campaign_id", sa.String(14), nullable=False, index=True),
    sa.Column("body_id", sa.String(40), nullable=False),
    sa.Column("category", sa.String(40), nullable=False),
    sa.Column("figure", sa.String(16), nullable=False),
    sa.Column("measure", sa.String(24), nullable=False),
    sa.Column("post", sa.String(40), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: the three lists in one row: which figure of which category is the "
    "problem, which measure by which day, which post of which body is responsible",
)

campaign_result = sa.Table(
    "campaign_result",
    metadata,
    row_id(),
    sa.Column("measure_id", sa.String(14), nullable=False, index=True),
    sa.Column("result", sa.String(8), nullable=False),
    sa.Column("done_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: what became of a measure; the newest counts",
)

inspection = sa.Table(
    "inspection",
    metadata,
    row_id(),
    sa.Column("year", sa.SmallInteger, nullable=False, index=True),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("item", sa.String(32), nullable=False),
    sa.Column("mark", sa.String(16), nullable=False),
    sa.Column("done_on", sa.Date, nullable=False),
    sa.Column("post", sa.String(40), nullable=False),
    sa.Column("checklist", sa.String(64), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: an item of the year's checklist at a body; the newest mark counts; "
    "checklist: the hash of the list it stands on",
)

evaluation = sa.Table(
    "evaluation",
    metadata,
    row_id(),
    sa.Column("year", sa.SmallInteger, nullable=False, index=True),
    sa.Column("evaluator", sa.String(24), nullable=False),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("measure", sa.String(16), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("method", sa.String(24), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: what an evaluator from outside measured of a body's service (0-1 of base "
    "answers); the newest of year, evaluator, body and measure counts",
)
