"""Another system's export on the register page: by a saved mapping, with the same checks."""

from __future__ import annotations

import io
import time
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa

from data import quarantine
from data.categories import load_categories
from data.mapped_rows import own_rows
from data.mapping import parse_mapping
from data.mapping_files import save_mapping, shipped_mappings
from data.receipts import find
from data.record import confirm
from data.schema import case_event, case_version
from data.sheets import read_sheet
from service.figures import categories
from service.mappings import for_sheets
from tests.conftest import ADMINISTRATOR, DESK
from tests.pages.conftest import text_of
from ui import behind, kept, register_waiting
from wording import t

NAME = "hotline_12345"
HOTLINE = shipped_mappings()[NAME]
HEAD = "工单号,来电时间,来电人,联系电话,问题分类,诉求内容,主办单位,所属区域,签收时间,办结时间"
RIGHT = (
    "G1,2026-03-02 10:15,王建国,13812345678,噪声扰民,联系人王建国，夜间卸货,人社局,东镇,2026-03-02,"
)
ROWS = (
    RIGHT,
    "G2,2026-03-02 09:00,,,欠薪,工地欠薪三个月,人社局,东镇,2026-03-02,2026-03-03",  # answered
    "G3,下周,,,天文,望远镜坏了,人社局,东镇,,",  # two things wrong
    "G4,2026-03-02 09:00,,,欠薪,工地欠薪三个月,人社局,西镇,,",  # another desk's
)
ON_BEHALF = HOTLINE.replace(
    'channel = "hotline"\n', ""
).replace('summary = "诉求内容"', 'summary = "诉求内容"\nchannel = "渠道"') + """
[channel]
"热线" = "hotline"
"代办" = "on_behalf"
"""  # fmt: skip


@pytest.fixture
def saved(county):
    save_mapping(county, ADMINISTRATOR, NAME, HOTLINE, categories(county, ADMINISTRATOR))
    kept.clear()
    return county


