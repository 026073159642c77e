"""In a real browser: the supervisor plans a backlog case, its asker reads the plan; an answer came
back, the body and the supervisor look back at it, its asker reads both."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from data import places, record
from data.db import Db, set_up, utc_now
from data.history import ANSWER_PARTS, NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, DESK, LABOUR, TOWNSHIPS
from wording import formats, t

from .hands import settled

pytestmark = pytest.mark.browser

AGO = dt.timedelta(days=100)


def anything(history: object, event: object) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def county(tmp_path: Path) -> tuple[str, Path, Slip, Slip]:
    """A demo county with a case accepted a hundred days ago, and an answer that came back."""
    url, keys = f"sqlite:///{tmp_path}/zaojie.db", tmp_path / "keys.json"
    db = Db.open(Settings(database=url, keys=keys, var=tmp_path))
    set_up(db, dataclasses.replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    then = dataclasses.replace(db, now=lambda: utc_now() - AGO)

    def register(at: Db) -> Slip:
        new = NewCase(
            "990000001000", None, at.now(), "labour", "unpaid_wages", "redress", "desk", "ordinary",
            "b01", "东郊工地三个月工资没有发放。",
        )  # fmt: skip
        slip = record.register(at, DESK, new).slip
        assert slip is not None
        return slip

    old = register(then)
    record.add_event(then, LABOUR, old.case_id, NewEvent("accepted"), anything)
    back = register(db)
    words = dict.fromkeys(ANSWER_PARTS, "已责令付清。")
    for scope, event in ((LABOUR, NewEvent("answered", words=words)),
                         (Scope(back.case_id, "resident"), NewEvent("not_solved"))):  # fmt: skip
        record.add_event(db, scope, back.case_id, event, anything)
    db.engine.dispose()
    return url, keys, old, back


def choose(box: Locator, choice: str) -> None:
    """Choose from one of Streamlit's select boxes."""
    field = box.get_by_role("combobox")
    field.click()
    field.fill(choice)
    box.page.get_by_role("option", name=choice).first.click()


def type_day(box: Locator, day: dt.date) -> None:
    """A day typed into one of Streamlit's date fields."""
    box.get_by_role("spinbutton").first.click()
    box.page.keyboard.type(f"{day:%Y%m%d}")
    box.page.keyboard.press("Escape")


def pick_first(page: Page) -> None:
    """Pick the first row of the table on the page by its box, drawn on a canvas."""
    table = page.locator("[data-testid=stDataFrame]").first
    table.wait_for()
    settled(page)
    table.click(position={"x": 14, "y": 52})


def as_asker(visit: Callable, base: str, slip: Slip) -> str:
    """What the asker reads on a small phone, without script."""
    page = visit(base, width=320, height=640).open("/s")
    page.fill("input[name=code]", slip.code)
    page.click("form button")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    return str(page.inner_text("main"))


def test_a_plan_and_two_looks_back_reach_the_asker(county, server, visit):
    url, keys, old, back = county
    base = server(url, ZAOJIE_KEYS=str(keys))

    # backlog by itself: nobody put it there, and its asker is told that a plan is owed
    assert t("backlog.asker.owed", "zh") in as_asker(visit, base, old)
    supervisor = visit(base)
    supervisor.enter_as("supervisor")
    page = supervisor.open("/backlog")
    page.get_by_text(t("backlog.page.list", "zh"), exact=True).wait_for()
    pick_first(page)
    form = page.locator("[data-testid=stForm]")
    form.wait_for()

    # what is missing is said, and nothing is lost
    form.get_by_role("button", name=t("backlog.form.save", "zh")).click()
    page.get_by_text(t("backlog.error.no_post", "zh")).wait_for()
    boxes, days = (
        form.locator("[data-testid=stSelectbox]"),
        form.locator("[data-testid=stDateInput]"),
    )
    day = dt.date.today() + dt.timedelta(days=20)
    choose(boxes.nth(0), t("roster.post.deputy_county_head", "zh"))
    type_day(days.nth(0), day)
    choose(boxes.nth(1), t("backlog.step.answer", "zh"))
    type_day(days.nth(1), day)
    form.get_by_role("button", name=t("backlog.form.save", "zh")).click()
    page.get_by_text(t("backlog.form.made", "zh")).wait_for()
    shown = as_asker(visit, base, old)
    for words in (t("roster.post.deputy_county_head", "zh"), formats.day(day, "zh"),
                  t("backlog.step.answer", "zh")):  # fmt: skip
        assert words in shown
    assert t("backlog.asker.owed", "zh") not in shown

    # the body that answered looks back first, the supervisor after it
    for role, handled, because in (("department_clerk", "promise_not_done", "promised_day_passed"),
                                   ("supervisor", "facts_not_checked", "facts_wrong")):  # fmt: skip
        looker = visit(base)
        looker.enter_as(role)
        page = looker.open("/held")
        pick_first(page)
        form = page.locator("[data-testid=stForm]")
        choose(
            form.locator("[data-testid=stSelectbox]").nth(0), t(f"backlog.handled.{handled}", "zh")
        )
        choose(
            form.locator("[data-testid=stSelectbox]").nth(1),
            t(f"backlog.came_back.{because}", "zh"),
        )
        form.get_by_role("button", name=t("backlog.held.save", "zh")).click()
        page.get_by_text(t("backlog.held.saved", "zh")).wait_for()
        assert looker.foreign == []
        shown = as_asker(visit, base, back)
        assert t(f"backlog.handled.{handled}", "zh") in shown
        assert t(f"backlog.came_back.{because}", "zh") in shown
