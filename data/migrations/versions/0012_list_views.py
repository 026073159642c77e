"""How an account sees its lists: columns and rows per page.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_view",
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("list_id", sa.String(24), nullable=False),
        sa.Column("shown", sa.String(800), nullable=False),
        sa.Column("page_rows", sa.SmallInteger()),
        sa.PrimaryKeyConstraint("account_id", "list_id", name=op.f("pk_list_view")),
    )


def downgrade() -> None:
    op.drop_table("list_view")
