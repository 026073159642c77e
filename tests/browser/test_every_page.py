"""Every staff page as it is read: on a wide screen and on a phone, by a screen reader, by keyboard.

One county and one server; a size is one test, since signing in and a page's first figures cost more
than looking at it. What is found is said with the page's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from data import accounts
from data.db import Db
from service.demo import make_demo
from settings import Settings
from ui.guard import COOKIE
from ui.menu import PAGES
from wording import t

from .axe import findings
from .conftest import Visit
from .hands import settled
from .journeys.frame import PHONE, SIZES

pytestmark = pytest.mark.browser

KNOWN = [
    ("list", '[data-testid="stSidebarNavItems"]'),
    ("listitem", '[data-testid="stSidebarNavItems"] li'),
    ("color-contrast", '[data-testid="stWidgetLabel"][disabled] *'),
]
"""What axe-core finds in Streamlit's own markup, as docs/accessibility.md lists it."""
WHO = ("supervisor", "administrator", "township_clerk")
"""Each page is looked at by the first of them that has it."""
AS_CLERK = ("worklist", "case", "filing")
"""Pages that are others for a clerk."""
IN_ENGLISH = ("overview", "worklist", "register", "case", "report", "accounts")
ON_A_PHONE = ("overview", "worklist", "register", "case", "filing", "map")
"""Looked at by axe-core at 390 px as well: those that are built in another way there."""
MOST_SHIFT = 0.1
"""Layout shift of a page while it loads: up to here it is called good (web.dev/cls)."""
SHIFTS = """
window.zjMoved = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.hadRecentInput) continue;
    const nodes = one.sources.map(({node}) => node && (node.outerHTML || "").slice(0, 90));
    window.zjMoved.push([one.startTime, one.value, ...nodes]);
  }
}).observe({type: "layout-shift", buffered: true});
"""
WIDER = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
  .map((one) => one.scrollWidth - one.clientWidth).reduce((a, b) => Math.max(a, b))"""
SMALL = """() => [...document.querySelectorAll(
    "[data-testid=stHtml] :is(a, button, summary, input, select, [tabindex='0']), .zj-skip:focus")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.right > 0 && box.height && (box.width < 24 || box.height < 24))
  .map(([one, box]) => `${Math.floor(box.width)}x${Math.floor(box.height)} ` +
    one.outerHTML.slice(0, 90))
"""
OUTSIDE = """() => [...document.querySelectorAll("[data-testid=stMain] [data-testid=stHtml] *")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.innerText)
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.left < -1 && box.right > 1)
  .map(([one, box]) => one.outerHTML.slice(0, 90))"""
NUMBERED = """() => {
  window.zjSeen = new Set();
  window.zjDim = [];
  const ours = [...document.querySelectorAll(`[data-testid=stMain] :is(a[href], button, summary,
    input, textarea, [tabindex='0']), [data-testid=stSidebar] :is(a[href], button)`)];
  window.zjOurs = ours.filter((one) => one.tabIndex >= 0 && !one.disabled
    && one.checkVisibility({visibilityProperty: true}) && !one.closest("[role=radiogroup]"));
}"""
"""What a key should come to; of a group of radios the arrows reach the others."""
TABBED = """() => {
  const at = document.activeElement;
  if (at === document.body) return true; // past the end, before the beginning
  const isIn = window.zjSeen.has(at); // in a data table Tab goes from cell to cell first
  if (isIn) return at === window.zjLast;
  window.zjSeen.add(window.zjLast = at);
  const look = getComputedStyle(at);
  if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2)
    window.zjDim.push(at.outerHTML.slice(0, 120));
  return true;
}"""
MISSED = """() => window.zjOurs.filter((one) => one.isConnected && !window.zjSeen.has(one))
  .map((one) => one.outerHTML.slice(0, 160))"""
MOST_TABS = 400
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def role_of(name: str) -> str:
    """Who looks at a page."""
    roles = next(entry.roles for entry in PAGES if entry.name == name)
    return next(role for role in WHO if role in roles)


def walks() -> Iterator[tuple[str, list[str]]]:
    """Each role with the pages it looks at; every page is one of somebody's."""
    for role in WHO:
        own = [entry.name for entry in PAGES if role_of(entry.name) == role]
        yield role, [*own, *(AS_CLERK if role == "township_clerk" else ())]


