"""The machines' door: cases in, one case's status by its code out. No list, no export, no search.

A code travels in the body of a POST and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response
from starlette.routing import Route

from data import receipts
from data.db import Db
from data.machines import Outcome
from data.receipts import find, shown
from service import machines
from service.case_status import case_status
from wording import DEFAULT_LANGUAGE, t

from .door import HEADERS, JSON, Call, Door, Refused, answer, parsed, problem
from .idempotency import key_of
from .open311 import open311_routes
from .openapi import document

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
V1 = "/api/v1"
ANSWERED = {
    f"{V1}/cases": "POST", f"{V1}/status": "POST", f"{V1}/openapi.json": "GET",
    f"{V1}/docs": "GET",
}  # fmt: skip
MOST_STATUS_BYTES = 4096

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def routes(
    get_db: Callable[[], Db], language: str = DEFAULT_LANGUAGE, processes: int = 1
) -> list[Route]:
    """The routes of the machines' door.

    Args:
        get_db: gives the open database; called once per request.
        language: of an answer to somebody who asks for none.
        processes: how many serve this door beside one another, for the throttle.
    """
    door = Door(get_db, language, processes)
    v1 = _V1(door)
    return [
        Route(f"{V1}/cases", door.way(v1.cases, problem, kind="api", content=JSON),
              methods=["POST"]),
        Route(f"{V1}/status", door.way(v1.status, problem, content=JSON, most=MOST_STATUS_BYTES),
              methods=["POST"]),
        Route(f"{V1}/openapi.json", door.way(v1.openapi, problem), methods=["GET"]),
        Route(f"{V1}/docs", door.way(v1.docs, problem), methods=["GET"]),
        *open311_routes(door, list(METHODS)),
        Route("/api", door.way(v1.elsewhere, problem), methods=list(METHODS)),
        Route("/api/{rest:path}", door.way(v1.elsewhere, problem), methods=list(METHODS)),
    ]  # fmt: skip


class _V1:
    """The handlers of version 1."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def cases(self, call: Call) -> Response:
        """Register rows; every wrong one is answered, all its errors at once."""
        assert call.machine is not None
        sent = parsed(call.body)
        rows = sent.get("cases") if isinstance(sent, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(400, "no_cases")
        key = key_of(call)
        db = self.door.get_db()
        outcome = machines.take(db, call.machine, rows, key, call.language, is_file=True)
        told = _told(outcome, call.language)
        headers = {"Idempotent-Replayed": "true"} if outcome.is_replay else {}
        if not outcome.rows:
            return problem(call, 422, Refused(422, "none_right"), headers, **told)
        return answer(told, 207 if outcome.problems else 201, headers)

    def status(self, call: Call) -> Response:
        """One case by its code: the words of the resident's page, as JSON."""
        sent = parsed(call.body)
        code = sent.get("code") if isinstance(sent, dict) else None
        if not isinstance(code, str):
            raise Refused(400, "no_code")
        db = self.door.get_db()
        with receipts.holding(db, code):
            opened = find(db, code)
            if opened is None:
                self.door.throttle.failed(call.address)
                raise Refused(404, "unknown_code")
            return answer(case_status(db, opened, call.language))

    def openapi(self, call: Call) -> Response:
        return answer(document(call.language, call.root))

    def docs(self, call: Call) -> Response:
        html = _pages.get_template("docs.html").render(
            document=document(call.language, call.root),
            lang=call.language,
            other="en" if call.language == "zh" else "zh",
            root=call.root,
            word=lambda key, **inside: t(key, call.language, **inside),
        )
        style = {"Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "default-src 'none'", "default-src 'none'; style-src 'self'")}  # fmt: skip
        return Response(html, 200, HEADERS | style, "text/html; charset=utf-8")

    def elsewhere(self, call: Call) -> Response:
        """Any other address or method: what there is instead."""
        path = "/api/" + call.path.get("rest", "")
        if path in ANSWERED:
            allowed = {"Allow": ANSWERED[path]}
            raise Refused(405, "method", allowed, path=path, method=ANSWERED[path])
        raise Refused(404, "no_address", path=f"{V1}/docs")


def _told(outcome: Outcome, language: str) -> dict[str, Any]:
    """The answer to rows; codes stand in it once."""
    rows = [
        {
            "row": row.row,
            "case_id": row.case_id,
            "is_repeat": row.is_repeat,
            "is_opened": row.is_opened,
            "receipt": None
            if row.slip is None
            else {"code": shown(row.slip.code), "tag": row.slip.tag},
        }
        for row in outcome.rows
    ]
    return {
        "stored": sum(not row.is_repeat for row in outcome.rows),
        "repeats": sum(row.is_repeat for row in outcome.rows),
        "refused": len({p.row for p in outcome.problems if p.row}),
        "cases": rows,
        "problems": machines.texts_of(outcome.problems, language),
        "notes": machines.texts_of(outcome.notes, language),
    }
