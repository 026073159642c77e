"""Streamlit's own English on Chinese pages: each text is still Streamlit's, each has its place."""

from __future__ import annotations

import asyncio
import gzip
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from data.db import Db
from tests.conftest import ROOT
from ui.start_page import EARLY, PLACES, StartPage, early, start_page, words

FRONTEND = Path(streamlit.__file__).parent / "static"
INDEX = (FRONTEND / "index.html").read_text("utf-8")
ENGLISH = tomllib.loads((ROOT / "wording" / "en" / "streamlit.toml").read_text("utf-8"))

PUT_TOGETHER = {
    "typing": ("Press ", "Enter to ", "submit form", "apply"),
    "no_page": (
        "You have requested page /",
        ", but no corresponding file was found in the app's pages/ directory",
        "Running the app's main page.",
    ),
    "no_page_at_all": (
        "The page that you have requested does not seem to exist",
        "Running the app's main page.",
    ),
    "error": ("**Error**",),
    "add_icon": (" icon",),
    "year": ("year:`yyyy`",),
    "month": ("month:`mm`",),
    "day": ("day:`dd`",),
    "hits": (" result", "over 1000", " of "),
    "option": ("option", " available."),
    "options": ("option", " available."),
}
"""Texts that the frontend puts together from pieces (by key, its beginning or its section)."""


def pieces(section: str, key: str, text: str) -> list[str]:
    """What of a text must stand in the bundle as it is."""
    for name in (section, key, key.split("_")[0]):
        if name in PUT_TOGETHER and (section, key) != ("frame", "error"):
            return list(PUT_TOGETHER[name])
    if key.endswith("_read"):  # heard: the same sentence without the stars
        text = text.removeprefix("Error")
    return [piece for piece in re.split(r"\{[a-z_]+\}", text) if piece.strip()]


@pytest.fixture(scope="module")
def bundle() -> str:
    found = sorted((FRONTEND / "static" / "js").glob("*.js"))
    skipped = ("Plotly", "DeckGl", "StreamlitSyntax", "mermaid", "elk", "cytoscape", "ECharts")
    return "".join(f.read_text("utf-8") for f in found if not f.name.startswith(skipped))


def test_every_text_is_one_that_streamlit_says(bundle: str) -> None:
    gone = [
        f"{section}.{key}: {piece}"
        for section, texts in ENGLISH.items()
        for key, text in texts.items()
        for piece in pieces(section, key, text)
        if piece not in bundle
    ]
    assert gone == []
    assert "Drag and drop a picture here" not in bundle


def test_every_section_has_its_place_in_the_page() -> None:
    assert {f"streamlit.{section}." for section in ENGLISH} == set(PLACES)
    assert len(words()) == sum(len(texts) for texts in ENGLISH.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_start_page_is_ours(language: str) -> None:
    page = start_page(INDEX, language)
    assert f'<html lang="{"zh-CN" if language == "zh" else "en-GB"}">' in page
    assert "<title>Streamlit</title>" not in page
    assert "agents" not in page
    first, second = page.index('id="zj-words"'), page.index("app/static/language.js")
    assert first < second < page.index('type="module"')
    assert page.count("<script>") == INDEX.count("<script>"), "no line of ours runs inline"


def test_the_code_of_usual_parts_comes_with_the_page() -> None:
    names = [name.split(".")[0] for name in re.findall(r'src="\./static/js/(\S+)"', early())]
    assert names == list(EARLY), "each is one file of Streamlit's"


HTML = {"accept": "text/html,*/*", "if-none-match": '"x"'}


@pytest.fixture
def get(sqlite_db: Db) -> Callable[..., httpx.Response]:
    """`get(path, headers)`: an application with Streamlit's start page, a page and facts."""

    async def index(request: Request) -> Response:
        if "if-none-match" in request.headers:
            return Response(status_code=304)
        if "zipped" in request.query_params:
            body = gzip.compress(INDEX.encode())
            return HTMLResponse(body, headers={"etag": '"x"', "content-encoding": "gzip"})
        return HTMLResponse(INDEX, headers={"etag": '"x"'})

    async def own(request: Request) -> Response:
        return HTMLResponse("<p>own</p>", headers={"etag": '"y"'})

    async def facts(request: Request) -> Response:
        return JSONResponse({"kept": request.headers.get("if-none-match")})

    routes = [Route("/overview", index), Route("/sign-in", own), Route("/facts", facts)]
    app = StartPage(Starlette(routes=routes), lambda: sqlite_db)

    def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(asked())

    return ask


@pytest.mark.parametrize("query", ["lang=en", "lang=en&zipped=1"])
def test_streamlit_s_start_page_becomes_ours(
    get: Callable[..., httpx.Response], query: str
) -> None:
    answer = get(f"/overview?{query}", HTML)
    assert answer.text == start_page(INDEX, "en")
    assert "etag" not in answer.headers
    assert "content-encoding" not in answer.headers


def test_no_other_page_is_touched(get: Callable[..., httpx.Response]) -> None:
    own = get("/sign-in", HTML)
    assert (own.text, own.headers["etag"]) == ("<p>own</p>", '"y"')
    assert get("/facts", {**HTML, "accept": "*/*"}).json() == {"kept": '"x"'}
