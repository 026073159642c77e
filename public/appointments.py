"""A reception booked by code (预约接访): sessions with a free place, booking, cancelling, undoing.

How many others come stands nowhere: a session is offered or it is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from casework.appointments import Sent, time_of
from data import appointments, asker
from data.appointments import AHEAD_DAYS, Appointment
from data.db import Db
from data.errors import NotAllowed, ProjectError
from data.history import CaseHistory
from data.reading import read_case
from data.receipts import Opened
from data.roster import Line
from service import receptions

from .door import Form, page
from .names import Names, NamesKept
from .throttle import Throttle

Open = Callable[[Form, Db], tuple[Opened, str]]
"""Opens the case of the code in a form, or answers with a page of its own (`routes._Door`)."""


@dataclass(frozen=True)
class Session:
    """A line of the roster as the asker reads it: names instead of ids."""

    line_id: int
    day: dt.date
    starts: str
    ends: str
    post: str
    body: str | None
    sits: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class Booked:
    """The newest appointment of a case as its page shows it (`data.appointments.Appointment`).

    about: about when the place's turn comes, HH:MM. sent: what its body owes since.
    """

    state: str
    now: Session
    was: Session
    is_changed: bool
    slot: int
    about: str
    at: dt.datetime
    may_undo: bool
    sent: Sent | None


def session(line: Line, names: Names) -> Session:
    """A line with the names of its bodies."""
    return Session(
        line.line_id, line.day, line.starts, line.ends, line.post, names.body(line.body_id),
        tuple(names.body(one) or one for one in line.sits), line.place,
    )  # fmt: skip


def booked(
    db: Db, mine: Appointment | None, history: CaseHistory, names: Names, as_of: dt.datetime
) -> Booked | None:
    """The appointment of a case for its page; None where none was ever booked."""
    if mine is None:
        return None
    sent = receptions.sent_for_asker(db, history, mine, as_of)
    return Booked(
        mine.state, session(mine.line, names), session(mine.was, names), mine.is_changed, mine.slot,
        time_of(mine.line, mine.slot), mine.at, mine.may_undo, sent,
    )  # fmt: skip


class Booking:
    """The page of the appointments of one case."""

    def __init__(
        self, get_db: Callable[[], Db], open_: Open, names: NamesKept, throttle: Throttle
    ) -> None:
        self.get_db, self.open, self.names, self.throttle = get_db, open_, names, throttle

    def answer(self, form: Form) -> Response:
        """The page; with `do` = book, cancel, undo or show what was asked for first."""
        db = self.get_db()
        opened, first = self.open(form, db)
        asked, done = form.get("do"), ""
        wrong: ProjectError | None = None
        doing = {
            "book": self._book, "cancel": self._cancel, "undo": self._undo, "show": self._show,
        }.get(asked)  # fmt: skip
        fields = {"book": "line", "cancel": "word", "undo": "undo", "show": "show-word"}
        field = fields.get(asked, "")
        if doing is not None:
            try:
                doing(form, db, opened)
                done = asked
            except asker.WrongWord as err:
                self.throttle.failed(form.address)
                wrong = err
            except ProjectError as err:
                wrong = err
        return self._page(form, db, opened, first, field, wrong, done)

    def _book(self, form: Form, db: Db, opened: Opened) -> None:
        line = form.get("line")
        if not line.isdecimal() or len(line) > 12:
            raise NotAllowed("reception.error.pick")
        receptions.book(db, opened.scope, opened.case_id, int(line))

    def _cancel(self, form: Form, db: Db, opened: Opened) -> None:
        asker.check_word(db, opened.scope, opened.case_id, form.get("word"))
        receptions.cancel(db, opened)

    def _show(self, form: Form, db: Db, opened: Opened) -> None:
        """Day and place of what is booked, to who knows the word: a copied code must not tell a
        desk that made the slip."""
        asker.check_word(db, opened.scope, opened.case_id, form.get("word"))

    def _undo(self, form: Form, db: Db, opened: Opened) -> None:
        receptions.undo(db, opened.scope, opened.case_id)

    def _page(
        self, form: Form, db: Db, opened: Opened, first: str, field: str,
        wrong: ProjectError | None, done: str,
    ) -> Response:  # fmt: skip
        names, now = self.names.of(db, form.language), db.now()
        with db.one_state():
            history = read_case(db, opened.scope, opened.case_id)
            mine = appointments.stands(db, opened.scope, opened.case_id)
            found = booked(db, mine, history, names, now)
            county = db.county()
            has_word = asker.standing(db, opened.scope, opened.case_id).has_word
            refused = ""
            lines: tuple[Line, ...] = ()
            try:
                lines = receptions.offered(db, opened.scope, opened.case_id)
            except NotAllowed as err:
                refused = err.text(form.language)
        waits = opened.issued_at + asker.REISSUED_WAITS if opened.is_reissued else None
        return page(
            form, "appointment.html", county, 400 if wrong else 200, case_id=opened.case_id,
            booked=found, sessions=[session(line, names) for line in lines], refused=refused,
            done=done, has_word=has_word, waits=waits if waits and now < waits else None,
            code=form.get("code"), first=first, chosen=form.get("line"), ahead=AHEAD_DAYS,
            body=names.body(history.body_id), is_hidden=history.is_disowned,
            is_copy=county.copied_at is not None,
            is_open=done in ("book", "cancel", "show"),
            problems=[(field, wrong.text(form.language))] if wrong else [],
        )  # fmt: skip
