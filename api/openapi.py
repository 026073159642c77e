"""The OpenAPI 3.1 document of the machines' door, made from the dictionary of fields."""

from __future__ import annotations

from typing import Any

from data.fields import Field
from data.machines import CHANNELS, MOST_KEY
from service.machines import MOST_ROWS, SENT_FIELDS
from service.open311 import KIND, REFUSED
from wording import t

from .door import MOST_BYTES, MOST_REQUESTS

VERSION = "1.0.0"
_TYPES = {"degrees": ["number", "string"]}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_DAY = {"type": ["string", "null"], "format": "date"}

CASES = (201, 207, 400, 401, 413, 415, 422, 429, 500)
STATUS = (200, 400, 404, 413, 415, 500)
OPENED = (200, 400, 500)
SERVICES, DEFINITION = (200, 400, 404, 500), (200, 400, 404, 500)
REQUESTS, REQUEST, LIST = (
    (201, 400, 403, 404, 413, 415, 422, 429, 500),
    (200, 400, 403, 404),
    (403,),
)


def document(language: str, root: str = "") -> dict[str, Any]:
    """The document in a language; `root`: path the application is served under."""

    def said(name: str, **values: object) -> str:
        return t(f"machines.openapi.{name}", language, **values)

    def responses(codes: tuple[int, ...], good: str, error: str = "Problem") -> dict[str, Any]:
        kind = "application/problem+json" if error == "Problem" else "application/json"
        return {
            str(code): {
                "description": said(f"code.{code}"),
                "content": {
                    ("application/json" if code < 400 else kind): {
                        "schema": _ref(good if code < 400 else error)
                    }
                },
            }
            for code in codes
        }

    def operation(
        name: str, codes: tuple[int, ...], good: str, error: str = "Problem", *,
        needs_token: bool = True, body: dict[str, Any] | None = None,
        path: tuple[str, ...] = (),
    ) -> dict[str, Any]:  # fmt: skip
        parameters = [_parameter("lang", "query", said("lang"), enum=["zh", "en"])]
        parameters += [_parameter(one, "path", said(f"path.{one}")) for one in path]
        if body is not None and needs_token:
            parameters.append(
                _parameter("Idempotency-Key", "header", said("key"), maxLength=MOST_KEY)
            )
        found: dict[str, Any] = {
            "operationId": name,
            "summary": said(f"{name}.title"),
            "description": said(f"{name}.what"),
            "parameters": parameters,
            "responses": responses(codes, good, error),
            "security": [{"token": []}] if needs_token else [],
        }
        return found if body is None else found | {"requestBody": {"required": True, **body}}

    v1, v2 = "/api/v1", "/api/open311/v2"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": said("title"),
            "version": VERSION,
            "description": said("about", requests=MOST_REQUESTS, size=MOST_BYTES // 1024 // 1024),
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": root or "/"}],
        "paths": {
            f"{v1}/cases": {
                "post": operation("cases", CASES, "Answer", body=_json("Cases")),
            },
            f"{v1}/status": {
                "post": operation(
                    "status", STATUS, "Status", needs_token=False, body=_json("Code")
                ),
            },
            f"{v1}/openapi.json": {
                "get": operation("openapi", OPENED, "Document", needs_token=False)
            },
            f"{v2}/services.{{format}}": {
                "get": operation("services", SERVICES, "Services", "Errors", needs_token=False,
                                 path=("format",)),
            },
            f"{v2}/services/{{code}}.{{format}}": {
                "get": operation("definition", DEFINITION, "Definition", "Errors",
                                 needs_token=False, path=("code", "format")),
            },
            f"{v2}/requests.{{format}}": {
                "post": operation("requests", REQUESTS, "Requested", "Errors", body=_form(),
                                  path=("format",)),
                "get": operation("list", LIST, "Errors", "Errors", needs_token=False,
                                 path=("format",)),
            },
            f"{v2}/requests/{{id}}.{{format}}": {
                "get": operation("request", REQUEST, "Requests", "Errors", path=("id", "format")),
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(language),
        },
    }  # fmt: skip


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _ref(schema)}}}


def _parameter(name: str, where: str, description: str, **schema: object) -> dict[str, Any]:
    return {
        "name": name, "in": where, "required": where == "path", "description": description,
        "schema": {"type": "string", **schema},
    }  # fmt: skip


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _form() -> dict[str, Any]:
    names = (
        "service_code", "lat", "long", "address_id", "address_string", "description",
        f"attribute[{KIND}]", "api_key",
    )  # fmt: skip
    schema = _object(("service_code", "description"), **dict.fromkeys(names, _TEXT))
    schema["not"] = {"anyOf": [{"required": [name]} for name in REFUSED]}
    return {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}


