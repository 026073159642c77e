"""The forecast's record: models in force, scores as shown, flags and what became of them."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("model", "score", "flag", "flag_event")


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
    op.create_table(
        "model",
        _id(),
        sa.Column("model_version", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.String(length=24), nullable=False),
        sa.Column("data_hash", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        comment="append-only: forecasts put in force, the newest row counts; rolling back adds a row",
    )
    _index("model", "model_version")
    op.create_table(
        "score",
        _id(),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("model_version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        comment="append-only: the chance of a late answer of an open case, as it was shown",
    )
    _index("score", "case_id", "as_of")
    op.create_table(
        "flag",
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("model_version", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("flag_id", name=op.f("pk_flag")),
        comment="append-only: cases put before the supervisor; reasons are catalogue keys and numbers",
    )
    _index("flag", "case_id", "as_of")
    op.create_table(
        "flag_event",
        _id(),
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_event")),
        comment="append-only: what became of a flag; who decided stands in the audit log only",
    )
    _index("flag_event", "flag_id", "recorded_at")
    _forbid_changes()


def downgrade() -> None:
    for table in ("flag_event", "flag", "score", "model"):
        op.drop_table(table)
