"""Writing the record: cases, their events, and what a confirmation moves. Nothing is edited."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from . import audit, receipts, texts
from .asker import REVIEWS, reviewer_in
from .db import Db
from .errors import NotAllowed, NotFound
from .history import ANSWER_PARTS, Allow, CaseHistory, NewEvent, RecordedEvent
from .reading import history_in
from .receipts import ALPHABET, Slip
from .rows import NewCase
from .schema import body, case_event, case_text, case_version, source_ref, township
from .scope import MACHINE, RESIDENT, Scope
from .vocabulary import ASKER_EVENTS, CONFIRMED_CHANNELS, OFFICE_EVENTS

ONLINE = "online"
ONLINE_DOOR = "@online"
"""Whose numbers the tokens of the open pages are: no desk's, whichever receives the case."""


@dataclass(frozen=True)
class Registered:
    """What became of one row: a new case with its slip, or the case it repeats.

    A repeat has no slip, unless no code of its case was ever opened: the reply may have been lost
    on the way, so a code is issued again (DOMAIN.md §4).
    """

    case_id: str
    slip: Slip | None
    is_repeat: bool


def new_case_id() -> str:
    """A random case number: gaps and order tell nothing (DOMAIN.md §2.12). It opens nothing."""
    return new_case_ids(1)[0]


def new_case_ids(count: int) -> list[str]:
    """As `new_case_id`, many at once."""
    random = secrets.token_bytes(12 * count)
    # 256 is a multiple of the alphabet's 32 letters, so every letter is as likely as another
    letters = "".join([ALPHABET[byte % len(ALPHABET)] for byte in random])
    cut = [letters[at : at + 12] for at in range(0, len(letters), 12)]
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in cut]


def register(db: Db, scope: Scope, new: NewCase) -> Registered:
    """Register one case for somebody who asked; the slip is seen here once and never again.

    Raises:
        NotAllowed: the role does not register, or the place is another township's.
    """
    return register_all(db, scope, [new])[0]


def register_all(db: Db, scope: Scope, rows: Iterable[NewCase]) -> list[Registered]:
    """Register rows in one transaction: all are stored when it returns, none if it raises.

    A row whose `source_id` this desk has sent before adds nothing; where no code of that case was
    ever opened it gets another slip, and the codes before stay good.
    """
    pack = db.county().pack
    with db.write() as conn:
        return register_in(db, conn, scope, rows, pack, db.stamp(conn), lambda case_id: True)


def register_in(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    rows: Iterable[NewCase],
    pack: str,
    at: dt.datetime,
    reissues: Callable[[str], bool],
) -> list[Registered]:
    """`register_all` inside the caller's transaction.

    Args:
        pack: the county's. reissues: whether this sender may have another slip of a case that
            a row repeats.
    """
    scope.need("grid_worker", "township_clerk", MACHINE)
    if scope.desk is None:
        raise NotAllowed("data.error.no_desk")
    done: list[Registered] = []
    for new in rows:
        if new.township_code not in scope.townships:
            raise NotAllowed("data.error.other_township")
        done.append(_register_one(db, conn, scope.desk, pack, new, at, reissues=reissues))
    for one in done:
        if one.slip is not None:
            action = "receipt_replaced" if one.is_repeat else "case_registered"
            audit.write(db, conn, scope, action, one.case_id)
    return done


def register_online(db: Db, scope: Scope, new: NewCase, desk: str) -> Registered:
    """Register a case that its asker sent from the open pages; nothing else can be done this way.

    Args:
        scope: `Scope.public()`. new: of channel `online`; its `source_id` is the form's own token,
            so that the same form sent twice is one case, whatever was changed in between.
        desk: the body that receives it.

    The audit entry names no one and no address: there is none to name.

    Raises:
        NotAllowed: another scope or channel, no token, or a township or body that is not there.
    """
    if scope != Scope.public() or new.channel != ONLINE or not new.source_id:
        raise NotAllowed("data.error.not_allowed")
    county = db.county()
    with db.write() as conn:
        offices = sa.select(body.c.body_id).where(body.c.body_id.in_({new.body_id, desk}))
        if set(conn.execute(offices).scalars()) != {new.body_id, desk}:
            raise NotAllowed("data.error.no_such_body")
        there = sa.select(township.c.township_code).where(
            township.c.township_code == new.township_code
        )
        if not conn.execute(there).first():
            raise NotAllowed("data.error.other_township")
        done = _register_one(db, conn, desk, county.pack, new, db.stamp(conn), sender=ONLINE_DOOR)
        if done.slip is not None:
            action = "receipt_replaced" if done.is_repeat else "case_registered"
            audit.write(db, conn, scope, action, done.case_id)
    return done


