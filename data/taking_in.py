"""Taking in what was said outside: appended with the moment at which it was said there.

`source_recorded_at` is that moment, so a limit met outside is met, whenever the file came in. The
same file again adds nothing. What has no place any more is listed and noted in the log: nothing is
dropped in silence.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from . import audit, corrections, texts
from .answers import Answers
from .asker import REVIEWS, reviewer_in
from .carry import COPIED_OUT
from .categories import Category
from .db import Db
from .errors import ConfigError, NotAllowed, NotFound, ProjectError, RuleError
from .history import CaseHistory, RecordedEvent
from .keys import unseal
from .reading import history_in
from .record import place_confirmed
from .schema import asker_word, case_event, receipt
from .schema import audit as audit_table
from .scope import RESIDENT, Scope

TAKEN_IN = "answers_taken_in"
MOVED, SET_ASIDE = "answer_moved", "answer_set_aside"


class Placed(Protocol):
    """A step at its place, and the rule that kept it from its own (`casework.carried.Placed`)."""

    @property
    def event(self) -> RecordedEvent: ...
    @property
    def broken(self) -> RuleError | None: ...


Place = Callable[[CaseHistory, RecordedEvent, dt.datetime], Placed]


@dataclass(frozen=True)
class Line:
    """One word of an asker that did not find its own place.

    said_at: outside. counts_from: the later moment it counts from; None = it was set aside.
    why: the rule, with its sentence.
    """

    case_id: str
    event: str
    said_at: dt.datetime
    counts_from: dt.datetime | None
    why: ProjectError


@dataclass(frozen=True)
class TakenIn:
    """added: events, words, first openings and corrections that are new here. known: those that
    were here already. lines: what did not find its own place, in order of time."""

    copy_id: str
    added: int
    known: int
    lines: tuple[Line, ...]


def take_in(
    db: Db, scope: Scope, answers: Answers, place: Place, categories: Mapping[str, Category]
) -> TakenIn:
    """Append everything that is new in one transaction.

    Args:
        place: finds a step's place (`service.carry` brings the rules of each case).
        categories: those in force, by id.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: a copy that this record never made, or a clock outside that is ahead.
    """
    scope.need("operator")
    with db.write() as conn:
        at = db.stamp(conn)
        if not _logged(conn, COPIED_OUT, answers.copy_id):
            raise ConfigError("airgap.error.not_ours")
        if answers.until > at:
            raise ConfigError(
                "airgap.error.clock_ahead", at=f"{answers.until:%Y-%m-%d %H:%M:%S} UTC"
            )
        one = _TakingIn(db, conn, scope, answers, place, at)
        one.receipts()
        one.words()
        one.events()
        one.corrections(categories)
        audit.write(db, conn, scope, TAKEN_IN, answers.copy_id, reason=answers.until.isoformat())
    return TakenIn(answers.copy_id, one.added, one.known, tuple(one.lines))


def _logged(conn: sa.Connection, action: str, target: str) -> list[str]:
    a = audit_table.c
    found = conn.execute(sa.select(a.reason).where(a.action == action, a.target == target))
    return [reason or "" for reason in found.scalars()]


class _TakingIn:
    """One file, inside one transaction."""

    def __init__(
        self,
        db: Db,
        conn: sa.Connection,
        scope: Scope,
        answers: Answers,
        place: Place,
        at: dt.datetime,
    ) -> None:
        self.db, self.conn, self.scope, self.answers = db, conn, scope, answers
        self.place, self.at = place, at
        self.added = self.known = 0
        self.lines: list[Line] = []
        self._texts = {row["text_id"]: row["sealed"] for row in answers.texts}
        self._keys = {row["case_id"]: row for row in answers.keys}

    def receipts(self) -> None:
        """When each code was first opened: the earlier of the two, where both doors saw it."""
        for row in self.answers.receipts:
            at, opened = row["first_opened_at"], receipt.c.first_opened_at
            changed = self.conn.execute(
                receipt.update()
                .where(receipt.c.code_hash == row["code_hash"], opened.is_(None) | (opened > at))
                .values(first_opened_at=at)
            ).rowcount
            self._count(bool(changed))

    def words(self) -> None:
        """The askers' words; of those in force of a case, the one set last stays."""
        w = asker_word.c
        for row in self.answers.words:
            this = (w.case_id == row["case_id"]) & (w.set_at == row["set_at"])
            void = self.conn.execute(sa.select(w.id, w.void_at).where(this)).first()
            if void is None:
                self.conn.execute(asker_word.insert().values(**row))
            elif row["void_at"] is not None and void.void_at is None:
                self.conn.execute(asker_word.update().where(this).values(void_at=row["void_at"]))
            self._count(void is None or (row["void_at"] is not None and void.void_at is None))
            of_case = (w.case_id == row["case_id"]) & w.void_at.is_(None)
            last = self.conn.execute(sa.select(sa.func.max(w.set_at)).where(of_case)).scalar()
            self.conn.execute(
                asker_word.update().where(of_case, w.set_at < last).values(void_at=last)
            )

    def events(self) -> None:
        """Every word of the askers, in the order in which it was said."""
        for row in self.answers.events:
            self._event(row)

    def _event(self, row: dict[str, Any]) -> None:
        case_id, name, said_at = row["case_id"], row["event"], row["at"]
        if self._is_here(row):
            self.known += 1
            return
        history = history_in(self.db, self.conn, _asker(case_id), case_id)
        said = RecordedEvent(name, said_at, said_at, "asker", code=row["code"])
        try:
            if history is None:
                raise NotFound("data.error.no_such_case")
            if name in REVIEWS:  # who reviews is this record's to say
                said = replace(said, to_body_id=reviewer_in(self.conn, history.body_id))
            placed = self.place(history, said, self.at)
        except (RuleError, NotFound) as err:
            self._set_aside(case_id, name, said_at, err)
            return
        self._append(case_id, placed.event, row["text_id"])
        if name == "confirmed":
            place_confirmed(self.db, self.conn, case_id, self.at, said_at)
        if placed.broken is not None:
            self.lines.append(Line(case_id, name, said_at, placed.event.occurred_at, placed.broken))
            self._note(MOVED, case_id, name, said_at, placed.broken)
        self.added += 1

    def _is_here(self, row: dict[str, Any]) -> bool:
        e = case_event.c
        same = sa.select(e.id).where(
            e.case_id == row["case_id"], e.event == row["event"], e.actor == "asker",
            e.source_recorded_at == row["at"], e.code.is_not_distinct_from(row["code"]),
        )  # fmt: skip
        if self.conn.execute(same.limit(1)).first() is not None:
            return True
        named = _named(row["event"], row["at"])
        return any(why.startswith(named) for why in _logged(self.conn, MOVED, row["case_id"]))

    def _append(self, case_id: str, event: RecordedEvent, text_id: str | None) -> None:
        self.conn.execute(
            case_event.insert().values(
                case_id=case_id,
                event=event.event,
                occurred_at=event.occurred_at,
                recorded_at=self.at,
                source_recorded_at=event.known_at,
                actor="asker",
                to_body_id=event.to_body_id,
                code=event.code,
                text_id=None if text_id is None else self._text(case_id, text_id),
            )
        )

    def _text(self, case_id: str, text_id: str) -> str | None:
        """The words sealed again under the key here; None where the case's texts have ended."""
        sealed, carried = self._texts.get(text_id), self._keys.get(case_id)
        keys = [texts.key_of(self.db, self.conn, case_id, None)]
        if carried is not None and carried["wrapped"] is not None:
            version, wrapped = carried["key_version"], carried["wrapped"]
            keys.append(self.db.keys.unwrap("text", version, wrapped, case_id))
        for key in keys:
            if key is None or sealed is None:
                continue
            try:
                words = json.loads(unseal(key, sealed, text_id))
            except InvalidTag:
                continue
            return texts.add(self.db, self.conn, case_id, "words", json.dumps(words), self.at)
        return None

    def corrections(self, categories: Mapping[str, Category]) -> None:
        """Requests for a correction that no earlier file of this copy brought; they have no limit
        and stand with the day on which they came in."""
        before = _logged(self.conn, TAKEN_IN, self.answers.copy_id)
        until = max((dt.datetime.fromisoformat(one) for one in before), default=None)
        for row in self.answers.corrections:
            if until is not None and row["at"] <= until:
                self.known += 1
                continue
            case_id = row["case_id"]
            try:
                corrections.add(
                    self.db, self.conn, _asker(case_id), case_id, row["field"], row["value"],
                    categories, self.at,
                )  # fmt: skip
                self.added += 1
            except (NotAllowed, NotFound) as err:
                self._set_aside(case_id, "correction", row["at"], err)

    def _set_aside(self, case_id: str, what: str, at: dt.datetime, why: ProjectError) -> None:
        self.lines.append(Line(case_id, what, at, None, why))
        self._note(SET_ASIDE, case_id, what, at, why)

    def _note(
        self, action: str, case_id: str, what: str, at: dt.datetime, why: ProjectError
    ) -> None:
        named = _named(what, at)
        if not any(one.startswith(named) for one in _logged(self.conn, action, case_id)):
            audit.write(self.db, self.conn, self.scope, action, case_id, reason=named + why.key)

    def _count(self, is_new: bool) -> None:
        self.added += is_new
        self.known += not is_new


def _asker(case_id: str) -> Scope:
    return Scope(who=case_id, role=RESIDENT)


def _named(what: str, at: dt.datetime) -> str:
    return f"{what} {at.isoformat()} "
