"""The whole walk in a real browser: a case is registered, opened by its asker, answered by the
office, called not solved; the map shows where answers are owed; the report comes as Word."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, TimeoutError

from data.db import Db
from data.fields import BY_NAME
from service.demo import make_demo
from settings import Settings
from wording import t

pytestmark = pytest.mark.browser

SUMMARY = "东郊工地三个月工资没有发放。"
ANSWER = {
    "request": "诉求人要求支付三个月工资。",
    "facts": "经核查，工地欠发工资属实。",
    "opinion": "责令用人单位十日内支付 <b>全部</b> 欠薪。",
    "basis": "《保障农民工工资支付条例》第三条。",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder}/demo.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    make_demo(db, grids=60, townships=4, cases_per_year=600, years=1)
    db.engine.dispose()
    return url, folder / "keys.json"


def pick(page: Page, label: str, choice: str) -> None:
    """Choose from one of Streamlit's select boxes."""
    box = page.get_by_role("combobox", name=re.compile(f"^{re.escape(label)}|{re.escape(label)}$"))
    option = page.get_by_role("option", name=re.compile(re.escape(choice))).first
    for _ in range(5):  # a rerun that comes late closes the list again
        box.click()
        box.fill(choice)
        try:
            option.click(timeout=10_000)
            return
        except TimeoutError:
            continue
    option.click()


def settled(page: Page) -> None:
    """Wait until the page has been drawn after a rerun."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def test_a_case_goes_from_the_desk_to_the_asker_to_the_office_and_back(demo, server, visit):
    url, keys = demo
    base = server(url, ZAOJIE_KEYS=str(keys))
    visits = []

    # the desk registers for somebody who asks, and hands over the slip
    desk = visit(base)
    visits.append(desk)
    page = desk.enter_as("township_clerk")
    page = desk.open("/register")
    page.wait_for_selector("h1")
    pick(page, BY_NAME["category"].header("zh"), "欠薪")
    settled(page)
    pick(page, BY_NAME["body"].header("zh"), "信访局")
    page.get_by_role("textbox", name=BY_NAME["summary"].header("zh")).fill(SUMMARY)
    page.get_by_role("button", name=t("register.form.button", "zh")).click()
    code = page.locator(".slip .code").first.inner_text()
    number = page.locator(".slip .mono").nth(1).inner_text()

    # the asker opens it, sees every word, and sets a word of their own
    asker = visit(base, width=320, height=640)
    visits.append(asker)
    status = asker.open("/s")
    assert status.locator("script").count() == 0
    status.fill("input[name=code]", code)
    status.click("form button")
    assert SUMMARY in status.inner_text("main")
    assert number in status.inner_text("main")
    assert "信访局" in status.inner_text("main")
    assert status.evaluate("document.documentElement.scrollWidth") <= 320

    # the office accepts and answers with its five parts
    office = visit(base)
    visits.append(office)
    office.enter_as("department_clerk")
    page = office.open(f"/case?case={number}")
    page.wait_for_selector("h1")
    pick(page, t("casepage.form.step", "zh"), t("words.event.accepted", "zh"))
    page.get_by_role("button", name=t("casepage.form.button", "zh")).click()
    done = t("casepage.form.done", "zh", step=t("words.event.accepted", "zh"))
    page.get_by_text(done).wait_for()
    settled(page)
    pick(page, t("casepage.form.step", "zh"), t("words.event.answered", "zh"))
    for part, words in ANSWER.items():
        page.get_by_role("textbox", name=t(f"public.part.{part}", "zh")).fill(words)
    page.get_by_role("button", name=t("casepage.form.button", "zh")).click()
    done = t("casepage.form.done", "zh", step=t("words.event.answered", "zh"))
    page.get_by_text(done).wait_for()

    # the asker reads the answer unchanged and says that it did not solve the matter
    status = asker.open("/s")
    status.fill("input[name=code]", code)
    status.click("form button")
    shown = status.inner_text("main")
    for words in ANSWER.values():
        assert words in shown
    status.get_by_role("button", name=t("public.say.not_solved.button", "zh")).click()
    status = asker.open("/s")
    status.fill("input[name=code]", code)
    status.click("form button")
    assert t("public.stage.reopened", "zh") in status.inner_text("main")

    # the office sees it open again
    page = office.open(f"/case?case={number}")
    page.wait_for_selector("h1")
    page.get_by_text(t("casepage.phase.reopened", "zh")).first.wait_for()

    # the supervisor sees where answers are owed, and takes the report home
    supervisor = visit(base)
    visits.append(supervisor)
    supervisor.enter_as("supervisor")
    page = supervisor.open("/map")
    frame = page.frame_locator("iframe[title*=folium]")
    frame.locator("canvas").first.wait_for()
    page.get_by_text(t("map.short.median_wait", "zh"), exact=True).first.click()
    settled(page)
    page = supervisor.open("/report")
    with page.expect_download() as download:
        page.get_by_role("button", name=t("ui.report.docx", "zh")).click()
    file = docx.Document(io.BytesIO(Path(download.value.path()).read_bytes()))
    text = "\n".join(p.text for p in file.paragraphs)
    assert t("reports.daily.overview.title", "zh") in text
    header = "".join(p.text for p in file.sections[0].header.paragraphs)
    assert "演示" in header

    assert [seen.foreign for seen in visits] == [[] for _ in visits]
