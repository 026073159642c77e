"""A clerk's day on a phone, by presses counted; desk × day by keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from data import accounts, places
from data.db import Db, set_up
from data.record import register
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, DESK, NOW, ROOT, TOWNSHIPS, Clock
from tests.service.test_filing import case_of
from ui.guard import COOKIE
from wording import t

from .conftest import Visit

pytestmark = pytest.mark.browser

MOST_PRESSES = 3
"""From the page after signing in to a day that is filed."""
FROZEN = """
import dataclasses, datetime, data.db
_open = data.db.Db.open.__func__
_now = datetime.datetime.fromisoformat({now!r})
data.db.Db.open = classmethod(lambda c, s: dataclasses.replace(_open(c, s), now=lambda: _now))
"""
"""Put before the server's start: on a Thursday at 10:00 a filing is asked, whatever today is."""


@pytest.fixture(scope="module")
def filed(folder: Path, shared_server: Callable[..., str]) -> Iterator[tuple[str, Db]]:
    """The application on a Thursday morning, over a demo county of two desks."""
    url = f"sqlite:///{folder}/zaojie.db"
    opened = Db.open(Settings(database=url, keys=folder / "keys.json"))
    db = replace(opened, now=Clock(NOW - dt.timedelta(minutes=5)))
    set_up(db, replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    (folder / "sitecustomize.py").write_text(FROZEN.format(now=NOW.isoformat()), "utf-8")
    yield shared_server(url, PYTHONPATH=f"{folder}:{ROOT}"), db
    db.engine.dispose()


class Thumb:
    """Presses buttons and links by what is written on them, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def on(self, text: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=text).first.click()  # type: ignore[arg-type]
        self.presses += 1

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def is_narrow(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_clerk_is_asked_on_a_phone_before_a_false_zero(
    filed: tuple[str, Db], visit: Callable[..., Visit]
) -> None:
    base, db = filed
    theirs = replace(DESK, who="clerk-west", desk="t02", bodies=frozenset({"t02"}),
                     townships=frozenset({"990000002000"}))  # fmt: skip
    register(db, theirs, replace(case_of(db), township_code="990000002000"))
    seen = visit(base, 390, 844)
    token = accounts.demo_sign_in(db, "township_clerk", "t02")
    seen.context.add_cookies([{"name": COOKIE, "value": token, "url": base}])
    page = seen.open("/worklist?lang=zh")
    page.wait_for_selector("h1")
    thumb = Thumb(page)
    thumb.on("日报送 · 2026年3月5日", "link")
    thumb.sees(t("desks.clerk.held", "zh", count="1"))
    thumb.on(t("ui.filing.zero", "zh"))
    thumb.sees(t("desks.clerk.question", "zh", count="1"))
    thumb.on(t("ui.filing.report", "zh"))
    thumb.sees(t("desks.clerk.saved", "zh", day="2026年3月5日", kind="报送（有件）", number="1"))
    assert thumb.presses <= MOST_PRESSES
    thumb.is_narrow()
    assert seen.foreign == []


def test_desk_by_day_is_reached_by_keyboard(filed: tuple[str, Db], browser: Browser) -> None:
    base, _ = filed
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{base}/sign-in?lang=en")
    page.click("button[value=supervisor]")
    page.wait_for_selector("h1")
    for view in ("matrix", "month"):
        page.goto(f"{base}/filing?lang=en&view={view}")
        region = page.locator(".zf-scroll")
        region.wait_for()
        assert page.locator("table.zf caption").count() == 1
        region.focus()
        assert region.evaluate("one => one === document.activeElement")
    context.close()
