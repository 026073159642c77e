"""Tables of figures as a workbook (xlsx): the same cells as on the page, one sheet a table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from .csv_cells import text_cell

Cell = str | int | float | None


@dataclass(frozen=True)
class Sheet:
    """name: at most 31 letters. notes: lines above the table. heads, rows: the table."""

    name: str
    notes: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def book(sheets: Sequence[Sheet]) -> bytes:
    """The workbook. Numbers are numbers; a text that looks like a formula is made a text."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for sheet in sheets:
        page = made.create_sheet(sheet.name[:31])
        for note in sheet.notes:
            page.append([text_cell(note)])
        page.append([text_cell(head) for head in sheet.heads])
        top = page.max_row
        for cell in page[top]:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
        for row in sheet.rows:
            page.append([text_cell(value) for value in row])
        for number, head in enumerate(sheet.heads, start=1):
            cells = [head, *(str(row[number - 1]) for row in sheet.rows)]
            wide = max(sum(2 if ord(letter) > 0x2E80 else 1 for letter in one) for one in cells)
            page.column_dimensions[get_column_letter(number)].width = min(40, wide + 2)
        page.freeze_panes = page.cell(top + 1, 2)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
