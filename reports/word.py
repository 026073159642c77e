"""A report as Word, in the layout of official documents (GB/T 9704-2012).

A4, margins 37/35/28/26 mm, title 2号 小标宋, text 3号 仿宋 at 22 lines × 28 characters, headings
一、 in 黑体, page number 4号 outside. Word files embed no font: they name those that offices have,
and `word/fontTable.xml` names the free ones that stand in for them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping

import docx
from docx.document import Document as WordFile
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section as WordSection
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import etree

from wording import t

from .document import Document, Picture, Table
from .word_mark import add_watermark

TITLE, TEXT, HEADING, SUBHEADING, PLAIN = (
    "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体",
)  # fmt: skip
STAND_INS = {
    TITLE: "Noto Serif CJK SC",
    TEXT: "Noto Serif CJK SC",
    HEADING: "Noto Sans CJK SC",
    SUBHEADING: "Noto Serif CJK SC",
    PLAIN: "Noto Serif CJK SC",
}
"""Free fonts (OFL 1.1) for machines without the usual ones."""
LATIN = "Times New Roman"

SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
"""二号, 三号, 四号, 五号."""
LINE = Pt(28.95)
"""225 mm of text in 22 lines."""
GRID = {"type": "lines", "linePitch": "579"}
"""22 lines of 28.95 pt. The 28 characters come from `TIGHTER`: office suites read a character
grid differently, some giving each character two cells."""
TIGHTER = "-5"
"""Twentieths of a point between characters: 28 × 15.75 pt fill the 156 mm of a line."""
PICTURE_WIDTH = Mm(150)
_GREY = RGBColor(0x44, 0x4B, 0x55)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters no Word file can hold; some come in with what was pasted."""


def word_file(document: Document, pictures: Mapping[str, bytes], as_of: dt.datetime) -> bytes:
    """The report as a .docx.

    Args:
        document: words and tables. pictures: PNG by `Picture.name`; a picture that is not there
            is said to be missing in its place.
        as_of: aware; stands as the file's creation time, so that no clock is asked.

    Returns:
        The bytes of the file. Header rows repeat, rows never break over pages, the header with
        the "as of" time and the demo mark is on every page.
    """
    file = docx.Document()
    _prepare(file, document, as_of)
    _heading_lines(file, document)
    numbers = {"table": 0, "picture": 0}
    if document.addressee:
        _paragraph(file, document.addressee, TEXT)
    for section in document.sections:
        if section.title:
            _paragraph(file, section.title, HEADING, style="Heading 1")
        for block in section.blocks:
            if isinstance(block, str):
                _text(file, block, document.language)
            elif isinstance(block, Table):
                numbers["table"] += 1
                _table(file, block, numbers["table"], document.language)
            else:
                numbers["picture"] += 1
                _picture(file, block, pictures, numbers["picture"], document.language)
    _closing(file, document.closing)
    for note in document.notes:
        paragraph = _paragraph(file, note, TEXT, size=SIZE_5)
        paragraph.paragraph_format.space_before = Pt(12)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def _prepare(file: WordFile, document: Document, as_of: dt.datetime) -> None:
    _page(file.sections[0])
    _styles(file, document.language)
    _name_stand_ins(file)
    file.settings.odd_and_even_pages_header_footer = True
    section = file.sections[0]
    for place, header in enumerate((section.header, section.even_page_header)):
        _header(header.paragraphs[0], document)
        if document.watermark:
            add_watermark(header.paragraphs[0], document.watermark, HEADING, place)
    right, left = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
    for footer, side in ((section.footer, right), (section.even_page_footer, left)):
        _page_number(footer.paragraphs[0], document.page_marks, side)
    about = file.core_properties
    about.title, about.author, about.last_modified_by = document.title, "Zaojie 早解", "Zaojie 早解"
    about.created = about.modified = as_of.astimezone(dt.UTC).replace(tzinfo=None)
    about.comments = document.header
    about.language = {"zh": "zh-CN", "en": "en-GB"}[document.language]


def _page(section: WordSection) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(20), Mm(25)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    for name, value in GRID.items():
        grid.set(qn(f"w:{name}"), value)


def _styles(file: WordFile, language: str) -> None:
    """Our fonts in every style that is used, and no theme font anywhere to overrule them."""
    root = file.styles.element
    for fonts in root.iter(qn("w:rFonts")):
        for name in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[name]
    defaults = root.find(".//" + qn("w:rPrDefault") + "//" + qn("w:rFonts"))
    if defaults is not None:
        _set_fonts(defaults, TEXT)
    for tongue in root.iter(qn("w:lang")):
        tongue.set(qn("w:val"), {"zh": "zh-CN", "en": "en-GB"}[language])
        tongue.set(qn("w:eastAsia"), "zh-CN")
    for name, font, size in (
        ("Normal", TEXT, SIZE_3),
        ("Title", TITLE, SIZE_2),
        ("Heading 1", HEADING, SIZE_3),
        ("Header", PLAIN, Pt(9)),
        ("Footer", PLAIN, SIZE_4),
    ):
        style = file.styles[name]
        style.font.size = size
        style.font.bold = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _space(style.element.get_or_add_rPr(), TIGHTER if name == "Normal" else "0")
        _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts(), font)
    border = file.styles["Title"].element.find(".//" + qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)


def _space(properties: etree._Element, twentieths: str) -> None:
    for old in properties.findall(qn("w:spacing")):
        properties.remove(old)
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), twentieths)
    properties.insert_element_before(
        spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:u", "w:lang"
    )


def _set_fonts(fonts: etree._Element, east_asian: str) -> None:
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)
    for name in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[name]


