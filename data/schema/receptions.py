"""Receptions: places that askers booked, and the bodies that sit at a joint session."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

appointment = sa.Table(
    "appointment",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("roster_id", serial, nullable=False, index=True),
    sa.Column("slot", sa.SmallInteger, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: a place of a reception that the asker booked or cancelled by code; the "
    "newest row of a case says where it stands. No body's clerk reads roster_id or slot",
)

roster_sits = sa.Table(
    "roster_sits",
    metadata,
    sa.Column("roster_id", serial, primary_key=True, autoincrement=False),
    sa.Column("body_id", sa.String(40), primary_key=True),
    comment="append-only: the bodies that sit at a joint session; lines without a row are none",
)
