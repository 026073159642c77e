"""What every resident's page has in common: the form it came from, the language, the headers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from data.db import County
from data.errors import ProjectError
from wording import LANGUAGES

from .templating import pages_in

_HOME = Path(__file__).parent
STYLE = (_HOME / "style.css").read_bytes()
STYLE_VERSION = hashlib.sha256(STYLE).hexdigest()[:12]
MOST_BYTES = 16_384
"""A form of these pages is far smaller; a larger body is not read."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class TooLarge(ProjectError):
    """A form larger than any of ours; it was not read."""

    def __init__(self) -> None:
        super().__init__("public.error.too_large")


@dataclass(frozen=True)
class Form:
    """What was sent: the first value of each field, and all of those that may come several times.

    language: of the page to answer with. address: of the sender, for the throttle only.
    root: the path the application is served under, empty or without a slash at its end.
    """

    fields: dict[str, list[str]]
    language: str
    address: str
    root: str

    def get(self, name: str, most: int = 400) -> str:
        """A field's first value, at most `most` characters; empty when it is not there."""
        return self.fields.get(name, [""])[0][:most]

    def all(self, name: str) -> list[str]:
        """Every value of a field with several, such as tick boxes."""
        return self.fields.get(name, [])[:20]


async def read(request: Request, default_language: str, most: int = MOST_BYTES) -> Form:
    """The form of a POST, or the query of a GET: of that, the language and nothing else.

    Raises:
        TooLarge: a body of more than `most` bytes; the rest of it is not read.
    """
    fields: dict[str, list[str]] = {}
    if request.method == "POST":
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise TooLarge
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        asked = fields.get("lang", [""])[0]
    else:
        asked = request.query_params.get("lang", "")
    return Form(
        fields=fields,
        language=asked if asked in LANGUAGES else default_language,
        address=request.client.host if request.client else "",
        root=str(request.scope.get("root_path", "")).rstrip("/"),
    )


def page(
    form: Form, template: str, county: County | None, status: int = 200, **values: Any
) -> Response:
    """A page in the reader's language, with the headers that every one has."""
    language = form.language
    html = (
        pages_in(language, county.zone if county else "UTC")
        .get_template(template)
        .render(
            **values,
            lang=language,
            other="en" if language == "zh" else "zh",
            root=form.root,
            style_version=STYLE_VERSION,
            county=county,
            county_name=(county.name_zh if language == "zh" else county.name_en) if county else "",
        )
    )
    return Response(html, status, HEADERS, "text/html; charset=utf-8")


def style() -> Response:
    """The style sheet of every page."""
    return sheet(STYLE)


def sheet(css: bytes) -> Response:
    """A style sheet: the one thing of these pages that a browser may keep."""
    headers = HEADERS | {"Cache-Control": "public, max-age=86400"}
    return Response(css, 200, headers, "text/css; charset=utf-8")
