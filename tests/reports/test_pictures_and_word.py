"""The report as pictures and Word: our fonts, our layout, marks on every page."""

import dataclasses
import io
import re
from pathlib import Path

import docx
import numpy as np
import pypdf
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from fontTools.ttLib import TTFont
from PIL import Image

from reports.area_classes import TOO_FEW
from reports.charts import flow_picture
from reports.daily import daily_report
from reports.daily_facts import LikelyLate
from reports.daily_words import daily_document
from reports.pdf import pdf_file
from reports.pictures import SANS, SERIF, font, map_picture, overdue_digits
from reports.word import STAND_INS, TEXT, word_file
from tests.reports import county
from wording import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def report():
    return daily_report(county.COUNTY, county.DAY, county.AS_OF, county.record(), county.FILES)


@pytest.fixture(scope="module")
def areas(report):
    table = county.areas()
    return table.assign(digit=table["code"].map(overdue_digits(report)), label=["清", "石", "龙"])


@pytest.fixture(scope="module")
def word(report, areas):
    document = daily_document(report, "zh")
    pictures = {
        "map": map_picture(areas, "zh", document.header, document.mark),
        "flow": flow_picture(report.flow, "zh", document.header, document.mark),
    }
    return docx.Document(io.BytesIO(word_file(document, pictures, report.as_of)))


@pytest.mark.parametrize("path", [SANS, SERIF])
def test_the_fonts_hold_every_sign_of_every_catalogue(path):
    signs = TTFont(path).getBestCmap()
    for language in LANGUAGES:
        for catalogue in (ROOT / "wording" / language).glob("*.toml"):
            if catalogue.stem == "streamlit":  # Streamlit's own controls: drawn by browsers alone
                continue
            missing = {c for c in catalogue.read_text("utf-8") if ord(c) not in signs} - {"\n"}
            assert not missing, f"{catalogue.name}: {missing}"


@pytest.mark.parametrize("path", [SANS, SERIF])
def test_the_fonts_are_small_free_and_hold_rare_names(path):
    assert path.stat().st_size < 6_000_000
    assert "SIL OPEN FONT LICENSE" in (path.parent / "OFL.txt").read_text("utf-8")
    assert all(ord(sign) in TTFont(path).getBestCmap() for sign in "䶮㙍鿍彧煜喆璟─→≥①—〇")


