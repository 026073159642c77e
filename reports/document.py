"""A report before it is Word, HTML or a screen: sections of plain text, tables, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Table:
    """A table of texts; columns from `numbers_from` on are figures, set to the right; widths in
    any unit, () for the usual ones."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1
    widths: tuple[float, ...] = ()

    def shares(self) -> list[float]:
        """Each column's share of the width: unless said, the first holds names."""
        if self.widths:
            return [width / sum(self.widths) for width in self.widths]
        many = len(self.headers)
        first = max(0.26, 1 / many)
        return [first, *[(1 - first) / max(many - 1, 1)] * (many - 1)]


@dataclass(frozen=True)
class Picture:
    """A place for a picture; `name` tells which. The caption says in words what it shows."""

    name: Literal["map", "flow", "levels"]
    caption: str
    note: str = ""


Block = str | Table | Picture
"""A paragraph, a table or a picture's place."""


@dataclass(frozen=True)
class Section:
    """A numbered part: 一、… in Chinese, 1. … in English; the numeral is part of the title.

    about: ids in `reports.formulas` of its figures, for the help on screen; not printed.
    """

    title: str
    blocks: tuple[Block, ...]
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole report in one language. Texts are plain: whoever sets them escapes them.

    header: for the top of every page. mark: the demo mark for every page, "" for real data.
    subtitle: lines under the title. notes: small print at the end. A section without a title has
    no heading. addressee: the line a letter begins with, "" for none; closing: who signs and when,
    set to the right after the text. watermark: across every page, "" for an issued report.
    """

    title: str
    subtitle: tuple[str, ...]
    header: str
    mark: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    page_marks: tuple[str, str]
    language: str
    addressee: str = ""
    closing: tuple[str, ...] = ()
    watermark: str = ""
