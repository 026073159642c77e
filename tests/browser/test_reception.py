"""A reception from the booking to the promise: the asker at 320 px without script and by keyboard,
the body's clerk, the desk on the day, and the promise on the asker's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page

from data import places, record, roster
from data.db import County, Db, set_up
from data.demo.receptions import MadeUpBooking, keep
from data.receipts import Slip
from data.roster import NewLine
from data.rows import NewCase
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, DESK, TOWNSHIPS
from wording import t

from .axe import grave

pytestmark = pytest.mark.browser

WORD = "青山绿水"
PROMISE = "三月底以前调解一次。"
OPERATOR = Scope.operator()


def zh(key: str) -> str:
    return t(f"reception.{key}", "zh")


@pytest.fixture
def county(tmp_path: Path) -> Db:
    """A demo county with a session ten days ahead and one yesterday, which is open whatever the
    hour of the test."""
    url = f"sqlite:///{tmp_path}/zaojie.db"
    db = Db.open(Settings(database=url, keys=tmp_path / "keys.json"))
    set_up(db, County("demo", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022",
                      "township", None))  # fmt: skip
    places.save_offices(db, OPERATOR, BODIES, TOWNSHIPS)
    today = db.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    line = NewLine(today, "09:00", "11:30", "county_head", None, "接待大厅", 6)
    days = (today - dt.timedelta(days=1), today + dt.timedelta(days=10))
    roster.add(db, OPERATOR, [NewLine(**(vars(line) | {"day": day})) for day in days])
    return db


def register(db: Db) -> Slip:
    new = NewCase(
        "990000001000", None, db.now() - dt.timedelta(days=3), "labour", "unpaid_wages", "redress",
        "desk", "ordinary", "b01", "东郊工地三个月工资没有发放。",
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return slip


def test_from_the_booking_to_the_promise(
    county: Db, server: Callable[..., str], browser: Browser, visit: Callable
) -> None:  # type: ignore[type-arg]
    slip = register(county)
    base = server(str(county.engine.url))
    narrow = browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="zh-CN"
    )
    asker = narrow.new_page()
    asker.set_default_timeout(60_000)
    _open(asker, base, slip)
    _set_word(asker)
    _press(asker, zh("asker.open"))
    assert asker.locator("h1").inner_text().startswith(zh("asker.title"))
    _press(asker, zh("asker.do_book"))  # nothing was picked
    assert zh("error.pick") in asker.locator(".errors").inner_text()
    asker.get_by_role("radio").first.focus()
    asker.keyboard.press("Space")
    _press(asker, zh("asker.do_book"))
    assert zh("done.book") in asker.inner_text("main")
    assert _overflow(asker) is False
    _looks_right(browser, asker)
    asker.get_by_text(zh("asker.cancel"), exact=True).focus()
    asker.keyboard.press("Enter")
    asker.get_by_label(t("public.rate.word", "zh")).fill(WORD)
    _press(asker, zh("asker.do_cancel"))
    assert zh("done.cancel") in asker.inner_text("main")
    _press(asker, zh("asker.undo"))
    assert zh("done.undo") in asker.inner_text("main")

    other = register(county)  # of the session that is over
    keep(county, OPERATOR, [
        MadeUpBooking(other.case_id, 1, 2, county.now() - dt.timedelta(days=9))
    ], [])  # fmt: skip
    desk = visit(base).enter_as("supervisor")
    desk.goto(f"{base}/reception?lang=zh")
    desk.get_by_role("button", name=zh("desk.open")).click()
    desk.get_by_text(other.case_id).first.wait_for()
    assert slip.case_id not in desk.inner_text("body")
    desk.get_by_role("textbox", name=zh("record.case")).fill(other.case_id)
    desk.keyboard.press("Enter")
    desk.get_by_label(zh("record.step")).first.click()
    desk.get_by_role("option", name=t("assignments.step.mediate", "zh")).click()
    desk.get_by_label(zh("record.words")).fill(PROMISE)
    desk.keyboard.press("Tab")
    desk.get_by_role("button", name=zh("record.button"), exact=True).click()
    desk.locator(".st-key-zjwide_promises [data-testid=stDataFrame]").wait_for()
    clerk = visit(base).enter_as("department_clerk")
    clerk.goto(f"{base}/worklist?lang=zh")
    clerk.get_by_text(zh("list.said")).wait_for(state="attached")

    _open(asker, base, other)
    assert PROMISE in asker.inner_text("main")
    assert t("assignments.origin.reception", "zh") in asker.inner_text("main")
    narrow.close()


def _open(page: Page, base: str, slip: Slip) -> None:
    page.goto(f"{base}/s?lang=zh")
    page.fill("#code", slip.code)
    page.keyboard.press("Enter")
    page.get_by_text(slip.case_id).first.wait_for()


def _set_word(page: Page) -> None:
    page.fill("#word", WORD)
    page.fill("#word-again", WORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name=t("public.done.back", "zh")).click()


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _overflow(page: Page) -> bool:
    """Whether the page is wider than the window; boxes are measured, no script runs in it."""
    box = page.locator("main").bounding_box()
    assert box is not None
    return box["x"] + box["width"] > 320


def _looks_right(browser: Browser, shown: Page) -> None:
    """axe-core on the same HTML, in a window of its own where a script may run."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(shown.content())
    assert grave(page) == []
    context.close()