def _sheet(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join(["某县12345工单导出", head, *rows]).encode("gb18030")


def _upload(open_page, data: bytes, name: str = "工单.csv"):
    test = open_page("register", "township_clerk")
    test.selectbox(key="register_columns").set_value(NAME).run()
    test.file_uploader(key="register_file_0").set_value((name, data, "")).run()
    test.button(key="register_check").click().run()
    for _ in range(600):
        job = behind.sheets().of(behind.session())
        if job is None or job.is_over:
            return test.run()
        time.sleep(0.05)
    raise AssertionError("still running")


def _done():
    return behind.sheets().of(behind.session()).outcome


def _all(db, table):
    with db.read() as conn:
        return conn.execute(sa.select(table)).mappings().all()


def test_the_box_is_there_only_where_a_saved_mapping_fits_a_sheet(open_page, county):
    assert "register_columns" not in {box.key for box in open_page("register", "grid_worker")
                                      .selectbox}  # fmt: skip
    of_county = load_categories()
    mapping = parse_mapping(HOTLINE, NAME, of_county)
    with_limits = HOTLINE + "\n[limits]\nnoise = 30\n"
    without_text = "\n".join(line for line in HOTLINE.splitlines() if "诉求内容" not in line)
    for text in (with_limits, without_text):
        parse_mapping(text, NAME, of_county)
        file = type("F", (), {"name": f"mapping:{NAME}.toml", "content": text, "sha256": "",
                              "recorded_at": None})  # fmt: skip
        assert for_sheets([file], of_county) == {}
    assert mapping.is_own_export, "and still its rows wait for their codes"
    save_mapping(county, ADMINISTRATOR, NAME, HOTLINE, of_county)
    kept.clear()
    test = open_page("register", "grid_worker")
    assert test.selectbox(key="register_columns").value is None, "our own columns stand first"


def test_a_hotlines_export_goes_through_the_same_checks(open_page, saved):
    test = _upload(open_page, _sheet(*ROWS))
    assert not test.exception
    done = _done()
    assert (done.stored, len(done.slips), done.refused) == (1, 1, 3)
    [case] = _all(saved, case_version)
    assert (case["channel"], case["category"], case["body_id"], case["desk"]) == (
        "hotline", "noise", "b01", "t01",
    )  # fmt: skip
    assert case["needs_confirmation"], "a clerk cannot vouch that a file is a hotline's own"
    assert case["opened_at"].isoformat() == "2026-03-02T02:15:00+00:00"
    assert [row["event"] for row in _all(saved, case_event)] == ["registered"]
    told = {(p.row, p.column, p.key.rsplit(".", 1)[-1]) for p in done.problems}
    assert told == {
        (4, "办结时间", "has_steps"), (5, "来电时间", "bad_moment"),
        (5, "问题分类", "bad_category"), (6, "所属区域", "other_township"),
    }  # fmt: skip
    assert t("intake.row.has_steps", "zh", field="办结时间") in text_of(test)
    assert t("intake.row.bad_category", "zh", field="问题分类") in text_of(test)
    notes = {(note.column, note.key.rsplit(".", 1)[-1]) for note in done.notes}
    assert notes == {
        ("来电人", "person_column"), ("联系电话", "person_column"), ("签收时间", "step"),
        ("诉求内容", "redacted"),
    }  # fmt: skip
    confirm(saved, (slip := find(saved, done.slips[0].code)).scope, slip)
    _upload(open_page, _sheet(RIGHT))
    assert (_done().stored, _done().repeats) == (0, 1)


def test_the_coloured_workbook_comes_back_by_the_same_mapping(open_page, saved):
    _upload(open_page, _sheet(*ROWS[:3]))
    book = openpyxl.load_workbook(io.BytesIO(_done().corrections))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads == ["工单号", "来电时间", "问题分类", "诉求内容", "主办单位", "所属区域",
                     "签收时间", "办结时间", t("intake.template.how", "zh")]  # fmt: skip
    coloured = {cell.coordinate for line in sheet.iter_rows(min_row=2) for cell in line
                if cell.fill.fill_type}  # fmt: skip
    assert coloured == {"H2", "B3", "C3"}
    assert {"C", "E"} <= {str(r.sqref)[0] for r in sheet.data_validations.dataValidation}
    sheet["B3"].value, sheet["C3"].value = "2026-03-03 09:00", "噪声扰民"
    sheet.delete_rows(2)
    out = io.BytesIO()
    book.save(out)
    _upload(open_page, out.getvalue(), name="待改的行.xlsx")
    done = _done()
    assert (done.stored, done.refused, done.notes) == (1, 0, [])
    assert not quarantine.waiting(saved, DESK), "sent again, so it waits no more"


def test_a_row_that_waits_is_mended_and_keeps_its_channel_unconfirmed(open_page, saved):
    test = _upload(open_page, _sheet(*ROWS))
    waits = {row.row_number: row for row in quarantine.waiting(saved, DESK)}
    assert sorted(waits) == [5, 6], "what is answered elsewhere is not kept to be mended"
    assert waits[5].channel == "hotline"
    assert register_waiting.is_mendable(waits[5])
    number = waits[5].id
    test.text_input(key=f"register_mend_opened_at_{number}").set_value("2026-03-03")
    test.selectbox(key=f"register_mend_category_{number}").set_value("噪声扰民")
    test = test.button(
        key=f"FormSubmitter:register_mend_{number}-{t('register.waiting.mend', 'zh')}"
    ).click().run()  # fmt: skip
    assert not test.exception
    case = _all(saved, case_version)[-1]
    assert (case["channel"], case["needs_confirmation"]) == ("hotline", True)


def test_consent_comes_from_the_file_or_not_at_all(open_page, county):
    text = ON_BEHALF.replace('channel = "渠道"', 'channel = "渠道"\nasked = "本人同意"')
    save_mapping(county, ADMINISTRATOR, NAME, text, categories(county, ADMINISTRATOR))
    kept.clear()
    rest = "噪声扰民,夜间卸货吵人,人社局,东镇,,"
    said = ("热线,,", "代办,是,当面", "代办,,当面", "代办,否,当面", "代办,是,")
    rows = [f"G{n},2026-03-02 10:15,,,{rest},{more}" for n, more in enumerate(said)]
    test = _upload(open_page, _sheet(*rows, head=HEAD + ",渠道,本人同意,委托方式"))
    assert not test.exception
    told = [(p.row, p.column, p.key.rsplit(".", 1)[-1]) for p in _done().problems]
    assert told == [(5, "本人同意", "missing"), (6, "本人同意", "not_asked"),
                    (7, "委托方式", "missing")]  # fmt: skip
    cases = _all(county, case_version)
    assert [(c["channel"], bool(c["needs_confirmation"])) for c in cases] == [
        ("hotline", True), ("on_behalf", True),
    ]  # fmt: skip
    assert 6 not in [row.row_number for row in quarantine.waiting(county, DESK)]


def test_a_file_without_a_column_of_the_mapping_is_refused_as_a_whole(open_page, saved):
    test = _upload(open_page, _sheet("G1,2026-03-02,欠薪", head="工单号,来电时间,问题分类"))
    assert t("intake.mapping.no_column", "zh", column="事发区域") in text_of(test)
    assert not _all(saved, case_version)


def _own(rows: list[str], **changes):
    mapping = replace(parse_mapping(HOTLINE, NAME, load_categories()), **changes)
    frame = read_sheet(_sheet(*rows), "a.csv", lambda name: name in mapping.known_names)
    found = own_rows(frame, mapping, "Asia/Shanghai")
    return found, {(p.row, p.key.rsplit(".", 1)[-1]) for p in found.problems}


def test_formats_and_years_of_the_mapping_hold_here_too():
    rows = [f"G{n},{at},,,欠薪,工地欠薪三个月,人社局,东镇,," for n, at in
            enumerate(("02/03/2026", "2026-03-02", "2026/3/2", "31/12/2025"))]  # fmt: skip
    found, told = _own(rows, formats=("%d/%m/%Y",), first_day=pd.Timestamp("2026-01-01"))
    assert told == {(5, "bad_moment"), (6, "left_out")}
    assert list(found.frame["opened_at"])[:2] == ["2026-03-02 00:00:00", "2026-03-02"]


def test_a_status_that_closes_repeats_or_means_nothing_is_refused():
    mapping = parse_mapping(HOTLINE, NAME, load_categories())
    columns = {**mapping.columns, "status": "签收时间", "closed_at": "办结时间"}
    said = ("办理中,", "已办结,2026-03-03", "重复件,", "挂起,", "办理中,2026-03-03")
    case = "2026-03-02,,,欠薪,工地欠薪三个月,人社局,东镇"
    rows = [f"G{n},{case},{more}" for n, more in enumerate(said)]
    _, told = _own(rows, columns=columns, events=None, duplicate_ends=("重复件",),
                   statuses={"办理中": "", "已办结": "answered"})  # fmt: skip
    assert told == {(4, "has_steps"), (5, "left_out"), (6, "bad_status"), (7, "has_steps")}
