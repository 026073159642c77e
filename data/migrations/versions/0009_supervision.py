"""Sweeps, campaigns, inspections and outside evaluations.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "sweep", "sweep_case", "sweep_finding", "campaign", "campaign_measure", "campaign_result",
    "inspection", "evaluation",
)  # fmt: skip


def _forbid_changes() -> None:
    """The same triggers as 0001; PostgreSQL has their function already."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION zaojie_append_only()"
            )
        return
    for table in TABLES:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _day(name: str, nullable: bool = False) -> sa.Column[dt.date]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _recorded() -> sa.Column[int]:
    return sa.Column("recorded_at", sa.BigInteger(), nullable=False)


def _id() -> sa.Column[int]:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", serial, autoincrement=True, nullable=False)


def _table(name: str, key: str, *columns: sa.Column, indexes: tuple[str, ...] = ()) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")))
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in indexes:
            batch_op.create_index(batch_op.f(f"ix_{name}_{column}"), [column], unique=False)


def upgrade() -> None:
    _table(
        "sweep", "sweep_id",
        _text("sweep_id", 14), _text("body_id", 40), _text("kind", 12), _day("until"), _recorded(),
        indexes=("body_id",),
    )  # fmt: skip
    _table(
        "sweep_case", "id", _id(), _text("sweep_id", 14), _text("case_id", 14),
        indexes=("sweep_id",),
    )  # fmt: skip
    _table(
        "sweep_finding", "id",
        _id(), _text("sweep_id", 14), _text("case_id", 14), _text("body_id", 40),
        _text("finding", 16), _text("step", 24, nullable=True), _day("due_on", nullable=True),
        _recorded(),
        indexes=("sweep_id", "case_id"),
    )  # fmt: skip
    _table(
        "campaign", "campaign_id",
        _text("campaign_id", 14), _day("begins_on"), _day("ends_on"),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("bodies", sa.Text(), nullable=False), _recorded(),
    )  # fmt: skip
    _table(
        "campaign_measure", "measure_id",
        _text("measure_id", 14), _text("campaign_id", 14), _text("body_id", 40),
        _text("category", 40), _text("figure", 16), _text("measure", 24), _text("post", 40),
        _day("due_on"), _recorded(),
        indexes=("campaign_id",),
    )  # fmt: skip
    _table(
        "campaign_result", "id",
        _id(), _text("measure_id", 14), _text("result", 8), _day("done_on"), _recorded(),
        indexes=("measure_id",),
    )  # fmt: skip
    _table(
        "inspection", "id",
        _id(), sa.Column("year", sa.SmallInteger(), nullable=False), _text("body_id", 40),
        _text("item", 32), _text("mark", 16), _day("done_on"), _text("post", 40),
        _text("checklist", 64), _recorded(),
        indexes=("year", "body_id"),
    )  # fmt: skip
    _table(
        "evaluation", "id",
        _id(), sa.Column("year", sa.SmallInteger(), nullable=False), _text("evaluator", 24),
        _text("body_id", 40), _text("measure", 16),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False), _text("method", 24), _recorded(),
        indexes=("year", "body_id"),
    )  # fmt: skip
    _forbid_changes()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
