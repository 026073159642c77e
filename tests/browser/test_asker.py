"""The asker's walk in a real browser: 320 px, no script, keyboard only, both languages; axe-core
finds nothing serious; the case prints on one sheet."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from casework import adapter
from casework.calendar import load_calendar
from casework.pack import load
from data import places, record
from data.db import Db, set_up
from data.history import NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, DESK, LABOUR, ROOT, SUPERVISOR, TOWNSHIPS, free_port
from wording import t

from .axe import grave

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
JUDGE = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), COUNTY.zone)
WORD = {"zh": "青山绿水", "en": "green hills"}
ANSWER = {
    "request": "诉求人要求支付三个月工资。",
    "facts": "经核查，工地欠发三名工人二〇二五年十一月至二〇二六年一月工资，用人单位已书面承认。",
    "opinion": "责令用人单位十日内付清；逾期不付的，依法加付赔偿金。",
    "basis": "《保障农民工工资支付条例》第三条、第五十三条。",
    "remedy": "对本答复不服的，可自收到之日起三十日内申请复查。",
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Db]]:
    """The resident's pages as a process of their own, and the record behind them."""
    folder = tmp_path_factory.mktemp("asker")
    url = f"sqlite:///{folder}/zaojie.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    set_up(db, COUNTY)
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    port = free_port()
    command = ["--factory", "public.alone:from_env", "--port", str(port), "--no-access-log"]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *command],
            cwd=ROOT,
            env={
                **os.environ,
                "ZAOJIE_DATABASE": url,
                "ZAOJIE_KEYS": str(folder / "keys.json"),
                "ZAOJIE_VAR": str(folder),
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    base, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while not _is_up(base):
        assert process.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < until, log.read_text("utf-8", "replace")
        time.sleep(0.2)
    yield base, db
    process.terminate()
    process.wait(20)
    db.engine.dispose()


def _is_up(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/s", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def register(db: Db) -> Slip:
    new = NewCase(
        "990000001000", None, db.now() - dt.timedelta(days=3), "labour", "unpaid_wages", "redress",
        "desk", "ordinary", "b01", "东郊工地三个月工资没有发放，多次催要没有结果。",
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    return slip


def office(db: Db, slip: Slip, event: str, **values: object) -> None:
    record.add_event(db, LABOUR, slip.case_id, NewEvent(event, **values), JUDGE)  # type: ignore[arg-type]


def answered(db: Db) -> Slip:
    """A case of fourteen events: passed on, objected to, extended, mediated, answered."""
    slip = register(db)
    told = {"said": "已用短信告知。"}
    reason = {"reason": "属于本单位职责，当日转办。"}
    record.add_event(
        db, DESK, slip.case_id,
        NewEvent("transferred", to_body_id="b01", code="by_task", words=reason), JUDGE,
    )  # fmt: skip
    office(db, slip, "objected", words={"reason": "工地属于住建项目，不属本单位职责。"})
    upheld = {"to_body_id": "b01", "code": "by_task", "words": {"reason": "欠薪由人社局办理。"}}
    record.add_event(db, SUPERVISOR, slip.case_id, NewEvent("transferred", **upheld), JUDGE)
    office(db, slip, "accepted", words={"note": "依法受理。"})
    office(db, slip, "notified", words=told)
    office(db, slip, "contacted", words={"note": "电话联系，核对工资条和考勤记录。"})
    office(db, slip, "extended", days=30, code="complex", words={"reason": "等待审计。"})
    office(db, slip, "notified", words=told)
    day = db.now().date() + dt.timedelta(days=5)
    office(db, slip, "mediated", code="arranged", planned_on=day, words={"note": "约定调解。"})
    office(db, slip, "mediated", code="unsettled", words={"note": "双方没有达成一致。"})
    office(db, slip, "answered", words=ANSWER)
    office(db, slip, "delivered", words={"said": "当面送达。"})
    return slip


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus: what no key reaches fails here."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"no key reaches {selector}")


def is_plain(page: Page) -> None:
    """What holds of every page at 320 px."""
    assert page.locator("script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.locator("h1").count() == 1


def follow(page: Page, selector: str) -> None:
    """Press a button and wait for the page it leads to."""
    with page.expect_navigation():
        page.click(selector)


def typed(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.insert_text(text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_receipt_to_the_review_by_keyboard_without_script(
    asked: tuple[str, Db], browser: Browser, language: str
) -> None:
    base, db = asked
    slip = register(db)

    def said(key: str, **values: object) -> str:
        return t(f"public.{key}", language, **values)

    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    foreign: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(base) else foreign.append(r.url))
    page = context.new_page()

    def opened() -> str:
        page.goto(f"{base}/s?lang={language}")
        is_plain(page)
        typed(page, "#code", slip.code.lower())
        page.keyboard.press("Enter")
        page.wait_for_url("**/s/case")
        is_plain(page)
        return page.inner_text("main")

    shown = opened()
    assert said("first.title") in shown
    assert said("stage.undecided") in shown
    typed(page, "#word", WORD[language])
    typed(page, "#word-again", WORD[language])
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/word")
    is_plain(page)
    assert said("done.word_set.title") in page.inner_text("h1")

    office(db, slip, "accepted")
    office(db, slip, "answered", words=ANSWER)
    office(db, slip, "delivered", words={"said": "当面送达。"})
    shown = opened()
    assert said("stage.answered") in shown
    for words in ANSWER.values():
        assert words in shown
    tab_to(page, "form:has(input[value=not_solved]) button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/say")
    is_plain(page)
    assert said("done.not_solved.title") in page.inner_text("h1")
    tab_to(page, "main form[action$='/s/case'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/case")
    assert said("stage.reopened") in page.inner_text("main")

    tab_to(page, "form:has(input[value=review_requested]) button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/say")
    is_plain(page)
    assert said("done.review_requested.title") in page.inner_text("h1")
    reviewer = {"zh": "复查办", "en": "Review Office"}[language]
    assert said("done.due", body=reviewer) in page.inner_text("main")
    assert said("stage.review") in opened()

    for path in ("/s/about", "/s"):
        page.goto(f"{base}{path}?lang={language}")
        is_plain(page)
    assert context.cookies() == []
    assert foreign == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_not_told_a_correction_and_a_withdrawal_by_keyboard_without_script(
    asked: tuple[str, Db], browser: Browser, language: str
) -> None:
    base, db = asked
    slip = register(db)
    office(db, slip, "accepted")

    def said(key: str, **values: object) -> str:
        return t(f"public.{key}", language, **values)

    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    page = context.new_page()

    def pressed(selector: str, path: str) -> str:
        tab_to(page, selector)
        with page.expect_navigation(url=f"**/s/{path}"):  # the address may stay the same
            page.keyboard.press("Enter")
        is_plain(page)
        return page.inner_text("main")

    def back() -> str:
        return pressed("main form[action$='/s/case'] button", "case")

    page.goto(f"{base}/s?lang={language}")
    typed(page, "#code", slip.code)
    pressed("main form button", "case")
    typed(page, "#word", WORD[language])
    typed(page, "#word-again", WORD[language])
    pressed("form:has(#word) button", "word")
    back()

    tab_to(page, "#about")
    page.keyboard.press("ArrowDown")
    shown = pressed("form:has(#about) button", "say")
    assert said("done.not_told.title") in shown
    assert said("told.of", event=t("words.event.accepted", language)) in back()

    pressed("form[action$='/s/correct'] button", "correct")
    tab_to(page, "#place")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    shown = pressed("form:has(#place) button", "correct")
    assert said("done.correction.title") in shown
    assert said("correct.waits") in back()

    shown = pressed("form[action$='/s/withdraw'] button", "withdraw")
    assert said("withdraw.title") in shown
    pressed("main form[action$='/s/withdraw'] button", "withdraw")
    assert page.locator("[aria-invalid=true]").count() == 1
    tab_to(page, "input[name=reason]")
    page.keyboard.press("Space")
    typed(page, "#word", WORD[language])
    shown = pressed("main form[action$='/s/withdraw'] button", "withdraw")
    assert said("done.withdrawal_asked.title") in shown
    back()
    shown = pressed("form:has(input[value=withdrawal_undone]) button", "say")
    assert said("done.withdrawal_undone.title") in shown
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_core_finds_nothing_serious(
    asked: tuple[str, Db], browser: Browser, language: str
) -> None:
    base, db = asked
    slip = answered(db)
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def check(name: str) -> None:
        is_plain(page)
        found[name] = grave(page)

    def enter() -> None:
        page.goto(f"{base}/s?lang={language}")
        page.fill("#code", slip.code)
        follow(page, "main form button")

    page.goto(f"{base}/s?lang={language}")
    check("start")
    page.fill("#code", "AAAA")
    follow(page, "main form button")
    check("a slip of typing")
    page.goto(f"{base}/s/about?lang={language}")
    check("about")
    page.goto(f"{base}/s/roster?lang={language}")
    check("roster")
    enter()
    check("first opening")
    page.fill("#word", WORD[language])
    page.fill("#word-again", WORD[language])
    follow(page, "form:has(#word) button")
    check("done")
    enter()
    for details in page.locator("details").all():
        details.locator("summary").click()
    check("case, all unfolded")
    follow(page, "form[action$='/s/correct'] button")
    check("correct")
    enter()
    follow(page, "form:has(input[value=not_solved]) button")
    enter()
    follow(page, "form[action$='/s/withdraw'] button")
    check("withdraw")
    follow(page, "form[action$='/s/withdraw'] button")
    check("withdraw, wrong")
    follow(page, "main form[action$='/s/case'] button")
    follow(page, "form[action$='/s/correct'] button")
    follow(page, "form:has(#place) button")
    check("correct, wrong")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) == 11
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_typical_case_prints_on_one_sheet(
    asked: tuple[str, Db], browser: Browser, language: str
) -> None:
    base, db = asked
    slip = answered(db)
    context = browser.new_context()
    page = context.new_page()
    for _ in range(2):
        page.goto(f"{base}/s?lang={language}")
        page.fill("#code", slip.code)
        follow(page, "main form button")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    sheets = PdfReader(io.BytesIO(printed)).pages
    assert len(sheets) == 1, sheets[1].extract_text()
    assert slip.case_id in sheets[0].extract_text()
    office_name = {"zh": "人社局", "en": "Labour Bureau"}[language]
    assert t("public.turns.objected", language, body=office_name) in page.inner_text("main")
    context.close()
