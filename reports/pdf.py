"""A report as PDF by typst, without an office suite: the project's own fonts, embedded."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import typst

from wording import t

from .document import Block, Document, Picture, Table

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_FONTS = Path(__file__).parent / "fonts"


def pdf_file(document: Document, pictures: Mapping[str, bytes], as_of: dt.datetime) -> bytes:
    """The report as a tagged PDF.

    Args:
        document: words and tables; they are handed over as data and set as text.
        pictures: PNG by `Picture.name`; one that is not there is said to be missing in its place.
        as_of: aware; stands as the file's creation time, so that no clock is asked.

    Returns:
        The bytes of the file, the same for the same report. Header rows repeat, rows never break
        over pages, fonts are embedded.
    """
    numbers = {"table": 0, "picture": 0}
    sections = [
        {
            "title": section.title,
            "blocks": [_block(block, document, pictures, numbers) for block in section.blocks],
        }
        for section in document.sections
    ]
    given = {
        "title": document.title, "subtitle": document.subtitle, "header": document.header,
        "mark": document.mark, "watermark": document.watermark, "sections": sections,
        "notes": document.notes, "page_marks": document.page_marks, "lang": document.language,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="zaojie-report-") as folder:
        home = Path(folder)
        (home / "report.typ").write_bytes(_TEMPLATE.read_bytes())
        (home / "report.json").write_text(json.dumps(given, ensure_ascii=False), "utf-8")
        for name, png in pictures.items():
            (home / f"{name}.png").write_bytes(png)
        made = typst.compile(
            home / "report.typ", root=home, format="pdf", font_paths=[_FONTS],
            ignore_system_fonts=True, timestamp=int(as_of.timestamp()),
        )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _block(
    block: Block, document: Document, pictures: Mapping[str, bytes], numbers: dict[str, int]
) -> dict[str, object]:
    language = document.language
    if isinstance(block, str):
        return {"kind": "text", "text": block}
    if isinstance(block, Table):
        numbers["table"] += 1
        title = t("reports.daily.table_number", language, number=numbers["table"],
                  title=block.title)  # fmt: skip
        return {
            "kind": "table", "title": title, "headers": block.headers, "rows": block.rows,
            "numbers_from": block.numbers_from, "widths": block.shares(),
        }  # fmt: skip
    return _picture(block, language, pictures, numbers)


def _picture(
    block: Picture, language: str, pictures: Mapping[str, bytes], numbers: dict[str, int]
) -> dict[str, object]:
    numbers["picture"] += 1
    return {
        "kind": "picture",
        "title": t("reports.daily.picture_number", language, number=numbers["picture"],
                   title=block.caption),
        "file": f"{block.name}.png" if block.name in pictures else "",
        "missing": t("reports.daily.no_picture", language), "note": block.note,
    }  # fmt: skip