def _register_one(
    db: Db,
    conn: sa.Connection,
    desk: str,
    pack: str,
    new: NewCase,
    at: dt.datetime,
    sender: str | None = None,
    reissues: Callable[[str], bool] = lambda case_id: True,
) -> Registered:
    source_key = None
    if new.source_id is not None:
        named = f"{sender or desk}:{new.source_id}"
        known = conn.execute(
            sa.select(source_ref.c.case_id).where(
                source_ref.c.source_key.in_(db.keys.digests("source", named))
            )
        ).scalar()
        if known is not None:
            is_theirs = reissues(known)
            slip = receipts.replace_unopened(db, conn, known, desk, at) if is_theirs else None
            return Registered(known, slip, True)
        source_key = db.keys.digest("source", named)
    case_id = new_case_id()
    if source_key is not None:
        conn.execute(source_ref.insert().values(source_key=source_key, case_id=case_id))
    needs_confirmation = new.channel not in CONFIRMED_CHANNELS
    key, key_row = texts.new_key(db, case_id, at)
    conn.execute(texts.text_key.insert().values(**key_row))
    rows = [texts.sealed_text(key, case_id, "summary", new.summary)] if new.summary else []
    if needs_confirmation and new.grid_code:
        # no place finer than the township until the asker has used the code (DOMAIN.md §2.1)
        place = json.dumps({"grid_code": new.grid_code})
        rows.append(texts.sealed_text(key, case_id, "place", place))
    if rows:
        conn.execute(case_text.insert(), rows)
    conn.execute(
        case_version.insert().values(
            case_id=case_id,
            opened_at=min(new.opened_at, at),
            recorded_at=at,
            source_recorded_at=None,
            township_code=new.township_code,
            grid_code=None if needs_confirmation else new.grid_code,
            domain=new.domain,
            category=new.category,
            kind=new.kind,
            channel=new.channel,
            amount_band=new.amount_band,
            procedure=new.procedure,
            pack=new.pack or pack,
            body_id=new.body_id,
            desk=desk,
            limit_at=new.limit_at,
            needs_confirmation=needs_confirmation,
        )
    )
    conn.execute(
        case_event.insert().values(
            case_id=case_id,
            event="registered",
            occurred_at=min(new.opened_at, at),
            recorded_at=at,
            actor="office",
            body_id=desk,
            code=new.asked_how,
        )
    )
    return Registered(case_id, receipts.issue(db, conn, case_id, desk, at), False)


def confirm(db: Db, scope: Scope, opened: receipts.Opened) -> bool:
    """Note that the asker's code was used; its first use confirms the case.

    The place leaves the sealed text then and becomes a new version of the case. Returns whether
    this was the first use of any code of the case.
    """
    _own(scope, opened.case_id)
    with db.write() as conn:
        at = db.stamp(conn)
        is_first = receipts.mark_opened(conn, opened, at)
        if is_first:
            _append(db, conn, scope, opened.case_id, NewEvent("confirmed"), at)
            place_confirmed(db, conn, opened.case_id, at)
    return is_first


