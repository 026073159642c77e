"""Spreadsheets in, template and marked rows out."""

import dataclasses
import datetime as dt
import gzip
import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from data import sheets
from data.dates import parse_moment
from data.errors import DataError, RowProblem
from data.rows import check_rows
from data.sheets import read_sheet, read_upload
from data.workbooks import TEMPLATE_VERSION, annotated, template

from . import biff
from .conftest import NOW, ZONE

LINES = "提出时间,类别,事项内容\n2026-03-05,欠薪,“拖欠”工资①\n"


def book(rows):
    out = io.BytesIO()
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue()


def filled(data, row):
    """The template as a clerk fills it in."""
    made = openpyxl.load_workbook(io.BytesIO(data))
    sheet = made.worksheets[0]
    heads = [str(c.value).removesuffix(" *") for c in sheet[1]]
    for name, value in row.items():
        sheet.cell(3, heads.index(name) + 1).value = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_reads_the_same(encoding):
    text = LINES if encoding != "gbk" else LINES.replace("①", "一")
    frame = read_sheet(text.encode(encoding), "a.csv")
    assert list(frame.columns) == ["提出时间", "类别", "事项内容"]
    assert frame.loc[2, "事项内容"].startswith("“拖欠”工资")


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_commas_tabs_and_semicolons_part_the_cells(mark):
    frame = read_sheet(LINES.replace(",", mark).encode(), "a.tsv")
    assert frame.loc[2, "类别"] == "欠薪"


def test_the_header_is_found_under_title_rows_and_rows_keep_their_numbers():
    data = book([["某县事项登记表"], [], ["填报单位：东门街道"], ["提出时间", "类别", "事项内容"],
                 ["2026-03-05", "欠薪", "甲"], [], ["2026-03-06", "供暖", "乙"]])  # fmt: skip
    frame = read_sheet(data, "a.xlsx")
    assert list(frame.index) == [5, 7]
    assert frame.loc[7, "类别"] == "供暖"


def test_a_gzipped_csv_is_read():
    assert len(read_sheet(gzip.compress(LINES.encode()), "a.csv.gz")) == 1


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"PK\x03\x04garbage", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx", "broken"),
        (biff.workbook([["提出时间", "类别"]], locked=True), "locked"),
        (biff.container(b"x" * 5000, "EncryptedPackage"), "locked"),
        (b"%PDF-1.7", "unknown_kind"),
        (b"<html><table></table>", "web_page"),
        (b"\xff\xfe\xfd" * 5, "encoding"),
        ("名单\n甲\n乙".encode(), "no_header"),
        (gzip.compress(LINES.encode(), mtime=0)[:40], "broken"),
        (b'"' + b"x" * 200_000 + b'"', "quotes"),
        (book([[]]), "empty"),
    ],
)
def test_a_bad_file_gets_one_sentence(data, key):
    with pytest.raises(DataError) as refused:
        read_sheet(data, "某表.xlsx")
    assert refused.value.key == f"intake.sheet.{key}"
    assert refused.value.text("zh")


