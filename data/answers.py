"""What was said outside since a copy was made, as one sealed file that is carried back.

Sealed and made tamper-proof with the copy's own key (AES-256-GCM), so that whoever carries it
reads no rating and changes nothing unseen.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from .carry import COPY
from .db import Db, is_at_head, make_engine, micro
from .errors import ConfigError
from .instant import EPOCH
from .keys import RESIDENTS_PURPOSES, Keys, seal, unseal
from .schema import asker_word, case_event, case_text, correction, meta, receipt, text_key

_FORMAT = "zaojie answers 1"
MOST_BYTES = 200_000_000

Rows = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Answers:
    """What the askers did outside after `as_of` of a copy and until `until`, in order of time.

    events: case_id, event, at, code, text_id. words: case_id, word_hash, set_at, void_at.
    receipts: code_hash, first_opened_at. corrections: case_id, field, value, at.
    texts: text_id, sealed. keys: case_id, key_version, wrapped, of cases that had none inside.
    """

    copy_id: str
    as_of: dt.datetime
    until: dt.datetime
    events: Rows
    words: Rows
    receipts: Rows
    corrections: Rows
    texts: Rows
    keys: Rows


def open_copy(path: Path, keys: Path, now: Callable[[], dt.datetime] | None = None) -> Db:
    """The copy as the server outside has it; nothing is made or changed.

    Raises:
        ConfigError: no such file, keys missing, or it is no copy of this program's version.
    """
    if not path.is_file():
        raise ConfigError("airgap.error.no_copy", path=path)
    engine = make_engine(f"sqlite:///{path}")
    held = Keys.load(keys, (*RESIDENTS_PURPOSES, COPY))
    try:
        db = Db(engine, held) if now is None else Db(engine, held, now)
        if not is_at_head(engine) or db.county().copied_at is None:
            raise ConfigError("airgap.error.no_copy", path=path)
    except sa.exc.DBAPIError as err:
        raise ConfigError("airgap.error.no_copy", path=path) from err
    return db


def gather(copy: Db) -> Answers:
    """Everything said outside since the copy was made; reading it again gives it all again."""
    with copy.read() as conn:
        facts = {row.key: row.value for row in conn.execute(sa.select(meta))}
        as_of = dt.datetime.fromisoformat(facts["copied_at"])

        def rows(query: sa.Select[Any]) -> Rows:
            return tuple(dict(row) for row in conn.execute(query).mappings())

        e, w, r, c, t, k = (
            table.c for table in (case_event, asker_word, receipt, correction, case_text, text_key)
        )
        said = (e.recorded_at > as_of) & (e.actor == "asker")
        events = rows(
            sa.select(e.case_id, e.event, e.recorded_at.label("at"), e.code, e.text_id)
            .where(said)
            .order_by(e.recorded_at, e.id)
        )
        words = rows(
            sa.select(w.case_id, w.word_hash, w.set_at, w.void_at)
            .where((w.set_at > as_of) | (w.void_at > as_of))
            .order_by(w.set_at, w.id)
        )
        receipts = rows(sa.select(r.code_hash, r.first_opened_at).where(r.first_opened_at > as_of))
        corrections = rows(
            sa.select(c.case_id, c.field, c.value, c.recorded_at.label("at"))
            .where((c.recorded_at > as_of) & (c.event == "asked"))
            .order_by(c.recorded_at, c.id)
        )
        of_events = sa.select(e.text_id).where(said, e.text_id.is_not(None))
        texts = rows(sa.select(t.text_id, t.sealed).where(t.text_id.in_(of_events)))
        keys = rows(sa.select(k.case_id, k.key_version, k.wrapped).where(k.made_at > as_of))
    times = [row["at"] for row in (*events, *corrections)]
    times += [at for row in words for at in (row["set_at"], row["void_at"]) if at is not None]
    times += [row["first_opened_at"] for row in receipts]
    until = max(times, default=as_of)
    return Answers(
        facts["copy_id"], as_of, until, events, words, receipts, corrections, texts, keys
    )


def write(answers: Answers, keys: Keys, path: Path) -> None:
    """Seal the answers into a new file (0600).

    Raises:
        ConfigError: a file is there already, or it cannot be written.
    """
    head = json.dumps({"format": _FORMAT, "copy_id": answers.copy_id})
    shown = {field.name: getattr(answers, field.name) for field in fields(answers)}
    body = json.dumps(shown, default=_plain, sort_keys=True).encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError("airgap.error.exists", path=path) from None
    except OSError as err:
        reason = err.strerror or str(err)
        raise ConfigError("airgap.error.not_written", path=path, reason=reason) from err
    with os.fdopen(handle, "wb") as file:
        file.write(head.encode() + b"\n")
        file.write(base64.b64encode(seal(keys.material[COPY][1], body, head)) + b"\n")


def read(path: Path, keys_of: Callable[[str], list[bytes]]) -> Answers:
    """The answers in a file.

    Args:
        keys_of: the keys a copy of this id may have.

    Raises:
        ConfigError: no such file, not one of ours, changed on the way, or of another record.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError("airgap.error.unreadable", path=path)
        head, sealed = path.read_bytes().split(b"\n", 1)
        copy_id = str(json.loads(head)["copy_id"])
        raw = base64.b64decode(sealed.strip(), validate=True)
        head_text = head.decode()
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise ConfigError("airgap.error.unreadable", path=path) from err
    for key in keys_of(copy_id):
        try:
            return _answers(json.loads(unseal(key, raw, head_text)))
        except (InvalidTag, ValueError):
            continue
    raise ConfigError("airgap.error.tampered", path=path)


def _answers(body: dict[str, Any]) -> Answers:
    rows = {
        name: tuple(_typed(row) for row in value)
        for name, value in body.items()
        if isinstance(value, list)
    }
    return Answers(
        copy_id=body["copy_id"], as_of=_at(body["as_of"]), until=_at(body["until"]), **rows
    )


_TIMES = ("at", "set_at", "void_at", "first_opened_at")
_BYTES = ("sealed", "wrapped")


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    made = dict(row)
    for name in _TIMES:
        if made.get(name) is not None:
            made[name] = _at(made[name])
    for name in _BYTES:
        if made.get(name) is not None:
            made[name] = base64.b64decode(made[name])
    return made


def _at(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return micro(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)
