"""Plans for backlog, and what came of answers that did not hold.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("backlog_plan", "backlog_step", "answer_review")


def _forbid_changes() -> None:
    """The same triggers as 0001; PostgreSQL has their function already."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        if is_postgres:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION zaojie_append_only()"
            )
            continue
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "backlog_plan",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        _text("plan_id", 14),
        _text("case_id", 14),
        _text("body_id", 40),
        _text("post", 40),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        _text("replaces", 14, nullable=True),
        _text("reason", 24, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backlog_plan")),
    )
    _index("backlog_plan", "plan_id", "case_id")
    op.create_table(
        "backlog_step",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        _text("plan_id", 14),
        _text("step", 24),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backlog_step")),
    )
    _index("backlog_step", "plan_id")
    op.create_table(
        "answer_review",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        _text("review_id", 14),
        _text("case_id", 14),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        _text("kind", 8),
        _text("body_id", 40, nullable=True),
        _text("handled", 24),
        _text("came_back", 24),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        _text("replaces", 14, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_review")),
    )
    _index("answer_review", "case_id", "recorded_at")
    _forbid_changes()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
