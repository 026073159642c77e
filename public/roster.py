"""The reception roster on the open pages: this month from today on and the next, and its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.db import Db
from data.errors import ConfigError
from data.scope import Scope
from reports.roster import days, weeks
from service.roster import due, month_after
from service.roster_files import FILES, names_of, read_ahead, roster_files
from wording import DEFAULT_LANGUAGE

from .door import HEADERS, Form, page, read

TYPES = {
    "roster.csv": "text/csv; charset=utf-8; header=present",
    "roster.csv-metadata.json": "application/csvm+json; charset=utf-8",
    "roster.json": "application/json; charset=utf-8",
}


def roster_routes(get_db: Callable[[], Db], language: str = DEFAULT_LANGUAGE) -> list[Route]:
    """The routes of the roster; arguments as `routes.routes`."""

    def route(path: str, answer: Callable[[Db, Form], Response]) -> Route:
        def safely(form: Form) -> Response:
            try:
                return answer(get_db(), form)
            except ConfigError as err:
                return page(form, "problem.html", None, 503, problem=err.text(form.language))

        async def handle(request: Request) -> Response:
            return await run_in_threadpool(safely, await read(request, language))

        return Route(path, handle, methods=["GET"])

    return [route("/s/roster", shown), *(route(f"/s/{name}", _file(name)) for name in FILES)]


def shown(db: Db, form: Form) -> Response:
    """The lines of this month from today on and of the next, and how far the next is."""
    county = db.county()
    today = db.now().astimezone(ZoneInfo(county.zone)).date()
    names = names_of(db, Scope.public())
    after = month_after(today)
    lines = read_ahead(db, Scope.public(), today)
    parts = [
        (month, days([ln for ln in lines if is_in(ln.day)], names, form.language))
        for month, is_in in (
            (today, lambda day: day < after), (after, lambda day: day >= after),
        )
    ]  # fmt: skip
    found = due(db, Scope.public(), today)
    return page(
        form, "roster.html", county, parts=[(_name(m), of) for m, of in parts], due=found,
        due_month=_name(found.month), weeks=weeks(lines, names, form.language),
    )  # fmt: skip


def _name(month: dt.date) -> str:
    return f"{month:%Y-%m}"


def _file(name: str) -> Callable[[Db, Form], Response]:
    def answer(db: Db, form: Form) -> Response:
        return Response(roster_files(db, Scope.public())[name], 200, HEADERS, TYPES[name])

    return answer