def test_a_missing_font_is_an_error_and_not_tofu(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.otf"):
        font(tmp_path / "gone.otf")


def test_pictures_are_drawn_without_a_missing_glyph(report, areas, recwarn):
    map_picture(areas, "zh", "数据截至 2026年3月4日", "演示")
    flow_picture(report.flow, "zh", "数据截至 2026年3月4日", "演示")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_a_township_with_few_cases_is_hatched_not_pale(report, areas):
    digits = overdue_digits(report)
    assert digits.to_list() == ["5", TOO_FEW, TOO_FEW]
    picture = Image.open(io.BytesIO(map_picture(areas, "zh", "x"))).convert("L")
    grey = np.asarray(picture)
    middle = grey[grey.shape[0] // 2 - 40 : grey.shape[0] // 2 - 15]
    dark, hatched = middle[:, 120:260], middle[:, 650:800]
    assert dark.mean() < 170
    assert hatched.std() > 20
    assert hatched.mean() > dark.mean() + 40


def test_a_chart_of_no_days_and_of_one_day_can_be_drawn():
    assert flow_picture((), "zh", "x").startswith(b"\x89PNG")
    assert flow_picture(((county.DAY, 0, 0),), "en", "x").startswith(b"\x89PNG")


def test_the_page_is_that_of_official_documents(word):
    section = word.sections[0]
    assert abs(section.page_width - Mm(210)) < Mm(0.1)
    assert abs(section.page_height - Mm(297)) < Mm(0.1)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(m.mm) for m in margins] == [37, 35, 28, 26]
    assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "579"
    text = next(p for p in word.paragraphs if p.text.startswith("新收"))
    assert text.paragraph_format.line_spacing == Pt(28.95)
    assert word.styles["Normal"].font.size == Pt(16)
    assert word.styles["Title"].font.size == Pt(22)


def test_chinese_fonts_are_set_and_no_theme_font_overrules_them(word):
    for part in (word.element, word.styles.element):
        for fonts in part.iter(qn("w:rFonts")):
            assert not [name for name in fonts.attrib if name.endswith("Theme")]
    title = next(p for p in word.paragraphs if p.style.name == "Title")
    assert title.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    normal = word.styles["Normal"].element.rPr.rFonts
    assert normal.get(qn("w:eastAsia")) == TEXT
    table = next(r.target_part for r in word.part.rels.values() if r.reltype.endswith("fontTable"))
    assert all(name in table.blob.decode() for name in (*STAND_INS, *STAND_INS.values()))


def test_marks_and_page_numbers_stand_on_every_page(word):
    section = word.sections[0]
    for header in (section.header, section.even_page_header):
        assert "数据截至 2026年3月4日 18:30" in header.paragraphs[0].text
        assert "演示" in header.paragraphs[0].text
    for footer in (section.footer, section.even_page_footer):
        assert "PAGE" in footer._element.xml
    assert word.settings.odd_and_even_pages_header_footer


def test_header_rows_repeat_and_no_row_breaks(word):
    assert len(word.tables) == 6
    for table in word.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


@pytest.fixture(scope="module")
def long_document(report):
    """A report whose tables of bodies run over several pages, each name over several lines."""
    why = (("no_steps", 2), ("record", 1))
    bodies = [f"x{number:02}" for number in range(40)]
    name = "市场监督管理和知识产权综合行政执法局" * 3
    return daily_document(
        dataclasses.replace(
            report,
            likely_late=tuple(LikelyLate(body, 2, 0, 0, why) for body in bodies),
            body_names=tuple((body, f"S{body}{name}E{body}", "") for body in bodies),
        ),
        "zh",
    )


def test_no_row_of_a_long_report_breaks_in_word(report, long_document):
    file = docx.Document(io.BytesIO(word_file(long_document, {}, report.as_of)))
    rows = [row for table in file.tables for row in table.rows]
    assert len(rows) > 80
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_no_row_of_a_long_report_breaks_over_pages_of_the_pdf(report, long_document):
    content = pdf_file(long_document, {}, report.as_of)
    pages = [
        "".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages
    ]
    begun = [re.findall(r"Sx(\d\d)", page) for page in pages]
    assert [re.findall(r"Ex(\d\d)", page) for page in pages] == begun
    assert sum(len(names) for names in begun) == 80
    assert sum(1 for names in begun if names) > 3


def test_the_words_and_both_pictures_are_in_the_file(word):
    text = "\n".join(p.text for p in word.paragraphs)
    assert "一、总体情况" in text
    assert "六、明日提示" in text
    assert "比昨日多 3 件" in text
    assert len(word.inline_shapes) == 2
    described = [s._inline.docPr.get("descr") for s in word.inline_shapes]
    assert "各乡镇（街道）在办事项逾期比例" in described[0]
    assert word.core_properties.created.isoformat().startswith("2026-03-04T10:30:00")


def test_a_picture_that_cannot_be_drawn_is_said_in_its_place(report):
    file = word_file(daily_document(report, "en"), {}, report.as_of)
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(file)).paragraphs)
    assert text.count("No picture") == 3


def test_a_real_county_carries_no_demo_mark(report):
    real = dataclasses.replace(report, county=dataclasses.replace(report.county, is_demo=False))
    document = daily_document(real, "zh")
    assert document.mark == ""
    file = docx.Document(io.BytesIO(word_file(document, {}, real.as_of)))
    assert "演示" not in file.sections[0].header.paragraphs[0].text
