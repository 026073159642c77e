"""The reconciliation list: facts in; a workbook, a CSV or a page to print out.

It holds the sender's own numbers, names of fields and days: no text, no place, no body's name, no
word about anybody. It is for the desk whose rows it lists (DOMAIN.md §2.14).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import openpyxl
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from data.mapped_table import REASONS
from wording import formats, t

FIELDS = ("opened_on", "category", "body", "accepted_on", "answered_on", "closed")
"""What is compared."""
KINDS = ("differs", "theirs_only", "ours_only", "unreadable")
HEADS = ("kind", "number", "case", "fields", "theirs", "ours")


@dataclass(frozen=True)
class Reconciliation:
    """One desk, one month.

    same: cases both have alike. lines: (one of `KINDS`, the sender's number, our case number where
    only we have the case, names of `FIELDS` that differ or why the row was not read).
    days: by number, (field, their day, our day) of the days that differ; "" = none.
    """

    desk_names: Mapping[str, str]
    month: str
    made_at: dt.datetime
    zone: str
    same: int
    lines: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    days: Mapping[str, list[tuple[str, str, str]]]

    def counts(self) -> dict[str, int]:
        """How many of each kind, `same` first."""
        kinds = [line[0] for line in self.lines]
        return {"same": self.same} | {kind: kinds.count(kind) for kind in KINDS}


def rows(found: Reconciliation, language: str) -> list[tuple[str, ...]]:
    """The list in words, columns `HEADS`, in order of `KINDS`, then number."""
    mark = "、" if language == "zh" else ", "
    shown: list[tuple[str, ...]] = []
    for kind, number, case, names in sorted(found.lines, key=lambda x: (KINDS.index(x[0]), x[1:])):
        words = [
            t(f"takeover.field.{name}", language)
            if kind == "differs"
            else t(f"{'intake.aside' if name in REASONS else 'takeover.rule'}.{name}", language)
            for name in names
        ]
        days = found.days.get(number, [])
        shown.append(
            (
                t(f"takeover.kind.{kind}", language), number, case, mark.join(words),
                mark.join(_day(name, theirs, language) for name, theirs, _ in days),
                mark.join(_day(name, ours, language) for name, _, ours in days),
            )
        )  # fmt: skip
    return shown


def _day(name: str, day: str, language: str) -> str:
    return f"{t(f'takeover.field.{name}', language)} {day or '—'}"


def _title(found: Reconciliation, language: str) -> str:
    return t("takeover.list.title", language, desk=found.desk_names[language], month=found.month)


def _summary(found: Reconciliation, language: str) -> list[tuple[str, int]]:
    counts = found.counts().items()
    return [(t(f"takeover.kind.{kind}", language), count) for kind, count in counts]


def to_csv(found: Reconciliation, language: str) -> bytes:
    """UTF-8 with its mark, as office programs open it; no cell can be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([t(f"takeover.head.{head}", language) for head in HEADS])
    writer.writerows([_plain(cell) for cell in row] for row in rows(found, language))
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def to_xlsx(found: Reconciliation, language: str) -> bytes:
    """A workbook: the counts above, the list below; every cell a text."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    lines = [(_title(found, language),), *((k, str(n)) for k, n in _summary(found, language)), ()]
    heads = tuple(t(f"takeover.head.{head}", language) for head in HEADS)
    for number, line in enumerate([*lines, heads, *rows(found, language)], 1):
        for column, text in enumerate(line, 1):
            cell = sheet.cell(number, column, text)
            cell.data_type = "s"
            if number == 1 or line is heads:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (26, 24, 20, 36, 30, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_html(found: Reconciliation, language: str) -> bytes:
    """A page of A4 to print, with room for two signatures."""
    heads = "".join(f"<th>{escape(t(f'takeover.head.{head}', language))}</th>" for head in HEADS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows(found, language)
    )
    counts = "".join(
        f"<li>{escape(kind)}: {number}</li>" for kind, number in _summary(found, language)
    )
    title, made = _title(found, language), formats.moment(found.made_at, language, found.zone)
    said = escape(t("takeover.list.note", language, made=made))
    signed = escape(t("takeover.list.signed", language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>@page{{size:A4 landscape;margin:18mm}}"
        "body{font:11pt/1.5 'Noto Sans CJK SC',sans-serif;color:#111}table{border-collapse:"
        "collapse;width:100%}th,td{border:1px solid #777;padding:2px 6px;text-align:left}"
        "thead{display:table-header-group}tr{break-inside:avoid}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{said}</p><ul>{counts}</ul><table><thead><tr>{heads}</tr>"
        f"</thead><tbody>{body}</tbody></table><p>{signed}</p></body></html>"
    ).encode()
