"""Asking online: one thing per page, carried in the body of forms, nothing stored before the last.

No field is for a person. What was typed travels in hidden fields of the asker's own pages and in
no address; what is shown before sending is what is stored. Off unless the office switches it on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import receipts, record
from data.categories import Category
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.receipts import MalformedCode, Slip
from data.scope import Scope
from data.vocabulary import DOMAINS
from reports.place_map import WIDTHS
from reports.slip import groups, slip_lines, slips_pdf
from service.asking import KINDS, TEXT, GroundKept, marked, new_case, owing_body
from service.figures import categories
from service.form_token import is_token, new_token
from service.recent_waits import UNKNOWN, Recent, read_ahead
from service.slips import slip_facts
from settings import Settings
from wording import t

from .door import HEADERS, Form, TooLarge, page, read, sheet
from .draft import CARRIED, OWN, PLACES, STEPS, Draft, drafted, judged, spot
from .throttle import Allowance, Throttle

PATH = "/s/ask"
STYLE = (Path(__file__).parent / "ask.css").read_bytes()
STYLE_VERSION = hashlib.sha256(STYLE).hexdigest()[:12]
MOST_BYTES = 65_536
"""The longest text, every letter of it three bytes written as nine, and the other fields."""
NUMBER = {"domain": 1, "category": 2, "township": 3, "place": 3, "grid": 3, "text": 4, "check": 5}
"""How the pages are counted for the asker."""
MOST_FOUND = 6
READING_SECONDS = 2.0


@dataclass(frozen=True)
class Asking:
    """How this office takes requests online.

    public_url: of the status page as printed; empty = this server. desk: see `read_ground`.
    """

    public_url: str = ""
    desk: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Asking | None:
        """As the settings have it; None where asking online is off."""
        return cls(settings.public_url, settings.ask_desk) if settings.ask_online else None


def ask_routes(get_db: Callable[[], Db], language: str, asking: Asking | None) -> list[Route]:
    """The routes of asking online; without an `asking` they say that there is no such page."""
    if asking is None:

        async def missing(request: Request) -> Response:
            form = Form({}, language, "", str(request.scope.get("root_path", "")).rstrip("/"))
            said = t("public.error.no_page", language)
            return page(form, "problem.html", None, 404, problem=said)

        methods = ["GET", "POST"]
        return [Route(path, missing, methods=methods) for path in (PATH, f"{PATH}/{{rest:path}}")]
    door = _AskDoor(get_db, language, asking)
    return [
        Route(PATH, door.handle(door.start), methods=["GET"]),
        Route(PATH, door.handle(door.step), methods=["POST"]),
        Route(f"{PATH}/receipt.pdf", door.handle(door.pdf), methods=["POST"]),
        Route(f"{PATH}/receipt.pdf", door.back, methods=["GET"]),
        Route(f"{PATH}/style.css", door.style, methods=["GET"]),
        Route(f"{PATH}/map/{{township}}/{{size}}.png", door.picture, methods=["GET"]),
    ]


Handler = Callable[[Form, str], Response]


class _AskDoor:
    """The pages, over one database."""

    def __init__(self, get_db: Callable[[], Db], language: str, asking: Asking) -> None:
        self.get_db, self.language, self.asking = get_db, language, asking
        self.kept, self.allowance, self.guesses = GroundKept(asking.desk), Allowance(), Throttle()

    # the way in ------------------------------------------------------------------------------

    def handle(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def run(request: Request) -> Response:
            root = str(request.scope.get("root_path", "")).rstrip("/")
            try:
                form = await read(request, self.language, MOST_BYTES)
            except TooLarge as err:
                form = Form({}, self.language, "", root)
                return page(form, "problem.html", None, 413, problem=err.text(self.language))
            here = f"{request.url.scheme}://{request.url.netloc}{root}/s"
            try:
                return await run_in_threadpool(handler, form, here)
            except ConfigError as err:
                return page(form, "problem.html", None, 503, problem=err.text(form.language))

        return run

    async def back(self, request: Request) -> Response:
        """A form's address, typed: back to the start."""
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return RedirectResponse(f"{root}{PATH}", 303, HEADERS)

    async def style(self, request: Request) -> Response:
        """The sheet of these pages, beside that of all."""
        return sheet(STYLE)

    async def picture(self, request: Request) -> Response:
        """A township drawn; its address names the township and nothing that anybody said."""

        def drawn() -> bytes | None:
            language, _, width = request.path_params["size"].partition("-")
            ground = self.kept.of(self.get_db())
            township = request.path_params["township"]
            sizes = {str(size): size for size in WIDTHS}
            if township not in ground.desks or language not in ("zh", "en") or width not in sizes:
                return None
            return ground.picture(township, language, sizes[width])

        made = await run_in_threadpool(drawn)
        if made is None:
            return Response(status_code=404, headers=HEADERS)
        return Response(made, 200, HEADERS, "image/png")

    # pages -----------------------------------------------------------------------------------

    def _page(self, form: Form, db: Db, template: str, status: int = 200, **more: Any) -> Response:
        county = db.county()

        def ask(key: str, **inside: object) -> str:
            return t(f"ask.{key}", form.language, **inside)

        return page(
            form, template, county, status, a=ask, pack=county.pack, ask_version=STYLE_VERSION,
            **more,
        )  # fmt: skip

    def start(self, form: Form, here: str) -> Response:
        """What happens, what is stored, who sees it; no field yet."""
        del here
        db = self.get_db()
        read_ahead(db)
        return self._page(form, db, "ask_start.html", problems=[], token=new_token(db))

    def step(self, form: Form, here: str) -> Response:
        """One page was filled in: the next one, the one before, or the receipt."""
        db = self.get_db()
        if not is_token(db, form.get("token")):
            return self.start(form, here)
        at = form.get("at") if form.get("at") in STEPS else "domain"
        to = form.get("to") if form.get("to") in STEPS else at
        draft = drafted(form, self.kept.of(db), categories(db, Scope.public()))
        if at in PLACES and form.get("skip") == "1":
            draft, at, to = draft.but(village="", grid=""), "text", "text"
        is_search = at == "domain" and form.get("search") == "1"
        to = "category" if is_search else to
        pointed = spot(form)
        if at == "place" and pointed:
            draft, to = self._pointed(draft, form, pointed)
        elif STEPS.index(to) > STEPS.index(at):
            draft = judged(draft, at, form)
        if draft.problems:
            return self._show(form, db, draft, at, 400)
        reached = draft.reached(to)
        if reached == "send":
            return self._send(form, db, draft, here)
        return self._show(form, db, draft, reached)

    def _pointed(self, draft: Draft, form: Form, click: tuple[int, int, int]) -> tuple[Draft, str]:
        """The grid under a click on the picture; the position is used here and kept nowhere."""
        chart = draft.ground.map_of(draft.get("township"))
        grid = chart.grid_under(*click) if chart is not None else None
        village = draft.ground.village_of(grid) if grid else None
        if grid is None or village is None:
            said = t("ask.wrong.outside", form.language)
            return replace(draft, problems=[("village", said)]), "place"
        return draft.but(village=village, grid=grid), "grid"

    def _show(self, form: Form, db: Db, draft: Draft, step: str, status: int = 200) -> Response:
        more: dict[str, Any] = {}
        if step == "category":
            more = self._category_facts(db, draft)
        elif step in PLACES:
            chart = draft.ground.map_of(draft.get("township"))
            more["sheets"] = [chart.sheet(width) for width in WIDTHS] if chart else []
        elif step == "check":
            more["parts"] = marked(draft.get("text"), form.language)
            more["owes"] = draft.ground.bodies[form.language][self._owes(db, draft)]
        return self._page(
            form, db, f"ask_{step}.html", status, d=draft, g=draft.ground, step=step,
            page_number=NUMBER[step], carried=[c for c in CARRIED if c not in OWN.get(step, ())],
            problems=draft.problems, most=TEXT.most, kinds=KINDS, domains=DOMAINS, **more,
        )  # fmt: skip

    def _recent(self, db: Db, category: Category) -> Recent:
        return read_ahead(db).result().get(category.category_id, UNKNOWN)

    def _owes(self, db: Db, draft: Draft) -> str:
        category = draft.category
        assert category is not None
        return owing_body(self._recent(db, category), draft.ground, draft.get("township"))

    def _category_facts(self, db: Db, draft: Draft) -> dict[str, Any]:
        if draft.get("find"):
            shown = draft.known.like(draft.get("find"))[:MOST_FOUND]
        else:
            shown = [one for one in draft.known if one.domain == draft.get("domain")]
        try:  # the first asker of a day does not wait for the year to be read
            lately = read_ahead(db).result(READING_SECONDS)
        except TimeoutError:
            return {"shown": shown, "recent": {}}
        return {
            "shown": shown,
            "recent": {c.category_id: lately.get(c.category_id, UNKNOWN) for c in shown},
        }

    # sending ---------------------------------------------------------------------------------

    def _send(self, form: Form, db: Db, draft: Draft, here: str) -> Response:
        category = draft.category
        assert category is not None

        def refused(said: str, status: int) -> Response:
            return self._show(form, db, replace(draft, problems=[("send", said)]), "check", status)

        minutes = self.allowance.wait_minutes(form.address)
        if minutes:
            return refused(t("ask.wrong.too_many", form.language, minutes=minutes), 429)
        desk = draft.ground.desks[draft.get("township")].body_id
        place = (draft.get("township"), draft.get("grid") or None)
        case = new_case(
            category, place, draft.get("kind"), draft.get("text"), self._owes(db, draft),
            draft.get("token"), db.now(), form.language,
        )  # fmt: skip
        try:
            done = record.register_online(db, Scope.public(), case, desk)
        except NotAllowed as err:
            return refused(err.text(form.language), 400)
        if done.slip is None:
            return self._page(form, db, "ask_already.html", case_id=done.case_id, problems=[])
        if not done.is_repeat:
            self.allowance.used(form.address)
        return self._receipt(form, db, done.slip, here, is_repeat=done.is_repeat)

    def _facts(self, form: Form, db: Db, slip: Slip, here: str) -> Any:
        address = self.asking.public_url or here
        lately = read_ahead(db).result()
        return slip_facts(
            db, slip, form.language, address=address,
            recent=lambda category: lately.get(category, UNKNOWN),
        )  # fmt: skip

    def _receipt(self, form: Form, db: Db, slip: Slip, here: str, *, is_repeat: bool) -> Response:
        facts = self._facts(form, db, slip, here)
        return self._page(
            form, db, "ask_receipt.html", facts=facts, lines=slip_lines(facts, form.language),
            shown=groups(slip.code), is_repeat=is_repeat, problems=[],
        )  # fmt: skip

    def pdf(self, form: Form, here: str) -> Response:
        """The slip of the code that was sent, to print."""
        db = self.get_db()
        try:
            code = receipts.normalised(form.get("code"))
        except MalformedCode:
            return RedirectResponse(f"{form.root}/s", 303, HEADERS)
        opened = None if self.guesses.wait_seconds(form.address) else receipts.find(db, code)
        if opened is None:
            self.guesses.failed(form.address)
            return RedirectResponse(f"{form.root}/s", 303, HEADERS)
        slip = Slip(opened.case_id, code, receipts.slip_tag(db, code))
        made = slips_pdf([self._facts(form, db, slip, here)], form.language)
        name = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        return Response(made, 200, HEADERS | name, "application/pdf")
