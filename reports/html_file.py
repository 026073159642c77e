"""A report as one HTML file that needs no other: no script, no font, pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from wording import t

from .document import Document, Picture, Table
from .monthly_page import pages


def html_file(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """The report for a browser or a mail; every text is escaped.

    Args:
        pictures: PNG by `Picture.name`; one that is not there is said to be missing in its place.
    """
    sections = [
        (section.title, [(_kind(block), block) for block in section.blocks])
        for section in document.sections
    ]
    inside = {
        name: "data:image/png;base64," + base64.b64encode(png).decode()
        for name, png in pictures.items()
    }
    html = pages.get_template("report.html").render(
        made=document, blocks=sections, pictures=inside,
        lang="zh-CN" if document.language == "zh" else "en",
        missing=t("reports.daily.no_picture", document.language),
    )  # fmt: skip
    return html.encode()


def _kind(block: object) -> str:
    if isinstance(block, Table):
        return "table"
    return "picture" if isinstance(block, Picture) else "text"
