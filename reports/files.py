"""A report's document as a file of each format people take along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from wording import t

from .document import Document
from .html_file import html_file
from .pdf import pdf_file
from .word import word_file

DOCUMENTS = ("docx", "pdf", "html")
FORMATS = (*DOCUMENTS, "json")
"""The JSON holds the facts and no words: `facts_json.to_json`."""
MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html",
    "json": "application/json",
}
_FONTS = {"docx": "reports.daily.fonts", "pdf": "report.fonts_pdf"}


def document_file(
    document: Document, kind: str, pictures: Mapping[str, bytes], as_of: dt.datetime
) -> bytes:
    """The document as Word, PDF or one HTML file; Word and PDF say which typefaces they use.

    Args:
        kind: of `DOCUMENTS`. pictures: PNG by name. as_of: aware, the time the file says it is of.
    """
    if kind in _FONTS:
        fonts = t(_FONTS[kind], document.language)
        document = replace(document, notes=(*document.notes, fonts))
    if kind == "html":
        return html_file(document, pictures)
    return {"docx": word_file, "pdf": pdf_file}[kind](document, pictures, as_of)
