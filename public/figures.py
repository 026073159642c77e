"""The public figures: the newest published month, every other one, its files and the feed.

Open pages without script or cookie; whatever they show was frozen when it was published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import publications
from data.db import Db
from data.errors import ConfigError
from data.publications import Publication
from data.scope import Scope
from reports.monthly_files import to_atom, to_csv, to_json, to_metadata
from reports.monthly_page import STYLE, fragment
from wording import DEFAULT_LANGUAGE, t

from .door import HEADERS, Form, page, read

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "csv-metadata.json": "application/csvm+json; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
"""Ending: type. The longer ending comes first: it ends in the shorter one."""


def figure_routes(get_db: Callable[[], Db], language: str = DEFAULT_LANGUAGE) -> list[Route]:
    """The routes of the public figures; arguments as `routes.routes`."""

    def route(path: str, answer: Callable[[Db, Form, Request], Response]) -> Route:
        def safely(form: Form, request: Request) -> Response:
            try:
                return answer(get_db(), form, request)
            except ConfigError as err:
                return page(form, "problem.html", None, 503, problem=err.text(form.language))

        async def handle(request: Request) -> Response:
            form = await read(request, language)
            return await run_in_threadpool(safely, form, request)

        return Route(path, handle, methods=["GET"])

    return [
        route("/s/figures", newest),
        route("/s/figures.css", style),
        route("/s/feed.atom", feed),
        *(route(f"/s/figures/{{month}}.{kind}", _file(kind)) for kind in TYPES),
        route("/s/figures/{month}", one_month),
    ]


def style(db: Db, form: Form, request: Request) -> Response:
    """The style of charts and tables: a file that browsers may keep."""
    headers = HEADERS | {"Cache-Control": "public, max-age=86400"}
    return Response(STYLE, 200, headers, "text/css; charset=utf-8")


def newest(db: Db, form: Form, request: Request) -> Response:
    """The newest published month; without one, what has to be done."""
    months = publications.months(db, Scope.public())
    return _shown(db, form, _found(db, months[0]) if months else None, months)


def one_month(db: Db, form: Form, request: Request) -> Response:
    """A month by its name."""
    found = _found(db, request.path_params["month"])
    if found is None:
        return _missing(db, form, request)
    return _shown(db, form, found, publications.months(db, Scope.public()))


def feed(db: Db, form: Form, request: Request) -> Response:
    """The Atom feed of published months."""
    county = db.county()
    entries = [
        (one.month, one.sha256, one.recorded_at.isoformat())
        for one in publications.read_all(db, Scope.public())[::-1]
    ]
    name = county.name_zh if form.language == "zh" else county.name_en
    made = to_atom(name, entries, lambda month: f"{form.root}/s/figures/{month}", form.language)
    return Response(made, 200, HEADERS, "application/atom+xml; charset=utf-8")


def _file(kind: str) -> Callable[[Db, Form, Request], Response]:
    def answer(db: Db, form: Form, request: Request) -> Response:
        month = request.path_params["month"]
        found = _found(db, month)
        if found is None:
            return _missing(db, form, request)
        content: dict[str, Any] = json.loads(found.content)
        made = {
            "csv": lambda: to_csv(content),
            "json": lambda: to_json(content),
            "csv-metadata.json": lambda: to_metadata(content, f"{month}.csv"),
        }[kind]()
        link = {"Link": f'<{month}.csv-metadata.json>; rel="describedby"'} if kind == "csv" else {}
        return Response(made, 200, HEADERS | link, TYPES[kind])

    return answer


def _found(db: Db, month: str) -> Publication | None:
    return publications.read(db, Scope.public(), month) if _MONTH.fullmatch(month) else None


def _missing(db: Db, form: Form, request: Request) -> Response:
    month = request.path_params["month"][:20]
    said = t("figures.error.not_published", form.language, month=month)
    return page(form, "problem.html", db.county(), 404, problem=said)


def _shown(db: Db, form: Form, found: Publication | None, months: list[str]) -> Response:
    main = ""
    if found is not None:
        at = f"{form.root}/s/figures/{found.month}"
        links = {"csv": f"{at}.csv", "meta": f"{at}.csv-metadata.json", "json": f"{at}.json",
                 "feed": f"{form.root}/s/feed.atom",
                 "roster": f"{form.root}/s/roster?lang={form.language}"}  # fmt: skip
        main = fragment(json.loads(found.content), form.language, links, found.sha256)
    return page(form, "figures.html", db.county(), main=main, months=months)
