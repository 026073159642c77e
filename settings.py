"""Every setting, read from the environment once (ZAOJIE_*), in one frozen object."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
_TILES = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d+)?/(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})[A-Za-z0-9{}/._?&=%-]+"
)
"""Nothing in it may end a line of a security policy or of a script."""
_BASE = re.compile(r"(/[A-Za-z0-9_-]+){1,4}")
_LISTEN = re.compile(r"(\d{1,3}(\.\d{1,3}){3}|localhost|\[[0-9a-f:]+\]):\d{1,5}")
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+(, ?[^\s@,<>]+@[^\s@,<>]+)*")


@dataclass(frozen=True)
class Settings:
    """What an administrator may set. Each field names its variable in `docs/settings.md`."""

    database: str = "sqlite:///var/zaojie.db"
    """ZAOJIE_DATABASE: SQLAlchemy URL, SQLite or PostgreSQL."""
    keys: Path = Path("var/keys.json")
    """ZAOJIE_KEYS: file with the secret keys, outside the database; made at first start, 0600."""
    address: str = "127.0.0.1"
    """ZAOJIE_ADDRESS: the address the server listens on."""
    port: int = 8501
    """ZAOJIE_PORT: the port the server listens on."""
    public_url: str = ""
    """ZAOJIE_PUBLIC_URL: address of the status page as printed on receipts; empty = this server."""
    language: str = "zh"
    """ZAOJIE_LANGUAGE: language of a first visit, zh or en."""
    secure_cookies: bool = False
    """ZAOJIE_SECURE_COOKIES: 1 behind TLS, so that the session cookie travels on TLS only."""
    var: Path = field(default=Path("var"))
    """ZAOJIE_VAR: folder for what the program writes beside the database."""
    ask_online: bool = False
    """ZAOJIE_ASK_ONLINE: 1 = people may ask on the residents' pages of the main application."""
    ask_desk: str = ""
    """ZAOJIE_ASK_DESK: body that receives what is asked online where a township has no office."""
    event_log: bool = False
    """ZAOJIE_EVENT_LOG: 1 = two accounts together may take a coarsened event log along."""
    map_tiles: str = ""
    """ZAOJIE_MAP_TILES: the county's own map tiles, https://…/{z}/{x}/{y}.png; empty = none."""
    processes: int = 1
    """ZAOJIE_PROCESSES: how many application processes serve this database beside one another."""
    oidc_issuer: str = ""
    """ZAOJIE_OIDC_ISSUER: the office's own sign-in service (OpenID Connect); empty = none."""
    oidc_client_id: str = ""
    """ZAOJIE_OIDC_CLIENT_ID: what that service calls this program."""
    oidc_client_secret: str = field(default="", repr=False)
    """ZAOJIE_OIDC_CLIENT_SECRET: this program's secret there; empty = a public client (PKCE)."""
    oidc_redirect: str = ""
    """ZAOJIE_OIDC_REDIRECT: full address of `/sign-in-back` on this server, as registered there."""
    oidc_login_claim: str = "preferred_username"
    """ZAOJIE_OIDC_LOGIN_CLAIM: claim that gives a new account its login."""
    oidc_roles_claim: str = "roles"
    """ZAOJIE_OIDC_ROLES_CLAIM: claim (a text or a list) that says what somebody does."""
    oidc_roles: str = ""
    """ZAOJIE_OIDC_ROLES: what its values mean: `value=role` or `value=role@body`, by semicolons."""

    base_path: str = ""
    """ZAOJIE_BASE_PATH: path a proxy serves the application under, `/zaojie`; empty = its own."""
    inbox: str = ""
    """ZAOJIE_INBOX: folder whose files the nightly run takes over; empty = none."""
    metrics: str = ""
    """ZAOJIE_METRICS: address and port of health and metrics, `127.0.0.1:9601`; empty = none."""
    log: str = "plain"
    """ZAOJIE_LOG: plain, or json = one JSON object a line."""
    notice_webhook: str = field(default="", repr=False)
    """ZAOJIE_NOTICE_WEBHOOK: address that gets notices as JSON; empty = none."""
    notice_wecom: str = field(default="", repr=False)
    """ZAOJIE_NOTICE_WECOM: address of a WeCom-compatible group bot; empty = none."""
    notice_smtp: str = field(default="", repr=False)
    """ZAOJIE_NOTICE_SMTP: mail server, smtps:// or smtp://user:password@host:port; empty = none."""
    notice_from: str = ""
    """ZAOJIE_NOTICE_FROM: sender of the mails."""
    notice_to: str = ""
    """ZAOJIE_NOTICE_TO: receivers of the mails, divided by commas."""

    @property
    def tiles_origin(self) -> str:
        """Scheme, host and port of `map_tiles`; "" without."""
        return "/".join(self.map_tiles.split("/")[:3])

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """The settings in force.

        Raises:
            ValueError: when a variable holds something it cannot mean, with its name.
        """
        env = os.environ if env is None else env
        values: dict[str, object] = {}
        for name, kind in cls.__annotations__.items():
            text = env.get(f"ZAOJIE_{name.upper()}", "").strip()
            if not text:
                continue
            if kind == "int":
                if not text.isdigit():
                    raise ValueError(f"ZAOJIE_{name.upper()} must be a whole number; got {text!r}")
                values[name] = int(text)
            elif kind == "bool":
                if text not in {"0", "1"}:
                    raise ValueError(f"ZAOJIE_{name.upper()} must be 0 or 1; got {text!r}")
                values[name] = text == "1"
            elif kind == "Path":
                values[name] = Path(text)
            else:
                values[name] = text
        if values.get("language", "zh") not in {"zh", "en"}:
            raise ValueError(f"ZAOJIE_LANGUAGE must be zh or en; got {values['language']!r}")
        tiles = str(values.get("map_tiles", ""))
        if tiles and not _TILES.fullmatch(tiles):
            raise ValueError(
                "ZAOJIE_MAP_TILES must be http(s)://host/… with {z}, {x} and {y}; got "
                + repr(tiles)
            )
        _check_addresses({name: str(value) for name, value in values.items()})
        return cls(**values)  # type: ignore[arg-type]


