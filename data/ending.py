"""How texts end: a case's key destroyed when its time has come, one text erased at once.

Nothing of the append-only record goes: events, dates and figures stay (DOMAIN.md §2.13). What an
older backup still holds is said in docs/keys.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit, texts
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory
from .reading import history_for_ending, history_in, known_at
from .schema import case_event, case_text, source_ref, text_key
from .scope import Scope

BATCH = 500
"""Cases that are read, and ended, in one transaction."""


def quiet(db: Db, scope: Scope, before: dt.datetime) -> list[str]:
    """Cases that still have their key and in which nothing became known since a moment.

    Disowned cases are among them whatever their age. Sorted by case number.

    Raises:
        NotAllowed: not the operator.
    """
    scope.need("operator")
    newest = (
        sa.select(case_event.c.case_id, sa.func.max(known_at(case_event)).label("at"))
        .group_by(case_event.c.case_id)
        .subquery()
    )
    is_disowned = sa.exists().where(
        case_event.c.case_id == text_key.c.case_id, case_event.c.event == "disowned"
    )
    query = (
        sa.select(text_key.c.case_id)
        .join(newest, newest.c.case_id == text_key.c.case_id)
        .where(text_key.c.destroyed_at.is_(None), (newest.c.at < before) | is_disowned)
        .order_by(text_key.c.case_id)
    )
    with db.read() as conn:
        return list(conn.execute(query).scalars())


def histories(db: Db, scope: Scope, case_ids: Collection[str]) -> Iterator[CaseHistory]:
    """Those cases without a word of theirs, for the run that ends texts.

    Raises:
        NotAllowed: not the operator.
    """
    scope.need("operator")
    ordered = sorted(case_ids)
    for start in range(0, len(ordered), BATCH):
        with db.read() as conn:
            for case_id in ordered[start : start + BATCH]:
                found = history_for_ending(conn, scope, case_id)
                if found is not None:
                    yield found


def end(db: Db, scope: Scope, case_ids: Collection[str], *, disowned: bool = False) -> int:
    """Destroy the keys of these cases and delete their sealed texts; the number that had one.

    With the texts goes the keyed hash of the sender's own number: a row sent again years later is
    another case. Each batch is one transaction with its entry in the audit log; a run that was
    broken off goes on where it stopped.

    Args:
        disowned: the askers said that they did not ask: an `erased` event is added.

    Raises:
        NotAllowed: not the operator.
    """
    scope.need("operator")
    ordered, done = sorted(case_ids), 0
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        with db.write() as conn:
            at = db.stamp(conn)
            held = text_key.c.case_id.in_(batch) & text_key.c.destroyed_at.is_(None)
            alive = list(conn.execute(sa.select(text_key.c.case_id).where(held)).scalars())
            if not alive:
                continue
            for case_id in alive:
                texts.destroy_key(conn, case_id, at)
            conn.execute(source_ref.delete().where(source_ref.c.case_id.in_(alive)))
            if disowned:
                told = {"event": "erased", "occurred_at": at, "recorded_at": at, "actor": "system"}
                conn.execute(case_event.insert(), [{**told, "case_id": one} for one in alive])
            action = "texts_erased" if disowned else "texts_ended"
            audit.write(db, conn, scope, action, reason=str(len(alive)))
            done += len(alive)
    return done


@dataclass(frozen=True)
class Erasable:
    """One text of a case that can be erased: `what` is `summary` or the event whose words it is."""

    text_id: str
    what: str
    occurred_at: dt.datetime


def erasable(db: Db, scope: Scope, case_id: str) -> tuple[Erasable, ...]:
    """The texts a case has now, the summary first, without their content.

    Raises:
        NotFound: no such case within the scope.
        NotAllowed: a role that erases nothing.
    """
    scope.need("township_clerk", "department_clerk", "supervisor")
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        query = (
            sa.select(case_text.c.text_id, case_event.c.event, case_event.c.occurred_at)
            .outerjoin(case_event, case_event.c.text_id == case_text.c.text_id)
            .where(case_text.c.case_id == case_id, case_text.c.part.in_(("summary", "words")))
            .order_by(case_event.c.occurred_at, case_text.c.text_id)
        )
        found = [
            Erasable(text_id, event or "summary", at or history.opened_at)
            for text_id, event, at in conn.execute(query)
        ]
    return tuple(sorted(found, key=lambda one: (one.what != "summary", one.occurred_at)))


def erase(db: Db, scope: Scope, case_id: str, text_id: str) -> None:
    """Erase one text that was found to hold a person, at once and for good.

    The record keeps an `erased` event with a salted hash of what was erased, by which somebody who
    still has the text can show that it was this one; its asker sees when and by which body.

    Raises:
        NotFound: no such case within the scope, or no such text of it.
        NotAllowed: a role that erases nothing.
    """
    scope.need("township_clerk", "department_clerk", "supervisor")
    with db.write() as conn:
        at = db.stamp(conn)
        if history_in(db, conn, scope, case_id) is None:
            raise NotFound("data.error.no_such_case")
        mine = (case_text.c.case_id == case_id) & (case_text.c.text_id == text_id)
        part = conn.execute(sa.select(case_text.c.part).where(mine)).scalar()
        if part not in ("summary", "words"):
            raise NotFound("data.error.no_such_text")
        plain = texts.opened(db, conn, case_id, (part,)).get(text_id)
        if plain is None:
            raise NotAllowed("data.error.texts_ended")
        conn.execute(case_text.delete().where(mine))
        conn.execute(
            case_event.insert().values(
                case_id=case_id, event="erased", occurred_at=at, recorded_at=at, actor="office",
                body_id=scope.desk, code=salted(plain),
            )
        )  # fmt: skip
        audit.write(db, conn, scope, "text_erased", case_id)


def salted(plain: str, salt: str | None = None) -> str:
    """Eight hexadecimal digits of salt and 32 of SHA-256 over salt and text."""
    salt = secrets.token_hex(4) if salt is None else salt
    said = json.dumps([salt, plain], ensure_ascii=False)
    return salt + hashlib.sha256(said.encode()).hexdigest()[:32]
