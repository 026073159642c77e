"""The phone form: a grid worker or township clerk registers a case for somebody who asks.

Plain pages that a cheap phone opens at once and that work without script; everything said travels
in hidden fields, and nothing is stored before the last button. The checks are those of the
register page and of files (`data.rows`). Whoever registers sees nothing of the case afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import receipts, record
from data.categories import Categories, Category
from data.db import Db
from data.errors import NotAllowed, ProjectError, RowProblem
from data.fields import BY_NAME, FIELDS, by_header
from data.receipts import MalformedCode, Slip
from data.rows import Checked, check_rows
from data.scope import Scope
from reports.slip import SlipFacts, groups, slip_lines, slips_pdf
from service import placing
from service.asking import Ground, GroundKept, marked, usual_or_desk
from service.figures import categories
from service.form_token import is_token, new_token
from service.machines import known
from service.recent_waits import UNKNOWN, Recent, read_ahead
from service.slips import slip_facts
from wording import formats, has, t

from . import state
from .door import NO_STORE, Door, language, onward, root, to_sign_in

ROLES = ("grid_worker", "township_clerk")
STEPS = ("what", "said", "check", "send")
KEPT = (
    "token", "asked", "asked_how", "channel", "category", "find", "kind", "place", "grid", "day",
    "text",
)  # fmt: skip
"""What a page hands to the next one."""
OWN = {
    "what": ("asked", "asked_how", "channel", "category", "find", "place"),
    "said": ("grid", "day", "kind", "text"),
}
"""Of those, what a page asks itself."""
MOST_SUGGESTED = 5
OLDEST = dt.timedelta(days=365)
"""How long ago somebody may have asked; what is older is typed on the full register page."""
READING_SECONDS = 2.0
HEADERS = {"Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"}
"""The only pages that may ask the phone where it is; the place is forgotten once it has an area."""
PAGE_OF = {
    **dict.fromkeys(("asked", "asked_how", "channel", "category", "township", "lon"), "what"),
    **dict.fromkeys(("grid", "opened_at", "kind", "summary"), "said"),
}
WIDGET = {"summary": "text", "opened_at": "day", "township": "place", "lon": "place"}
"""Where a problem stands whose field has another name in this form."""

Form = Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """What has been said so far, held against the lists; what is in none of them is empty."""

    values: Mapping[str, str]
    ground: Ground
    known: Categories
    townships: tuple[str, ...]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        """A part; empty when it was not said."""
        return self.values.get(name, "")

    @property
    def category(self) -> Category | None:
        """The matter; None = not said yet."""
        return self.known.by_id.get(self.get("category"))

    @property
    def township(self) -> str:
        """The township of the place; empty when no place was said."""
        place = self.get("place")
        if place in self.townships:
            return place
        return next((a for a in self.townships if place in self.ground.villages(a, "zh")), "")

    @property
    def grids(self) -> list[str]:
        """Grids to pick from, by name; none for a family matter (DOMAIN.md §2.10)."""
        if self.category is not None and self.category.is_place_protected:
            return []
        return self.ground.grids(self.get("place"), "zh")


class Phone(Door):
    """See the module."""

    def __init__(self, get_db: Callable[[], Db]) -> None:
        super().__init__(get_db)
        self.kept = GroundKept(state.settings().ask_desk)

    most_bytes = 65_536
    """The longest text, every letter of it three bytes written as nine, and the other fields."""

    def routes(self) -> list[Route]:
        """The routes of the form."""
        return [
            Route("/phone", self.page(self.start), methods=["GET"]),
            Route("/phone", self.post(self.step), methods=["POST"]),
            Route("/phone/receipt.pdf", self.post(self.pdf), methods=["POST"]),
            Route("/phone/receipt.pdf", self.page(self.back), methods=["GET"]),
        ]

    def _here(self, request: Request) -> Scope | Response:
        """The scope of whoever is signed in and may register, else the way on."""
        who = self.signed_in(request)
        if who is None or who.first:
            return onward(request, who.first) if who else to_sign_in(request)
        if who.scope.role not in ROLES or who.scope.desk is None:
            raise NotAllowed("data.error.not_allowed")
        return who.scope

    # pages -----------------------------------------------------------------------------------

    def _page(self, request: Request, name: str, status: int = 200, **more: Any) -> Response:
        answer = self.render(
            request, name, status, root=root(request), has=partial(has, language=language(request)),
            country=_country(self.get_db().county().pack, language(request)), **more,
        )  # fmt: skip
        answer.headers.update(HEADERS)
        return answer

    def back(self, request: Request, form: Form) -> Response:
        """The address of the PDF, typed: back to the start."""
        return RedirectResponse(f"{root(request)}/phone", 303, NO_STORE)

    def start(self, request: Request, form: Form) -> Response:
        """An empty form."""
        scope = self._here(request)
        if isinstance(scope, Response):
            return scope
        read_ahead(self.get_db())
        return self._show(request, scope, self._said({}, scope), "what")

    def _said(self, form: Form, scope: Scope) -> Said:
        db = self.get_db()
        ground, lists = self.kept.of(db), categories(db, scope)
        values = {name: form.get(name, "")[:200].strip() for name in KEPT}
        values["text"] = form.get("text", "").replace("\r\n", "\n").strip()
        is_own = scope.role == "grid_worker"
        for name in ("kind", "channel", "asked", "asked_how"):
            usual = {"kind": "redress", "channel": "on_behalf" if is_own else "desk"}.get(name, "")
            is_known = values[name] in BY_NAME[name].choices
            values[name] = values[name] if is_known else usual
        if is_own:
            values["channel"] = "on_behalf"
        values["day"] = values["day"] or self._today().isoformat()
        values["category"] = values["category"] or form.get("listed", "")
        if values["category"] not in lists:
            values["category"] = ""
        if not is_token(db, values["token"]):
            values["token"] = new_token(db)
        townships = tuple(sorted(scope.townships or ()))
        said = Said(values, ground, lists, townships)
        if not said.township:
            values["place"] = townships[0] if len(townships) == 1 and not form else ""
        if ground.grid_at(values["place"], values["grid"]) is None or not said.grids:
            values["grid"] = ""
        return said

    def _today(self) -> dt.date:
        db = self.get_db()
        return db.now().astimezone(ZoneInfo(db.county().zone)).date()

    def _opened(self, said: Said) -> str | None:
        """When it was asked, as the checks read it; today = now, None = no day of the last year."""
        today = self._today()
        try:
            day = dt.date.fromisoformat(said.get("day"))
        except ValueError:
            return None
        if not today - OLDEST <= day <= today:
            return None
        return self.get_db().now().isoformat() if day == today else day.isoformat()

    def step(self, request: Request, form: Form) -> Response:
        """A page was filled in: the next one, the one before, or the receipt."""
        scope = self._here(request)
        if isinstance(scope, Response):
            return scope
        said = self._said(form, scope)
        at = form.get("at", "") if form.get("at") in STEPS else "what"
        to = form.get("to", "") if form.get("to") in STEPS else at
        spot = form.get("spot", "")
        if at == "what" and spot and to != "what":
            said = self._placed(said, spot, scope, language(request))
        if STEPS.index(to) <= STEPS.index(at):
            return self._show(request, scope, said, to)
        checked = self._checked(request, scope, said)
        found = [*said.problems, *_problems(checked, language(request))]
        if self._opened(said) is None:
            found.append(("opened_at", t("phone.bad_day", language(request))))
        said = replace(said, problems=found)
        for page in STEPS[: STEPS.index(to)]:
            wrong = [(name, text) for name, text in said.problems if PAGE_OF.get(name) == page]
            if wrong:
                shown = replace(said, problems=[(WIDGET.get(n, n), text) for n, text in wrong])
                return self._show(request, scope, shown, page, 400)
        if to == "said":
            return self._show(request, scope, replace(said, problems=[]), "said")
        if said.problems or not checked.good:
            return self._show(request, scope, said, "check", 400)
        if to == "check":
            return self._show(request, scope, said, "check")
        case = replace(checked.good[0], source_id=said.get("token"))
        return self._receipt(request, record.register(self.get_db(), scope, case))

    def _placed(self, said: Said, spot: str, scope: Scope, chosen: str) -> Said:
        """The area a phone is in; its position is used here and kept nowhere."""
        lon, _, lat = spot.partition(",")
        try:
            found = placing.place_of(self.get_db(), scope, lon, lat, "wgs84")
        except ProjectError as err:
            return replace(said, problems=[("lon", err.text(chosen))])
        if found.problems or found.code is None:
            texts = [one.text(chosen) for one in found.problems]
            return replace(said, problems=[("lon", text) for text in texts])
        village, grid = said.ground.village_of(found.code), ""
        if village is not None:
            grid = str(said.ground.position(found.code))
        there = replace(said, values={**said.values, "place": village or found.code, "grid": grid})
        if there.township:
            return there
        return replace(said, problems=[("lon", t("intake.row.other_township", chosen))])

    def _checked(self, request: Request, scope: Scope, said: Said) -> Checked:
        """The same checks as every row, on the one this form makes."""
        db, values = self.get_db(), dict.fromkeys((f.name for f in FIELDS), "")
        opened = self._opened(said) or db.now().isoformat()
        grid = said.ground.grid_at(said.get("place"), said.get("grid")) if said.grids else None
        values |= {name: said.get(name) for name in ("asked", "asked_how", "channel", "kind")}
        values |= {
            "category": said.get("category"), "summary": said.get("text"), "grid": grid or "",
            "township": said.township, "opened_at": opened,
            "body": self._owes(scope, said),
        }  # fmt: skip
        chosen = language(request)
        named = {BY_NAME[name].header(chosen): value for name, value in values.items()}
        frame = pd.DataFrame([named], index=[1]).astype("str")  # sentences name fields by these
        return check_rows(
            frame, known(db, scope), db.now(), db.county().zone, is_file=False, language=chosen
        )

    def _lately(self) -> Mapping[str, Recent]:
        try:
            return read_ahead(self.get_db()).result(READING_SECONDS)
        except TimeoutError:
            return {}

    def _owes(self, scope: Scope, said: Said) -> str:
        recent = self._lately().get(said.get("category"), UNKNOWN)
        return usual_or_desk(recent, said.ground.kinds, str(scope.desk))

    def _show(
        self, request: Request, scope: Scope, said: Said, step: str, status: int = 200
    ) -> Response:
        chosen, more = language(request), dict[str, Any]()
        if step == "said":
            today = self._today()
            more["days"] = (today - OLDEST, today)
        elif step == "what":
            find = said.get("find")
            more["suggested"] = said.known.like(find)[:MOST_SUGGESTED] if find else []
            more["domains"] = _by_domain(said.known, chosen)
            more["areas"] = [
                (said.ground.name(one, chosen), one, said.ground.villages(one, chosen))
                for one in said.townships
            ]
        elif step == "check":
            case = self._checked(request, scope, said).good
            more["parts"] = marked(case[0].summary if case else said.get("text"), chosen)
            if self._opened(said) is not None:
                more["on"] = formats.day(dt.date.fromisoformat(said.get("day")), chosen)
            more["owes"] = said.ground.bodies[chosen].get(self._owes(scope, said), "")
            grid = said.ground.grid_at(said.get("place"), said.get("grid"))
            more["there"] = [said.ground.name(c, chosen) for c in (said.township, grid) if c]
        return self._page(
            request, f"phone_{step}.html", status, d=said, step=step, role=scope.role,
            carried=[c for c in KEPT if c not in OWN.get(step, ())], fields=BY_NAME,
            is_fresh=request.method == "GET", **more,
        )  # fmt: skip

    # the receipt -----------------------------------------------------------------------------

    def _receipt(self, request: Request, done: record.Registered) -> Response:
        if done.slip is None:
            return self._page(request, "phone_already.html", case_id=done.case_id)
        chosen, facts = language(request), self._facts(request, done.slip)
        return self._page(
            request, "phone_receipt.html", facts=facts, lines=slip_lines(facts, chosen),
            shown=groups(done.slip.code), is_repeat=done.is_repeat,
        )  # fmt: skip

    def _facts(self, request: Request, slip: Slip) -> SlipFacts:
        own = f"{request.url.scheme}://{request.url.netloc}{root(request)}/s"
        lately = self._lately()
        return slip_facts(
            self.get_db(), slip, language(request), address=state.settings().public_url or own,
            recent=lambda category: lately.get(category, UNKNOWN),
        )  # fmt: skip

    def pdf(self, request: Request, form: Form) -> Response:
        """The slip of the code that was just made, to print."""
        scope = self._here(request)
        if isinstance(scope, Response):
            return scope
        db, code = self.get_db(), form.get("code", "")
        try:
            opened = receipts.find(db, code)
        except MalformedCode:
            opened = None
        if opened is None:
            return self.back(request, form)
        plain = receipts.normalised(code)
        slip = Slip(opened.case_id, plain, receipts.slip_tag(db, plain))
        made = slips_pdf([self._facts(request, slip)], language(request))
        named = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        return Response(made, 200, NO_STORE | named, "application/pdf")


def _problems(checked: Checked, chosen: str) -> list[tuple[str, str]]:
    return [(_field(one), one.text(chosen)) for one in checked.problems]


def _field(problem: RowProblem) -> str:
    found = by_header(problem.column)
    return found.name if found else "summary"


def _country(pack: str, chosen: str) -> str:
    """Whose independent channels for accusations are named."""
    country = pack.split("_")[0]
    return country if has(f"public.accuse.{country}1", chosen) else "other"


def _by_domain(known: Categories, chosen: str) -> list[tuple[str, list[Category]]]:
    names = BY_NAME["domain"]
    table: dict[str, list[Category]] = {}
    for one in known:
        table.setdefault(names.choice(one.domain, chosen), []).append(one)
    return list(table.items())