@pytest.fixture(scope="module")
def made(folder: Path, shared_server: Callable[..., str]) -> Iterator[tuple[str, Db]]:
    """The address of a server of a small demo county, and its record."""
    url, keys = f"sqlite:///{folder}/demo.db", folder / "keys.json"
    db = Db.open(Settings(database=url, keys=keys))
    make_demo(db, grids=24, townships=2, cases_per_year=300, years=1)
    yield shared_server(url), db
    db.engine.dispose()


@pytest.fixture(scope="module")
def served(made: tuple[str, Db]) -> str:
    """The address of its server."""
    return made[0]


class Look:
    """Somebody who goes through pages at one size and notes what is not as it should be."""

    def __init__(self, seen: Visit, size: str, language: str) -> None:
        self.seen, self.size, self.language = seen, size, language
        self.page: Page = seen.page
        self.page.add_init_script(SHIFTS)
        self.case = ""
        self.found: list[str] = []

    def as_(self, role: str) -> None:
        self.role = role
        self.seen.enter_as(role, self.language)

    def open(self, name: str) -> None:
        """The page of that name, drawn; a case is the first one of the work list before it."""
        more = f"&case={self.case}" if name == "case" else ""
        self.seen.open(f"/{name}?lang={self.language}{more}")
        self.page.get_by_role("heading", level=1).first.wait_for()
        settled(self.page)
        if name == "worklist":
            way = self.page.locator(".zj-blocks a").first.get_attribute("href") or ""
            self.case = way.split("case=")[1]

    def note(self, name: str, what: str) -> None:
        self.found.append(f"{self.size} {self.language} {self.role} {name}: {what}")

    def reads(self, name: str) -> None:
        """One heading, as of when and of whom, no day as programs write it."""
        page = self.page
        if (count := page.locator("h1").count()) != 1:
            self.note(name, f"{count} headings of level 1")
        head = page.locator("#zj-content").inner_text()
        for key in ("ui.head.as_of", "ui.head.scope", f"ui.{name}.purpose"):
            if t(key, self.language) not in head:
                self.note(name, f"the head lacks {key}")
        if self.language == "zh" and (days := DAY.findall(page.locator("body").inner_text())):
            self.note(name, f"days {days[:3]}")

    def is_heard(self, name: str) -> None:
        """Nothing serious or critical by axe-core in our own markup."""
        for one in findings(self.page, KNOWN):
            if not one.selector:
                self.note(name, f"{one.rule} {one.html}")

    def fits(self, name: str) -> None:
        """Nothing is wider than the screen or too small for a finger."""
        if (wider := self.page.evaluate(WIDER)) > 1:
            self.note(name, f"{wider} px wider than the screen")
        for one in self.page.evaluate(SMALL):
            self.note(name, f"small {one}")
        for one in self.page.evaluate(OUTSIDE):
            self.note(name, f"cut at the left {one}")

    def stays(self, name: str) -> None:
        """What was drawn did not jump while the rest came."""
        moved = self.page.evaluate("window.zjMoved")
        if (worst := shift(moved)) >= MOST_SHIFT:
            self.note(name, f"moved by {worst:.2f}: {moved}")


def shift(moved: list[list[Any]]) -> float:
    """Cumulative layout shift: the most within a window that ends after a second of rest, or after
    five (web.dev/cls)."""
    worst = sum_here = first = last = 0.0
    for at, value, *_ in moved:
        if at - last > 1000 or at - first > 5000:
            sum_here, first = 0.0, at
        sum_here, last = sum_here + value, at
        worst = max(worst, sum_here)
    return worst


def look(visit: Callable[..., Visit], base: str, size: str, language: str = "zh") -> Look:
    more = PHONE if size == "phone" else {}
    return Look(visit(base, *SIZES[size], bypass_csp=True, **more), size, language)


@pytest.mark.timeout(900)  # some thirty pages, on a machine that may be busy
def test_every_page_reads_well_on_a_wide_screen(served: str, visit: Callable[..., Visit]) -> None:
    by = look(visit, served, "desktop")
    for role, names in walks():
        by.as_(role)
        for name in names:
            by.open(name)
            by.reads(name)
            by.stays(name)
            by.is_heard(name)
    assert not by.found, "\n".join(by.found)


@pytest.mark.timeout(900)  # some thirty pages, on a machine that may be busy
def test_every_page_fits_a_phone(served: str, visit: Callable[..., Visit]) -> None:
    by = look(visit, served, "phone")
    for role, names in walks():
        by.as_(role)
        for name in names:
            by.open(name)
            by.reads(name)
            by.fits(name)
            by.stays(name)
            if name in ON_A_PHONE:
                by.is_heard(name)
    assert not by.found, "\n".join(by.found)


