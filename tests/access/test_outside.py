"""The office's own sign-in: a small provider in this process, and everything that can be wrong."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data import accounts, outside
from data.errors import ConfigError
from data.scope import Scope
from settings import Settings
from tests.access.test_who_enters import member, said
from tests.conftest import free_port
from tests.pages.test_routes import Client
from ui import routes, state
from ui.guard import COOKIE
from ui.outside import Service
from wording import t

OPERATOR = Scope.operator()
BACK = "http://testserver/sign-in-back"


class Provider:
    """Gives out codes and signs what the test says; keeps what it was asked."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.asked: dict[str, str] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def discovery(self, request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def keys(self, request: Request) -> JSONResponse:
        return JSONResponse(KeySet([self.published]).as_dict(private=False))

    async def token(self, request: Request) -> JSONResponse:
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        said = base64.b64decode(request.headers["authorization"].split()[1]).decode()
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        fits = proof == self.asked["code_challenge"] and form["redirect_uri"] == BACK
        if not fits or said != "desk:hush" or form["code"] != "the-code":
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "desk", "sub": "s-1", "iat": now, "exp": now + 300,
            "nonce": self.asked["nonce"], "preferred_username": "wang", "roles": ["labour"],
        } | self.claims  # fmt: skip
        token = jwt.encode(self.header, claims, self.key, algorithms=["RS256", "HS256", "none"])
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})


