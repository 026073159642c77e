"""Who may enter, what machines may send, and what is known of both."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

account = sa.Table(
    "account",
    metadata,
    sa.Column("account_id", sa.String(32), primary_key=True),
    sa.Column("login", sa.String(60), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("language", sa.String(2)),
    sa.Column("totp_version", sa.SmallInteger),
    sa.Column("totp_sealed", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger),
    sa.Column("outside_id", sa.String(64), unique=True, index=True),
    comment="staff only. totp_step = the newest 30-second step a code was used for; outside_id = "
    "keyed hash of issuer and subject at the office's own sign-in service",
)

account_role = sa.Table(
    "account_role",
    metadata,
    row_id(),
    sa.Column("account_id", sa.String(32), nullable=False, index=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant),
    comment="a role within one body (its township follows from the body); county roles name none",
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(32), nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("account_role_id", serial),
    comment="account_role_id = the role this session acts in; NULL = the account's first",
)

invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(32), nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.Column("ended_at", Instant),
    comment="one-time links by which a new account sets its first password",
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    comment="failed staff sign-ins per keyed hash of login or address; forgotten after a day",
)

paired_grant = sa.Table(
    "paired_grant",
    metadata,
    sa.Column("grant_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("account_id", sa.String(32), nullable=False, index=True),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("asked_by", sa.String(32), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("granted_by", sa.String(32)),
    sa.Column("granted_at", Instant),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    comment="what takes two accounts: reading texts county-wide, a case-level export",
)

list_view = sa.Table(
    "list_view",
    metadata,
    sa.Column("account_id", sa.String(32), primary_key=True),
    sa.Column("list_id", sa.String(24), primary_key=True),
    sa.Column("shown", sa.String(800), nullable=False),
    sa.Column("page_rows", sa.SmallInteger),
    comment="which columns of a list an account sees, and how many rows a page; no case, no filter",
)

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("token_id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("label", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("body_id", sa.String(40), nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    comment="machines that send cases for one desk; the token itself is never stored",
)

sent_case = sa.Table(
    "sent_case",
    metadata,
    sa.Column("case_id", sa.String(14), primary_key=True),
    sa.Column("token_id", sa.String(32), nullable=False, index=True),
    comment="which machine sent a case, so that it can ask for this one's status and no other",
)

sent_before = sa.Table(
    "sent_before",
    metadata,
    sa.Column("token_id", sa.String(32), primary_key=True),
    sa.Column("key_hash", sa.String(64), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    comment="Idempotency-Key of a machine's request and its answer without codes; 30 days",
)

audit = sa.Table(
    "audit",
    metadata,
    row_id(),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(40), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("target", sa.String(80), index=True),
    sa.Column("reason", sa.String(200)),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("place", sa.String(43)),
    comment="append-only, each entry chained to the one before",
)
