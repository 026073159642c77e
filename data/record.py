"""Writing the record: cases, their events, and what a confirmation moves. Nothing is edited."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from . import audit, receipts, texts
from .asker import REVIEWS, reviewer_in
from .chunks import chunks
from .db import Db
from .errors import NotAllowed, NotFound
from .history import ANSWER_PARTS, Allow, CaseHistory, NewEvent, RecordedEvent
from .new_rows import NewRows, Sealed
from .prepared import Change, Prepared
from .reading import history_in
from .receipts import ALPHABET, Slip
from .rows import NewCase
from .schema import body, case_event, case_text, case_version, source_ref, township
from .scope import MACHINE, RESIDENT, Scope
from .vocabulary import ASKER_EVENTS, OFFICE_EVENTS

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


_LETTER_OF = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))


def new_case_id() -> str:
    """A random case number: gaps and order tell nothing (DOMAIN.md §2.12). It opens nothing."""
    return new_case_ids(1)[0]


def new_case_ids(count: int) -> list[str]:
    """As `new_case_id`, many at once."""
    random = secrets.token_bytes(12 * count)
    # 256 is a multiple of the alphabet's 32 letters, so every letter is as likely as another
    letters = random.translate(_LETTER_OF).decode()
    return [
        f"{letters[at : at + 4]}-{letters[at + 4 : at + 8]}-{letters[at + 8 : at + 12]}"
        for at in range(0, len(letters), 12)
    ]


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
    pack, sealed = db.county().pack, seal_rows(db, scope, rows)
    with db.write() as conn:
        return register_in(db, conn, scope, sealed, pack, db.stamp(conn), set)


def seal_rows(db: Db, scope: Scope, rows: Iterable[NewCase]) -> list[Sealed]:
    """Rows ready for `register_in`: what takes time and no database, before the writer's turn."""
    scope.need("grid_worker", "township_clerk", MACHINE)
    cases = list(rows)
    ids = new_case_ids(len(cases))
    return [Sealed.of(db, new, case_id) for new, case_id in zip(cases, ids, strict=True)]


def register_in(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    sealed: Sequence[Sealed],
    pack: str,
    at: dt.datetime,
    theirs: Callable[[set[str]], set[str]],
) -> list[Registered]:
    """`register_all` inside the caller's transaction.

    Args:
        sealed: by `seal_rows`. pack: the county's. theirs: of the cases that rows repeat, those of
            which this sender may have another slip.
    """
    scope.need("grid_worker", "township_clerk", MACHINE)
    if scope.desk is None:
        raise NotAllowed("data.error.no_desk")
    if any(one.new.township_code not in scope.townships for one in sealed):
        raise NotAllowed("data.error.other_township")
    return _register(db, conn, scope, sealed, scope.desk, scope.desk, pack, at, theirs)


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
    county, sealed = db.county(), Sealed.of(db, new, new_case_id())
    with db.write() as conn:
        offices = sa.select(body.c.body_id).where(body.c.body_id.in_({new.body_id, desk}))
        if set(conn.execute(offices).scalars()) != {new.body_id, desk}:
            raise NotAllowed("data.error.no_such_body")
        there = sa.select(township.c.township_code).where(
            township.c.township_code == new.township_code
        )
        if not conn.execute(there).first():
            raise NotAllowed("data.error.other_township")
        at = db.stamp(conn)
        return _register(db, conn, scope, [sealed], desk, ONLINE_DOOR, county.pack, at, set)[0]


def _register(
    db: Db,
    conn: sa.Connection,
    scope: Scope,
    sealed: Sequence[Sealed],
    desk: str,
    sender: str,
    pack: str,
    at: dt.datetime,
    theirs: Callable[[set[str]], set[str]],
) -> list[Registered]:
    """Rows in their order: each a case of its own, or a repeat of one before it or of the record.

    Args:
        sender: whose numbers the rows' `source_id` are.
    """
    numbers = [one.new.source_id for one in sealed]
    names = [None if number is None else f"{sender}:{number}" for number in numbers]
    known = _cases_of(db, conn, {name for name in names if name is not None})
    again = receipts.replace_unopened(db, conn, theirs(set(known.values())), desk, at)
    rows = NewRows(desk, pack, at)
    done: list[Registered] = []
    for one, named in zip(sealed, names, strict=True):
        if (
            named is not None and named in known
        ):  # a second repeat in one request gets no second slip
            # a second repeat in one request gets no second slip
            done.append(Registered(known[named], again.pop(known[named], None), True))
            continue
        slip, source_key = receipts.new_slip(db, one.case_id), None
        if named is not None:
            known[named] = one.case_id
            source_key = db.keys.digest("source", named)
        rows.add(one, source_key, receipts.row(db, one.case_id, slip.code, desk, at))
        done.append(Registered(one.case_id, slip, False))
    rows.write(conn)
    actions = {True: "receipt_replaced", False: "case_registered"}
    said = [(actions[one.is_repeat], one.case_id) for one in done if one.slip is not None]
    audit.write_many(db, conn, scope, said)
    return done


def _cases_of(db: Db, conn: sa.Connection, names: set[str]) -> dict[str, str]:
    """Case id by sender and number, of those the record knows, under any version of the key."""
    of_key = {key: name for name in names for key in db.keys.digests("source", name)}
    known: dict[str, str] = {}
    for some in chunks(of_key):
        query = sa.select(source_ref).where(source_ref.c.source_key.in_(some))
        known |= {of_key[key]: case_id for key, case_id in conn.execute(query)}
    return known


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
        if new.to_body_id is not None and not _BODY.rows(conn, body=new.to_body_id):
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
    step = {
        "case_id": case_id,
        "event": new.event,
        "occurred_at": new.occurred_at or at,
        "recorded_at": at,
        "actor": "asker" if scope.role == RESIDENT else "office",
        "body_id": None if scope.role == RESIDENT else scope.desk,
        "to_body_id": new.to_body_id,
        "days": new.days,
        "code": new.code,
        "text_id": text_id,
        "planned_on": new.planned_on,
    }
    _STEP.run(conn, step)


_BODY = Prepared(sa.select(body.c.body_id).where(body.c.body_id == sa.bindparam("body")))
_STEP = Change.row(
    case_event, "case_id", "event", "occurred_at", "recorded_at", "actor", "body_id", "to_body_id",
    "days", "code", "text_id", "planned_on",
)  # fmt: skip