class Browser(Client):
    """Keeps what the server sets."""

    def send(self, method: str, path: str, **options: object) -> httpx.Response:
        answer = super().send(method, path, **options)
        self.cookies.update(answer.cookies)
        return answer


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    port = free_port()
    provider = Provider(port)
    server = uvicorn.Server(
        uvicorn.Config(provider.app, host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield provider
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims, running.asked = {}, {}
    running.header, running.published = {"alg": "RS256", "kid": "k1"}, running.key
    return running


@pytest.fixture
def client(sqlite_db, small_county, provider, monkeypatch) -> Browser:
    db = small_county(sqlite_db)
    settings = Settings(
        oidc_issuer=provider.issuer, oidc_client_id="desk", oidc_client_secret="hush",
        oidc_redirect=BACK,
        oidc_roles="labour=department_clerk@b01; boss=supervisor; it=administrator",
    )  # fmt: skip
    monkeypatch.setattr(state, "db", lambda: db)
    monkeypatch.setattr(state, "settings", lambda: settings)
    return Browser()


def go(client: Client, provider: Provider, **instead: str) -> httpx.Response:
    """To the provider and back, as a browser would."""
    away = client.get("/sign-in-outside?lang=en")
    assert away.status_code == 303
    assert "HttpOnly" in away.headers["set-cookie"]
    assert "SameSite=lax" in away.headers["set-cookie"]
    asked = {k: v[0] for k, v in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    provider.asked = asked
    query = {"code": "the-code", "state": asked["state"]} | instead
    return client.get("/sign-in-back", params={**query, "lang": "en"})


def inside(client: Client) -> accounts.SignedIn | None:
    return accounts.session_of(state.db(), client.cookies.get(COOKIE))


def test_the_sign_in_page_leads_there(client):
    assert "sign-in-outside" in client.get("/sign-in").text


def test_claims_become_roles_of_the_closed_list_and_follow_at_every_sign_in(client, provider):
    assert go(client, provider).status_code == 303
    first = inside(client)
    assert first is not None
    assert (first.login, first.scope.role, first.scope.bodies) == (
        "wang", "department_clerk", frozenset({"b01"}),
    )  # fmt: skip
    provider.claims = {"roles": ["boss", "something else"], "preferred_username": "renamed"}
    go(client, provider)
    second = inside(client)
    assert second is not None
    assert second.account_id == first.account_id, "known by subject, whatever it is called"
    assert [one.role for one in second.roles] == ["supervisor"]
    assert said(state.db(), "role_ended")[0].reason == "department_clerk b01"
    with state.db().read() as conn:
        whole = "\n".join(conn.connection.iterdump())
    assert "s-1" not in whole, "the subject is kept as a keyed hash"


def test_no_role_is_one_sentence_and_takes_the_old_ones(client, provider):
    go(client, provider)
    token = client.cookies[COOKIE]
    provider.claims = {"roles": "something else"}
    answer = go(client, provider)
    assert answer.status_code == 403
    assert t("access.error.no_outside_role", "en") in unescape(answer.text)
    assert accounts.session_of(state.db(), token) is None


def test_nobody_takes_over_an_account_by_its_name(client, provider):
    member(state.db(), "wang", "supervisor")
    answer = go(client, provider)
    assert answer.status_code == 403
    assert "taken" in answer.text
    assert inside(client) is None


def test_an_ended_account_does_not_come_back(client, provider):
    go(client, provider)
    accounts.end_account(state.db(), OPERATOR, "wang")
    assert t("access.error.account_ended", "en") in go(client, provider).text


def test_an_administrator_from_outside_needs_a_second_factor_all_the_same(client, provider):
    provider.claims = {"roles": ["it"]}
    assert go(client, provider).headers["location"].startswith("/second-factor")
    provider.claims = {"roles": ["it", "boss"]}
    assert go(client, provider).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere"}, {"aud": "another"}, {"aud": ["desk", "another"]},
        {"exp": int(time.time()) - 600}, {"nonce": "another"}, {"nonce": None}, {"sub": None},
        {"iat": int(time.time()) + 3600},
    ],
)  # fmt: skip
def test_a_token_for_somebody_or_somewhere_else_opens_nothing(client, provider, claims):
    provider.claims = claims
    answer = go(client, provider)
    assert answer.status_code == 403
    assert t("access.error.oidc_failed", "en") in unescape(answer.text)
    assert inside(client) is None


def test_a_token_that_another_key_signed_or_nobody_opens_nothing(client, provider):
    for header, published in (
        ({"alg": "none"}, provider.key),
        ({"alg": "RS256", "kid": "k1"}, RSAKey.generate_key(2048, {"kid": "k1"})),
    ):
        provider.header, provider.published = header, published
        answer = go(Browser(), provider)
        assert answer.status_code == 403
        assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_new_key_of_the_service_is_fetched(client, provider, monkeypatch):
    go(client, provider)
    new = RSAKey.generate_key(2048, {"kid": "k2"})
    monkeypatch.setattr(provider, "key", new)
    monkeypatch.setattr(provider, "published", new)
    provider.header = {"alg": "RS256", "kid": "k2"}
    assert go(client, provider).status_code == 303


@pytest.mark.parametrize(
    "instead", [{"state": "another"}, {"state": ""}, {"code": ""}, {"code": "another"}]
)
def test_an_answer_that_was_not_asked_for_opens_nothing(client, provider, instead):
    assert go(client, provider, **instead).status_code == 403
    assert inside(client) is None


def test_without_the_cookie_of_the_way_there_nothing_opens(client, provider):
    client.get("/sign-in-outside")
    client.cookies.clear()
    assert client.get("/sign-in-back?code=the-code&state=x").status_code == 403


@pytest.mark.parametrize(
    "text",
    ["labour", "labour=police", "labour=department_clerk", "boss=supervisor@b01", "=supervisor"],
)
def test_a_mapping_to_anything_but_the_closed_list_is_refused(text):
    with pytest.raises(ConfigError):
        outside.parse_roles(text)


def test_settings_that_are_not_complete_or_not_safe_are_refused_by_name():
    assert Service.of(Settings()) is None
    with pytest.raises(ConfigError, match="ZAOJIE_OIDC_CLIENT_ID"):
        Service.of(Settings(oidc_issuer="https://sso.example"))
    whole = {
        "oidc_client_id": "x",
        "oidc_redirect": "https://x/sign-in-back",
        "oidc_roles": "a=leader",
    }
    with pytest.raises(ConfigError, match="https"):
        Service.of(Settings(oidc_issuer="http://sso.example", **whole))
    assert "hush" not in repr(Settings(oidc_client_secret="hush"))


def test_without_settings_there_is_no_such_door(sqlite_db, small_county, monkeypatch):
    db = small_county(sqlite_db)
    monkeypatch.setattr(state, "db", lambda: db)
    monkeypatch.setattr(state, "settings", Settings)
    assert not [r for r in routes.routes(state.db) if "outside" in r.path or "back" in r.path]
    assert "sign-in-outside" not in Client().get("/sign-in").text