def _name_stand_ins(file: WordFile) -> None:
    """Tell the word processor which free font stands in for each named one."""
    part = next(
        rel.target_part for rel in file.part.rels.values() if rel.reltype.endswith("/fontTable")
    )
    table = parse_xml(part.blob)
    for name, stand_in in STAND_INS.items():
        entry = parse_xml(
            f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{stand_in}"/>'
            '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        )
        for old in table.findall(qn("w:font")):
            if old.get(qn("w:name")) == name:
                table.remove(old)
        table.append(entry)
    part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def _run(
    paragraph: Paragraph, text: str, font: str, size: Pt | None = None, bold: bool = False
) -> Run:
    run = paragraph.add_run(_NOT_IN_XML.sub("", text))
    run.bold = bold
    if size is not None:
        run.font.size = size
    _set_fonts(run._element.get_or_add_rPr().get_or_add_rFonts(), font)
    return run


def _paragraph(
    file: WordFile, text: str, font: str, style: str = "Normal", size: Pt | None = None
) -> Paragraph:
    paragraph = file.add_paragraph(style=style)
    _run(paragraph, text, font, size)
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    if size is None:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    else:
        layout.line_spacing = Pt(size.pt * 1.35)
        _off_grid(paragraph)
    if style == "Heading 1":
        layout.keep_with_next = True
        _indent_two(paragraph)
    return paragraph


def _text(file: WordFile, text: str, language: str) -> None:
    paragraph = _paragraph(file, text, TEXT)
    if language == "zh":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _indent_two(paragraph)


def _closing(file: WordFile, lines: tuple[str, ...]) -> None:
    """Who signs and when, to the right, four characters in (GB/T 9704-2012, 7.3.5)."""
    for place, line in enumerate(lines):
        paragraph = _paragraph(file, line, TEXT)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(4 * SIZE_3.pt)
        paragraph.paragraph_format.keep_with_next = place < len(lines) - 1
        if place == 0:
            paragraph.paragraph_format.space_before = LINE


def _indent_two(paragraph: Paragraph) -> None:
    """First line in by two characters, whatever the size of a character."""
    paragraph.paragraph_format.first_line_indent = Pt(32)
    indent = paragraph._p.get_or_add_pPr().find(qn("w:ind"))
    indent.set(qn("w:firstLineChars"), "200")


def _heading_lines(file: WordFile, document: Document) -> None:
    title = file.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, document.title, TITLE, SIZE_2)
    title.paragraph_format.space_after = Pt(6)
    for line in document.subtitle:
        paragraph = _paragraph(file, line, SUBHEADING)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    file.paragraphs[-1].paragraph_format.space_after = Pt(14)


def _header(paragraph: Paragraph, document: Document) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = _run(paragraph, document.header, PLAIN, Pt(9))
    run.font.color.rgb = _GREY
    if document.mark:
        _run(paragraph, f"\u2003[\u00a0{document.mark}\u00a0]", HEADING, Pt(10.5), bold=True)


def _page_number(paragraph: Paragraph, marks: tuple[str, str], side: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = side
    _run(paragraph, marks[0], PLAIN, SIZE_4)
    run = _run(paragraph, "", PLAIN, SIZE_4)
    for kind in ("begin", None, "end"):
        if kind is None:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = "PAGE"
            run._element.append(code)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
    _run(paragraph, marks[1], PLAIN, SIZE_4)


def _caption(file: WordFile, text: str, keep_with_next: bool) -> None:
    paragraph = _paragraph(file, text, HEADING, size=Pt(12))
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after = Pt(8), Pt(4)
    layout.keep_with_next = keep_with_next


def _table(file: WordFile, block: Table, number: int, language: str) -> None:
    caption = t("reports.daily.table_number", language, number=number, title=block.title)
    _caption(file, caption, keep_with_next=True)
    table = file.add_table(rows=0, cols=len(block.headers), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = [Mm(156 * share) for share in block.shares()]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for place, texts in enumerate((block.headers, *block.rows)):
        _row(table, texts, widths, block.numbers_from, is_header=place == 0)
    # a short table stays on one page, with its caption
    if len(block.rows) <= 12:
        for row in table.rows[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    _gap(file)


def _row(
    table: WordTable,
    texts: tuple[str, ...],
    widths: list[Mm],
    numbers_from: int,
    is_header: bool,
) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_header:
        properties.append(OxmlElement("w:tblHeader"))
    for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = widths[place]
        paragraph = cell.paragraphs[0]
        _run(paragraph, text, HEADING if is_header else TEXT, Pt(12))
        layout = paragraph.paragraph_format
        layout.space_before = layout.space_after = Pt(1)
        layout.line_spacing = Pt(18)
        _off_grid(paragraph)
        if is_header:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif place >= numbers_from:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _off_grid(paragraph: Paragraph) -> None:
    """Small lines keep their own height instead of the page's 22 lines."""
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        snap, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr"
    )


def _gap(file: WordFile) -> None:
    paragraph = file.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(10)
    paragraph.paragraph_format.space_after = Pt(0)


def _picture(
    file: WordFile, block: Picture, pictures: Mapping[str, bytes], number: int, language: str
) -> None:
    png = pictures.get(block.name)
    paragraph = file.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = Pt(0)
    if png is None:
        _run(paragraph, t("reports.daily.no_picture", language), TEXT, Pt(12))
    else:
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=PICTURE_WIDTH)
        shape._inline.docPr.set("descr", f"{block.caption} {block.note}".strip())
    caption = t("reports.daily.picture_number", language, number=number, title=block.caption)
    _caption(file, caption, keep_with_next=bool(block.note))
    if block.note:
        note = _paragraph(file, block.note, TEXT, size=SIZE_5)
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER
