"""Journeys of the county's offices: a case pushed, an instruction, accounts and holidays."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data import accounts, places, steering
from data.scope import Scope
from data.vocabulary import CONFIRM_REASONS
from service import assignments
from wording import t

from .conftest import Walker
from .county import LABOUR, PASSWORD, MadeCounty
from .frame import Walk

pytestmark = pytest.mark.browser

SUPERVISOR = Scope("super", "supervisor")
OPERATOR = Scope.operator()


def _assigned(county: MadeCounty) -> list[assignments.Stood]:
    return list(assignments.listed(county.db, SUPERVISOR, county.db.now()))


def test_a_supervisor_assigns_a_likely_late_case(walker: Walker, county: MadeCounty) -> None:
    before = len(_assigned(county))
    walk = walker("likely-late")
    with walk.step("door", "打开登录页", "Opens the sign-in page"):
        walk.open("/sign-in")
    with walk.step("sign-in", "登录，看到总览", "Signs in, sees the overview"):
        walk.sign_in(county.login("supervisor"), PASSWORD)
    with walk.step("list", "点“预警待确认”，打开清单", "Presses what waits to be confirmed"):
        walk.press(walk.page.locator(".st-key-todo_to_confirm button"))
        walk.page.get_by_role("heading", level=1, name=walk.t("ui.likely_late.title")).wait_for()
    with walk.step("why", "选一件，看为什么提示", "Picks a case, reads why it is flagged"):
        walk.first_row()
        walk.looks_at(walk.sees(walk.t("forecast.flag.confirm_reason")))
    with walk.step("confirmed", "选理由，确认", "Picks a reason, confirms"):
        walk.pick(walk.t("forecast.flag.confirm_reason"),
                  walk.t(f"words.confirm_reason.{CONFIRM_REASONS[0]}"))  # fmt: skip
        walk.press(walk.button(walk.t("forecast.flag.confirm")))
        walk.looks_at(walk.button(walk.t("assignments.make.button")))
    with walk.step("assigned", "交办（步骤和日期已填好）", "Assigns it; step and day stand there"):
        walk.press(walk.button(walk.t("assignments.make.button")))
        walk.press(walk.button(walk.t("undo.yes")))
        walk.told("assignments.make.done", "body", "day")
        said = walk.page.locator(".st-key-zj_said").bounding_box()
        assert said is not None, "it is said"
        assert 0 <= said["y"] < 400, "where the reader is, not above the list"
        where = "document.querySelector('[data-testid=stMain]').scrollTop"
        assert walk.page.evaluate(where) > 0, "who pressed far down stays there"
        walk.looks_at(walk.page.locator(".zj-badge").first)
    assert len(_assigned(county)) == before + 1
    walk.done(most_presses=9)


def test_a_leader_reads_instructs_and_takes_the_report(
    walker: Walker, county: MadeCounty, tmp_path: Path
) -> None:
    before = len(_assigned(county))
    walk = walker("leader")
    with walk.step(
        "sign-in", "登录，看到五项指标和各单位情况", "Signs in, reads figures and bodies"
    ):
        walk.open("/sign-in")
        walk.sign_in(county.login("leader"), PASSWORD)
        walk.sees(walk.t("ui.overview.by_body"))
    with walk.step(
        "instruct", "点“批示”，选单位和事由", "Opens the instruction, picks body and matter"
    ):
        walk.press(walk.button(walk.t("assignments.make.instruction_title"), exact=False))
        body = next(row for row in _bodies(county) if row[0] == LABOUR)[1 + (walk.language == "en")]
        walk.pick(walk.t("assignments.make.body"), body)
        walk.pick(walk.t("assignments.make.subject"), walk.t("assignments.subject.overdue_answers"))
        walk.page.locator(".st-key-assign_button button").wait_for()
    with walk.step("instructed", "发出批示", "Sends it"):
        walk.press(walk.page.locator(".st-key-assign_button button"))
        walk.told("assignments.make.done", "body", "day")
    with walk.step("word", "下载 Word 日报", "Downloads the daily report as Word"):
        file = walk.download(walk.button(walk.t("ui.report.docx")), tmp_path)
    text = "\n".join(p.text for p in docx.Document(str(file)).paragraphs)
    assert walk.t("reports.daily.overview.title") in text
    assert len(_assigned(county)) == before + 1
    walk.done(most_presses=10)


def _bodies(county: MadeCounty) -> list[tuple[str, str, str]]:
    frame = places.read_bodies(county.db, OPERATOR)
    return list(zip(frame["body_id"], frame["name_zh"], frame["name_en"], strict=True))


def test_an_administrator_makes_accounts_and_loads_a_year(
    walker: Walker, county: MadeCounty, tmp_path: Path
) -> None:
    walk, desk = walker("administrator"), county.desks[0]
    page, language = walk.page, walk.language
    with walk.step("sign-in", "登录，看到账号清单", "Signs in, sees the accounts"):
        walk.open("/sign-in")
        walk.sign_in(county.login("administrator"), PASSWORD)
    with walk.step(
        "sheet", "打开“按表开立账号”，下载模板", "Opens accounts from a sheet, takes the template"
    ):
        walk.press(page.get_by_text(walk.t("accountsheet.open")))
        file = walk.download(walk.button(walk.t("accountsheet.template")), tmp_path)
    logins = _accounts(file, language, f"t{desk}", walker.turn)
    with walk.step("rows", "上传填好的表，核对", "Uploads the filled-in sheet, looks it over"):
        walk.upload(file)
        walk.looks_at(walk.button(walk.t("accountsheet.make", count=3)))
    with walk.step("accounts", "开立账号，下载邀请", "Makes the accounts, takes the invitations"):
        walk.press(walk.button(walk.t("accountsheet.make", count=3)))
        invited = walk.download(walk.button(walk.t("accountsheet.invitations")), tmp_path)
        walk.looks_at(walk.button(walk.t("accountsheet.invitations")))
    sheet = openpyxl.load_workbook(invited).active
    assert isinstance(sheet, Worksheet)
    links = {str(row[0].value): str(row[3].value) for row in sheet.iter_rows(min_row=2)}
    assert list(links) == logins
    assert all(f"{walk.base}/invitation?lang={language}#" in link for link in links.values())
    made = {line.login: line.roles[0] for line in accounts.read_accounts(county.db, OPERATOR)}
    assert [made[login].body_id for login in logins] == [f"t{desk}"] * 3
    with walk.step("rules", "打开规则与日历", "Opens rules and calendar"):
        walk.menu("rules")
    with walk.step("template", "下载下一年日历模板", "Takes next year's template"):
        file = walk.download(walk.button(walk.t("steering.page.template", year=2027)), tmp_path)
    file.write_text(_year(walk), "utf-8")
    with walk.step(
        "checked", "上传填好的日历，看到会移动的期限", "Uploads it, sees which last days move"
    ):
        walk.upload(file)
        walk.looks_at(walk.button(walk.t("steering.page.apply")))
    with walk.step("applied", "启用", "Puts it in force"):
        walk.press(walk.button(walk.t("steering.page.apply")))
        walk.sees(walk.t("steering.page.applied", file=file.name))
    held = {one.name: one.content for one in steering.files_in_force(county.db, OPERATOR)}
    assert held[file.name] == _year(walk)
    walk.done(most_presses=16)


def _accounts(file: Path, language: str, body: str, turn: int) -> list[str]:
    """The template filled in with a township's three accounts; their logins."""
    book = openpyxl.load_workbook(file)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    roles = ("township_clerk", "grid_worker", "grid_worker")
    logins = [f"new-{turn}-{number}" for number in range(len(roles))]
    for row, (login, role) in enumerate(zip(logins, roles, strict=True), 2):
        for column, value in enumerate((login, t(f"words.role.{role}", language), body), 1):
            sheet.cell(row, column).value = value
    book.save(file)
    return logins


def _year(walk: Walk) -> str:
    return (
        f'calendar = "cn"\nyear = 2027\nsource = "演示通知 {walk.language} {walk.journey.size}"\n'
        "free = [2027-01-01, [2027-02-05, 2027-02-11]]\nworking = [2027-02-14]\n"
    )
