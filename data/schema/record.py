"""What the county is, its cases, their events, texts and receipts."""

from __future__ import annotations

import sqlalchemy as sa

from data.instant import Instant

from .base import metadata, row_id, serial

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="what this database is: kind, names, zone, pack; one row per fact",
)

config_file = sa.Table(
    "config_file",
    metadata,
    row_id(),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="files that steer the software, as loaded; the newest of a name is in force",
)

body = sa.Table(
    "body",
    metadata,
    sa.Column("body_id", sa.String(40), primary_key=True),
    sa.Column("name_zh", sa.String(80), nullable=False),
    sa.Column("name_en", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("township_code", sa.String(20)),
    sa.Column("reviewed_by", sa.String(40)),
    comment="offices that can owe an answer; township offices are desks too; reviewed_by = the "
    "body that reviews its answers (NULL = reviews are not sorted here)",
)

township = sa.Table(
    "township",
    metadata,
    sa.Column("township_code", sa.String(20), primary_key=True),
    sa.Column("name_zh", sa.String(80), nullable=False),
    sa.Column("name_en", sa.String(80), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
)

area = sa.Table(
    "area",
    metadata,
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("level", sa.String(20), nullable=False),
    sa.Column("parent_code", sa.String(20)),
    sa.Column("name_zh", sa.String(80), nullable=False),
    sa.Column("name_en", sa.String(80), nullable=False),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date),
    sa.Column("shape", sa.LargeBinary, nullable=False),
    comment="the layer: every area of every level, WKB in EPSG:4490",
)

case_version = sa.Table(
    "case_version",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("replaces", serial),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("source_recorded_at", Instant),
    sa.Column("township_code", sa.String(20), nullable=False),
    sa.Column("grid_code", sa.String(20)),
    sa.Column("domain", sa.String(20), nullable=False),
    sa.Column("category", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("amount_band", sa.String(12)),
    sa.Column("procedure", sa.String(10), nullable=False),
    sa.Column("pack", sa.String(40), nullable=False),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("desk", sa.String(40), nullable=False, index=True),
    sa.Column("limit_at", Instant),
    sa.Column("needs_confirmation", sa.Boolean, nullable=False),
    comment="append-only: a case, and its corrections as new versions",
)

source_ref = sa.Table(
    "source_ref",
    metadata,
    sa.Column("source_key", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    comment="keyed hash of the sender's own number, to know a repeat; deleted when the case ends",
)

case_event = sa.Table(
    "case_event",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(24), nullable=False),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("source_recorded_at", Instant),
    sa.Column("actor", sa.String(8), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("to_body_id", sa.String(40)),
    sa.Column("days", sa.SmallInteger),
    sa.Column("code", sa.String(40)),
    sa.Column("text_id", sa.String(32)),
    sa.Column("planned_on", sa.Date),
    comment="append-only: every step of the office and every word of the asker; planned_on = the "
    "local day a mediation, joint meeting, aid or hearing is set for",
)

_went = sa.text("to_body_id IS NOT NULL")
sa.Index(
    "ix_case_event_to_body_id", case_event.c.to_body_id,
    sqlite_where=_went, postgresql_where=_went,
)  # fmt: skip

case_text = sa.Table(
    "case_text",
    metadata,
    sa.Column("text_id", sa.String(32), primary_key=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("part", sa.String(8), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    comment="texts, each sealed with its case's key: summary, place (while unconfirmed), words",
)

text_key = sa.Table(
    "text_key",
    metadata,
    sa.Column("case_id", sa.String(14), primary_key=True),
    sa.Column("key_version", sa.SmallInteger, nullable=False),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("destroyed_at", Instant),
    comment="one key per case, wrapped by the master key outside the database; its end is theirs",
)

receipt = sa.Table(
    "receipt",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("key_version", sa.SmallInteger, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("desk", sa.String(40), nullable=False),
    sa.Column("reissued", sa.Boolean, nullable=False),
    sa.Column("first_opened_at", Instant),
    sa.Column("replaced_at", Instant),
    comment="codes as keyed hashes; a code itself is never stored",
)

asker_word = sa.Table(
    "asker_word",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("word_hash", sa.String(128), nullable=False),
    sa.Column("set_at", Instant, nullable=False),
    sa.Column("void_at", Instant),
    comment="the word the asker sets at the first opening; rating and withdrawing need it",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    row_id(),
    sa.Column("desk", sa.String(40), nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("source_name", sa.String(120), nullable=False),
    sa.Column("row_number", sa.Integer, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
    sa.Column("key_version", sa.SmallInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    comment="rows that were refused, sealed, for their desk; deleted after 30 days",
)

correction = sa.Table(
    "correction",
    metadata,
    row_id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("field", sa.String(12), nullable=False),
    sa.Column("value", sa.String(60)),
    sa.Column("code", sa.String(24)),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    comment="append-only: the asker says that category or place was entered wrongly; the desk "
    "corrects it (a new case_version) or declines with a reason from the list",
)

area_change = sa.Table(
    "area_change",
    metadata,
    row_id(),
    sa.Column("from_code", sa.String(20), nullable=False, index=True),
    sa.Column("to_code", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    comment="append-only: split, merged, renamed; share (0-1) of the old area's land in the new",
)

last_stamp = sa.Table(
    "last_stamp",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    comment="one row: the newest recorded_at given out, so that the next is never earlier",
)
