"""Open311 GeoReport v2: services, one request in, the status of one's own; JSON and XML.

There is no list of requests: rows leave only coarsened (DOMAIN.md §2.14).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import Route

from data.errors import NotFound, ProjectError
from data.machines import Outcome
from data.receipts import shown
from service import open311 as reading
from wording import t

from .door import FORM, HEADERS, Call, Door, Refused, answer
from .idempotency import key_of
from .xml import to_xml

BASE = "/api/open311/v2"
FORMATS = {"json": "application/json", "xml": "text/xml"}
MOST_BYTES = 64 * 1024
_CASE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}")


def open311_routes(door: Door, methods: list[str]) -> list[Route]:
    """The routes of GeoReport v2 and its discovery document."""
    of = _GeoReport(door)

    def posted(path: str) -> Route:
        way = door.way(of.post, error, kind="open311", content=FORM, most=MOST_BYTES)
        return Route(f"{BASE}{path}", way, methods=["POST"])

    def got(path: str, handler: str, kind: str = "") -> Route:
        way = door.way(getattr(of, handler), error, kind=kind)
        return Route(f"{BASE}{path}", way, methods=["GET"])

    return [
        got("/discovery.{format}", "discovery"),
        got("/services.{format}", "services"),
        got("/services/{code}.{format}", "definition"),
        posted("/requests.{format}"),
        got("/requests.{format}", "no_list"),
        got("/requests/{id}.{format}", "request", "open311"),
        got("/tokens/{token}.{format}", "no_token"),
        Route(f"{BASE}/{{rest:path}}", door.way(of.elsewhere, error), methods=methods),
    ]


def said(call: Call, value: object, name: str, status: int = 200, **headers: str) -> Response:
    """A value in the format of the address: JSON, or XML under a root element `name`."""
    kind = _format(call)
    if kind == "json":
        return answer(value, status, headers)
    return Response(
        to_xml(name, value), status, HEADERS | headers, f"{FORMATS['xml']}; charset=utf-8"
    )


def error(call: Call, status: int, err: ProjectError | None, headers: dict[str, str]) -> Response:
    """The specification's errors: a list of code and description."""
    shown_as = 403 if status == 401 else status  # the specification's word for a missing api_key
    text = (err or Refused(status, "failed")).text(call.language)
    return _errors(call, shown_as, [text], headers)


def _errors(
    call: Call, status: int, texts: list[str], headers: dict[str, str] | None = None
) -> Response:
    listed = [{"code": status, "description": text} for text in texts]
    kept = {k: v for k, v in (headers or {}).items() if k != "WWW-Authenticate"}
    return said(call, listed, "errors", status, **kept)


def _format(call: Call) -> str:
    found = call.path.get("format") or call.path.get("rest", "").rpartition(".")[2]
    return "xml" if found == "xml" else "json"


class _GeoReport:
    """The handlers."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def discovery(self, call: Call) -> Response:
        _known_format(call)
        base = f"{call.root}{BASE}"
        document = {
            "changeset": "2026-11-25 00:00",
            "contact": t("machines.open311.contact", call.language),
            "key_service": t("machines.open311.key_service", call.language),
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": base,
                    "changeset": "2026-11-25 00:00",
                    "type": "production",
                    "formats": list(FORMATS.values()),
                }
            ],
        }
        return said(call, document, "discovery")

    def services(self, call: Call) -> Response:
        _known_format(call)
        return said(call, reading.services(self.door.get_db(), call.language), "services")

    def definition(self, call: Call) -> Response:
        _known_format(call)
        code = call.path["code"]
        if reading.service(self.door.get_db(), code) is None:
            raise Refused(404, "no_service")
        return said(call, reading.definition(code, call.language), "service_definition")

    def post(self, call: Call) -> Response:
        _known_format(call)
        form = _form(call.body)
        machine = call.machine or self.door.machine(call, form.get("api_key", ""), "open311")
        if found := reading.refused_fields(form):
            texts = [t("machines.open311.person", call.language, field=name) for name in found]
            return _errors(call, 400, texts)
        db = self.door.get_db()
        if reading.service(db, form.get("service_code", "")) is None:
            raise Refused(404 if form.get("service_code") else 400, "no_service")
        if not any(form.get(name, "").strip() for name in ("lat", "long", "address_id")):
            raise Refused(400, "no_place")
        outcome = reading.request(db, machine, form, key_of(call), call.language)
        if not outcome.rows:
            texts = [f"{reading.named(p)}: {p.text(call.language)}" for p in outcome.problems]
            return _errors(call, 400, texts)
        replayed = {"Idempotent-Replayed": "true"} if outcome.is_replay else {}
        value = [_receipt(outcome, form, call.language)]
        return said(call, value, "service_requests", 201, **replayed)

    def no_list(self, call: Call) -> Response:
        raise Refused(403, "no_list")

    def request(self, call: Call) -> Response:
        _known_format(call)
        assert call.machine is not None
        if not _CASE.fullmatch(call.path["id"]):
            raise NotFound("machines.error.no_such_request")
        db = self.door.get_db()
        found = reading.status(db, call.machine, call.path["id"], call.language)
        return said(call, [found], "service_requests")

    def no_token(self, call: Call) -> Response:
        raise Refused(404, "no_tokens")

    def elsewhere(self, call: Call) -> Response:
        raise Refused(404, "no_address", path="/api/v1/docs")


def _known_format(call: Call) -> None:
    if call.path["format"] not in FORMATS:
        raise Refused(404, "format")


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=100, errors="strict"
        )
    except ValueError:
        raise Refused(400, "bad_form") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused(400, "bad_form")
    return dict(pairs)


def _receipt(outcome: Outcome, form: dict[str, str], language: str) -> dict[str, object]:
    """The answer to a request: its number, and the code for the one who asked, once."""
    [row] = outcome.rows
    notices = [note.text(language) for note in outcome.notes]
    if form.get("address_string", "").strip():
        notices.append(t("machines.open311.address", language))
    if row.slip is not None:
        notices.append(t("machines.open311.receipt", language))
    elif row.is_opened:
        notices.append(t("machines.open311.opened", language))
    receipt = None
    if row.slip is not None:
        receipt = {"code": shown(row.slip.code), "tag": row.slip.tag}
    return {
        "service_request_id": row.case_id,
        "service_notice": " ".join(notices),
        "account_id": None,
        "extended_attributes": {"receipt": receipt},
    }