def _check_addresses(given: Mapping[str, str]) -> None:
    """Where the program listens, and whom it tells: secrets and numbers travel under TLS only.

    Raises:
        ValueError: with the variable's name, never with a value that may hold a password.
    """
    if given.get("log", "plain") not in {"plain", "json"}:
        raise ValueError(f"ZAOJIE_LOG must be plain or json; got {given['log']!r}")
    if "base_path" in given and not _BASE.fullmatch(given["base_path"]):
        raise ValueError(
            f"ZAOJIE_BASE_PATH must be like /zaojie, without a slash at its end; "
            f"got {given['base_path']!r}"
        )
    if "metrics" in given and not _LISTEN.fullmatch(given["metrics"]):
        raise ValueError(f"ZAOJIE_METRICS must be like 127.0.0.1:9601; got {given['metrics']!r}")
    for name, safe in (
        ("notice_webhook", "https"), ("notice_wecom", "https"), ("notice_smtp", "smtps"),
    ):  # fmt: skip
        if name not in given:
            continue
        to, shown = urlsplit(given[name]), f"ZAOJIE_{name.upper()}"
        is_here = is_loopback(to.hostname)
        plain = "smtp" if safe == "smtps" else "http"
        # smtp:// to another machine is held to STARTTLS when it is used
        may = to.scheme == safe or (to.scheme == plain and (is_here or plain == "smtp"))
        if not may or not to.hostname or re.search(r"\s", given[name]):
            raise ValueError(
                f"{shown} must be an address with {safe} and a host, without blanks; "
                "plain is for this very machine only"
            )
    if "notice_smtp" in given:
        for name in ("notice_from", "notice_to"):
            if not _MAIL.fullmatch(given.get(name, "")):
                raise ValueError(
                    f"ZAOJIE_{name.upper()} must be an address of mail beside ZAOJIE_NOTICE_SMTP"
                )


def is_loopback(host: str | None) -> bool:
    """Whether a host is this very machine, without asking anybody."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:  # a name, which may begin like a number
        return host == "localhost"
