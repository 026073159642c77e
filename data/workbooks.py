"""Workbooks that go out: the template with drop-downs, and the sender's wrong rows, marked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import openpyxl
import pandas as pd
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from wording import t

from .errors import RowProblem
from .fields import BY_NAME, FIELDS, YES, by_header, is_person_column
from .rows import Known

TEMPLATE_VERSION = "2"
"""Stands on the hidden sheet (`sheet_process` reads it): a file made from an older one says so."""

_HEAD = PatternFill("solid", fgColor="E8EEF4")
_WRONG = PatternFill("solid", fgColor="FFD9B3")
_EXAMPLE = Font(italic=True, color="777777")
_ROWS = 2000
"""Rows of the template that carry the drop-downs."""


def template(known: Known, language: str) -> bytes:
    """An empty xlsx with a header, drop-downs from the county's lists and an ignored example.

    Args:
        known: the county's lists; townships and grids are cut to `known.reach`.
        language: of headers and words; either language comes back in.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = t("intake.template.title", language)
    lists = _Lists(book, known, language)
    example = _example(known, language)
    for number, field in enumerate(FIELDS, 1):
        letter = get_column_letter(number)
        head = sheet.cell(1, number)
        _put(head, field.header(language) + (" *" if field.must_be_given(is_file=True) else ""))
        head.fill, head.font = _HEAD, Font(bold=True)
        note = Comment(field.meaning(language), "Zaojie", width=320, height=120)
        head.comment = note
        cell = sheet.cell(2, number)
        _put(cell, example.get(field.name, ""))
        cell.font = _EXAMPLE
        sheet.column_dimensions[letter].width = 48 if field.name == "summary" else 18
        lists.offer(sheet, field.name, letter, 3, _ROWS)
        if field.type in ("text", "moment", "place"):
            for row in range(2, 203):
                sheet.cell(row, number).number_format = "@"
    sheet.freeze_panes = "A2"
    return _bytes(book)


class _Lists:
    """A hidden sheet with the version and the county's lists, for drop-downs."""

    def __init__(self, book: openpyxl.Workbook, known: Known, language: str) -> None:
        self.known, self.language = known, language
        self.sheet = book.create_sheet(t("intake.template.lists", language))
        self.sheet.sheet_state = "hidden"
        _put(self.sheet.cell(1, 1), f"zaojie-template {TEMPLATE_VERSION}")
        self.count = 0

    def offer(self, sheet: Worksheet, name: str, letter: str, first: int, last: int) -> None:
        """Let the cells of a column be picked from a field's list, where it has one."""
        values = values_of(name, self.known, self.language)
        if not values:
            return
        self.count += 1
        own = get_column_letter(self.count)
        for row, value in enumerate(values, 2):
            _put(self.sheet.cell(row, self.count), value)
        where = f"'{self.sheet.title}'!${own}$2:${own}${len(values) + 1}"
        pick = DataValidation(type="list", formula1=where, allow_blank=True)
        pick.showErrorMessage = False  # the upload says what is wrong, in full sentences
        pick.add(f"{letter}{first}:{letter}{last}")
        sheet.add_data_validation(pick)


def annotated(
    frame: pd.DataFrame,
    problems: Iterable[RowProblem],
    known: Known,
    language: str,
    columns: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The rows that were refused, wrong cells coloured, with a column that says what to do.

    A corrected one is uploaded as it is: that column is not read. Right rows were stored and are
    left out, so that each case is added once. When the whole file was refused, all its rows are
    there. Columns of persons are left out too: they are not read, and need not travel again.

    Args:
        frame: as read by `sheets.read_sheet` (index = row numbers).
        problems: of `rows.check_rows`; row 0 = the whole file.
        known: the lists the rows were held against; their drop-downs stand in the cells again.
        language: of the sentences.
        columns: the sender's column by field, where a mapping named them.
    """
    fields = {column: BY_NAME.get(name) for name, column in columns.items()}
    problems = list(problems)
    by_row: dict[int, list[RowProblem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    if 0 not in by_row:
        frame = frame.loc[frame.index.isin(list(by_row))]
    how = t("intake.template.how", language)
    names = [str(c) for c in frame.columns]
    keep = [i for i, name in enumerate(names) if name != how and not is_person_column(name)]
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = t("intake.template.title", language)
    for column, place in enumerate(keep, 1):
        _put(sheet.cell(1, column), names[place])
        sheet.column_dimensions[get_column_letter(column)].width = 20
    last = len(keep) + 1
    _put(sheet.cell(1, last), how)
    sheet.column_dimensions[get_column_letter(last)].width = 60
    for cell in sheet[1]:
        cell.fill, cell.font = _HEAD, Font(bold=True)
    for row, (number, cells) in enumerate(zip(frame.index, frame.to_numpy(), strict=True), 2):
        wrong = by_row.get(int(number), []) + by_row.get(0, [])
        marked = {problem.column for problem in wrong}
        for column, place in enumerate(keep, 1):
            cell = sheet.cell(row, column)
            value = cells[place]
            _put(cell, "" if value != value else str(value))
            if names[place] in marked:
                cell.fill = _WRONG
        advice = sheet.cell(row, last)
        _put(advice, "\n".join(dict.fromkeys(problem.text(language) for problem in wrong)))
        advice.alignment = Alignment(wrap_text=True, vertical="top")
    lists = _Lists(book, known, language)
    for column, place in enumerate(keep, 1):
        field = fields[names[place]] if names[place] in fields else by_header(names[place])
        if field is not None and len(frame):
            lists.offer(sheet, field.name, get_column_letter(column), 2, len(frame) + 1)
    sheet.freeze_panes = "A2"
    return _bytes(book)


def _put(cell: object, text: str) -> None:
    """A text as a text: a sender's "=..." stays letters and is never a formula."""
    assert isinstance(cell, Cell)
    cell.value = text
    if text:
        cell.data_type = "s"


def values_of(name: str, known: Known, language: str) -> list[str]:
    """What may be picked in a field, in words or codes; empty where it is typed freely.

    Townships and grids are those of `known.reach`.
    """
    field = next(f for f in FIELDS if f.name == name)
    if field.choices:
        return [field.choice(c, language) for c in field.choices]
    if name == "category":
        return [c.names[language] for c in known.categories]
    if name == "body":
        return [str(n) for n in known.bodies[f"name_{language}"]]
    reach = known.reach
    if name == "township":
        frame = known.townships
        if reach is not None:
            frame = frame[frame["township_code"].isin(list(reach))]
        return [str(n) for n in frame[f"name_{language}"]]
    if name == "grid":
        return [g for g, town in sorted(known.grids.items()) if reach is None or town in reach]
    return []


def _example(known: Known, language: str) -> dict[str, str]:
    """One believable row; the mark in its first cell keeps it out of every import."""
    values = {
        field.name: (values_of(field.name, known, language) or [""])[0]
        for field in FIELDS
        if field.name not in {"domain", "procedure", "amount_band", "coordinate_system"}
    }
    return values | {
        "source_id": t("intake.template.example_mark", language),
        "opened_at": "2026-03-05 14:05",
        "channel": BY_NAME["channel"].choice("on_behalf", language),
        "asked": BY_NAME["asked"].choice(YES, language),
        "summary": t("intake.template.example_summary", language),
    }


def _bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
