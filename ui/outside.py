"""Signing in by the office's own service: OpenID Connect, authorization code with PKCE.

What has to come back (state, nonce, verifier) travels sealed in a cookie that lasts ten minutes.
The ID token's signature, issuer, audience, nonce and times are checked; who it names and which
roles that means is `data.outside`'s.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import outside
from data.accounts import CodeNeeded
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.sealed import open_note, seal_note
from settings import Settings

from .door import NO_STORE, Door, address_of, root

COOKIE = "zaojie_outside"
LASTS = dt.timedelta(minutes=10)
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures with a key pair only: no token signed with a shared secret, none unsigned."""
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
NEEDED = ("oidc_client_id", "oidc_redirect", "oidc_roles")


@dataclass
class Service:
    """The office's service as it describes itself; read once, its keys again when one is new."""

    settings: Settings
    roles: outside.Roles
    known: dict[str, Any] = field(default_factory=dict)
    keys: KeySet | None = None

    @classmethod
    def of(cls, settings: Settings) -> Service | None:
        """The service of the settings; None where there is none.

        Raises:
            ConfigError: settings that are not complete or mean nothing.
        """
        if not settings.oidc_issuer:
            return None
        for name in NEEDED:
            if not getattr(settings, name):
                raise ConfigError("access.error.oidc_settings", name=f"ZAOJIE_{name.upper()}")
        issuer = urlsplit(settings.oidc_issuer)
        if issuer.scheme != "https" and issuer.hostname not in {"localhost", "127.0.0.1"}:
            raise ConfigError("access.error.oidc_issuer")
        return cls(settings, outside.parse_roles(settings.oidc_roles))

    def metadata(self) -> dict[str, Any]:
        """What the service says of itself, held against the issuer of the settings."""
        if not self.known:
            issuer = self.settings.oidc_issuer
            found = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise NotAllowed("access.error.oidc_failed")
            self.known = found
        return self.known

    def session(self, **more: Any) -> OAuth2Session:
        """A client of the service."""
        settings = self.settings
        has_secret = bool(settings.oidc_client_secret)
        return OAuth2Session(
            settings.oidc_client_id, settings.oidc_client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if has_secret else "none",
            scope="openid profile", redirect_uri=settings.oidc_redirect,
            code_challenge_method="S256", **more,
        )  # fmt: skip

    def claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that this service signed for this program and this sign-in.

        Raises:
            NotAllowed: anything about it is wrong; one sentence for all.
        """
        try:
            try:
                token = jwt.decode(id_token, self._keys(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                self.keys = None  # the service may have a new key
                token = jwt.decode(id_token, self._keys(), algorithms=ALGORITHMS)
            rules = jwt.JWTClaimsRegistry(
                now=int(time.time()), leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self.settings.oidc_issuer},
                aud={"essential": True, "value": self.settings.oidc_client_id},
                exp={"essential": True}, iat={"essential": True},
                sub={"essential": True}, nonce={"essential": True, "value": nonce},
            )  # fmt: skip
            rules.validate(token.claims)
        except (JoseError, ValueError) as err:
            raise NotAllowed("access.error.oidc_failed") from err
        several = isinstance(token.claims["aud"], list) and len(token.claims["aud"]) > 1
        if several and token.claims.get("azp") != self.settings.oidc_client_id:
            raise NotAllowed("access.error.oidc_failed")
        return dict(token.claims)

    def _keys(self) -> KeySet:
        if self.keys is None:
            self.keys = KeySet.import_key_set(_json(self.metadata()["jwks_uri"]))  # type: ignore[arg-type]
        return self.keys


def _json(address: str) -> dict[str, Any]:
    """What the service answers; nothing that leads elsewhere is followed."""
    try:
        answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as err:
        raise NotAllowed("access.error.oidc_failed") from err
    if not isinstance(found, dict):
        raise NotAllowed("access.error.oidc_failed")
    return found


def claim_texts(claims: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a claim: one, several, or none; a dot leads into a claim of claims."""
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


class Way(Door):
    """The way to the service and back."""

    def __init__(self, get_db: Callable[[], Db], service: Service) -> None:
        super().__init__(get_db)
        self.service = service

    def routes(self) -> list[Route]:
        """The routes of it."""
        return [
            Route("/sign-in-outside", self.page(self.leave), methods=["GET"]),
            Route("/sign-in-back", self.page(self.back), methods=["GET"]),
        ]

    def leave(self, request: Request, form: Mapping[str, str]) -> Response:
        """To the service, with what must come back sealed in a cookie."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        endpoint = self.service.metadata()["authorization_endpoint"]
        address, state = self.service.session().create_authorization_url(
            endpoint, code_verifier=verifier, nonce=nonce
        )
        note = {"state": state, "nonce": nonce, "verifier": verifier}
        answer = RedirectResponse(address, 303, headers=NO_STORE)
        answer.set_cookie(
            COOKIE, seal_note(self.get_db(), "outside", note),
            max_age=int(LASTS.total_seconds()), path=f"{root(request)}/sign-in-back",
            secure=self.service.settings.secure_cookies, httponly=True, samesite="lax",
        )  # fmt: skip
        return answer

    def back(self, request: Request, form: Mapping[str, str]) -> Response:
        """From the service: whom it names enters in the roles their claims mean."""
        db, settings = self.get_db(), self.service.settings
        note = open_note(db, "outside", request.cookies.get(COOKIE, ""), LASTS)
        code, state = request.query_params.get("code"), request.query_params.get("state", "")
        came_back = (state, (note or {}).get("state", ""))
        if note is None or not code or not secrets.compare_digest(*map(str.encode, came_back)):
            raise NotAllowed("access.error.oidc_failed")
        try:
            token = self.service.session(state=state).fetch_token(
                self.service.metadata()["token_endpoint"], grant_type="authorization_code",
                code=code, code_verifier=note["verifier"], timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
        except (OAuthError, requests.RequestException, ValueError) as err:
            raise NotAllowed("access.error.oidc_failed") from err
        claims = self.service.claims(str(token.get("id_token", "")), note["nonce"])
        said = claim_texts(claims, settings.oidc_roles_claim)
        wanted = [self.service.roles[value] for value in said if value in self.service.roles]
        login = next(iter(claim_texts(claims, settings.oidc_login_claim)), "")
        try:
            made = outside.come_in(
                db, settings.oidc_issuer, str(claims["sub"]), login, wanted, address_of(request)
            )
        except CodeNeeded as needed:
            return self.render(request, "code.html", ticket=needed.ticket, problem="")
        answer = self.let_in(request, made)
        answer.delete_cookie(COOKIE, path=f"{root(request)}/sign-in-back")
        return answer
