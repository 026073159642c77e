"""Streamlit's start page with our name, our styles, our language, and what puts Streamlit's own
English words into Chinese (`ui/static/language.js`).

Every staff page begins with the same file of Streamlit's; it is served with a few lines changed.
What of Streamlit's English stays is listed in docs/language.md.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.db import Db
from wording import catalogue, t
from wording.palette import custom_properties

from . import state
from .door import language_here
from .guard import over_said

SCRIPT = Path(__file__).parent / "static" / "language.js"
WAITING = Path(__file__).parent / "static" / "waiting.js"
DOWNLOAD = Path(__file__).parent / "static" / "download.js"
TAGS = {"zh": "zh-CN", "en": "en-GB"}
PLACES = {
    "streamlit.uploader.": '[data-testid="stFileUploader"]',
    "streamlit.choice.": '[data-testid="stSelectbox"], [data-testid="stMultiSelect"]',
    "streamlit.dropdown.": '[role="listbox"], [data-testid$="VirtualDropdown"]',
    "streamlit.date.": '[data-testid="stDateInput"], [data-testid="stDateInputCalendar"]',
    "streamlit.time.": '[data-testid="stTimeInput"]',
    "streamlit.number.": '[data-testid="stNumberInput"]',
    "streamlit.typing.": '[data-testid="InputInstructions"]',
    "streamlit.table.": '[data-testid^="stDataFrame"], [data-testid="stElementToolbar"]',
    "streamlit.frame.": (
        '[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stSkipToContent"], '
        '[data-testid="stMainMenuPopover"], [data-testid="stCode"]'
    ),
    "streamlit.dialog.": '[role="dialog"]',
    "streamlit.heard.": '[data-live-announcer], [id^="react-aria-description"]',
}
"""Where in the page each section of `wording/*/streamlit.toml` stands, as a selector."""
_MARK = b'<div id="root"></div>'
EARLY = ("Html", "Button", "TextInput", "ButtonGroup", "Selectbox", "DateInput", "Checkbox",
         "Spinner", "PageLink", "DownloadButton", "Multiselect", "TextArea", "NumberInput",
         "FileUploader", "ImageList", "ComponentInstance")  # fmt: skip
"""Parts of Streamlit that nearly every page has. Streamlit fetches the code of each when the first
of them is to be drawn, and draws a low bar until it is there: the page would jump. All together are
a fifth of what it loads anyway; its data table is as much again and stays late."""
_SHEETS = ("shell.css", "filing.css", "lists.css", "search.css", "print.css")
"""Our style sheets: there before the first thing is drawn, so that nothing moves when they come."""


class StartPage:
    """ASGI middleware: puts our start page in the place of Streamlit's; all else goes through.

    A browser that kept a copy of an earlier one gets this one: no page is answered with 304.
    """

    def __init__(self, app: ASGIApp, get_db: Callable[[], Db]) -> None:
        self.app, self.get_db = app, get_db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        conditions = (b"if-none-match", b"if-modified-since")
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in conditions]
        start: Message | None = None
        body = b""

        async def held(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    first, whole = await self._ours(scope, start, body)
                    await send(first)
                    await send({"type": "http.response.body", "body": whole})
                return
            await send(message)

        await self.app(scope, receive, held)

    async def _ours(self, scope: Scope, start: Message, body: bytes) -> tuple[Message, bytes]:
        headers = MutableHeaders(raw=list(start["headers"]))
        page = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        if _MARK not in page:
            return start, body
        try:
            chosen = await run_in_threadpool(language_here, Request(scope), self.get_db)
        except Exception:  # the page itself says what is wrong with the database
            chosen = state.settings().language
        whole = start_page(page.decode("utf-8"), chosen).encode()
        for name in ("content-encoding", "etag", "last-modified", "accept-ranges"):
            if name in headers:
                del headers[name]
        headers["content-length"] = str(len(whole))
        return {**start, "headers": headers.raw}, whole


@cache
def start_page(page: str, language: str) -> str:
    """Streamlit's start page in a language: its tag, our name, the words and their script.

    The script comes before Streamlit's own, and the words before the script: both are there when
    the first of Streamlit's words is shown. The words are data, not a script, so that the content
    security policy needs no exception for them.
    """
    ours = (
        f'<script type="application/json" id="zj-words">{_words(language)}</script>\n'
        f"    {_script(SCRIPT)}\n    {_script(WAITING, 'defer')}\n"
        f"    {_script(DOWNLOAD, 'defer')}\n"
    )
    page = page.replace('<html lang="en">', f'<html lang="{TAGS[language]}">', 1)
    title = escape(t("ui.product", language))
    sheets = "".join((Path(__file__).parent / name).read_text("utf-8") for name in _SHEETS)
    ours = f"<style>{custom_properties()}{sheets}</style>\n    {ours}"
    page = page.replace("<title>Streamlit</title>", f"<title>{title}</title>\n    {ours}", 1)
    way = escape(t("states.to_content", language))
    skip = f'<a class="zj-skip" href="#zj-content">{way}</a>'
    said = " ".join(f'data-{la}="{escape(t("states.waiting", la))}"' for la in TAGS)
    wait = f'<div id="zj-wait" role="status" {said}></div>'
    wait += '<div id="zj-over" role="alert"></div>' + "".join(_over(la) for la in TAGS)
    page = page.replace("</head>", f"{early()}\n  </head>", 1)
    page = page.replace(_MARK.decode(), f"{skip}{wait}{_MARK.decode()}", 1)
    without = "".join(f'<p lang="{TAGS[la]}">{escape(t("ui.no_script", la))}</p>' for la in TAGS)
    return re.sub(r"(?s)<noscript>.*?</noscript>", f"<noscript>{without}</noscript>", page, count=1)


def early() -> str:
    """The code of `EARLY`, run right after Streamlit's own first script; what another version of
    Streamlit names otherwise comes when it is needed, as before."""
    files = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "\n".join(
        f'    <script type="module" crossorigin src="./static/js/{file.name}"></script>'
        for name in EARLY
        for file in files.glob(f"{name}.*.js")
    )


def _over(language: str) -> str:
    """What a press on a download says once the session is over (`ui/static/download.js`)."""
    why, _ = over_said(language)
    undone, way = t("states.file_undone", language), t("states.sign_in_again", language)
    return (
        f'<template id="zj-over-{language}"><div class="zj-door"><p>{escape(why)}</p>'
        f'<p>{escape(undone)}</p><p><a href="sign-in?lang={language}">{escape(way)}</a></p></div>'
        "</template>"
    )


def _script(file: Path, how: str = "") -> str:
    """A script of ours by its content: another one has another address."""
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f'<script {how} src="./app/static/{file.name}?v={version}"></script>'


def words() -> list[tuple[str, str, str]]:
    """(selector, English, Chinese) of every text of Streamlit's that is put into Chinese."""
    english, chinese = catalogue("en"), catalogue("zh")
    return [
        (within, english[key], chinese[key])
        for section, within in PLACES.items()
        for key in english
        if key.startswith(section)
    ]


def _words(language: str) -> str:
    made = json.dumps({"language": language, "words": words()}, ensure_ascii=False)
    return made.replace("<", "\\u003c")
