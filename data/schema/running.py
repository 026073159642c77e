"""What the machine itself did at night, and what it said of it: numbers and words of lists only."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

run = sa.Table(
    "run",
    metadata,
    row_id(),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("process", sa.Integer, nullable=False),
    comment="append-only: a nightly run that began, for a local day, with its process number",
)

run_step = sa.Table(
    "run_step",
    metadata,
    row_id(),
    sa.Column("run_id", serial, nullable=False, index=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("counts", sa.Text),
    sa.Column("problem", sa.String(80)),
    comment="append-only: a step that began, was done or failed; counts are numbers by name "
    "(JSON), problem is a catalogue key or the kind of an error, never its words",
)

notice = sa.Table(
    "notice",
    metadata,
    row_id(),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("numbers", sa.Text, nullable=False),
    sa.UniqueConstraint("day", "kind", "channel"),
    comment="append-only: what was to be told outside on a day, once per channel: covered county "
    "numbers (JSON), no case, no area, no text",
)

notice_try = sa.Table(
    "notice_try",
    metadata,
    row_id(),
    sa.Column("notice_id", serial, nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("outcome", sa.String(12), nullable=False),
    comment="append-only: sent, or why not (a word of the list)",
)
