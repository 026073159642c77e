"""Assignments, corrections asked for, published months; who reviews whom; days of linked steps."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("assignment", "assignment_event", "correction", "publication")


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


def _id() -> sa.Column[int]:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", serial, autoincrement=True, nullable=False)


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def upgrade() -> None:
    # plain ADD COLUMN: a rebuilt table would lose its append-only triggers on SQLite
    op.add_column("body", sa.Column("reviewed_by", sa.String(length=40), nullable=True))
    op.add_column("case_event", sa.Column("planned_on", sa.Date(), nullable=True))
    op.create_table(
        "assignment",
        sa.Column("assignment_id", sa.String(length=14), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("case_id", sa.String(length=14), nullable=True),
        sa.Column("flag_id", sa.String(length=32), nullable=True),
        sa.Column("body_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("text_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_assignment")),
    )
    _index("assignment", "case_id", "flag_id", "body_id", "recorded_at")
    op.create_table(
        "assignment_event",
        _id(),
        sa.Column("assignment_id", sa.String(length=14), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("text_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_event")),
    )
    _index("assignment_event", "assignment_id", "recorded_at")
    op.create_table(
        "correction",
        _id(),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("field", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    _index("correction", "case_id", "recorded_at")
    op.create_table(
        "publication",
        _id(),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    _index("publication", "month")
    _forbid_changes()


def downgrade() -> None:
    for table in ("publication", "correction", "assignment_event", "assignment"):
        op.drop_table(table)
    op.drop_column("case_event", "planned_on")
    op.drop_column("body", "reviewed_by")
