"""A county, a machine with a token, and a client that sends without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.routes import routes
from data.db import Db
from data.machines import make_token
from tests.conftest import ADMINISTRATOR


@dataclass
class Sender:
    """A machine: sends requests, keeps every reply."""

    app: Starlette
    token: str = ""
    replies: list[tuple[str, str, httpx.Response]] = field(default_factory=list)

    def ask(self, method: str, path: str, root: str = "", **sent: Any) -> httpx.Response:
        headers = {k.lower(): v for k, v in sent.pop("headers", {}).items()}
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(
                self.app, client=("192.0.2.9", 50_000), root_path=root, raise_app_exceptions=False
            )
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, root + path, headers=headers, **sent)

        reply = asyncio.run(go())
        self.replies.append((method, path, reply))
        return reply

    def get(self, path: str, **sent: Any) -> httpx.Response:
        return self.ask("GET", path, **sent)

    def cases(self, *rows: Any, lang: str = "en", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(
            "POST", f"/api/v1/cases?lang={lang}", json={"cases": list(rows)}, headers=named
        )

    def status(self, code: str, lang: str = "en") -> httpx.Response:
        return self.ask("POST", f"/api/v1/status?lang={lang}", json={"code": code})

    def form(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, data=fields, headers=named)


def row(source_id: str = "H-1", **values: Any) -> dict[str, Any]:
    """A right row of the hotline."""
    return {
        "source_id": source_id, "opened_at": "2026-03-05T08:00", "township": "东镇",
        "category": "unpaid_wages", "kind": "redress", "body": "b01",
        "summary": "工资三个月没有发。",
    } | values  # fmt: skip


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(sqlite_db)


@pytest.fixture
def sender(county: Db) -> Callable[..., Sender]:
    """`sender(kind, body, channel)`: a machine with a good token; one application for all."""
    app = Starlette(routes=routes(lambda: county))

    def make(kind: str = "api", body: str = "t01", channel: str = "hotline") -> Sender:
        _, token = make_token(county, ADMINISTRATOR, "热线平台", kind, body, channel, 30)
        return Sender(app, token)

    return make


@pytest.fixture
def hotline(sender: Callable[..., Sender]) -> Sender:
    return sender()


def problem(reply: httpx.Response) -> dict[str, Any]:
    """The problem details of a refusal."""
    assert reply.headers["content-type"] == "application/problem+json; charset=utf-8", reply.text
    found = json.loads(reply.text)
    assert found["status"] == reply.status_code
    assert found["instance"].startswith("urn:uuid:")
    assert "Traceback" not in reply.text
    return dict(found)
