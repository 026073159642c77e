"""What every page of the staff door shares: plain HTML that works without script.

Posts are looked at only when they come from a page of this very host.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from data import accounts
from data.accounts import LIFETIME, SignedIn
from data.db import Db
from data.errors import ProjectError
from data.failures import trace_of
from wording import LANGUAGES, t

from . import behind, state
from .guard import COOKIE

MOST_BYTES = 8_192
"""Size of the largest form these pages have, several times over."""
NO_STORE = {"Cache-Control": "no-store"}
OVER = "over"
"""In the sign-in's address: a form was not taken, because its session was over."""
Handler = Callable[[Request, Mapping[str, str]], Response]

_log = logging.getLogger("zaojie")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


class Door:
    """Pages and posts; `get_db` gives the open database, once per request."""

    most_bytes = MOST_BYTES

    def __init__(self, get_db: Callable[[], Db]) -> None:
        self.get_db = get_db

    def page(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """A handler as an endpoint for GET."""

        async def handle(request: Request) -> Response:
            return await run_in_threadpool(self._safely, handler, request, {})

        return handle

    def post(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """A handler as an endpoint for a form of this host."""

        async def handle(request: Request) -> Response:
            form = await _form(request, self.most_bytes)
            if form is None or not is_same_origin(request):
                return await run_in_threadpool(self._safely, self._foreign, request, {})
            return await run_in_threadpool(self._safely, handler, request, form)

        return handle

    def _safely(self, handler: Handler, request: Request, form: Mapping[str, str]) -> Response:
        chosen = language(request)
        try:
            request.state.language = chosen = language_here(request, self.get_db)
            return handler(request, form)
        except ProjectError as err:
            return self._refused(request, err)
        except Exception as err:
            number = secrets.token_hex(4)
            _log.error("door failed, id %s: %s", number, trace_of(err))
            return PlainTextResponse(t("ui.failure", chosen, id=number), 500, NO_STORE)

    def _refused(self, request: Request, err: ProjectError) -> Response:
        """The sentence on a page; alone where the database has no county to name."""
        text = err.text(language(request))
        try:
            return self.render(request, "problem.html", 403, problem=text)
        except ProjectError:
            return PlainTextResponse(text, 503, NO_STORE)

    def _foreign(self, request: Request, form: Mapping[str, str]) -> Response:
        problem = t("ui.sign_in.foreign", language(request))
        return self.render(request, "problem.html", 403, problem=problem)

    def render(self, request: Request, name: str, status: int = 200, **values: Any) -> Response:
        """A template in the language of the request, never kept by the browser."""
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
        return HTMLResponse(html, status, NO_STORE)

    def let_in(self, request: Request, token: str) -> Response:
        """On to the page that comes first, with the session's cookie."""
        db = self.get_db()
        # whoever sat here before leaves with their session
        accounts.sign_out(db, request.cookies.get(COOKIE))
        behind.signed_out(request.cookies.get(COOKIE))
        who = accounts.session_of(db, token)
        path = who.first if who is not None else ""
        if who is not None and not path and len(who.roles) > 1 and request.url.path[-5:] != "/role":
            path = "role"
        is_phone = "Mobi" in request.headers.get("user-agent", "")
        if who is not None and not path and is_phone and who.scope.role == "grid_worker":
            path = "phone"
        answer = onward(request, path, who.language if who else None)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(LIFETIME.total_seconds()),
            path=root(request) + "/",
            secure=state.settings().secure_cookies,
            httponly=True,
            samesite="lax",
        )
        return answer

    def signed_in(self, request: Request) -> SignedIn | None:
        """Who asks, by the cookie."""
        return accounts.session_of(self.get_db(), request.cookies.get(COOKIE), address_of(request))


def language(request: Request) -> str:
    """The language of a request that `Door` looked at; before that as of a first visit."""
    found = getattr(request.state, "language", None) or asked_language(request)
    return found or state.settings().language


def language_here(request: Request, get_db: Callable[[], Db]) -> str:
    """The language asked for in the address, else the account's own, else that of a first visit."""
    asked = asked_language(request)
    if asked is None and (token := request.cookies.get(COOKIE)):
        who = accounts.session_of(get_db(), token, address_of(request))
        asked = None if who is None else who.language
    return asked or state.settings().language


def asked_language(request: Request) -> str | None:
    """The language in the address; None when it names none."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def is_same_origin(request: Request) -> bool:
    """Whether a post comes from a page of this very host, by Origin, else by Referer.

    A browser sends at least one of them with every post of our pages; without either, or with
    another host's, the post is not looked at.
    """
    source = request.headers.get("origin") or request.headers.get("referer") or ""
    return urlsplit(source).netloc == request.headers.get("host", "") != ""


async def _form(request: Request, most_bytes: int) -> dict[str, str] | None:
    """The fields of a posted form, the last of a name; None when it is larger than any of ours."""
    received = b""
    async for chunk in request.stream():
        received += chunk
        if len(received) > most_bytes:
            return None
    text = received.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))


def root(request: Request) -> str:
    """The path under which the application is mounted, without the last slash."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def onward(request: Request, path: str, kept: str | None = None, **more: str) -> Response:
    """On to another page, in the language of the address, else in the account's own."""
    chosen = asked_language(request) or kept
    said = more | ({"lang": chosen} if chosen in LANGUAGES else {})
    query = f"?{urlencode(said)}" if said else ""
    return RedirectResponse(f"{root(request)}/{path}{query}", 303, headers=NO_STORE)


def to_sign_in(request: Request) -> Response:
    """On to the sign-in; whose form came after their session was over is told so there."""
    return onward(request, "sign-in", **({OVER: "1"} if request.method == "POST" else {}))


def address_of(request: Request) -> str:
    """The network address a request came from; empty when it is not known."""
    return request.client.host if request.client else ""
