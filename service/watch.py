"""Health and metrics on an address of their own, and what counts the requests of a process.

`/healthz`: the process answers. `/readyz`: its database answers and is of this version. `/metrics`:
`service.metrics`. Nothing else, no form, no log of who asked; off unless ZAOJIE_METRICS is set.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from data.db import Db
from data.failures import trace_of
from data.migrating import is_at_head
from settings import Settings

from . import logs
from .counters import Counters, kind_of, process_lines

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
               Awaitable[None]]  # fmt: skip
Lines = Callable[[], Iterable[str]]
_log = logging.getLogger(logs.OURS)


class Watched:
    """ASGI middleware, outermost but for the base path: counts requests by kind of route, and with
    JSON logs notes each without path and address."""

    def __init__(self, app: App, counters: Counters, settings: Settings) -> None:
        self.app, self.counters, self.settings = app, counters, settings

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Pass the request on; see the class."""
        logs.set_up(self.settings)
        if scope["type"] == "websocket":
            self.counters.stream(1)
            try:
                await self.app(scope, receive, send)
            finally:
                self.counters.stream(-1)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 500
        route = kind_of(str(scope["path"]).removeprefix(str(scope.get("root_path", ""))))

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            seconds = time.monotonic() - began
            self.counters.served(route, status, seconds)
            if self.settings.log == "json":
                logs.request_line(route, str(scope["method"]), status, seconds)


def start(
    settings: Settings, get_db: Callable[[], Db], counters: Counters,
    more: Callable[[], Iterable[str]] = tuple, ports: int = 1,
) -> ThreadingHTTPServer | None:  # fmt: skip
    """Listen where the settings say, in a thread of its own; None = not set, or no port is free.

    Args:
        more: lines beside those of requests and process. ports: how many processes share the
            address: each takes the first free port from the one named on.
    """
    if not settings.metrics:
        return None
    host, _, port = settings.metrics.rpartition(":")
    for number in range(ports):
        try:
            server = _Server(
                (host.strip("[]"), int(port) + number), _handler(get_db, counters, more)
            )
        except OSError:
            continue
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
        return server
    _log.error("no health and metrics: the address of ZAOJIE_METRICS is taken")
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # a second process must see that the port is taken
    allow_reuse_port = False


def _handler(get_db: Callable[[], Db], counters: Counters, more: Lines) -> type:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "zaojie", ""
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/healthz":
                self.answer(200, "ok\n")
            elif self.path == "/readyz":
                wrong = not_ready(get_db)
                self.answer(503 if wrong else 200, f"{wrong or 'ready'}\n")
            elif self.path == "/metrics":
                self.answer(200, metrics(get_db, counters, more))
            else:
                self.answer(404, "healthz, readyz, metrics\n")

        def answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody's address is noted."""

    return Handler


def not_ready(get_db: Callable[[], Db]) -> str:
    """What is missing for work, in a word; empty = nothing."""
    try:
        return "" if is_at_head(get_db().engine) else "database of another version"
    except Exception as err:
        _log.error("not ready: %s", trace_of(err))
        return "database"


def metrics(get_db: Callable[[], Db], counters: Counters, more: Lines) -> str:
    """The whole answer; the office's part is left out, and said to be, where it cannot be read."""
    lines = [*counters.lines(), *process_lines()]
    up = 1
    try:
        lines += more()
    except Exception as err:
        up = 0
        _log.error("metrics of the office: %s", trace_of(err))
    lines += ["# HELP zaojie_database_up Whether the record could be read.",
              "# TYPE zaojie_database_up gauge", f"zaojie_database_up {up}"]  # fmt: skip
    return "\n".join(lines) + "\n"