def place_confirmed(
    db: Db,
    conn: sa.Connection,
    case_id: str,
    at: dt.datetime,
    source_at: dt.datetime | None = None,
) -> None:
    """Move the place of a case from its sealed text into a new version, where one waits there.

    Args:
        source_at: when the code was used, where that was on a server of its own; None = now.
    """
    newest = (
        conn.execute(
            sa.select(case_version)
            .where(case_version.c.case_id == case_id)
            .order_by(case_version.c.id.desc())
            .limit(1)
        )
        .mappings()
        .one()
    )
    places = texts.opened(db, conn, case_id, ("place",))
    if not newest["needs_confirmation"] or not places:
        return
    version = {k: v for k, v in newest.items() if k != "id"}
    version |= {
        "replaces": newest["id"],
        "recorded_at": at,
        "grid_code": json.loads(next(iter(places.values())))["grid_code"],
    }
    if source_at is not None:
        version["source_recorded_at"] = source_at
    conn.execute(case_version.insert().values(**version))
    conn.execute(
        case_text.delete().where(case_text.c.case_id == case_id, case_text.c.part == "place")
    )


def add_event(db: Db, scope: Scope, case_id: str, new: NewEvent, allow: Allow) -> None:
    """Record one step: of the office that owes the answer, or of the asker by code.

    `allow` judges the step against the history inside the same transaction, so that two people
    acting at once cannot both be right.

    Raises:
        NotFound: no such case within the scope.
        NotAllowed: the role or the actor may not record this event.
        RuleError: the pack's grammar forbids it now; nothing was written.
    """
    is_asker = scope.role == RESIDENT
    if new.event not in (ASKER_EVENTS if is_asker else OFFICE_EVENTS) or new.event == "erased":
        raise NotAllowed("data.error.not_allowed")
    with db.write() as conn:
        at = db.stamp(conn)
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        if not is_asker and not _may_act(scope, history, new.event):
            raise NotAllowed("data.error.not_owing")
        if is_asker:  # who reviews is the record's to say, not the sender's
            above = reviewer_in(conn, history.body_id) if new.event in REVIEWS else None
            new = replace(new, to_body_id=above)
        if (
            new.to_body_id is not None
            and not conn.execute(
                sa.select(body.c.body_id).where(body.c.body_id == new.to_body_id)
            ).first()
        ):
            raise NotFound("data.error.no_such_body")
        if new.event == "answered":
            _check_answer(new)
        occurred_at = new.occurred_at or at
        allow(
            history,
            RecordedEvent(
                event=new.event,
                occurred_at=occurred_at,
                known_at=at,
                actor="asker" if is_asker else "office",
                body_id=None if is_asker else scope.desk,
                to_body_id=new.to_body_id,
                days=new.days,
                code=new.code,
                words=new.words,
                planned_on=new.planned_on,
            ),
        )
        _append(db, conn, scope, case_id, new, at)
        if not is_asker:
            audit.write(db, conn, scope, f"event_{new.event}", case_id)


def _may_act(scope: Scope, history: CaseHistory, event: str) -> bool:
    if scope.role == "supervisor":  # only where bodies disagree whose the case is
        return event == "transferred" and history.is_objected
    if scope.role not in {"township_clerk", "department_clerk"}:
        return False
    if history.body_id in scope.bodies:
        return True
    # the desk that received it still has to pass it on
    return event == "transferred" and history.desk in scope.bodies


def _check_answer(new: NewEvent) -> None:
    missing = [p for p in ANSWER_PARTS if not (new.words or {}).get(p, "").strip()]
    if missing:
        raise NotAllowed("data.error.answer_incomplete", missing=len(missing))


def _own(scope: Scope, case_id: str) -> None:
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")


def _append(
    db: Db, conn: sa.Connection, scope: Scope, case_id: str, new: NewEvent, at: dt.datetime
) -> None:
    text_id = None
    if new.words:
        kept = {part: said.strip() for part, said in new.words.items() if said.strip()}
        if kept:
            text_id = texts.add(db, conn, case_id, "words", json.dumps(kept), at)
    conn.execute(
        case_event.insert().values(
            case_id=case_id,
            event=new.event,
            occurred_at=new.occurred_at or at,
            recorded_at=at,
            actor="asker" if scope.role == RESIDENT else "office",
            body_id=None if scope.role == RESIDENT else scope.desk,
            to_body_id=new.to_body_id,
            days=new.days,
            code=new.code,
            text_id=text_id,
            planned_on=new.planned_on,
        )
    )
