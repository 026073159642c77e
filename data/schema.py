"""Every table and column the record has: the one place where a column is made.

`tests/rules/golden_columns.txt` lists them all; a new one fails there until somebody adds it on
purpose, with DOMAIN.md §2 in mind: no column for a person, a count of people or their history.

Times are `Instant`: microseconds since 1970 in UTC, so that both databases order and compare them
alike and a bulk read needs no parsing. `recorded_at` is set by the server and never decreases.
"""

from __future__ import annotations

import sqlalchemy as sa

from .instant import Instant

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _serial, primary_key=True, autoincrement=True)


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
    _id(),
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
    _id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("replaces", _serial),
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
    sa.Column("desk", sa.String(40), nullable=False),
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
    _id(),
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
    _id(),
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
    _id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("word_hash", sa.String(128), nullable=False),
    sa.Column("set_at", Instant, nullable=False),
    sa.Column("void_at", Instant),
    comment="the word the asker sets at the first opening; rating and withdrawing need it",
)

filing = sa.Table(
    "filing",
    metadata,
    _id(),
    sa.Column("township_code", sa.String(20), nullable=False),
    sa.Column("period", sa.Date, nullable=False, index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("filed_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("source_recorded_at", Instant),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(24)),
    comment="append-only: daily filings of the desks; no free text",
)

excused_day = sa.Table(
    "excused_day",
    metadata,
    _id(),
    sa.Column("township_code", sa.String(20), nullable=False),
    sa.Column("period", sa.Date, nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("account_id", sa.String(32), primary_key=True),
    sa.Column("login", sa.String(60), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)

account_role = sa.Table(
    "account_role",
    metadata,
    _id(),
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
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(40), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("body_id", sa.String(40)),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("target", sa.String(80), index=True),
    sa.Column("reason", sa.String(200)),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    comment="append-only, each entry chained to the one before",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    _id(),
    sa.Column("desk", sa.String(40), nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("source_name", sa.String(120), nullable=False),
    sa.Column("row_number", sa.Integer, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
    sa.Column("key_version", sa.SmallInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    comment="rows that were refused, sealed, for their desk; deleted after 30 days",
)

model = sa.Table(
    "model",
    metadata,
    _id(),
    sa.Column("model_version", sa.String(32), nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("as_of", Instant, nullable=False),
    sa.Column("served", sa.String(24), nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("code_version", sa.String(40), nullable=False),
    sa.Column("card", sa.Text, nullable=False),
    comment="append-only: forecasts put in force, the newest row counts; rolling back adds a row",
)

score = sa.Table(
    "score",
    metadata,
    _id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("as_of", Instant, nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("model_version", sa.String(32), nullable=False),
    comment="append-only: the chance of a late answer of an open case, as it was shown",
)

flag = sa.Table(
    "flag",
    metadata,
    sa.Column("flag_id", sa.String(32), primary_key=True),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("as_of", Instant, nullable=False, index=True),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("level", sa.String(12), nullable=False),
    sa.Column("model_version", sa.String(32), nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    comment="append-only: cases put before the supervisor; reasons are catalogue keys and numbers",
)

flag_event = sa.Table(
    "flag_event",
    metadata,
    _id(),
    sa.Column("flag_id", sa.String(32), nullable=False, index=True),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("reason", sa.String(24)),
    comment="append-only: what became of a flag; who decided stands in the audit log only",
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("assignment_id", sa.String(14), primary_key=True),
    sa.Column("origin", sa.String(12), nullable=False),
    sa.Column("case_id", sa.String(14), index=True),
    sa.Column("flag_id", sa.String(32), index=True),
    sa.Column("body_id", sa.String(40), nullable=False, index=True),
    sa.Column("subject", sa.String(24), nullable=False),
    sa.Column("step", sa.String(24), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("text_id", sa.String(32)),
    comment="append-only: a body is asked for a service step by a day; without a case it is about "
    "a subject from a closed list and carries no words",
)

assignment_event = sa.Table(
    "assignment_event",
    metadata,
    _id(),
    sa.Column("assignment_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(16), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    sa.Column("body_id", sa.String(40)),
    sa.Column("code", sa.String(24)),
    sa.Column("text_id", sa.String(32)),
    comment="append-only: acknowledged, answered, returned, verified, ended",
)

correction = sa.Table(
    "correction",
    metadata,
    _id(),
    sa.Column("case_id", sa.String(14), nullable=False, index=True),
    sa.Column("event", sa.String(12), nullable=False),
    sa.Column("field", sa.String(12), nullable=False),
    sa.Column("value", sa.String(60)),
    sa.Column("code", sa.String(24)),
    sa.Column("recorded_at", Instant, nullable=False, index=True),
    comment="append-only: the asker says that category or place was entered wrongly; the desk "
    "corrects it (a new case_version) or declines with a reason from the list",
)

publication = sa.Table(
    "publication",
    metadata,
    _id(),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    comment="append-only: the covered monthly figures as they were published (JSON)",
)

last_stamp = sa.Table(
    "last_stamp",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    comment="one row: the newest recorded_at given out, so that the next is never earlier",
)

APPEND_ONLY = (
    "config_file", "case_version", "case_event", "filing", "excused_day", "audit",
    "model", "score", "flag", "flag_event", "assignment", "assignment_event", "correction",
    "publication",
)  # fmt: skip
"""Tables that triggers keep from being updated or deleted from."""
