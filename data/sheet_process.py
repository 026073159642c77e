"""Reads one workbook in a process of its own, which may fail without harm to anybody else.

A file can be made so that reading it takes all memory, or never ends, or stops the program that
reads it. So the reader (python-calamine) runs as `python -I <this file>` with limits on memory
and time: the workbook comes in on standard input, and rows go out as lines of JSON. Nothing of the
project is imported here. Formulas are read by their last value; macros and links never.

Lines: first {"template": text, "is_1904": bool}, then [row number, [cells]], last {"end": true}.
Or one line {"refused": key}, key of `intake.sheet.*`.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator

from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

MEMORY = 800 * 2**20
SECONDS = 60
"""Of the processor; several times what a full sheet of 100,000 rows needs."""
MOST_FILLS = 2_000_000
"""Cells that merged cells may fill: each of 100,000 rows in 20 columns."""
TEMPLATE = re.compile(r"zaojie-template (\d{1,4})")
_LOCKED = (
    "EncryptedPackage".encode("utf-16-le"),  # a locked xlsx lies in a container of its own
    b"\x09\x08\x10\x00" + b".{16}" + b"\x2f\x00",  # BOF, then the record FILEPASS
)
_DATEMODE_1904 = b"\x22\x00\x02\x00\x01\x00"
"""The xls record DATEMODE with the value 1; it stands near the beginning of the file."""


def main() -> None:
    """Read standard input, write lines; the caller reads the last one to know that all came."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most_columns, most_rows, most_letters = map(int, sys.argv[1:4])
    data = sys.stdin.buffer.read()
    is_locked = any(re.search(mark, data[:200_000], re.DOTALL) for mark in _LOCKED)
    try:
        if is_locked and not data.startswith(b"PK"):
            raise _Refused("locked")
        lines = list(_rows(data, most_columns, most_rows, most_letters))
    except _Refused as why:
        lines = [json.dumps({"refused": str(why)})]
    except MemoryError:
        lines = [json.dumps({"refused": "too_heavy"})]
    except BaseException:  # a panic of the reader is no Exception
        lines = [json.dumps({"refused": "broken"})]
    sys.stdout.buffer.write("\n".join([*lines, ""]).encode())


class _Refused(Exception):
    """A limit; the text is the key."""


def _rows(data: bytes, most_columns: int, most_rows: int, most_letters: int) -> Iterator[str]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    yield json.dumps({"template": _template(book), "is_1904": _is_1904(data)})
    letters = count = 0
    for index, about in enumerate(book.sheets_metadata):
        if about.visible != SheetVisibleEnum.Visible:
            continue
        for number, cells in _table(book.get_sheet_by_index(index)):
            count += 1
            letters += sum(map(len, cells))
            if count > most_rows:
                raise _Refused("too_many_rows")
            if letters > most_letters:
                raise _Refused("too_heavy")
            if any(cells[most_columns:]):
                raise _Refused("too_many_columns")
            yield json.dumps([number, cells[:most_columns]], ensure_ascii=False)
        if count:
            yield json.dumps({"end": True})
            return
    raise _Refused("empty")


def _template(book: CalamineWorkbook) -> str:
    """The version on the hidden sheet of our own template; empty in any other workbook."""
    for index, about in enumerate(book.sheets_metadata):
        if about.visible == SheetVisibleEnum.Visible:
            continue
        first = book.get_sheet_by_index(index).to_python(nrows=1)
        found = TEMPLATE.match(str(first[0][0])) if first and first[0] else None
        if found:
            return found[1]
    return ""


def _is_1904(data: bytes) -> bool:
    if not data.startswith(b"PK"):
        return _DATEMODE_1904 in data[:65_536]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open("xl/workbook.xml") as part:
            head = part.read(65_536)
    except (KeyError, OSError, zipfile.BadZipFile):
        return False
    return re.search(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904=["'](?:1|true)""", head) is not None


def _table(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Rows with any text, numbered as in the sheet; a merged cell stands in each of its rows."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    last = sheet.start[0] + sheet.total_height
    fills: dict[int, list[tuple[int, int]]] = {}
    work = 0
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or []:
        work += max(0, min(bottom, last) - top)
        if work > MOST_FILLS:
            raise _Refused("too_heavy")
        for row in range(top + 1, min(bottom, last) + 1):
            fills.setdefault(row, []).append((top, column))
    tops = {top for filled in fills.values() for top, _ in filled}
    kept: dict[int, list[str]] = {}
    for row, values in enumerate(sheet.iter_rows()):
        if values.count("") == len(values):
            continue  # merged cells alone make no row
        cells = [""] * left + [_text(value) for value in values]
        if row in tops:
            kept[row] = cells
        for top, column in fills.get(row, ()):
            if column < len(cells) and top in kept:
                cells[column] = cells[column] or kept[top][column]
        while cells and not cells[-1]:
            cells.pop()
        yield row + 1, cells


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return repr(value)
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time(0)
        return value.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M:%S")
    return str(value)


if __name__ == "__main__":
    main()
