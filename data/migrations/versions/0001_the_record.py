"""The record: every table, and the triggers that keep the append-only ones so."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("config_file", "case_version", "case_event", "filing", "excused_day", "audit")


def _forbid_changes() -> None:
    """Evidence, not prevention, against the owner of the file; prevention for the application."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION zaojie_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
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
    op.create_table(
        "account",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "account_role",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
        comment="a role within one body (its township follows from the body); county roles name none",
    )
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_role_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "area",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=True),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("shape", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_area")),
        comment="the layer: every area of every level, WKB in EPSG:4490",
    )
    op.create_table(
        "asker_word",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("word_hash", sa.String(length=128), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("void_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asker_word")),
        comment="the word the asker sets at the first opening; rating and withdrawing need it",
    )
    with op.batch_alter_table("asker_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asker_word_case_id"), ["case_id"], unique=False)

    op.create_table(
        "audit",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="append-only, each entry chained to the one before",
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_target"), ["target"], unique=False)

    op.create_table(
        "body",
        sa.Column("body_id", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("township_code", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_body")),
        comment="offices that can owe an answer; township offices are desks too",
    )
    op.create_table(
        "case_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("source_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(length=8), nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=True),
        sa.Column("to_body_id", sa.String(length=40), nullable=True),
        sa.Column("days", sa.SmallInteger(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("text_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        comment="append-only: every step of the office and every word of the asker",
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_event_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_event_recorded_at"), ["recorded_at"], unique=False
        )

    op.create_table(
        "case_text",
        sa.Column("text_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_case_text")),
        comment="texts, each sealed with its case's key: summary, place (while unconfirmed), words",
    )
    with op.batch_alter_table("case_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_text_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_version",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("replaces", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("source_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("township_code", sa.String(length=20), nullable=False),
        sa.Column("grid_code", sa.String(length=20), nullable=True),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("amount_band", sa.String(length=12), nullable=True),
        sa.Column("procedure", sa.String(length=10), nullable=False),
        sa.Column("pack", sa.String(length=40), nullable=False),
        sa.Column("body_id", sa.String(length=40), nullable=False),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("limit_at", sa.BigInteger(), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_version")),
        comment="append-only: a case, and its corrections as new versions",
    )
    with op.batch_alter_table("case_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_version_body_id"), ["body_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_version_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_version_recorded_at"), ["recorded_at"], unique=False
        )

    op.create_table(
        "config_file",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_config_file")),
        comment="files that steer the software, as loaded; the newest of a name is in force",
    )
    op.create_table(
        "excused_day",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("township_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excused_day")),
    )
    op.create_table(
        "filing",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("township_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("source_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        comment="append-only: daily filings of the desks; no free text",
    )
    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filing_period"), ["period"], unique=False)

    op.create_table(
        "last_stamp",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_last_stamp")),
        comment="one row: the newest recorded_at given out, so that the next is never earlier",
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
        comment="what this database is: kind, names, zone, pack; one row per fact",
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("source_name", sa.String(length=120), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        comment="rows that were refused, sealed, for their desk; deleted after 30 days",
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_desk"), ["desk"], unique=False)

    op.create_table(
        "receipt",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("reissued", sa.Boolean(), nullable=False),
        sa.Column("first_opened_at", sa.BigInteger(), nullable=True),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_receipt_code_hash")),
        comment="codes as keyed hashes; a code itself is never stored",
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_case_id"), ["case_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "source_ref",
        sa.Column("source_key", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.PrimaryKeyConstraint("source_key", name=op.f("pk_source_ref")),
        comment="keyed hash of the sender's own number, to know a repeat; deleted when the case ends",
    )
    with op.batch_alter_table("source_ref", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_ref_case_id"), ["case_id"], unique=False)

    op.create_table(
        "text_key",
        sa.Column("case_id", sa.String(length=14), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_text_key")),
        comment="one key per case, wrapped by the master key outside the database; its end is theirs",
    )
    op.create_table(
        "township",
        sa.Column("township_code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("township_code", name=op.f("pk_township")),
    )
    op.execute("INSERT INTO last_stamp (id, at) VALUES (1, 0)")
    _forbid_changes()


def downgrade() -> None:
    op.drop_table("township")
    op.drop_table("text_key")
    with op.batch_alter_table("source_ref", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_ref_case_id"))

    op.drop_table("source_ref")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_account_id"))

    op.drop_table("session")
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_case_id"))

    op.drop_table("receipt")
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_desk"))

    op.drop_table("quarantine")
    op.drop_table("meta")
    op.drop_table("last_stamp")
    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filing_period"))

    op.drop_table("filing")
    op.drop_table("excused_day")
    op.drop_table("config_file")
    with op.batch_alter_table("case_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_version_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_case_version_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_version_body_id"))

    op.drop_table("case_version")
    with op.batch_alter_table("case_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_text_case_id"))

    op.drop_table("case_text")
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_event_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_case_event_case_id"))

    op.drop_table("case_event")
    op.drop_table("body")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_target"))

    op.drop_table("audit")
    with op.batch_alter_table("asker_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asker_word_case_id"))

    op.drop_table("asker_word")
    op.drop_table("area")
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_role_account_id"))

    op.drop_table("account_role")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION zaojie_append_only()")
