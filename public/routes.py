"""The resident's door: plain HTML routes under /s, without script, cookie or account.

A code travels in the body of a POST and nowhere else: never in an address, never in a log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from casework.adapter import allow
from casework.duties import told_of
from casework.log import log_of
from casework.pack import Pack
from data import asker, corrections, reading, receipts, record
from data.db import Db
from data.errors import ConfigError, NotAllowed, ProjectError, RuleError
from data.history import Allow, NewEvent
from data.receipts import MalformedCode, Opened, find, is_genuine, normalised
from data.scope import Scope
from data.steering import files_in_force
from service.rules import county_rules, rules_of
from wording import DEFAULT_LANGUAGE

from . import voice as voices
from .appointments import Booking
from .ask import Asking, ask_routes
from .consultations import notice_routes
from .door import HEADERS, Form, TooLarge, page, read, style
from .figures import figure_routes
from .names import NamesKept
from .roster import roster_routes
from .throttle import Throttle
from .view import look

Problem = tuple[str, str]
"""The id of a field and what is wrong there."""
Handler = Callable[[Form], Response]
DESK_FINDS = "-"
"""What the place field sends for "let the desk find it"."""


def routes(
    get_db: Callable[[], Db],
    language: str = DEFAULT_LANGUAGE,
    asking: Asking | None = None,
    processes: int = 1,
) -> list[Route]:
    """The routes of the resident's pages.

    Args:
        get_db: gives the open database; called once per request.
        language: of a first visit, `zh` or `en`.
        asking: how requests are taken online; None = they are not.
        processes: how many serve these pages beside one another, for the throttle.
    """
    door = _Door(get_db, language, asking is not None, processes)

    def posted(path: str, handler: Handler) -> list[Route]:
        return [
            Route(path, door.post(handler), methods=["POST"]),
            Route(path, door.back, methods=["GET"]),
        ]

    return [
        Route("/s", door.get(door.start), methods=["GET"]),
        Route("/s/about", door.get(door.about), methods=["GET"]),
        Route("/s/style.css", door.style, methods=["GET"]),
        *(r for of in (figure_routes, roster_routes, notice_routes) for r in of(get_db, language)),
        *ask_routes(get_db, language, asking),
        *posted("/s/case", door.case),
        *posted("/s/word", door.word),
        *posted("/s/rate", door.rate),
        *posted("/s/say", door.say),
        *posted("/s/withdraw", door.withdraw),
        *posted("/s/correct", door.correct),
        *posted("/s/appointment", Booking(get_db, door._open, door.names, door.throttle).answer),
    ]


@dataclass(frozen=True)
class _Heard:
    """An opened case, what may be said of it now, and who judges what is said."""

    opened: Opened
    first: str
    has_word: bool
    speech: voices.Voice
    pack: Pack
    judge: Allow
    told_of: tuple[str, ...]


class _Refused(Exception):
    """An answer instead of the page that was asked for: an unknown code, a slip, a wrong word."""

    def __init__(self, response: Response, counts: bool = False) -> None:
        self.response = response
        self.counts = counts


class _Door:
    """The pages, over one database."""

    def __init__(
        self, get_db: Callable[[], Db], language: str, asks: bool = False, processes: int = 1
    ) -> None:
        self.get_db, self.language, self.asks = get_db, language, asks
        self.throttle, self.names = Throttle(processes=processes), NamesKept()

    # the way in ------------------------------------------------------------------------------

    def get(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            form = await read(request, self.language)
            return await run_in_threadpool(self._safely, handler, form)

        return handle

    def post(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            try:
                form = await read(request, self.language)
            except TooLarge as err:
                form = Form({}, self.language, "", str(request.scope.get("root_path", "")))
                return page(form, "problem.html", None, 413, problem=err.text(self.language))
            await asyncio.sleep(self.throttle.wait_seconds(form.address))
            return await run_in_threadpool(self._safely, handler, form)

        return handle

    async def back(self, request: Request) -> Response:
        """Somebody reloaded or typed the address of a form: back to the start, query dropped."""
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return RedirectResponse(f"{root}/s", 303, HEADERS)

    async def style(self, request: Request) -> Response:
        return style()

    def _safely(self, handler: Handler, form: Form) -> Response:
        try:
            with receipts.holding(self.get_db(), form.get("code")):
                return handler(form)
        except _Refused as refused:
            if refused.counts:
                self.throttle.failed(form.address)
            return refused.response
        except ConfigError as err:
            return page(form, "problem.html", None, 503, problem=err.text(form.language))

    # open pages ------------------------------------------------------------------------------

    def start(self, form: Form) -> Response:
        return self._start(form, self.get_db())

    def _start(self, form: Form, db: Db, status: int = 200, **values: Any) -> Response:
        county = db.county()
        values = {"problems": [], "kept": "", "unknown": False, "lost": False} | values
        return page(
            form, "start.html", county, status, pack=county.pack, shown=receipts.shown,
            asks=self.asks, **values,
        )  # fmt: skip

    def about(self, form: Form) -> Response:
        db = self.get_db()
        county = db.county()
        pack, _ = county_rules(db)
        files = files_in_force(db, Scope.public())
        return page(form, "about.html", county, pack=pack, files=files)

    # one case --------------------------------------------------------------------------------

    def _open(self, form: Form, db: Db) -> tuple[Opened, str]:
        """The case of the code that was sent, and the mark of a first opening.

        Raises:
            _Refused: as `_found`.
        """
        return self._used(form, db, self._found(form, db))

    def _found(self, form: Form, db: Db) -> Opened:
        """The case of the code that was sent; nothing is written.

        Raises:
            _Refused: a slip of typing (costs no attempt), or a code nobody was ever given.
        """
        typed = form.get("code")
        try:
            code = normalised(typed)
        except MalformedCode as err:
            problem = ("code", err.text(form.language))
            raise _Refused(self._start(form, db, 400, problems=[problem], kept=typed)) from None
        opened = find(db, code)
        if opened is None:
            tag = form.get("tag")
            is_lost = is_genuine(db, code, tag)
            answer = self._start(form, db, 404, unknown=not is_lost, lost=is_lost)
            raise _Refused(answer, counts=True)
        return opened

    def _used(self, form: Form, db: Db, opened: Opened) -> tuple[Opened, str]:
        """The code as it stands now that it was used, and the mark of a first opening."""
        first = form.get("first")
        if opened.first_opened_at is None:
            is_first = record.confirm(db, opened.scope, opened)
            opened = find(db, form.get("code")) or opened
            first = voices.first_token(db, opened) if is_first else ""
        return opened, first

    def _case(
        self,
        form: Form,
        db: Db,
        opened: Opened,
        first: str,
        problems: list[Problem] | None = None,
        status: int = 200,
    ) -> Response:
        names = self.names.of(db, form.language)
        with db.one_state():
            found, county = look(db, opened, first, names), db.county()
        return page(
            form,
            "case.html",
            county,
            status,
            s=found,
            code=form.get("code"),
            first=found.first_token,
            problems=problems or [],
            ratings=voices.RATINGS,
            reasons=voices.RATING_REASONS,
            kept=form if problems else None,
            needs_reissue_wait=opened.is_reissued,
        )

    def _done(
        self, form: Form, db: Db, opened: Opened, first: str, event: str, **values: Any
    ) -> Response:
        found = look(db, opened, first, self.names.of(db, form.language))
        due = {"not_solved": "answer", "review_requested": "review", "recheck_requested": "recheck"}
        due["withdrawal_undone"] = "answer"
        line = found.line(due[event]) if event in due else None
        values = {"rating": None} | values
        return page(
            form, "done.html", db.county(), s=found, event=event, line=line,
            code=form.get("code"), first=found.first_token, **values,
        )  # fmt: skip

    def _again(
        self, form: Form, db: Db, opened: Opened, first: str, field: str, err: ProjectError
    ) -> Response:
        """The case's page with what was wrong, and what was typed still in its fields."""
        return self._case(form, db, opened, first, [(field, err.text(form.language))], 400)

    def case(self, form: Form) -> Response:
        db = self.get_db()
        with db.one_state():
            opened = self._found(form, db)
            if opened.first_opened_at is not None:  # nothing to write: all is read in one go
                return self._case(form, db, opened, form.get("first"))
        return self._case(form, db, *self._used(form, db, opened))

    def word(self, form: Form) -> Response:
        db = self.get_db()
        opened, first = self._open(form, db)
        renewed = form.get("renew") == "1"
        try:
            if form.get("word").strip() != form.get("again").strip():
                raise NotAllowed("public.error.words_differ")
            history = reading.read_case(db, opened.scope, opened.case_id)
            judge = voices.allow_for(db, history, db.county().zone)
            asker.set_word(db, opened, form.get("word"), judge, not_opened_before=renewed)
        except NotAllowed as err:
            return self._again(form, db, opened, first, "renew" if renewed else "word", err)
        return self._done(form, db, opened, first, "word_renewed" if renewed else "word_set")

    def _heard(self, form: Form, db: Db) -> _Heard:
        """The case of the code that was sent, and what may be said of it now."""
        opened, first = self._open(form, db)
        history = reading.read_case(db, opened.scope, opened.case_id)
        stands = asker.standing(db, opened.scope, opened.case_id)
        zone = db.county().zone
        rules = rules_of(db).for_case(history, zone)
        log = log_of(rules, history, db.now(), zone)
        speech = voices.voice(db, opened, history, stands, first, log)
        told = told_of(log.pack, log.events, log.as_of)
        return _Heard(opened, first, stands.has_word, speech, log.pack, allow(*rules, zone), told)

    def say(self, form: Form) -> Response:
        db = self.get_db()
        heard, event = self._heard(form, db), form.get("event")
        opened, first = heard.opened, heard.first
        try:
            if event not in voices.SAID or not heard.speech.may(event):
                raise NotAllowed("public.error.not_now")
            about = form.get("about") or None
            if about is not None and (event != "not_told" or about not in heard.told_of):
                raise NotAllowed("public.error.not_now")
            new = NewEvent(event, code=about)
            record.add_event(db, opened.scope, opened.case_id, new, heard.judge)
        except RuleError:  # somebody else's step came in between
            return self._again(form, db, opened, first, "say", NotAllowed("public.error.not_now"))
        except NotAllowed as err:
            return self._again(form, db, opened, first, "say", err)
        return self._done(form, db, opened, first, "undone" if event == "confirmed" else event)

    def rate(self, form: Form) -> Response:
        db = self.get_db()
        heard, rating = self._heard(form, db), form.get("rating")
        opened, first = heard.opened, heard.first
        reasons = [name for name in voices.RATING_REASONS if name in form.all("reason")]
        try:
            if not heard.speech.rated:
                raise NotAllowed("public.error.not_now")
            if heard.speech.waits_until is not None:
                raise NotAllowed("public.error.reissued_rating")
            if rating not in voices.RATINGS:
                raise NotAllowed("public.error.rating_missing")
            asker.check_word(db, opened.scope, opened.case_id, form.get("word"))
            new = NewEvent("rated", code=rating, words={"reasons": " ".join(reasons)})
            record.add_event(db, opened.scope, opened.case_id, new, heard.judge)
        except asker.WrongWord as err:
            self.throttle.failed(form.address)
            return self._again(form, db, opened, first, "rate-word", err)
        except RuleError:
            return self._again(form, db, opened, first, "say", NotAllowed("public.error.not_now"))
        except NotAllowed as err:
            return self._again(form, db, opened, first, "rating", err)
        return self._done(form, db, opened, first, "rated", rating=rating)

    def withdraw(self, form: Form) -> Response:
        """The page that says what withdrawing means, and the withdrawal itself (`send`)."""
        db = self.get_db()
        heard, reason = self._heard(form, db), form.get("reason")
        opened, first = heard.opened, heard.first
        if not heard.speech.withdrawal_asked:
            return self._again(form, db, opened, first, "say", NotAllowed("public.error.not_now"))
        if form.get("send") != "1":
            return self._withdraw_page(form, db, heard)
        try:
            if heard.speech.waits_until is not None:
                raise NotAllowed("public.error.reissued_withdrawal")
            if reason not in voices.WITHDRAWAL_REASONS:
                raise NotAllowed("public.error.reason_missing")
            asker.check_word(db, opened.scope, opened.case_id, form.get("word"))
            new = NewEvent("withdrawal_asked", code=reason)
            record.add_event(db, opened.scope, opened.case_id, new, heard.judge)
        except asker.WrongWord as err:
            self.throttle.failed(form.address)
            return self._withdraw_page(form, db, heard, ("word", err))
        except RuleError:
            return self._again(form, db, opened, first, "say", NotAllowed("public.error.not_now"))
        except NotAllowed as err:
            return self._withdraw_page(form, db, heard, ("reason", err))
        return self._done(form, db, opened, first, "withdrawal_asked")

    def _withdraw_page(
        self, form: Form, db: Db, heard: _Heard, wrong: tuple[str, ProjectError] | None = None
    ) -> Response:
        problems = [(wrong[0], wrong[1].text(form.language))] if wrong else []
        return page(
            form, "withdraw.html", db.county(), 400 if wrong else 200, heard=heard,
            code=form.get("code"), first=heard.first, reasons=voices.WITHDRAWAL_REASONS,
            chosen=form.get("reason"), problems=problems,
        )  # fmt: skip

    def correct(self, form: Form) -> Response:
        """The form for a wrongly entered category or place, and the request itself (`field`)."""
        db = self.get_db()
        opened, first = self._open(form, db)
        names, field = self.names.of(db, form.language), form.get("field")
        wrong: ProjectError | None = None
        if field:
            value = form.get(field) or None
            try:
                if value == DESK_FINDS:
                    value = None
                elif value is None:
                    raise NotAllowed("corrections.error.pick")
                corrections.ask(db, opened.scope, opened.case_id, field, value, names.in_force)
                return self._done(form, db, opened, first, "correction")
            except NotAllowed as err:
                wrong = err
        found = look(db, opened, first, names)
        if found.history.is_disowned:
            return self._again(form, db, opened, first, "say", NotAllowed("public.error.not_now"))
        return page(
            form, "correct.html", db.county(), 400 if wrong else 200, s=found, names=names,
            code=form.get("code"), first=found.first_token, kept=form, desk_finds=DESK_FINDS,
            problems=[(field, wrong.text(form.language))] if wrong else [],
        )  # fmt: skip
