"""The door as plain HTML: sign-in, sign-out, password; and the map's geometry behind it.

The session's cookie is HttpOnly and SameSite=Lax: a link from another page still finds the
session, a form of another page never does; every post is also checked for its origin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from data import accounts, places
from data.accounts import BODY_ROLES, LIFETIME, MINIMUM_PASSWORD_LENGTH, SignedIn
from data.db import Db
from data.errors import ProjectError
from data.scope import Scope
from wording import LANGUAGES, t

from . import geometry, state
from .attempts import Attempts
from .guard import COOKIE

MOST_BYTES = 8_192
"""Size of the largest form these pages have, several times over."""
DEMO_ROLES = (
    ("supervisor", ""), ("leader", ""), ("administrator", ""),
    ("township_clerk", "township_office"), ("department_clerk", "department"),
    ("department_clerk", "review_office"), ("grid_worker", "township_office"),
)  # fmt: skip
"""One button each, in a demo database, in this order: the role, and the kind of its office."""
GEOMETRY_ROLES = ("supervisor", "leader")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


def routes(get_db: Callable[[], Db]) -> list[Route]:
    """The routes of the staff door; `get_db` gives the open database, once per request."""
    door = _Door(get_db)
    return [
        Route("/sign-in", door.page(door.sign_in_page), methods=["GET"]),
        Route("/sign-in", door.post(door.sign_in), methods=["POST"]),
        Route("/sign-out", door.post(door.sign_out), methods=["POST"]),
        Route("/password", door.page(door.password_page), methods=["GET"]),
        Route("/password", door.post(door.password), methods=["POST"]),
        Route("/geometry/{content_hash}.json", door.geometry, methods=["GET"]),
    ]


Handler = Callable[[Request, Mapping[str, str]], Response]


class _Door:
    def __init__(self, get_db: Callable[[], Db]) -> None:
        self.get_db, self.attempts = get_db, Attempts()

    def page(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await run_in_threadpool(self._safely, handler, request, {})

        return handle

    def post(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            form = await _form(request)
            if form is None or not is_same_origin(request):
                return await run_in_threadpool(self._safely, self._foreign, request, {})
            return await run_in_threadpool(self._safely, handler, request, form)

        return handle

    def _safely(self, handler: Handler, request: Request, form: Mapping[str, str]) -> Response:
        try:
            return handler(request, form)
        except ProjectError as err:
            return self._bare(request, err)

    def _bare(self, request: Request, err: ProjectError) -> Response:
        """A database that is not set up has no county to name: the sentence alone."""
        text = err.text(language(request))
        return PlainTextResponse(text, 503, {"Cache-Control": "no-store"})

    def _foreign(self, request: Request, form: Mapping[str, str]) -> Response:
        problem = t("ui.sign_in.foreign", language(request))
        return self._render(request, "problem.html", 403, problem=problem)

    def _render(self, request: Request, name: str, status: int = 200, **values: Any) -> Response:
        chosen = language(request)
        county = self.get_db().county()

        def say(key: str, /, **placeholders: object) -> str:
            return t(key, chosen, **placeholders)

        html = _templates.get_template(name).render(
            t=say,
            language=chosen,
            other=next(code for code in LANGUAGES if code != chosen),
            languages={code: t("ui.language_name", code) for code in LANGUAGES},
            county=county.name_zh if chosen == "zh" else county.name_en,
            is_demo=county.is_demo,
            here=request.url.path.rsplit("/", 1)[-1],
            **values,
        )
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    # sign-in ---------------------------------------------------------------------------------

    def sign_in_page(self, request: Request, form: Mapping[str, str]) -> Response:
        return self._sign_in_page(request)

    def _sign_in_page(
        self, request: Request, status: int = 200, problem: str = "", login: str = ""
    ) -> Response:
        return self._render(
            request,
            "sign_in.html",
            status,
            problem=problem,
            kept=login,
            here_as=self._signed_in(request),
            demo_roles=self._demo_roles(language(request)),
        )

    def sign_in(self, request: Request, form: Mapping[str, str]) -> Response:
        db, chosen = self.get_db(), language(request)
        if "role" in form:
            token = accounts.demo_sign_in(db, form["role"], request.query_params.get("body"))
            return self._let_in(request, db, token)
        login, address = form.get("login", ""), _address(request)
        wait = self.attempts.wait_seconds(address, login)
        if wait > 0:
            problem = t("ui.sign_in.wait", chosen, seconds=int(wait) + 1)
            return self._sign_in_page(request, 429, problem, login)
        try:
            token = accounts.sign_in(db, login, form.get("password", ""))
        except accounts.SignInFailed as err:
            self.attempts.failed(address, login)
            return self._sign_in_page(request, 401, err.text(chosen), login)
        self.attempts.succeeded(address, login)
        return self._let_in(request, db, token)

    def _let_in(self, request: Request, db: Db, token: str) -> Response:
        # whoever sat here before leaves with their session
        accounts.sign_out(db, request.cookies.get(COOKIE))
        who = accounts.session_of(db, token)
        answer = _onward(request, "password" if who is not None and who.must_change else "")
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(LIFETIME.total_seconds()),
            path=_root(request) + "/",
            secure=state.settings().secure_cookies,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _demo_roles(self, chosen: str) -> list[dict[str, str]]:
        """One button per role of a demo county, with the office; none in any other database."""
        db = self.get_db()
        if not db.county().is_demo:
            return []
        bodies = places.read_bodies(db, Scope.operator())
        offices = bodies.drop_duplicates("kind").set_index("kind").to_dict("index")
        buttons = []
        for role, kind in DEMO_ROLES:
            office = offices.get(kind)
            if role in BODY_ROLES and office is None:
                continue
            buttons.append(
                {
                    "role": role,
                    "name": t(f"words.role.{role}", chosen),
                    "body": office["body_id"] if office else "",
                    "office": office[f"name_{chosen}"] if office else "",
                }
            )
        return buttons

    def sign_out(self, request: Request, form: Mapping[str, str]) -> Response:
        accounts.sign_out(self.get_db(), request.cookies.get(COOKIE))
        answer = _onward(request, "sign-in")
        answer.delete_cookie(COOKIE, path=_root(request) + "/", httponly=True, samesite="lax")
        return answer

    def _signed_in(self, request: Request) -> SignedIn | None:
        return accounts.session_of(self.get_db(), request.cookies.get(COOKIE))

    # password --------------------------------------------------------------------------------

    def password_page(self, request: Request, form: Mapping[str, str]) -> Response:
        who = self._signed_in(request)
        if who is None:
            return _onward(request, "sign-in")
        return self._password_page(request, who)

    def _password_page(
        self, request: Request, who: SignedIn, status: int = 200, problem: str = ""
    ) -> Response:
        return self._render(
            request, "password.html", status,
            who=who, problem=problem, least=MINIMUM_PASSWORD_LENGTH,
        )  # fmt: skip

    def password(self, request: Request, form: Mapping[str, str]) -> Response:
        who, chosen = self._signed_in(request), language(request)
        if who is None:
            return _onward(request, "sign-in")
        db, address, new = self.get_db(), _address(request), form.get("new", "")
        wait = self.attempts.wait_seconds(address, who.login)
        if wait > 0:
            problem = t("ui.sign_in.wait", chosen, seconds=int(wait) + 1)
            return self._password_page(request, who, 429, problem)
        if new != form.get("again", ""):
            problem = t("ui.password.differ", chosen)
            return self._password_page(request, who, 400, problem)
        try:
            accounts.change_password(db, who, form.get("old", ""), new)
        except accounts.SignInFailed:
            self.attempts.failed(address, who.login)
            problem = t("ui.password.old_wrong", chosen)
            return self._password_page(request, who, 400, problem)
        except ProjectError as err:
            return self._password_page(request, who, 400, err.text(chosen))
        return self._let_in(request, db, accounts.sign_in(db, who.login, new))

    # geometry --------------------------------------------------------------------------------

    def geometry(self, request: Request) -> Response:
        who = self._signed_in(request)
        if who is None or who.must_change or who.scope.role not in GEOMETRY_ROLES:
            return Response(status_code=403, headers={"Cache-Control": "no-store"})
        content_hash = request.path_params["content_hash"]
        body = geometry.body(self.get_db(), who.scope, content_hash)
        if body is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        headers = {
            "ETag": f'"{content_hash}"',
            # the address is the content's hash: it never changes, but it is behind the sign-in
            "Cache-Control": "private, max-age=86400, immutable",
            "Vary": "Cookie",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)


def language(request: Request) -> str:
    """The language asked for in the address, else the one of a first visit."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else state.settings().language


def is_same_origin(request: Request) -> bool:
    """Whether a post comes from a page of this very host, by Origin, else by Referer.

    A browser sends at least one of them with every post of our pages; without either, or with
    another host's, the post is not looked at.
    """
    source = request.headers.get("origin") or request.headers.get("referer") or ""
    return urlsplit(source).netloc == request.headers.get("host", "") != ""


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a posted form, the last of a name; None when it is larger than any of ours."""
    received = b""
    async for chunk in request.stream():
        received += chunk
        if len(received) > MOST_BYTES:
            return None
    text = received.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _onward(request: Request, path: str) -> Response:
    chosen = request.query_params.get("lang")
    query = f"?lang={chosen}" if chosen in LANGUAGES else ""
    return RedirectResponse(
        f"{_root(request)}/{path}{query}", 303, headers={"Cache-Control": "no-store"}
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
