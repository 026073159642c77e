"""Consultations and what became of suggestions, for everybody: lists, one page each, files, a feed.

Open pages without script, cookie or form; whatever they show was frozen when it was published.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from casework.consulting import STAGES, USUAL_DAYS, days_given, is_short, where
from data import consultation_issues
from data.db import Db
from data.errors import ConfigError
from data.scope import Scope
from reports.consultations import days_of, is_any_shown, step_of
from reports.suggestions import Content, name_of, quarter_of
from service import consultations, suggestions
from wording import DEFAULT_LANGUAGE, t

from .door import HEADERS, Form, page, read

TYPES = {
    ".csv": "text/csv; charset=utf-8; header=present",
    ".csv-metadata.json": "application/csvm+json; charset=utf-8",
    ".json": "application/json; charset=utf-8",
}
"""Ending of a file's name: its type."""
_NUMBER = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", re.ASCII)
Answer = Callable[[Db, Form, Request], Response]


def notice_routes(get_db: Callable[[], Db], language: str = DEFAULT_LANGUAGE) -> list[Route]:
    """The routes of consultations and suggestions; arguments as `routes.routes`."""

    def route(path: str, answer: Answer) -> Route:
        def safely(form: Form, request: Request) -> Response:
            try:
                return answer(get_db(), form, request)
            except ConfigError as err:
                return page(form, "problem.html", None, 503, problem=err.text(form.language))

        async def handle(request: Request) -> Response:
            form = await read(request, language)
            return await run_in_threadpool(safely, form, request)

        return Route(path, handle, methods=["GET"])

    files = [
        *((name, consultations.public_files) for name in consultations.FILES),
        *((name, suggestions.public_files) for name in suggestions.FILES),
    ]
    return [
        route("/s/consultations", listed),
        route("/s/consultations.atom", feed),
        *(route(f"/s/{name}", _file(name, made)) for name, made in files),
        route("/s/consultations/{number}", one),
        route("/s/consultations/{number}/{version:int}", one),
        route("/s/suggestions", quarters),
        route("/s/suggestions/{quarter}", quarters),
    ]


def listed(db: Db, form: Form, request: Request) -> Response:
    """Every published consultation: open ones first, then those that wait, then the decided."""
    found = consultations.listed(db, Scope.public())
    return page(
        form, "consultations.html", db.county(), stages=[(stage, found[stage]) for stage in STAGES],
        days_of=days_of,
    )  # fmt: skip


def one(db: Db, form: Form, request: Request) -> Response:
    """One consultation: its newest version, or an earlier one, which says that it is."""
    number = request.path_params["number"]
    versions = (
        consultation_issues.versions(db, Scope.public(), number)
        if _NUMBER.fullmatch(number) else ()
    )  # fmt: skip
    wanted = request.path_params.get("version", len(versions))
    if not 1 <= wanted <= len(versions):
        said = t("consultations.public.unknown", form.language)
        return page(form, "problem.html", db.county(), 404, problem=said)
    issue, county = versions[wanted - 1], db.county()
    said = issue.said()
    first, last = days_of(said)
    today = db.now().astimezone(ZoneInfo(county.zone)).date()
    newest = versions[-1].said()
    stands = where(*days_of(newest), newest["decision"] is not None, today)
    return page(
        form, "consultation.html", county, issue=issue, s=said, newest=versions[-1], first=first,
        last=last, days=days_given(first, last), usual=USUAL_DAYS, is_short=is_short(first, last),
        stands=stands, is_shown=is_any_shown(said), decided_on=_decided_on(said),
        versions=[(v, step_of(v.said())) for v in reversed(versions)],
    )  # fmt: skip


def _decided_on(said: Content) -> dt.date | None:
    return dt.date.fromisoformat(said["decision"]["decided_on"]) if said["decision"] else None


def feed(db: Db, form: Form, request: Request) -> Response:
    """The Atom feed of published versions."""
    made = consultations.feed(db, Scope.public(), form.root, form.language)
    return Response(made, 200, HEADERS, "application/atom+xml; charset=utf-8")


def _file(name: str, made: Callable[[Db, Scope], dict[str, bytes]]) -> Answer:
    def answer(db: Db, form: Form, request: Request) -> Response:
        kind = TYPES[name[name.index(".") :]]
        is_described = name == consultations.FILES[0]
        link = {"Link": f'<{name}-metadata.json>; rel="describedby"'} if is_described else {}
        return Response(made(db, Scope.public())[name], 200, HEADERS | link, kind)

    return answer


@dataclass(frozen=True)
class Line:
    """A line of the quarter's table; None = covered."""

    name: str
    counts: tuple[int | None, ...]


def quarters(db: Db, form: Form, request: Request) -> Response:
    """The newest published quarter or the one that was asked for, and every other one."""
    found = {one.quarter: (one, said) for one, said in suggestions.published(db, Scope.public())}
    wanted = request.path_params.get("quarter", next(iter(found), ""))
    if wanted and wanted not in found:
        said = t("suggestions.public.unknown", form.language)
        return page(form, "problem.html", db.county(), 404, problem=said)
    issue, content = found.get(wanted, (None, None))
    return page(
        form, "suggestions.html", db.county(), issue=issue, s=content,
        span=quarter_of(wanted) if wanted else None, lines=_lines(content, form.language),
        outcomes=[*content["outcomes"], "total"] if content else [], names=list(found),
    )  # fmt: skip


def _lines(content: Content | None, language: str) -> list[Line]:
    if content is None or content["too_few"]:
        return []
    order = content["outcomes"]
    lines = [
        Line(name_of(one["domains"], language),
             (*(one["counts"][name] for name in order), one["total"]))
        for one in content["lines"]
    ]  # fmt: skip
    totals = (*(content["totals"][name] for name in order), content["total"])
    return [*lines, Line(t("suggestions.all", language), totals)]
