"""Streamlit's own addresses: downloads and uploads need a session, its program door is shut."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from data.sessions import demo_sign_in, sign_out
from tests.conftest import ROOT
from ui.closed import Closed
from ui.guard import COOKIE


class Client:
    """A browser with one cookie at most."""

    def __init__(self, app: Starlette) -> None:
        self.app, self.cookie = app, ""

    def send(self, method: str, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            headers = {"cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(ask())


@pytest.fixture
def client(county) -> Client:
    async def there(request: object) -> PlainTextResponse:
        return PlainTextResponse("there")

    paths = ("/media/{name}", "/_stcore/upload_file/{a}/{b}", "/_stcore/agent/mcp", "/overview")
    routes = [Route(path, there, methods=["GET", "PUT", "POST"]) for path in paths]
    middleware = [Middleware(Closed, get_db=lambda: county)]
    return Client(Starlette(routes=routes, middleware=middleware))


ASKED: tuple[Callable, ...] = (
    lambda c: c.send("GET", "/media/5f3a.xlsx"),
    lambda c: c.send("PUT", "/_stcore/upload_file/1/2"),
)


@pytest.mark.parametrize("ask", ASKED)
def test_a_download_and_an_upload_need_a_session(client, county, ask):
    assert ask(client).status_code == 403
    client.cookie = "made-up"
    assert ask(client).status_code == 403
    token = demo_sign_in(county, "supervisor", None)
    client.cookie = token
    assert ask(client).text == "there"
    sign_out(county, token)
    assert ask(client).status_code == 403, "an address that was copied dies with its session"


def test_an_idle_session_opens_no_download(client, county, clock):
    client.cookie = demo_sign_in(county, "supervisor", None)
    assert ASKED[0](client).text == "there"
    clock.go(minutes=31)
    assert ASKED[0](client).status_code == 403


def test_streamlits_door_for_programs_is_shut_twice(client):
    assert client.send("POST", "/_stcore/agent/mcp").status_code == 404
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["server"]["enableAgentApi"] is False


def test_pages_are_left_to_their_own_guard(client):
    assert client.send("GET", "/overview").text == "there"
