"""The nightly run, its steps and notices.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = ("run", "run_step", "notice", "notice_try")


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


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _serial(), autoincrement=True, nullable=False)


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at() -> sa.Column[int]:
    return sa.Column("recorded_at", sa.BigInteger(), nullable=False)


def _day() -> sa.Column[object]:
    return sa.Column("day", sa.Date(), nullable=False)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade() -> None:
    op.create_table(
        "run", _id(), _day(), _at(), sa.Column("process", sa.Integer(), nullable=False),
        _key("run"),
    )
    op.create_table(
        "run_step",
        _id(),
        sa.Column("run_id", _serial(), nullable=False),
        _day(),
        _text("step", 16),
        _text("event", 12),
        _at(),
        sa.Column("counts", sa.Text(), nullable=True),
        _text("problem", 80, nullable=True),
        _key("run_step"),
    )
    op.create_table(
        "notice",
        _id(),
        _day(),
        _text("kind", 12),
        _text("channel", 12),
        _at(),
        sa.Column("numbers", sa.Text(), nullable=False),
        _key("notice"),
        sa.UniqueConstraint("day", "kind", "channel", name=op.f("uq_notice_day_kind_channel")),
    )
    op.create_table(
        "notice_try",
        _id(),
        sa.Column("notice_id", _serial(), nullable=False),
        _at(),
        _text("outcome", 12),
        _key("notice_try"),
    )
    for table, column in (
        ("run", "day"), ("run_step", "run_id"), ("run_step", "day"), ("notice", "day"),
        ("notice_try", "notice_id"),
    ):
        _index(table, column)
    _forbid_changes()


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
