"""Spreadsheets: uploads are read into texts, a template goes out, and wrong rows go back marked.

Every cell is a text and keeps its row number in the sheet, so that a sentence about row 7 means
the sender's row 7. Nothing in a file is run: formulas are read by their last value, macros never.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from .errors import DataError
from .fields import by_header

MAX_MB = 20
MAX_UNPACKED_MB = 300
MAX_ROWS = 100_000
MAX_COLUMNS = 200
HEADER_WITHIN = 20
"""Title rows above the header are skipped within this many rows."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_sheet(
    data: bytes,
    file: str,
    is_known: Callable[[str], bool] = lambda name: by_header(name) is not None,
) -> pd.DataFrame:
    """The first sheet with rows of an upload, as texts.

    Args:
        data: xlsx, xlsm, csv, tsv or txt; a csv may be gzipped. Told by content, not by name.
        file: its name, for the sentence when it is refused.
        is_known: whether a text is the name of a column; finds the header under title rows.

    Returns:
        str columns named as in the file; index `row` = 1-based row in the sheet. Empty cells are
        empty texts; rows without any text are left out.

    Raises:
        DataError: one sentence: empty, too large, damaged, unknown encoding, no header.
    """
    file = re.sub(r"[^\w.() -]", "_", file)[:80]
    if not data.strip():
        raise _refused("empty", file)
    _limit(data, MAX_MB, file)
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, file)
    if data[:4] == b"PK\x03\x04":
        table = _from_workbook(data, file)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused("old_excel", file)
    elif data[:5] in (b"%PDF-", b"{\\rtf") or data[:4] in (b"Rar!", b"7z\xbc\xaf", b"\x89PNG"):
        raise _refused("unknown_kind", file)
    else:
        text = _decoded(data, file)
        if re.match(r"\s*<(?:!doctype|html|\?xml|table)", text, re.IGNORECASE):
            raise _refused("unknown_kind", file)
        table = _from_text(text, file)
    return _framed(table, file, is_known)


def _refused(key: str, file: str, **values: object) -> DataError:
    return DataError(f"intake.sheet.{key}", [], file=file, **values)


def _limit(data: bytes, most_mb: int, file: str) -> None:
    if len(data) > most_mb * 2**20:
        raise _refused("too_big", file, limit=most_mb)


def _unzipped(data: bytes, file: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            text = stream.read(MAX_UNPACKED_MB * 2**20 + 1)
    except (OSError, EOFError, zlib.error) as err:
        raise _refused("broken", file) from err
    _limit(text, MAX_UNPACKED_MB, file)
    return text


def _from_workbook(data: bytes, file: str) -> Iterable[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
        if unpacked > MAX_UNPACKED_MB * 2**20:
            raise _refused("too_big", file, limit=MAX_UNPACKED_MB)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()  # the size a file claims may be a lie
                table: list[tuple[int, list[str]]] = []
                for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                    row = [_text(cell) for cell in cells[: MAX_COLUMNS + 1]]
                    if any(row):
                        table.append((number, row))
                    if number > MAX_ROWS + HEADER_WITHIN:
                        raise _refused("too_many_rows", file, limit=MAX_ROWS)
                if table:
                    return table
        finally:
            book.close()
    except (
        zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError,
        AttributeError, OSError, EOFError, ParseError, zlib.error, NotImplementedError,
    ) as err:  # fmt: skip
        # openpyxl raises whatever a damaged part makes it stumble over
        raise _refused("broken", file) from err
    raise _refused("empty", file)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        is_day = cell.time() == dt.time(0)
        return f"{cell:%Y-%m-%d}" if is_day else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return _CONTROL.sub("", str(cell)).strip()


def _decoded(data: bytes, file: str) -> str:
    """The text of a csv: UTF-8 or UTF-16 by mark or pattern, else GB18030 (which holds GBK)."""
    if data[:3] == b"\xef\xbb\xbf":
        encodings = ["utf-8-sig"]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\x00" in data[:20_000]:  # no other encoding has a zero byte
        head = data[:20_000]
        ends = {name: head.decode(name, "ignore") for name in ("utf-16-le", "utf-16-be")}
        encodings = sorted(ends, key=lambda name: -sum(ends[name].count(c) for c in ",\t;\n"))
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" not in text and sum(c < " " and c not in "\r\n\t" for c in text[:5000]) < 5:
            return text
    raise _refused("encoding", file)


def _from_text(text: str, file: str) -> list[tuple[int, list[str]]]:
    head = text[:20_000]
    delimiter = max("\t,;，", key=lambda mark: (head.count(mark), mark == ","))
    table: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(_CONTROL.sub("", text), newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            row = [cell.strip() for cell in cells[: MAX_COLUMNS + 1]]
            if any(row):
                table.append((number, row))
            if number > MAX_ROWS + HEADER_WITHIN:
                raise _refused("too_many_rows", file, limit=MAX_ROWS)
    except csv.Error as err:
        raise _refused("broken", file) from err
    return table


def _framed(
    table: Iterable[tuple[int, list[str]]], file: str, is_known: Callable[[str], bool]
) -> pd.DataFrame:
    rows = list(table)
    if not rows:
        raise _refused("empty", file)
    if max(len(cells) for _, cells in rows) > MAX_COLUMNS:
        raise _refused("too_many_columns", file, limit=MAX_COLUMNS)
    at = _header_at([cells for _, cells in rows[:HEADER_WITHIN]], is_known)
    if at is None:
        raise _refused("no_header", file)
    names = rows[at][1]
    while names and not names[-1]:
        names = names[:-1]
    width = len(names)
    body = rows[at + 1 :]
    if len(body) > MAX_ROWS:
        raise _refused("too_many_rows", file, limit=MAX_ROWS)
    cells = [(row + [""] * width)[:width] for _, row in body]
    index = pd.Index([number for number, _ in body], name="row", dtype="int64")
    return pd.DataFrame(cells, index=index, columns=names, dtype="str")


def _header_at(rows: Sequence[list[str]], is_known: Callable[[str], bool]) -> int | None:
    """The row with the most known names of columns; at least two of them must be known."""
    known = [sum(bool(cell) and is_known(cell) for cell in row) for row in rows]
    best = max(known, default=0)
    return known.index(best) if best >= 2 else None
