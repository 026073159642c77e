"""A consultation in a real browser: a clerk writes it, a supervisor publishes it, everybody reads
it without script at 320 px; then comments, replies and the decision, with small counts covered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from data import consultations, places
from data.consultation_checks import Decision, Notice
from data.db import Db, set_up
from data.scope import Scope
from service import consultations as served
from settings import Settings
from tests.conftest import BODIES, COUNTY, LABOUR, TOWNSHIPS
from wording import t

from .axe import grave
from .conftest import Visit
from .hands import settled

pytestmark = pytest.mark.browser

TITLE = "调整公交线路的方案<b>"


def say(key: str, **values: object) -> str:
    return t(f"consultations.{key}", "zh", **values)


@pytest.fixture(scope="module")
def held(folder: Path, shared_server: Callable[..., str]) -> Iterator[tuple[str, Db]]:
    """A demo county with one consultation that is over and published, without comments yet."""
    url = f"sqlite:///{folder}/zaojie.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    set_up(db, replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    today = dt.date.today()
    notice = Notice(
        "b01", "school", None, "合并两所小学", "定的是合并时间。", "政务大厅", "意见窗口",
        today - dt.timedelta(days=40), today - dt.timedelta(days=3),
    )  # fmt: skip
    number = consultations.open_new(db, Scope.operator(), notice)
    served.publish(db, Scope.operator(), number, 1)
    yield shared_server(url), db
    db.engine.dispose()


def opened(visit: Visit, role: str, number: str = "") -> Page:
    """The page with that consultation open, by its address; "" = the first."""
    page = visit.enter_as(role)
    visit.open(f"/consultations?lang=zh&open={number}" if number else "/consultations?lang=zh")
    page.wait_for_selector("h1")
    settled(page)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settled(page)


def field(page: Page, label: str, text: str) -> None:
    """Fill the field of that label within what is open."""
    box = page.get_by_label(label, exact=True).locator("visible=true").first
    box.fill(text)
    box.blur()
    settled(page)


def test_a_notice_goes_from_the_clerk_to_everybody(
    held: tuple[str, Db], visit: Callable[..., Visit], browser: Browser
) -> None:
    base, _ = held
    clerk = opened(visit(base), "department_clerk")
    clerk.get_by_text(say("page.new"), exact=True).click()
    field(clerk, say("column.title"), TITLE)
    for name in ("matter", "papers_place", "ask_desk"):
        field(clerk, say(f"column.{name}"), f"写明的内容 {name}")
    press(clerk, say("page.save"))
    clerk.get_by_text(say("page.saved")).wait_for()

    boss = opened(visit(base), "supervisor")
    boss.get_by_text(say("page.publish_what", number=1, parts=say("page.part_notice"))).wait_for()
    press(boss, say("page.publish", number=1))
    boss.get_by_text(say("page.published", number=1)).wait_for()

    plain = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    try:
        reader = plain.new_page()
        reader.goto(f"{base}/s/consultations?lang=zh")
        reader.get_by_role("link", name=TITLE).click()
        assert reader.locator("h1").inner_text() == TITLE
        assert "写明的内容 ask_desk" in reader.inner_text("main")
        assert say("public.how") in reader.inner_text("main")
        assert plain.cookies() == []
        address = reader.url
    finally:
        plain.close()
    narrow = visit(base, 320, 640)
    for path in (address.removeprefix(base), "/s/consultations", "/s/suggestions"):
        page = narrow.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert grave(page) == []
    assert narrow.foreign == []


def test_comments_and_the_decision_follow_with_small_counts_covered(
    held: tuple[str, Db], visit: Callable[..., Visit]
) -> None:
    base, db = held
    (number,) = [
        one.consultation_id for one in consultations.read_all(db, LABOUR)
        if one.notice.title == "合并两所小学"
    ]  # fmt: skip
    clerk = opened(visit(base), "department_clerk", number)
    clerk.get_by_text(say("page.comments"), exact=True).click()
    for theme, count in (("access", "7"), ("safety", "1"), ("timing", "5")):
        name = say(f"theme.{theme}")
        field(clerk, say("page.count", theme=name), count)
        field(clerk, say("page.reply", theme=name), "已研究。")
    press(clerk, say("page.save_comments"))
    clerk.get_by_text(re.compile(say("page.saved_comments", count=7)[:8])).wait_for()
    decided = Decision("as_drafted", dt.date.today() - dt.timedelta(days=1))
    consultations.save_decision(db, LABOUR, number, decided)

    boss = opened(visit(base), "supervisor", number)
    press(boss, say("page.publish", number=2))
    boss.get_by_text(say("page.published", number=2)).wait_for()
    page = visit(base, 390, 800).open(f"/s/consultations/{number}?lang=zh")
    shown = page.inner_text("main")
    assert say("outcome.as_drafted") in shown
    assert page.locator("td abbr").count() == 2
    assert "13" in shown
