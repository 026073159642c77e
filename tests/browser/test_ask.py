"""Asking online in a real browser: 320 px, no script, keyboard only, from the first page to the
status page; a click on the picture; axe-core finds nothing serious on any page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from data import places
from data.db import Db, set_up
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, TOWNSHIPS
from tests.rules.conftest import GRIDS, TOWNS, layer
from wording import t

from .axe import grave
from .test_asker import NARROW, is_plain, tab_to, typed

pytestmark = pytest.mark.browser

WIDE = {"width": 1440, "height": 900}
SAID = {
    "zh": ("暖气不热", "家里暖气一直不热。我叫王小明，电话13812345678。"),
    "en": ("cold radiators", "The radiators have been cold for weeks. My phone: 13812345678"),
}


@pytest.fixture(scope="module")
def asked(folder: Path, shared_server: Callable[..., str]) -> str:
    """The main application over a county with boundaries, asking online switched on."""
    url = f"sqlite:///{folder}/zaojie.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    set_up(db, COUNTY)
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    places.save_areas(db, Scope.operator(), layer(), dt.date(2020, 1, 1))
    db.engine.dispose()
    return shared_server(url, ZAOJIE_ASK_ONLINE="1")


def press(page: Page, selector: str) -> None:
    """Reach a control by Tab and press it; the next page has come when this returns."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def pick(page: Page, selector: str) -> None:
    """Choose a radio button by keyboard: Tab reaches its group, arrows move within it."""
    name = page.get_attribute(selector, "name")
    tab_to(page, f"input[name={name}]")
    page.keyboard.press("Space")
    for _ in range(40):
        if page.locator(f"{selector}:checked").count():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no key chooses {selector}")


def choose(page: Page, selector: str, value: str) -> None:
    """Choose in a list by keyboard."""
    tab_to(page, selector)
    for _ in range(60):
        if page.input_value(selector) == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no key chooses {value} in {selector}")


def one_walk(page: Page, base: str, language: str, seen: Callable[[], None]) -> str:
    """From the way in to the receipt by keyboard; returns the code."""
    few, text = SAID[language]
    page.goto(f"{base}/s?lang={language}")
    press(page, "main a[href*='/s/ask']")
    seen()
    press(page, "button[value=domain]")
    seen()
    typed(page, "#find", few)
    with page.expect_navigation():
        page.keyboard.press("Enter")  # searches, and does not change the language
    seen()
    pick(page, "#category-heating")
    press(page, "button[value=township]")
    seen()
    choose(page, "#township", TOWNS[0])
    press(page, "button[value=place]")
    seen()
    choose(page, "#village", GRIDS[0][:12])
    press(page, "button[value=grid]")
    seen()
    pick(page, "#number-1")
    press(page, "button[value=text]")
    seen()
    typed(page, "#text", text)
    press(page, "button[value=check]")
    seen()
    assert t("intake.mark.phone", language) in page.inner_text("mark >> nth=-1")
    press(page, "#send")
    seen()
    assert t("ask.receipt.title", language) in page.inner_text("h1")
    return page.inner_text(".slip-code")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_first_page_to_the_status_page_by_keyboard_without_script(
    asked: str, browser: Browser, language: str
) -> None:
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    foreign: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(asked) else foreign.append(r.url))
    page = context.new_page()
    code = one_walk(page, asked, language, lambda: is_plain(page))
    page.goto(f"{asked}/s?lang={language}")
    typed(page, "#code", code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/case")
    shown = page.inner_text("main")
    assert t("public.stage.undecided", language) in shown
    assert "13812345678" not in page.content()
    assert foreign == []
    assert context.cookies() == []
    context.close()


def _to_the_map(context: BrowserContext, base: str) -> Page:
    page = context.new_page()
    page.goto(f"{base}/s/ask?lang=zh")
    page.click("button[value=domain]")
    page.check("#domain-labour")
    page.click("main button[value=category]")
    page.check("#category-unpaid_wages")
    page.click("button[value=township]")
    page.select_option("#township", TOWNS[0])
    page.click("button[value=place]")
    page.wait_for_selector("input.map:visible")
    return page


@pytest.mark.parametrize(("size", "width"), [(NARROW, 288), (WIDE, 640)])
def test_a_click_on_the_picture_finds_the_grid_in_every_window(
    asked: str, browser: Browser, size: dict[str, int], width: int
) -> None:
    for third, grid in enumerate(GRIDS[:3]):
        context = browser.new_context(viewport=size, java_script_enabled=False)
        page = _to_the_map(context, asked)
        shown = page.locator("input.map:visible")
        assert shown.count() == 1
        box = shown.bounding_box()
        assert box is not None
        assert box["width"] == width
        shown.click(position={"x": box["width"] * (0.2 + 0.3 * third), "y": box["height"] / 2})
        page.wait_for_selector(".box")
        assert grid in page.inner_text(".box")
        context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious_on_any_page(asked: str, browser: Browser, language: str) -> None:
    context = browser.new_context(viewport=NARROW, bypass_csp=True)
    page = context.new_page()
    found: list[str] = []

    def look() -> None:
        found.extend(f"{page.url} {page.inner_text('h1')}: {one}" for one in grave(page))

    one_walk(page, asked, language, look)
    page.goto(f"{asked}/s/ask?lang={language}")
    page.click("button[value=domain]")
    page.click("main button[value=category]")
    look()  # with what is wrong at the top
    assert found == []
    context.close()
