"""Journeys of those who register and file: a zero report, a case on the phone, a workbook."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data import filings, receipts
from data.fields import BY_NAME
from data.scope import Scope

from .conftest import Walker
from .county import LABOUR, PASSWORD, START, MadeCounty
from .frame import Walk

pytestmark = pytest.mark.browser

SUPERVISOR = Scope("super", "supervisor")
TEXT = {"zh": "东郊工地三个月工资没有发。", "en": "No wages for three months at the east site."}


def test_a_clerk_files_zero(walker: Walker, county: MadeCounty) -> None:
    walk, desk = walker("zero-filing"), county.desks[walker.turn]
    with walk.step("door", "打开登录页", "Opens the sign-in page"):
        walk.open("/sign-in")
    with walk.step("sign-in", "输入账号和密码，进入待办", "Types login and password"):
        walk.sign_in(county.login("township_clerk", desk), PASSWORD)
    with walk.step("filing", "点“日报送”", "Presses the line about today's filing"):
        walk.press(walk.page.locator(".st-key-to_filing a"))
        walk.sees(walk.t("desks.clerk.held_none"))
    with walk.step("filed", "点“零报告”，看到已报送", "Presses “zero report” and sees it filed"):
        walk.press(walk.button(walk.t("ui.filing.zero"), exact=False))
        walk.told("desks.clerk.saved", "day", "kind", "number")
    kept = filings.read_filings(county.db, SUPERVISOR, START.date(), START.date(), county.db.now())
    assert kept.loc[kept["township_code"] == desk, "kind"].to_list() == ["zero"]
    walk.done(most_presses=4)


def test_a_case_is_registered_and_the_slip_is_shown(
    walker: Walker, county: MadeCounty, tmp_path: Path
) -> None:
    walk = walker("register")
    if walk.is_phone:
        code = _on_the_phone(walk, county)
    else:
        code = _at_the_desk(walk, county, tmp_path)
    opened = receipts.find(county.db, code)
    assert opened is not None
    walk.done(most_presses=18)


def _on_the_phone(walk: Walk, county: MadeCounty) -> str:
    page = walk.page
    with walk.step("sign-in", "登录，看到手机登记页", "Signs in, sees the form for phones"):
        walk.open("/sign-in")
        walk.sign_in(county.login("grid_worker"), PASSWORD)
        page.locator("#find").wait_for()
    with walk.step(
        "matter",
        "问清是否本人提出，选事项和村（社区）",
        "Asks whether they ask, picks matter and village",
    ):
        walk.press(page.locator("input[name=asked][value=yes]"))
        walk.press(page.locator("input[name=asked_how][value=in_person]"))
        walk.choose(page.locator("#category"), "unpaid_wages")
        village = page.locator("#place option").nth(1).get_attribute("value")
        walk.choose(page.locator("#place"), str(village))
        walk.press(page.locator("main form button[value=said]"))
        page.locator("#text").wait_for()
    with walk.step("text", "写下诉求", "Writes what is asked"):
        walk.type(page.locator("#text"), TEXT[walk.language])
        walk.press(page.locator("button[value=check]"))
        page.locator("#send").wait_for()
    with walk.step("slip", "核对后登记，出示回执", "Checks, registers, shows the slip"):
        walk.press(page.locator("#send"))
        page.locator(".code").wait_for()
    return page.inner_text(".code")


def _at_the_desk(walk: Walk, county: MadeCounty, folder: Path) -> str:
    page = walk.page
    with walk.step("sign-in", "登录", "Signs in"):
        walk.open("/sign-in")
        walk.sign_in(county.login("township_clerk", county.desks[-1]), PASSWORD)
    with walk.step("form", "打开登记页", "Opens the register page"):
        walk.menu("register")
    with walk.step("matter", "选事项，写下诉求", "Picks the matter, writes what is asked"):
        named = "欠薪" if walk.language == "zh" else "wages"
        walk.pick(BY_NAME["category"].header(walk.language), named)
        text = page.get_by_role("textbox", name=BY_NAME["summary"].header(walk.language))
        walk.type(text, TEXT[walk.language])
    with walk.step("slip", "登记，得到回执", "Registers and gets the slip"):
        walk.press(walk.button(walk.t("register.form.button")))
        page.locator(".slip .code").first.wait_for()
    with walk.step("print", "下载回执，打印交给群众", "Takes the slip to print it"):
        file = walk.download(walk.button(walk.t("register.slip.print")), folder)
        assert file.read_bytes().startswith(b"%PDF")
    return page.locator(".slip .code").first.inner_text()


def test_a_clerk_corrects_the_annotated_workbook(
    walker: Walker, county: MadeCounty, tmp_path: Path
) -> None:
    walk, desk = walker("workbook"), county.desks[-2]
    page, language = walk.page, walker.run[0]
    before = _registered(county, desk)
    with walk.step("sign-in", "登录", "Signs in"):
        walk.open("/sign-in")
        walk.sign_in(county.login("township_clerk", desk), PASSWORD)
    with walk.step("tab", "打开登记页的“表格”", "Opens the register page's spreadsheet"):
        walk.menu("register")
        walk.press(page.get_by_role("tab", name=walk.t("register.tab.sheet")))
        page.get_by_test_id("stFileUploader").first.wait_for()
    with walk.step("template", "下载模板", "Downloads the template"):
        template = walk.download(walk.button(walk.t("register.sheet.template")), tmp_path)
    sheet = _filled(template, language, desk, walker.turn)
    with walk.step(
        "refused", "上传填好的表，看到哪些行要改", "Uploads the sheet and sees which rows are wrong"
    ):
        walk.upload(sheet)
        walk.press(walk.button(walk.t("register.sheet.check")))
        walk.looks_at(walk.sees(walk.t("register.sheet.mend")))
    with walk.step("annotated", "下载批注后的表", "Downloads the annotated rows"):
        marked = walk.download(walk.button(walk.t("register.sheet.corrections")), tmp_path)
    mended = _mended(marked, language)
    with walk.step(
        "again", "改好后再次上传，全部登记", "Uploads the mended rows; all are registered"
    ):
        walk.press(walk.button(walk.t("register.sheet.next")))
        walk.upload(mended)
        walk.press(walk.button(walk.t("register.sheet.check")))
        walk.sees(walk.t("register.sheet.slips_made"))
        assert not page.get_by_text(walk.t("register.sheet.mend")).count()
    with walk.step("slips", "下载回执", "Downloads the slips"):
        name = walk.t("register.sheet.slips", count=2)
        assert walk.download(walk.button(name), tmp_path).read_bytes().startswith(b"%PDF")
    assert _registered(county, desk) == before + 3
    walk.done(most_presses=18)


def _registered(county: MadeCounty, desk: str) -> int:
    scope = county.scope(desk)
    day = START.date()
    return len(filings.desk_register(county.db, scope, day, day, county.db.now()))


def _filled(template: Path, language: str, desk: str, turn: int) -> Path:
    """The template with one right row, one without a matter and one of tomorrow."""
    book = openpyxl.load_workbook(template)
    row = {
        "opened_at": "2026-11-26 09:30", "township": desk, "body": LABOUR,
        "category": "unpaid_wages",
        "kind": BY_NAME["kind"].choice("redress", language),
        "channel": BY_NAME["channel"].choice("desk", language),
    }  # fmt: skip
    for at, wrong in ((3, {}), (4, {"category": ""}), (5, {"opened_at": "2026-11-27 09:30"})):
        own = {"source_id": f"{turn}-{at}", "summary": f"{TEXT[language]} {at}"}
        _put(book, at, language, row | own | wrong)
    filled = template.with_name("filled.xlsx")
    book.save(filled)
    return filled


def _mended(marked: Path, language: str) -> Path:
    """The annotated workbook with its two rows put right, as the last column says."""
    book = openpyxl.load_workbook(marked)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    assert sheet.max_row == 3
    assert all(sheet.cell(row, sheet.max_column).value for row in (2, 3))
    _put(book, 2, language, {"category": "unpaid_wages"})
    _put(book, 3, language, {"opened_at": "2026-11-26 09:40"})
    book.save(marked)
    return marked


def _put(book: openpyxl.Workbook, row: int, language: str, values: dict[str, str]) -> None:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    heads = [str(cell.value).removesuffix(" *") for cell in sheet[1]]
    for name, value in values.items():
        sheet.cell(row, heads.index(BY_NAME[name].header(language)) + 1).value = value
