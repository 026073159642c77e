"""Indexes for what pages ask with few rows: a body's cases, a desk's cases, the newest filing.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # of the few steps that go to another body, not of all: taking a file in stays as quick
    went = sa.text("to_body_id IS NOT NULL")
    op.create_index(
        "ix_case_event_to_body_id", "case_event", ["to_body_id"],
        sqlite_where=went, postgresql_where=went,
    )
    op.create_index("ix_case_version_desk", "case_version", ["desk"])
    op.create_index("ix_filing_recorded_at", "filing", ["recorded_at"])


def downgrade() -> None:
    op.drop_index("ix_filing_recorded_at", "filing")
    op.drop_index("ix_case_version_desk", "case_version")
    op.drop_index("ix_case_event_to_body_id", "case_event")
