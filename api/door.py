"""What every answer to a machine has in common: how a request is read, refused and answered.

Errors are problem details (RFC 9457) with an id and never a trace. No header lets another site's
page read an answer, and no cookie is looked at.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.db import Db
from data.errors import ConfigError, DataError, NotAllowed, NotFound, ProjectError
from data.machines import KeyUsed, Machine, machine_of
from data.receipts import MalformedCode
from service.throttle import Throttle
from wording import LANGUAGES

MOST_BYTES = 8 * 1024 * 1024
"""A thousand rows of the longest texts, twice over."""
MOST_REQUESTS = 60
PER_SECONDS = 60.0
"""Requests of one token in this span; a thousand rows each."""
QUERY = frozenset({"lang", "jurisdiction_id"})
"""All that may stand in an address: addresses are written into logs."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")
_log = logging.getLogger("zaojie.api")


class Refused(ProjectError):
    """A request that is not looked at further: its status, and headers that say what to do."""

    def __init__(
        self, status: int, name: str, /, headers: dict[str, str] | None = None, **values: object
    ) -> None:
        self.status, self.headers = status, headers or {}
        super().__init__(f"machines.error.{name}", **values)


@dataclass(frozen=True)
class Call:
    """One request. root: path the application is served under. id: of its answer, in the log too.

    machine: whose token it came with; None = it needs none. body: what was sent.
    """

    language: str
    address: str
    root: str
    headers: dict[str, str]
    path: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    machine: Machine | None = None
    body: bytes = b""


class Rate:
    """Requests per token in the last minute; this process's own, short memory."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._sent: dict[str, list[float]] = {}

    def wait_seconds(self, token_id: str) -> int:
        """Whole seconds until this token may ask again; 0 = now, and the request is counted."""
        now = self._now()
        self._sent = {
            name: recent
            for name, times in self._sent.items()
            if (recent := [at for at in times if now - at < PER_SECONDS])
        }
        sent = self._sent.get(token_id, [])
        if len(sent) >= MOST_REQUESTS:
            return int(PER_SECONDS - (now - sent[0])) + 1
        self._sent[token_id] = [*sent, now]
        return 0


Handler = Callable[[Call], Response]
Said = Callable[[Call, int, ProjectError | None, dict[str, str]], Response]
"""How a door says an error: status, the error (None = our own failure), headers."""


class Door:
    """The way in for machines, over one database."""

    def __init__(self, get_db: Callable[[], Db], language: str, processes: int = 1) -> None:
        self.get_db, self.language = get_db, language
        self.throttle, self.rate = Throttle(processes=processes), Rate()

    def way(
        self, handler: Handler, said: Said, *, kind: str = "", content: str = "",
        most: int = MOST_BYTES,
    ) -> Callable[[Request], Awaitable[Response]]:  # fmt: skip
        """The endpoint of a handler.

        Args:
            kind: of the token it needs; empty = none. content: media type of what is sent; empty
                = nothing is. most: bytes that are read.
        """

        async def handle(request: Request) -> Response:
            call = self._call(request)
            try:
                if unknown := set(request.query_params) - QUERY:
                    raise Refused(400, "query", field=", ".join(sorted(unknown))[:80])
                await asyncio.sleep(self.throttle.wait_seconds(call.address))
                machine = None
                if kind and not (content and said_in_form(request)):
                    machine = await run_in_threadpool(self.machine, call, _bearer(request), kind)
                body = await _body(request, content, most) if content else b""
                call = Call(**{**vars(call), "machine": machine, "body": body})
                return await run_in_threadpool(handler, call)
            except ProjectError as err:
                if isinstance(err, Refused):
                    return said(call, err.status, err, err.headers)
                return said(call, status_of(err), err, {})
            except Exception as err:
                where = traceback.extract_tb(err.__traceback__)[-1]
                # neither the message nor the values: a statement's may hold a case's text
                _log.error(
                    "request %s failed: %s at %s:%s",
                    call.id, type(err).__name__, where.filename, where.lineno,
                )  # fmt: skip
                return said(call, 500, None, {})

        return handle

    def machine(self, call: Call, token: str, kind: str) -> Machine:
        """The machine of a token.

        Raises:
            Refused: no good token of this door, whatever the reason; or too many requests.
        """
        machine = machine_of(self.get_db(), token, kind) if token else None
        if machine is None:
            if token:
                self.throttle.failed(call.address)
            raise Refused(401, "token", {"WWW-Authenticate": "Bearer"})
        wait = self.rate.wait_seconds(machine.token_id)
        if wait:
            raise Refused(429, "too_often", {"Retry-After": str(wait)}, seconds=wait)
        return machine

    def _call(self, request: Request) -> Call:
        return Call(
            language=chosen(
                request.query_params.get("lang", ""),
                request.headers.get("accept-language", ""),
                self.language,
            ),
            address=request.client.host if request.client else "",
            root=str(request.scope.get("root_path", "")).rstrip("/"),
            headers={k: request.headers[k] for k in ("idempotency-key",) if k in request.headers},
            path={k: str(v) for k, v in request.path_params.items()},
        )


def said_in_form(request: Request) -> bool:
    """Whether a token may stand in the form instead: Open311's `api_key`, never in an address."""
    return "authorization" not in request.headers and media_type(request) == FORM


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def media_type(request: Request) -> str:
    """The type of what was sent, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def chosen(asked: str, accepted: str, default: str) -> str:
    """The language of an answer: the one named, else the one preferred, else the office's."""
    if asked in LANGUAGES:
        return asked
    best, language = 0.0, default
    for part in accepted[:200].split(","):
        found = _LANGUAGE.fullmatch(part)
        if found and found[1].lower() in LANGUAGES and float(found[2] or 1) > best:
            best, language = float(found[2] or 1), found[1].lower()
    return language


def status_of(err: ProjectError) -> int:
    """The HTTP status of an error that people can mend."""
    for kind, status in (
        (MalformedCode, 400), (DataError, 422), (KeyUsed, 422), (NotFound, 404),
        (NotAllowed, 403), (ConfigError, 503),
    ):  # fmt: skip
        if isinstance(err, kind):
            return status
    return 400


def answer(
    value: object, status: int = 200, headers: dict[str, str] | None = None, kind: str = JSON
) -> Response:
    """JSON, with the headers every answer has."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, HEADERS | (headers or {}), f"{kind}; charset=utf-8")


def problem(
    call: Call, status: int, err: ProjectError | None, headers: dict[str, str], **beside: Any
) -> Response:
    """Problem details: what is wrong and what to do, with an id that stands in the log."""
    shown = err or Refused(status, "failed")
    value = {
        "type": f"urn:zaojie:problem:{shown.key.rpartition('.')[2]}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": shown.text(call.language),
        "instance": f"urn:uuid:{call.id}",
        **beside,
    }
    return answer(value, status, headers, "application/problem+json")


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _body(request: Request, content: str, most: int) -> bytes:
    if media_type(request) != content:
        raise Refused(415, "content_type", wanted=content)
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > most:
        raise Refused(413, "too_large", most=most // 1024)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused(413, "too_large", most=most // 1024)
    return bytes(body)


def parsed(body: bytes) -> Any:
    """What a JSON body holds; strict: UTF-8, no field twice, no NaN.

    Raises:
        Refused: it is no such JSON.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair can be kept nowhere
    except (ValueError, RecursionError):
        raise Refused(400, "bad_json") from None
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)


def _no_number(name: str) -> object:
    raise ValueError(name)
