"""The letter of an assignment: what stands in it, what never does, and its layout."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from data.assigned import Assignment, AssignmentEvent
from reports.daily_facts import County
from reports.letter import file_name, letter, letter_file
from reports.word import SIZE_2

MADE = dt.datetime(2026, 3, 3, 17, 0, tzinfo=dt.UTC)  # 4 March in Shanghai
COUNTY = County("试县", "Test County", "Asia/Shanghai", True)
OF_A_CASE = Assignment(
    "ABCD-EFGH-JKMN", "flag", "2345-6789-ABCD", "f" * 32, "b01", "this_case", "contact",
    dt.date(2026, 3, 6), MADE, "text" * 8, (AssignmentEvent("acknowledged", MADE, "b01"),),
)  # fmt: skip
NOTICE = replace(OF_A_CASE, origin="notice", case_id=None, flag_id=None, subject="backlog_cases",
                 step="report", text_id=None)  # fmt: skip


def file_of(one: Assignment, county: County = COUNTY, language: str = "zh"):
    return docx.Document(io.BytesIO(letter_file(one, county, "人社局", language, MADE)))


def text_of(file) -> str:
    return "\n".join(paragraph.text for paragraph in file.paragraphs)


def test_a_letter_names_number_body_step_and_day() -> None:
    text = text_of(file_of(OF_A_CASE))
    for said in (
        "交办函", "交办〔2026〕ABCD-EFGH-JKMN号", "人社局：", "2345-6789-ABCD", "联系诉求人",
        "2026年3月6日", "2026年3月4日", "试县督办岗位", "24 小时",
    ):  # fmt: skip
        assert said in text, said


def test_a_notice_names_a_subject_and_no_case() -> None:
    text = text_of(file_of(NOTICE))
    assert "督办函" in text
    assert "积案" in text
    assert "事项编号" not in text
    assert "2345" not in text
    assert "领导批示" in text_of(file_of(replace(NOTICE, origin="instruction")))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_internal_leaves_with_it(language: str) -> None:
    text = text_of(file_of(OF_A_CASE, language=language))
    assert "f" * 32 not in text
    assert "texttext" not in text


def test_the_layout_is_that_of_an_official_document() -> None:
    file = file_of(OF_A_CASE)
    section = file.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(m.mm) for m in margins] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    title = next(p for p in file.paragraphs if p.style.name == "Title")
    assert title.runs[0].font.size == SIZE_2
    assert title.alignment == WD_ALIGN_PARAGRAPH.CENTER
    signed, when = [p for p in file.paragraphs if p.alignment == WD_ALIGN_PARAGRAPH.RIGHT]
    assert (signed.text, when.text) == ("试县督办岗位", "2026年3月4日")
    assert signed.paragraph_format.right_indent == Pt(64)
    to = next(p for p in file.paragraphs if p.text == "人社局：")
    assert to.paragraph_format.first_line_indent in (None, Mm(0))
    assert not [p for p in file.paragraphs if p.style.name == "Heading 1"]


def test_made_up_counties_say_so_on_every_page_and_real_ones_do_not() -> None:
    header = file_of(OF_A_CASE).sections[0].header.paragraphs[0].text
    assert "演示" in header
    real = file_of(OF_A_CASE, replace(COUNTY, is_demo=False))
    assert "演示" not in real.sections[0].header.paragraphs[0].text
    assert "演示" not in text_of(real)


def test_the_same_assignment_gives_the_same_words_and_a_name_without_the_case() -> None:
    assert letter(OF_A_CASE, COUNTY, "人社局", "zh") == letter(OF_A_CASE, COUNTY, "人社局", "zh")
    assert file_name(OF_A_CASE, "zh") == "交办函_ABCD-EFGH-JKMN"
    assert file_name(NOTICE, "en") == "Supervision notice_ABCD-EFGH-JKMN"
