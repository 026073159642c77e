"""Appointments by receipt code, joint sessions, what was promised at the table.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("appointment", "roster_sits")


def _forbid_changes() -> None:
    """The same triggers as 0001; PostgreSQL has their function already."""
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION zaojie_append_only()"
            )
        return
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "appointment",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("roster_id", serial, nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        for column in ("case_id", "roster_id"):
            batch_op.create_index(batch_op.f(f"ix_appointment_{column}"), [column])
    op.create_table(
        "roster_sits",
        sa.Column("roster_id", serial, autoincrement=False, nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("roster_id", "body_id", name=op.f("pk_roster_sits")),
    )
    _forbid_changes()


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.drop_table(table)
