"""A county with one registered case, and a browser without script or cookies."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import record
from data.db import Db
from data.history import NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from public.routes import routes

DESK = Scope(
    who="clerk-east", role="township_clerk", townships=frozenset({"990000001000"}),
    bodies=frozenset({"t01"}), desk="t01",
)  # fmt: skip
LABOUR = Scope(who="clerk-labour", role="department_clerk", bodies=frozenset({"b01"}), desk="b01")
ANSWER = {
    "request": "工资没有发。",
    "facts": "查明欠薪三个月。",
    "opinion": "责令十日内付清。<script>alert(1)</script>",
    "basis": "保障农民工工资支付条例第三条",
    "remedy": "三十日内可以申请复查。",
}


@dataclass
class Reader:
    """Somebody with a browser: sends forms, reads pages, keeps nothing between requests."""

    app: Starlette
    address: str = "192.0.2.7"
    replies: list[httpx.Response] = field(default_factory=list)

    def ask(self, method: str, path: str, root: str = "", **sent: object) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.address, 50_000), root_path=root)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, root + path, **sent)

        reply = asyncio.run(go())
        self.replies.append(reply)
        return reply

    def get(self, path: str, **sent: object) -> httpx.Response:
        return self.ask("GET", path, **sent)

    def post(self, path: str, **fields: object) -> httpx.Response:
        return self.ask("POST", path, data=fields)

    def open(self, code: str, **fields: object) -> httpx.Response:
        return self.post("/s/case", code=code, **fields)


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(sqlite_db)


@pytest.fixture
def reader(county: Db) -> Reader:
    return Reader(Starlette(routes=routes(lambda: county)))


def register(db: Db, summary: str = "工资三个月没有发。<script>alert(2)</script>") -> Slip:
    """A case on behalf, owed by the labour bureau."""
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="on_behalf",
        procedure="ordinary", body_id="b01", summary=summary,
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return slip


@pytest.fixture
def slip(county: Db) -> Slip:
    return register(county)


def office(db: Db, case_id: str, event: str, **values: object) -> None:
    """A step of the office that owes the answer, under the default pack."""
    judge = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")
    record.add_event(db, LABOUR, case_id, NewEvent(event, **values), judge)  # type: ignore[arg-type]


@pytest.fixture
def answered(county: Db, slip: Slip, clock) -> Slip:  # type: ignore[no-untyped-def]
    """The case, accepted the next day and answered ten days later."""
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    clock.go(days=10)
    office(county, slip.case_id, "answered", words=ANSWER)
    clock.go(hours=1)
    return slip


def hidden(reply: httpx.Response, name: str) -> str:
    """The value of a hidden field of a page; empty where it has none."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', reply.text)
    return html.unescape(found.group(1)) if found else ""


def words(reply: httpx.Response) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", reply.text))
