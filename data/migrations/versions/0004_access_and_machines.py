"""Invitations, second factors, machines' tokens; rosters, changed areas, issued reports."""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("roster", "area_change", "report_issue")


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


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _instant(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _id() -> sa.Column[int]:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", serial, autoincrement=True, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str, unique: bool = False) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=unique)


def upgrade() -> None:
    op.add_column("account", _text("language", 2, nullable=True))
    op.add_column("account", sa.Column("totp_version", sa.SmallInteger(), nullable=True))
    op.add_column("account", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("account", _text("outside_id", 64, nullable=True))
    _index("account", "outside_id", unique=True)
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("session", sa.Column("account_role_id", serial, nullable=True))
    op.create_table(
        "invitation",
        _text("token_hash", 64),
        _text("account_id", 32),
        _instant("made_at"),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        _instant("ended_at", nullable=True),
        _key("invitation", "token_hash"),
    )
    _index("invitation", "account_id")
    op.create_table(
        "attempt",
        _text("key", 64),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("last_at"),
        _key("attempt", "key"),
    )
    op.create_table(
        "paired_grant",
        _text("grant_id", 32),
        _text("kind", 12),
        _text("account_id", 32),
        _text("reason", 24),
        _text("asked_by", 32),
        _instant("asked_at"),
        _text("granted_by", 32, nullable=True),
        _instant("granted_at", nullable=True),
        _instant("ends_at"),
        _instant("ended_at", nullable=True),
        _key("paired_grant", "grant_id"),
    )
    _index("paired_grant", "account_id")
    op.create_table(
        "api_token",
        _text("token_id", 32),
        _text("token_hash", 64),
        _text("label", 60),
        _text("kind", 12),
        _text("body_id", 40),
        _text("channel", 12),
        _instant("made_at"),
        _instant("expires_at"),
        _instant("ended_at", nullable=True),
        _key("api_token", "token_id"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "sent_case",
        _text("case_id", 14),
        _text("token_id", 32),
        _key("sent_case", "case_id"),
    )
    _index("sent_case", "token_id")
    op.create_table(
        "sent_before",
        _text("token_id", 32),
        _text("key_hash", 64),
        _text("request_hash", 64),
        _instant("recorded_at"),
        sa.Column("answer", sa.Text(), nullable=False),
        _key("sent_before", "token_id", "key_hash"),
    )
    op.create_table(
        "roster",
        _id(),
        sa.Column("day", sa.Date(), nullable=False),
        _text("starts", 5),
        _text("ends", 5),
        _text("post", 40),
        _text("body_id", 40, nullable=True),
        _text("place", 80),
        sa.Column("slots", sa.SmallInteger(), nullable=False),
        _instant("recorded_at"),
        sa.Column("replaces", serial, nullable=True),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        _key("roster", "id"),
    )
    _index("roster", "day")
    op.create_table(
        "area_change",
        _id(),
        _text("from_code", 20),
        _text("to_code", 20),
        _text("kind", 8),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        _instant("recorded_at"),
        _key("area_change", "id"),
    )
    _index("area_change", "from_code")
    op.create_table(
        "report_issue",
        _id(),
        _text("kind", 12),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _instant("recorded_at"),
        _text("issued_by", 32),
        _text("sha256", 64),
        sa.Column("content", sa.Text(), nullable=False),
        _key("report_issue", "id"),
    )
    _index("report_issue", "ends_on")
    _forbid_changes()


def downgrade() -> None:
    for table in (
        "report_issue", "area_change", "roster", "sent_before", "sent_case", "api_token",
        "paired_grant", "attempt", "invitation",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("session", "account_role_id")
    op.drop_index(op.f("ix_account_outside_id"), "account")
    for column in ("outside_id", "totp_step", "totp_sealed", "totp_version", "language"):
        op.drop_column("account", column)
