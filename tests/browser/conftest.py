"""A fresh server and a real Chromium for the journeys that only a browser sees."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import ROOT, free_port

from . import libraries
from .libraries import Server

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update",
)  # fmt: skip
STARTS_WITHIN_SECONDS = 120

Start = Callable[..., str]


@contextmanager
def _servers(folder: Path) -> Iterator[Start]:
    """Servers that log and keep their keys in one folder; all ended afterwards."""
    running: list[Server | subprocess.Popen[bytes]] = []

    def start(database_url: str, **environment: str) -> str:
        port = free_port()
        log = folder / f"server-{port}.log"
        settings = {
            "ZAOJIE_DATABASE": database_url,
            "ZAOJIE_KEYS": str(folder / "keys.json"),
            "ZAOJIE_VAR": str(folder),
        }
        arguments = ["run", "app.py", "--server.port", str(port)]
        process: Server | subprocess.Popen[bytes]
        if "PYTHONPATH" in environment:  # what begins with Python itself, such as another clock
            with log.open("wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "streamlit", *arguments],
                    cwd=ROOT,
                    env={**os.environ, **settings, **environment},
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
        else:
            log.touch()
            process = libraries.streamlit(arguments, {**os.environ, **settings, **environment}, log)
        running.append(process)
        base = f"http://127.0.0.1:{port}"
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while not _is_up(base):
            output = log.read_text("utf-8", "replace")
            assert process.poll() is None, f"the server ended:\n{output}"
            assert time.monotonic() < until, f"the server did not come up:\n{output}"
            time.sleep(0.2)
        return base

    try:
        yield start
    finally:
        for process in running:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a busy machine; nothing of it is looked at again
                process.kill()
                process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Start]:
    """`server(database_url, **environment)` starts `streamlit run app.py`; returns its address.

    Keys lie beside the database of the test unless ZAOJIE_KEYS is given. A server that dies or
    does not come up says why.
    """
    with _servers(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the module's own, where `shared_server` keeps what it writes."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def shared_server(folder: Path) -> Iterator[Start]:
    """`server` for a whole module, for tests that each add to the record and look at their own."""
    with _servers(folder) as start:
        yield start


def _is_up(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/_stcore/health", timeout=20) as answer:
            return answer.read() == b"ok"
    except OSError:
        return False


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests, gone before the others: while playwright runs, its event
    loop runs too, and nobody else can start one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """A browser context of its own, which notes every request that leaves the server."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base, self.foreign = context, base, []
        context.on("request", self._note)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)  # a busy machine is slow, not wrong

    def _note(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        host = self.base.split("//")[1]
        own = (f"http://{host}/", f"ws://{host}/", "data:", "blob:")
        if not url.startswith(own):
            self.foreign.append(url)

    def open(self, path: str) -> Page:
        """Go to a path of the server."""
        self.page.goto(f"{self.base}{path}")
        return self.page

    def enter_as(self, role: str, language: str = "zh") -> Page:
        """Sign in by a demo role's button; ends on the role's first page."""
        self.open(f"/sign-in?lang={language}")
        self.page.click(f"button[value={role}]")
        self.page.wait_for_selector("h1")
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """`visit(base, width=1440, height=900, **more)` opens a new context on a server; `more`: what
    Playwright's contexts take besides."""
    contexts: list[BrowserContext] = []

    def open_context(base: str, width: int = 1440, height: int = 900, **more: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        return Visit(context, base)

    yield open_context
    for context in contexts:
        context.close()
