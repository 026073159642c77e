"""What the one who asked may do with a code: open, set a word, speak (DOMAIN.md §2.9, §10).

Everything else a resident records goes through `record.add_event` with the code's scope.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from .db import Db
from .errors import NotAllowed, NotFound, ProjectError, RuleError
from .history import Allow, RecordedEvent
from .prepared import Prepared
from .reading import history_in
from .receipts import Opened
from .schema import asker_word, body, case_event, receipt
from .scope import RESIDENT, Scope

MINIMUM_WORD_LENGTH = 4
REISSUED_WAITS = dt.timedelta(days=7)
"""How long a code reissued at the desk may not do what could hurt the asker (DOMAIN.md §2.9)."""
NEEDS_WORD = ("rated", "withdrawal_asked")
"""What could hurt the asker in a stranger's hand; everything else works with any code alone."""

WITHDRAWAL = ("withdrawal_asked", "withdrawal_undone")
REVIEWS = ("review_requested", "recheck_requested")
"""What goes to the body above the one that answered, and starts its clock there."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class WrongWord(ProjectError):
    """The word does not fit; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__("data.error.wrong_word")


@dataclass(frozen=True)
class Standing:
    """How the codes of a case stand: when first opened, whether a word is set, reissues."""

    first_opened_at: dt.datetime | None
    has_word: bool
    word_set_at: dt.datetime | None
    reissues: tuple[tuple[dt.datetime, str], ...]
    """When and at which desk further codes were issued: the older ones show it."""


def standing(db: Db, scope: Scope, case_id: str) -> Standing:
    """How the codes of the case stand, for its asker."""
    _own(scope, case_id)
    with db.read() as conn:
        receipts = _RECEIPTS.rows(conn, case=case_id)
        word = _word(conn, case_id)
    opened = [row["first_opened_at"] for row in receipts if row["first_opened_at"] is not None]
    return Standing(
        first_opened_at=min(opened, default=None),
        has_word=word is not None,
        word_set_at=word["set_at"] if word is not None else None,
        reissues=tuple((row["issued_at"], row["desk"]) for row in receipts if row["reissued"]),
    )


def set_word(
    db: Db, opened: Opened, word: str, allow: Allow, *, not_opened_before: bool = False
) -> None:
    """Set the asker's word, at the first opening or after "I did not open it before".

    The latter voids the earlier word and takes back what was done with it: a rating (a `rated`
    event without a code says that none stands) and a withdrawal, where the pack still lets it be
    undone (`allow`).

    Raises:
        NotAllowed: a word is set already, the word is too short, or the code was reissued within
            the last 7 days and tries to replace a word.
    """
    if len(word.strip()) < MINIMUM_WORD_LENGTH:
        raise NotAllowed("data.error.word_short", least=MINIMUM_WORD_LENGTH)
    _own(opened.scope, opened.case_id)
    with db.write() as conn:
        at = db.stamp(conn)
        has_word = _word(conn, opened.case_id) is not None
        if has_word and not not_opened_before:
            raise NotAllowed("data.error.word_set")
        if has_word:
            if opened.is_reissued and at - opened.issued_at < REISSUED_WAITS:
                raise NotAllowed("data.error.reissued_waits")
            conn.execute(
                asker_word.update()
                .where(asker_word.c.case_id == opened.case_id, asker_word.c.void_at.is_(None))
                .values(void_at=at)
            )
            _take_back(db, conn, opened, at, allow)
        conn.execute(
            asker_word.insert().values(
                case_id=opened.case_id, word_hash=_hasher.hash(word.strip()), set_at=at
            )
        )


def check_word(db: Db, scope: Scope, case_id: str, word: str) -> None:
    """Refuse unless this is the word the asker set.

    Raises:
        WrongWord: it is not, or none is set.
    """
    _own(scope, case_id)
    with db.read() as conn:
        row = _word(conn, case_id)
    try:
        if row is None:
            raise WrongWord
        _hasher.verify(row["word_hash"], word.strip())
    except VerifyMismatchError:
        raise WrongWord from None


def reviewer_in(conn: sa.Connection, body_id: str) -> str | None:
    """The body that reviews what this one answered; None where the county named none.

    A recheck goes the same way from the reviewer. Where nobody stands above, the request stays
    with the body that has the case: somebody must hold its clock, and the page says so.
    """
    return conn.execute(sa.select(body.c.reviewed_by).where(body.c.body_id == body_id)).scalar()


def _word(conn: sa.Connection, case_id: str) -> dict[str, Any] | None:
    return next(iter(_WORD.rows(conn, case=case_id)), None)


_RECEIPTS = Prepared(
    sa.select(
        receipt.c.first_opened_at, receipt.c.issued_at, receipt.c.desk, receipt.c.reissued
    ).where(receipt.c.case_id == sa.bindparam("case"))
)
_WORD = Prepared(
    sa.select(asker_word).where(
        asker_word.c.case_id == sa.bindparam("case"), asker_word.c.void_at.is_(None)
    )
)


def _take_back(db: Db, conn: sa.Connection, opened: Opened, at: dt.datetime, allow: Allow) -> None:
    """Undo the rating and the withdrawal that somebody else may have made with the old word."""
    history = history_in(db, conn, opened.scope, opened.case_id)
    assert history is not None  # the scope is this very case's
    last = {e.event: e for e in history.events if e.event in ("rated", *WITHDRAWAL)}
    asked, undone = (last.get(name) for name in WITHDRAWAL)
    taken_back = []
    if asked is not None and (undone is None or undone.occurred_at < asked.occurred_at):
        taken_back.append("withdrawal_undone")
    if "rated" in last and last["rated"].code is not None:
        taken_back.append("rated")
    for name in taken_back:
        with suppress(RuleError):  # too late to undo: the page says so, and the word is new anyway
            step = RecordedEvent(name, at, at, "asker")
            allow(history, step)
            history = replace(history, events=(*history.events, step))
            conn.execute(
                case_event.insert().values(
                    case_id=opened.case_id,
                    event=name,
                    occurred_at=at,
                    recorded_at=at,
                    actor="asker",
                )
            )


def _own(scope: Scope, case_id: str) -> None:
    if scope.role != RESIDENT or scope.who != case_id:
        raise NotFound("data.error.no_such_case")
