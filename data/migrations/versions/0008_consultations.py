"""Consultations before decisions, and suggestions with what became of them.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "consultation", "consultation_theme", "consultation_decision", "consultation_issue",
    "suggestion_outcome", "suggestion_issue",
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


def _day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _serial(name: str) -> sa.Column[int]:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, serial, nullable=True)


def _make(table: str, index: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    """A table with a numbered key, a time of recording and its indexes."""
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        table,
        sa.Column("id", serial, autoincrement=True, nullable=False),
        *columns,
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in index:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    _make(
        "consultation", ("consultation_id", "body_id"),
        _text("consultation_id", 14), _text("body_id", 40), _text("township_code", 20, True),
        _text("kind", 16), _text("title", 80), _text("matter", 1000), _text("papers_place", 120),
        _text("ask_desk", 120), _day("starts_on"), _day("ends_on"),
        _text("short_reason", 24, True), _serial("replaces"),
    )  # fmt: skip
    _make(
        "consultation_theme", ("consultation_id",),
        _text("consultation_id", 14), _text("theme", 16), _number("comment_count"),
        _text("reply", 1000, True), _serial("replaces"),
    )  # fmt: skip
    _make(
        "consultation_decision", ("consultation_id",),
        _text("consultation_id", 14), _text("outcome", 16), _day("decided_on"),
        _text("changes", 1000, True), _serial("replaces"),
    )  # fmt: skip
    _make(
        "consultation_issue", ("consultation_id",),
        _text("consultation_id", 14), _number("number"), _text("sha256", 64),
        sa.Column("content", sa.Text(), nullable=False), _serial("upto_theme"),
    )  # fmt: skip
    _make(
        "suggestion_outcome", ("case_id",),
        _text("case_id", 14), _text("outcome", 16), _text("reason", 24, True),
        _text("body_id", 40), _serial("replaces"),
    )  # fmt: skip
    _make(
        "suggestion_issue", ("quarter",),
        _text("quarter", 7), _text("sha256", 64),
        sa.Column("content", sa.Text(), nullable=False),
    )  # fmt: skip
    _forbid_changes()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
