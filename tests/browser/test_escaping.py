"""What strangers typed does nothing on any page: not to staff, not to residents, not in a map."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from data import places, record
from data.accounts import add_account
from data.db import County, Db, set_up
from data.history import ANSWER_PARTS, NewEvent
from data.scope import Scope
from settings import Settings
from tests.access.tricks import ALL, NAMES
from tests.conftest import BODIES, DESK, LABOUR, TOWNSHIPS
from tests.rules.conftest import anything, layer
from tests.service.test_hostile_clerk import plain_case
from ui.menu import PAGES
from wording import t

pytestmark = pytest.mark.browser

HARM = """() => ({
  ran: window.pwned !== undefined,
  made: document.querySelectorAll('#pwned, img[src*="evil"], a[href*="evil"]').length,
  links: [...document.querySelectorAll('a')].filter(a => a.href.startsWith('javascript:')).length,
})"""
NONE = {"ran": False, "made": 0, "links": 0}


def named(table, columns=("name_zh", "name_en")):
    """The same table, every name a trick."""
    table = table.copy()
    for column in columns:
        table[column] = [NAMES[n % len(NAMES)] + str(n) for n in range(len(table))]
    return table


@pytest.fixture(scope="module")
def county(folder: Path, shared_server: Callable[..., str]) -> tuple[str, str, str]:
    """The server of a demo county in which every name and every text is a trick; a case's number
    and code."""
    url = f"sqlite:///{folder}/zaojie.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    facts = ("Asia/Shanghai", "cn_xinfang_2022", "township", None)
    set_up(db, County("demo", NAMES[0], NAMES[1], *facts))
    operator = Scope.operator()
    places.save_offices(db, operator, named(BODIES), named(TOWNSHIPS))
    places.save_areas(db, operator, named(layer()), dt.date(2020, 1, 1))
    case = plain_case(db.now() - dt.timedelta(days=1))
    made = record.register(db, DESK, type(case)(**{**vars(case), "summary": ALL}))
    for step in ("accepted", "contacted"):
        new = NewEvent(step, words={"note": ALL})
        record.add_event(db, LABOUR, made.case_id, new, anything)
    words = dict.fromkeys(ANSWER_PARTS, ALL)
    record.add_event(db, LABOUR, made.case_id, NewEvent("answered", words=words), anything)
    add_account(db, operator, NAMES[1], "leader", None)
    assert made.slip is not None
    db.engine.dispose()
    return shared_server(url), made.case_id, made.slip.code


def harm(page: Page) -> list[dict]:
    """What was done, in the page and every frame of it."""
    return [found for frame in page.frames if (found := frame.evaluate(HARM)) != NONE]


LOOKED_AT = {
    "supervisor": tuple(entry.name for entry in PAGES if "supervisor" in entry.roles),
    "department_clerk": ("case",),
    "township_clerk": ("register",),
    "administrator": ("accounts", "audit"),
}
"""Every page that shows a name or a text, once, in a role that sees most of it."""


def test_no_trick_does_anything_on_a_staff_page(county, visit):
    base, case_id, _ = county
    for role, names in LOOKED_AT.items():
        seen = visit(base)
        seen.enter_as(role)
        for name in names:
            page = seen.open(f"/{name}?lang=en&case={case_id}")
            page.wait_for_selector("h1")
            page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
            if role == "department_clerk":
                page.get_by_role("button", name=t("casepage.text.open", "en")).click()
                page.get_by_text("window.pwned=1").first.wait_for()
            assert harm(page) == [], (role, name)
        assert seen.foreign == []


def test_no_trick_does_anything_on_the_askers_pages(county, visit):
    base, _, code = county
    seen = visit(base)
    for path in ("/s", "/s/rules", "/s/figures", "/sign-in"):
        assert harm(seen.open(path)) == [], path
    page = seen.open("/s")
    page.fill("input[name=code]", code)
    page.click("form button")
    assert "<img src=x onerror=window.pwned=1>" in page.inner_text("main")
    assert re.search(r"\{\{7\*7\}\}", page.inner_text("main")), "no template is run over it"
    assert harm(page) == []
    assert seen.foreign == []
    page.set_content(ALL)
    assert harm(page) != [], "what is looked for here would be found"