def test_sizes_are_limited(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    many = LINES + "2026-03-05,欠薪,甲\n" * 30
    for data in (many.encode(), book([line.split(",") for line in many.splitlines()])):
        with pytest.raises(DataError, match="more than 3 rows"):
            read_sheet(data, "a")
    wide = ",".join(["提出时间", "类别"] + ["x"] * 300)
    with pytest.raises(DataError, match="columns"):
        read_sheet(wide.encode(), "a.csv")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_TEXT_MB", 1)
    with pytest.raises(DataError, match="larger than 1 MB"):
        read_sheet(gzip.compress(b"a,b\n" * 2**20), "a.csv.gz")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_holds_drop_downs_and_its_example_is_ignored(known, language):
    data = template(known, language)
    made = openpyxl.load_workbook(io.BytesIO(data))
    assert made.worksheets[1].sheet_state == "hidden"
    rules = made.worksheets[0].data_validations.dataValidation
    assert len(rules) == 12  # places, systems, lists, categories and bodies; not the free texts
    frame = read_sheet(data, "t.xlsx")
    assert len(frame) == 1
    checked = check_rows(frame, known, NOW, ZONE, is_file=True)
    assert checked.good == []
    assert [p.key for p in checked.problems] == ["intake.row.no_rows"]


def test_a_template_filled_in_is_taken(known, row):
    frame = read_sheet(filled(template(known, "zh"), row), "t.xlsx")
    checked = check_rows(frame, known, NOW, ZONE, is_file=True)
    assert checked.problems == []
    assert checked.notes == []
    assert checked.rows == [3]


def test_wrong_rows_come_back_marked_and_go_in_again_when_corrected(known, row):
    wrong = row | {"来源编号": "A-2", "类别": "不存在", "姓名": "张建国"}
    frame = pd.DataFrame([row, wrong], index=[2, 3], dtype="str")
    problems = check_rows(frame, known, NOW, ZONE, is_file=True).problems
    data = annotated(frame, problems, known, "zh")
    made = openpyxl.load_workbook(io.BytesIO(data))
    sheet = made.active
    heads = [c.value for c in sheet[1]]
    assert "姓名" not in heads
    assert sheet.max_row == 2  # the right row was stored and is not sent back
    cell = sheet.cell(2, heads.index("类别") + 1)
    assert cell.fill.fgColor.rgb == "00FFD9B3"
    assert sheet.cell(2, heads.index("性质") + 1).fill.fgColor.rgb != "00FFD9B3"
    assert sheet.cell(2, heads.index("怎么改") + 1).value == problems[0].text("zh")
    offered = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert len(offered) == 6, "what was a list in the template can be picked again"
    cell.value = "供暖"
    out = io.BytesIO()
    made.save(out)
    again = read_sheet(out.getvalue(), "again.xlsx")
    checked = check_rows(again, known, NOW, ZONE, is_file=True)
    assert [c.category for c in checked.good] == ["heating"]
    assert checked.notes == []


def test_a_file_from_an_older_template_says_so(known, row):
    made = openpyxl.load_workbook(io.BytesIO(filled(template(known, "zh"), row)))
    assert made.worksheets[1]["A1"].value == f"zaojie-template {TEMPLATE_VERSION}"
    made.worksheets[1]["A1"].value = "zaojie-template 1"
    out = io.BytesIO()
    made.save(out)
    assert read_upload(out.getvalue(), "t.xlsx").template == 1
    assert read_upload(template(known, "en"), "t.xlsx").template == int(TEMPLATE_VERSION)
    assert read_upload(LINES.encode(), "a.csv").template is None


def test_grids_to_pick_from_are_those_of_the_uploaders_own_township(known):
    own = dataclasses.replace(known, reach=frozenset({"330102002"}))
    lists = openpyxl.load_workbook(io.BytesIO(template(own, "zh"))).worksheets[1]
    cells = {str(cell.value) for line in lists.iter_rows() for cell in line if cell.value}
    assert {"330102002001001", "西河镇"} <= cells
    assert not {"330102001001001", "330102001001002", "东门街道"} & cells


def test_a_text_that_looks_like_a_formula_stays_a_text(known):
    frame = pd.DataFrame({"事项内容": ["=1+1"]}, index=[2], dtype="str")
    data = annotated(frame, [RowProblem(2, "事项内容", "intake.row.bad_body")], known, "zh")
    cell = openpyxl.load_workbook(io.BytesIO(data)).active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


HEADS = ["来源编号", "提出时间", "类别", "事项内容"]


def xlsx_merged():
    made = openpyxl.Workbook()
    for row in (
        ["某县事项登记表"],
        ["来源编号", "提出时间", "事项"],
        [None, None, "类别", "事项内容"],
        ["A-1", dt.datetime(2026, 3, 5, 14, 5), "欠薪", "甲"],
        ["A-2", 46086.5, None, "乙"],
    ):
        made.active.append(row)
    for span in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "C4:C5"):
        made.active.merge_cells(span)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def xls_merged():
    rows = [["某县事项登记表", "", "", ""], ["来源编号", "提出时间", "事项", ""],
            ["", "", "类别", "事项内容"], ["A-1", (46086.586805555555, "date"), "欠薪", "甲"],
            ["A-2", 46086.5, "", "乙"]]  # fmt: skip
    return biff.workbook(
        rows, [(0, 0, 0, 3), (1, 2, 0, 0), (1, 2, 1, 1), (1, 1, 2, 3), (3, 4, 2, 2)]
    )


