"""Case texts: redacted, sealed under one key per case, apart from the append-only record.

Destroying a case's key ends all its texts in the database at once; a backup taken before still
holds the wrapped key until it is itself destroyed (docs/keys.md). The figures stay (DOMAIN.md
§2.13).
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from .db import Db
from .keys import draws, seal, seal_many, unseal
from .prepared import Prepared
from .redact import redact
from .schema import case_text, text_key

PARTS = ("summary", "place", "words")


def new_key(db: Db, case_id: str, at: dt.datetime) -> tuple[bytes, dict[str, object]]:
    """A fresh key for one case and the row that keeps it wrapped."""
    key = secrets.token_bytes(32)
    version, wrapped = db.keys.wrap("text", key, case_id)
    row = {"case_id": case_id, "key_version": version, "wrapped": wrapped, "made_at": at}
    return key, row


def new_keys(db: Db, case_ids: Iterable[str]) -> tuple[dict[str, bytes], int, dict[str, bytes]]:
    """As `new_key` of many different cases.

    Returns:
        Their keys by case, the version of the master key, and the wrapped keys by case.
    """
    wanted = list(case_ids)
    keys = dict(zip(wanted, draws(32, len(wanted)), strict=True))
    version, wrapped = db.keys.wrap_many("text", keys)
    return keys, version, dict(zip(wanted, wrapped, strict=True))


def sealed_text(
    key: bytes, case_id: str, part: str, text: str, *, is_clean: bool = False
) -> dict[str, object]:
    """The row for one text; what people wrote is cleaned of persons first, then sealed.

    `part` is `summary` (plain text), `words` (JSON of parts) or `place` (JSON of our own codes).
    is_clean: a summary that has come out of the redactor already.
    """
    text_id = secrets.token_hex(16)
    if part == "summary" and not is_clean:
        text = redact(text).text
    elif part == "words":
        words = {name: redact(said).text for name, said in json.loads(text).items()}
        text = json.dumps(words, ensure_ascii=False)
    return {
        "text_id": text_id,
        "case_id": case_id,
        "part": part,
        "sealed": seal(key, text.encode(), text_id),
    }


TEXT_COLUMNS = ("case_id", "text_id", "part", "sealed")
"""Of the tuples that `sealed_summaries` makes."""


def sealed_summaries(
    keys: Mapping[str, bytes], said: Mapping[str, str], *, is_clean: bool
) -> list[tuple[object, ...]]:
    """As `sealed_text` of many summaries, by case; each the values of `TEXT_COLUMNS`."""
    ids = [drawn.hex() for drawn in draws(16, len(said))]
    clean = said.values() if is_clean else (redact(text).text for text in said.values())
    plain = ((keys[i], text.encode()) for i, text in zip(said, clean, strict=True))
    return [
        (case_id, text_id, "summary", sealed)
        for text_id, case_id, sealed in zip(ids, said, seal_many(plain, ids), strict=True)
    ]


def key_of(db: Db, conn: sa.Connection, case_id: str, at: dt.datetime | None) -> bytes | None:
    """A case's key; made when it has none and `at` is given; None once it was destroyed."""
    row = next(iter(_KEY.rows(conn, case=case_id)), None)
    if row is None:
        if at is None:
            return None
        key, new_row = new_key(db, case_id, at)
        conn.execute(text_key.insert().values(**new_row))
        return key
    if row["wrapped"] is None:
        return None
    return db.keys.unwrap("text", row["key_version"], row["wrapped"], case_id)


def add(
    db: Db, conn: sa.Connection, case_id: str, part: str, text: str, at: dt.datetime
) -> str | None:
    """Store a text of a case; its id, or None when the case's texts have ended."""
    key = key_of(db, conn, case_id, at)
    if key is None:
        return None
    row = sealed_text(key, case_id, part, text)
    conn.execute(case_text.insert().values(**row))
    return str(row["text_id"])


def opened(db: Db, conn: sa.Connection, case_id: str, parts: Iterable[str]) -> dict[str, str]:
    """The texts of a case by text id; empty when its key is gone.

    Raises:
        cryptography.exceptions.InvalidTag: when a stored text was changed from outside.
    """
    key = db.kept(conn, ("key", case_id), lambda: key_of(db, conn, case_id, None))
    if key is None:
        return {}
    rows = db.kept(conn, ("texts", case_id), lambda: _TEXTS.rows(conn, case=case_id))
    wanted = tuple(parts)
    return {
        row["text_id"]: unseal(key, row["sealed"], row["text_id"]).decode()
        for row in rows
        if row["part"] in wanted
    }


_TEXTS = Prepared(
    sa.select(case_text.c.text_id, case_text.c.part, case_text.c.sealed).where(
        case_text.c.case_id == sa.bindparam("case")
    )
)
_KEY = Prepared(sa.select(text_key).where(text_key.c.case_id == sa.bindparam("case")))


def destroy_key(conn: sa.Connection, case_id: str, at: dt.datetime) -> None:
    """End all texts of a case, for good."""
    conn.execute(
        text_key.update()
        .where(text_key.c.case_id == case_id, text_key.c.destroyed_at.is_(None))
        .values(wrapped=None, destroyed_at=at)
    )
    conn.execute(case_text.delete().where(case_text.c.case_id == case_id))