def test_pages_read_well_in_english(served: str, visit: Callable[..., Visit]) -> None:
    by = look(visit, served, "desktop", "en")
    for role, names in walks():
        by.as_(role)
        for name in names:
            if name in IN_ENGLISH:
                by.open(name)
                by.reads(name)
                by.is_heard(name)
    assert not by.found, "\n".join(by.found)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate("css => document.activeElement.matches(css)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


def walked_around(by: Look, name: str) -> None:
    """Tab once around the page: everything of ours is reached, and seen to be."""
    page = by.page
    page.evaluate(NUMBERED)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if not page.evaluate(TABBED):
            break
    else:
        by.note(name, "no end of what Tab comes to")
    for one in page.evaluate(MISSED):
        by.note(name, f"no key comes to {one}")
    for one in page.evaluate("window.zjDim"):
        by.note(name, f"focus is not seen on {one}")


def test_pages_are_walked_by_keyboard_alone(served: str, visit: Callable[..., Visit]) -> None:
    by = look(visit, served, "desktop")
    by.as_("supervisor")
    by.open("worklist")
    page = by.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'zj-content'")
    walked_around(by, "worklist")
    for name in ("filing", "case", "report"):
        tab_to(page, f"[data-testid=stSidebarNavLink][href*='/{name}']")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name=t(f"ui.{name}.title", "zh")).wait_for()
        settled(page)
        if name == "case":
            tab_to(page, f"[aria-label='{t('casepage.number', 'zh')}']")
            page.keyboard.type(by.case)
            page.keyboard.press("Enter")
            page.get_by_text(by.case).first.wait_for()
            settled(page)
        walked_around(by, name)
    assert not by.found, "\n".join(by.found)


def test_a_session_that_ended_meanwhile_says_what_became_of_the_press(
    made: tuple[str, Db], visit: Callable[..., Visit]
) -> None:
    base, db = made
    by = look(visit, base, "desktop")
    page = by.page
    presses = {
        # a part of the page that is drawn again by itself
        "map": page.get_by_text(t("map.short.filing", "zh"), exact=True),
        "register": page.get_by_role("button", name=t("register.form.button", "zh")),
    }
    for name, press in presses.items():
        by.as_(role_of(name))
        by.open(name)
        token = next(one["value"] for one in by.seen.context.cookies() if one["name"] == COOKIE)
        accounts.sign_out(db, token)
        press.first.click()
        said = page.locator(".zj-door")
        said.get_by_text(t("states.over_undone", "zh")).wait_for()
        assert page.locator("h1").count() == 0, "nothing of the page is left"
        said.get_by_role("link", name=t("states.sign_in_again", "zh")).click()
        page.wait_for_url("**/sign-in?lang=zh")


def test_a_file_asked_for_after_the_session_ended_is_said_not_to_come(
    made: tuple[str, Db], visit: Callable[..., Visit]
) -> None:
    base, db = made
    by = look(visit, base, "desktop")
    page = by.page
    by.as_("administrator")
    by.open("rules")
    press = page.locator(".st-key-rules_template button")
    with page.expect_download() as came:
        press.click()
    assert came.value.suggested_filename.endswith(".toml")
    token = next(one["value"] for one in by.seen.context.cookies() if one["name"] == COOKIE)
    accounts.sign_out(db, token)
    press.click()
    said = page.get_by_role("alert")
    said.get_by_text(t("states.file_undone", "zh")).wait_for()
    assert page.locator("h1").count() == 0, "nothing of the page is left"
    said.get_by_role("link", name=t("states.sign_in_again", "zh")).click()
    page.wait_for_url("**/sign-in?lang=zh")


def test_a_page_that_takes_its_time_says_so_where_nothing_moves(
    served: str, visit: Callable[..., Visit]
) -> None:
    by = look(visit, served, "phone")
    page, said = by.page, t("states.waiting", "zh")
    held: list[Route] = []
    page.route("**/_stcore/health", lambda route: held.append(route))
    by.seen.open("/sign-in?lang=zh")
    page.click("button[value=supervisor]")
    place = page.get_by_role("status").get_by_text(said)
    place.wait_for()
    for one in held:
        one.continue_()
    page.unroute("**/_stcore/health")
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)
    place.wait_for(state="detached")
    app = page.locator("[data-testid=stApp]")
    app.evaluate("one => { one.dataset.testScriptState = 'running' }")
    place.wait_for()
    app.evaluate("one => { one.dataset.testScriptState = 'notRunning' }")
    place.wait_for(state="detached")
