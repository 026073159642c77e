"""Headers that keep the staff pages to themselves: nothing from other hosts, framed by none."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import state

MAP_FRAME = "/component/streamlit_folium"
"""Path of the map's frame: its component evaluates the script of a rerun, nothing else does."""

XSRF_COOKIE = b"_streamlit_xsrf="

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """ASGI middleware: adds each header that a response has not set for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_map_frame = MAP_FRAME in scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                own = policy(is_map_frame, state.settings().tiles_origin if is_map_frame else "")
                headers.setdefault("Content-Security-Policy", own)
                if state.settings().secure_cookies:
                    message["headers"] = [_secure(*one) for one in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Streamlit's own cookie against forged forms, over TLS only: it knows of TLS only where it
    holds the certificate itself, and behind a proxy it does not. It stays readable for scripts,
    which is how it works, and opens nothing."""
    is_it = name.lower() == b"set-cookie" and value.startswith(XSRF_COOKIE)
    if is_it and b"secure" not in (part.strip().lower() for part in value.split(b";")):
        value += b"; Secure"
    return name, value


@cache
def policy(is_map_frame: bool, tiles_origin: str = "") -> str:
    """The content security policy of a staff page, or of the map's frame within one, which may
    show pictures of the county's own tile service.

    Styles are inline throughout Streamlit, so `style-src` cannot be narrower; scripts are the
    server's own files, and the lines in Streamlit's start page by their hash.
    """
    scripts = "'self' 'unsafe-inline' 'unsafe-eval'" if is_map_frame else _own_scripts()
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob: {tiles_origin}".rstrip(),
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def _own_scripts() -> str:
    start_page = Path(streamlit.__file__).parent / "static" / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", start_page.read_text("utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    return " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)])