def _field(field: Field, language: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": _TYPES.get(field.type, "string"),
        "title": field.header(language),
        "description": field.meaning(language),
    }
    choices = CHANNELS if field.name == "channel" else field.choices
    if choices:
        schema["enum"] = list(choices)
    if field.least:
        schema["minLength"] = field.least
    if field.most:
        schema["maxLength"] = field.most
    return schema


def _schemas(language: str) -> dict[str, Any]:
    required = [
        field.name
        for field in SENT_FIELDS
        if field.must_be_given(is_file=True) and field.name != "channel"
    ]
    case = _object(tuple(required), **{f.name: _field(f, language) for f in SENT_FIELDS})
    told = _object(
        ("row", "field", "sentence"), row=_COUNT, field=_TEXT, sentence=_TEXT,
    )  # fmt: skip
    receipt = _object(("code", "tag"), code=_TEXT, tag=_TEXT)
    sent = _object(
        ("row", "case_id", "is_repeat", "is_opened", "receipt"),
        row=_COUNT, case_id=_TEXT, is_repeat={"type": "boolean"}, is_opened={"type": "boolean"},
        receipt={"anyOf": [_ref("Receipt"), {"type": "null"}]},
    )  # fmt: skip
    counts = ("stored", "repeats", "refused")
    answer = _object(
        (*counts, "cases", "problems", "notes"), **dict.fromkeys(counts, _COUNT),
        cases=_list(_ref("Sent")), problems=_list(_ref("Told")), notes=_list(_ref("Told")),
    )  # fmt: skip
    problem = _object(
        ("type", "title", "status", "detail", "instance"),
        type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT, instance=_TEXT,
        problems=_list(_ref("Told")),
    )  # fmt: skip
    named = _object(("id", "name"), id=_TEXT, name=_TEXT)
    request = _object(
        ("service_request_id", "status"), service_request_id=_TEXT,
        status={"type": "string", "enum": ["open", "closed"]}, service_name=_TEXT,
        service_code=_TEXT, requested_datetime=_MOMENT, updated_datetime=_MOMENT,
        expected_datetime=_MOMENT,
    )  # fmt: skip
    requested = _object(
        ("service_request_id", "service_notice"), service_request_id=_TEXT, service_notice=_TEXT,
        account_id={"type": "null"}, extended_attributes={"type": "object"},
    )  # fmt: skip
    service = _object(
        ("service_code", "service_name"), service_code=_TEXT, service_name=_TEXT,
        description=_TEXT, metadata={"type": "boolean"}, type=_TEXT, keywords=_TEXT, group=_TEXT,
    )  # fmt: skip
    return {
        "Case": case,
        "Cases": _object(
            ("cases",), cases=_list(_ref("Case")) | {"minItems": 1, "maxItems": MOST_ROWS}
        ),
        "Code": _object(("code",), code=_TEXT),
        "Receipt": receipt,
        "Sent": sent,
        "Told": told,
        "Answer": answer,
        "Problem": problem,
        "Named": named,
        "Status": _status(),
        "Document": {"type": "object"},
        "Services": _list(service),
        "Definition": _object(
            ("service_code", "attributes"), service_code=_TEXT, attributes=_list({"type": "object"})
        ),
        "Requested": _list(requested),
        "Requests": _list(request),
        "Errors": _list(
            _object(("code", "description"), code={"type": "integer"}, description=_TEXT)
        ),
    }


def _status() -> dict[str, Any]:
    named, listed = _ref("Named"), _list({"type": "object"})
    limit = _object(
        ("clock", "state", "due_on", "why"), clock=named, state=_TEXT, due_on=_DAY, why=listed,
        source=_TEXT, days_left={"type": ["integer", "null"]}, started_at=_MOMENT,
        ended_at=_MOMENT,
    )  # fmt: skip
    right = _object(
        ("right", "until"), right=_TEXT, until={"type": ["string", "null"]},
        not_before=_MOMENT,
    )  # fmt: skip
    return _object(
        ("case_id", "as_of", "stage", "body", "limits", "next_rights", "first_opened_at"),
        case_id=_TEXT, as_of=_MOMENT, stage={"type": ["string", "null"]},
        broken={"type": ["string", "null"]}, opened_at=_MOMENT, category=named, township=named,
        channel=named, body=named, limits=_list(limit), next_rights=_list(right),
        first_opened_at=_MOMENT, reissued=listed, summary={"type": ["string", "null"]},
        steps=listed, assignments=listed, plans=listed, looks_back=listed, sweeps=listed,
        flags=listed, corrections=listed, suggestion=listed, openings=listed,
    )  # fmt: skip
