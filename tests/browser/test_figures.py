"""The public figures in a real browser: 320 px, no script, keyboard only, both languages; axe-core
finds nothing serious, with all tables unfolded."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page

from data import publications
from data.db import Db
from data.scope import Scope
from tests.reports.monthly_county import publication
from wording import t

from .axe import grave
from .test_asker import NARROW, asked, is_plain

pytestmark = pytest.mark.browser

__all__ = ["asked"]
MONTH = "2026-10"
FOCUSED = "document.activeElement.getAttribute('data-n')"
NUMBER = "all => all.forEach((one, n) => one.setAttribute('data-n', n))"


@pytest.fixture(scope="module")
def published(asked: tuple[str, Db]) -> str:
    """The pages of a county that published two months: trend, funnel and covered tables."""
    base, db = asked
    for n, month in ((1, "2026-09"), (0, MONTH)):
        content = publication(4 + n, 900, month, repeats=1 - n)[0]
        publications.save(db, Scope.operator(), month, json.dumps(content, ensure_ascii=False))
    return base


def reached(page: Page) -> set[str]:
    """Numbers of the elements that the Tab key comes to, once around the page."""
    found: set[str] = set()
    for _ in range(100):
        page.keyboard.press("Tab")
        number = page.evaluate(FOCUSED)
        if number in found:
            break
        if number is not None:
            found.add(number)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_are_read_at_320_px_by_keyboard_without_script(
    published: str, browser: Browser, language: str
) -> None:
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    foreign: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(published) else foreign.append(r.url))
    page = context.new_page()
    page.goto(f"{published}/s?lang={language}")
    page.get_by_role("link", name=t("figures.link", language)).click()
    page.wait_for_url("**/s/figures?*")
    is_plain(page)
    page.locator("main li a").first.click()
    page.wait_for_url(f"**/s/figures/{MONTH}?*")
    is_plain(page)
    assert page.locator("figure svg").count() == 3
    targets = page.locator("a[href], summary")
    targets.evaluate_all(NUMBER)
    assert reached(page) == {str(n) for n in range(targets.count())}
    closed = page.locator("details:not([open])").count()
    page.locator("details[open] > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details:not([open])").count() == closed + 1
    assert context.cookies() == []
    assert foreign == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_core_finds_nothing_serious_in_the_figures(
    published: str, browser: Browser, language: str
) -> None:
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for path in ("/s/figures", f"/s/figures/{MONTH}"):
        page.goto(f"{published}{path}?lang={language}")
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        is_plain(page)
        found[path] = grave(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert len(found) == 2
    context.close()