@pytest.mark.parametrize("made", [xlsx_merged, xls_merged])
def test_merged_cells_stand_in_each_of_their_rows_in_header_and_body(made):
    frame = read_sheet(made(), "a")
    assert list(frame.columns) == HEADS
    assert frame.to_numpy().tolist() == [
        ["A-1", "2026-03-05 14:05:00", "欠薪", "甲"], ["A-2", "46086.5", "欠薪", "乙"],
    ]  # fmt: skip
    assert list(frame.index) == [4, 5]


def xlsx_1904():
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(HEADS)
    made.active.append(["A-1", dt.datetime(2026, 3, 5, 12), "欠薪", "甲"])
    made.active.append(["A-2", 44624.5, "欠薪", "乙"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def xls_1904():
    rows = [HEADS, ["A-1", (44624.5, "date"), "欠薪", "甲"], ["A-2", 44624.5, "欠薪", "乙"]]
    return biff.workbook(rows, is_1904=True)


@pytest.mark.parametrize("made", [xlsx_1904, xls_1904])
def test_days_of_the_other_date_system_are_the_same_days(made):
    found = read_sheet(made(), "a")["提出时间"]
    assert {parse_moment(text, ZONE) for text in found} == {
        dt.datetime(2026, 3, 5, 4, tzinfo=dt.UTC)
    }


def test_numbers_keep_their_digits_and_hidden_sheets_are_not_read():
    made = openpyxl.Workbook()
    made.active.sheet_state = "hidden"
    made.active.append(["来源编号", "提出时间"])
    shown = made.create_sheet()
    shown.append(["来源编号", "网格", "类别"])
    shown.append([17, 330102001001001, True])
    out = io.BytesIO()
    made.active = 1
    made.save(out)
    frame = read_sheet(out.getvalue(), "a.xlsx")
    assert frame.to_numpy().tolist() == [["17", "330102001001001", "TRUE"]]


def test_a_header_printed_on_every_page_is_no_row():
    assert len(read_sheet((LINES + LINES).encode(), "a.csv")) == 2


def test_what_nobody_sees_is_taken_out_of_names_and_cells():
    text = LINES.replace("类别", "\u200b类别\ufeff").replace("欠薪", "\u202e欠\x07薪\u200d")
    frame = read_sheet(text.encode(), "a.csv")
    assert frame["类别"].tolist() == ["欠薪"]


WRONG = [
    LINES.encode()[:60] + LINES.encode()[61:],
    LINES.encode() + "2026-03-05,欠薪,某工地拖欠工资\n".encode("gbk"),
    ("来源编号,提出时间,类别\n" * 9).encode("gbk") + "A-1,2026,拖欠三个月工资\n".encode(),
    "Asked at,Category\n2026-03-05,café élève naïve\n".encode("latin-1"),
    "Asked at,Category\n2026-03-05,積欠工資三個月請處理\n".encode("big5"),
    "Asked at,Category\n2026-03-05,未払いの賃金です\n".encode("shift-jis"),
    LINES.encode("utf-32"),
]


@pytest.mark.parametrize("data", WRONG, ids=range(len(WRONG)))
def test_a_damaged_or_foreign_encoding_is_refused_and_never_shown_garbled(data):
    with pytest.raises(DataError) as refused:
        read_sheet(data, "a.csv")
    assert refused.value.key == "intake.sheet.encoding"


@given(
    st.text(
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动",
        min_size=8,
    )
)
def test_chinese_texts_read_the_same_in_every_encoding(said):
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16"):
        frame = read_sheet(f"提出时间,类别\n2026,{said}\n".encode(encoding), "a.csv")
        assert frame.iloc[0, 1] == said


def test_full_width_commas_in_texts_do_not_part_the_cells_and_alone_they_do():
    wordy = "电梯停了，物业说等，老人下不了楼，希望修好，请回复，谢谢，急，急，急，急"
    frame = read_sheet(f"编号,登记时间,诉求内容\nA1,2026-03-05,{wordy}\n".encode(), "a.csv")
    assert frame.loc[2].tolist() == ["A1", "2026-03-05", wordy]
    frame = read_sheet("编号，登记时间，诉求内容\nA1，2026-03-05，电梯停了\n".encode(), "a.csv")
    assert frame.loc[2].tolist() == ["A1", "2026-03-05", "电梯停了"]
