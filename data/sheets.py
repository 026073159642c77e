"""Spreadsheets that come in: an upload is read into texts, or refused with one sentence.

Every cell is a text and keeps its row number in the sheet, so that a sentence about row 7 means
the sender's row 7. Workbooks are read in a process of their own (`sheet_process`), texts here.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from .encodings import encoding_of
from .errors import DataError
from .fields import by_header, normal
from .sheets_plain import plain_frame
from .unseen import has_unseen, seen_all, stripped_all

MAX_MB = 20
MAX_UNPACKED_MB = 300
"""Of a workbook's parts, as its own list of them says; of a text, `MAX_TEXT_MB`."""
MAX_TEXT_MB = 100
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 4_000_000
"""Filled cells: 100,000 rows of 40 columns."""
HEADER_WITHIN = 20
"""Title rows above the header are skipped within this many rows."""
SECONDS = 300
"""How long the process that reads a workbook may take by the clock on the wall, on a busy server;
its own work is limited to a fifth of it."""

_READER = Path(__file__).with_name("sheet_process.py")
_NO_SHEET = (
    b"%PDF-", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM",
    b"II*\x00", b"MM\x00*", b"RIFF", b"MZ", b"\x7fELF", b"BZh", b"\xfd7zXZ", b"SQLite format",
)  # fmt: skip
_MARKED_UP = re.compile(r"\s*<(?:!doctype|html|\?xml|table|meta|head|body)", re.IGNORECASE)
_SERIAL = re.compile(r"-?\d{1,6}(?:\.\d+)?", re.ASCII)
_DAYS_1904 = 1462
"""From the first day of the older Macintosh date system to that of the usual one."""


@dataclass(frozen=True)
class Upload:
    """frame: as `read_sheet` returns it. template: the version of our own template the file was
    made from; None = made from none."""

    frame: pd.DataFrame
    template: int | None = None


def read_sheet(
    data: bytes,
    file: str,
    is_known: Callable[[str], bool] = lambda name: by_header(name) is not None,
) -> pd.DataFrame:
    """The first visible sheet with rows of an upload, as texts.

    Args:
        data: xlsx, xlsm, xls, csv, tsv or txt; a csv may be gzipped. Told by content, not by name.
        file: its name, for the sentence when it is refused.
        is_known: whether a text is the name of a column; finds the header under title rows.

    Returns:
        str columns named as in the file; index `row` = 1-based row in the sheet. Empty cells are
        empty texts; rows without any text, and the header where it is repeated, are left out. A
        cell merged over rows stands in each of them.

    Raises:
        DataError: one sentence: empty, too large, damaged, locked, unknown encoding, no header.
    """
    return read_upload(data, file, is_known).frame


def read_upload(
    data: bytes,
    file: str,
    is_known: Callable[[str], bool] = lambda name: by_header(name) is not None,
) -> Upload:
    """As `read_sheet`, with what else the file says about itself."""
    file = re.sub(r"[^\w.() -]", "_", file)[:80]
    if not data.strip():
        raise _refused("empty", file)
    _limit(data, MAX_MB, file)
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, file)
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        about, table = _from_workbook(data, file)
        frame = _framed(table, file, is_known)
        if about["is_1904"]:
            frame = _from_1904(frame)
        template = str(about["template"])
        return Upload(frame, int(template) if template else None)
    if data.startswith(_NO_SHEET):
        raise _refused("unknown_kind", file)
    return Upload(_from_text(data, file, is_known))


def _refused(key: str, file: str, **values: object) -> DataError:
    return DataError(f"intake.sheet.{key}", [], file=file, **values)


def _limit(data: bytes, most_mb: int, file: str) -> None:
    if len(data) > most_mb * 2**20:
        raise _refused("too_big", file, limit=most_mb)


def _unzipped(data: bytes, file: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            text = stream.read(MAX_TEXT_MB * 2**20 + 1)
    except (OSError, EOFError, zlib.error) as err:
        raise _refused("broken", file) from err
    _limit(text, MAX_TEXT_MB, file)
    if not text.strip():
        raise _refused("empty", file)
    return text


def _from_workbook(data: bytes, file: str) -> tuple[dict[str, object], list[tuple[int, list[str]]]]:
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                unpacked = sum(part.file_size for part in package.infolist())
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as err:
            raise _refused("broken", file) from err
        if unpacked > MAX_UNPACKED_MB * 2**20:
            raise _refused("too_big", file, limit=MAX_UNPACKED_MB)
    most = map(str, (MAX_COLUMNS, MAX_ROWS + HEADER_WITHIN, MAX_TEXT_MB * 2**20))
    try:
        done = subprocess.run(  # noqa: S603 - our own reader, and no shell
            [sys.executable, "-I", str(_READER), *most],
            input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as err:
        raise _refused("too_heavy", file) from err
    if done.returncode in (-signal.SIGABRT, -signal.SIGXCPU, -signal.SIGKILL):
        raise _refused("too_heavy", file)  # out of memory or time
    lines = done.stdout.split(b"\n")
    said = json.loads(lines[0]) if done.returncode == 0 and lines[0] else {"refused": "broken"}
    said = said if len(lines) == 2 else {**said, **json.loads(lines[-2])}
    if "end" not in said:
        limits = {"too_many_rows": MAX_ROWS, "too_many_columns": MAX_COLUMNS}
        key = str(said.get("refused", "broken"))
        raise _refused(key, file, **({"limit": limits[key]} if key in limits else {}))
    rows = (json.loads(line) for line in lines[1:-2])
    return said, _counted(((number, seen_all(cells)) for number, cells in rows), file)


def _counted(rows: Iterator[tuple[int, list[str]]], file: str) -> list[tuple[int, list[str]]]:
    """The rows that hold any text; refused when they are more than we hold at once."""
    table: list[tuple[int, list[str]]] = []
    filled = 0
    for number, cells in rows:
        count = len(cells) - cells.count("")
        if not count:
            continue
        filled += count
        table.append((number, cells))
        if len(table) > MAX_ROWS + HEADER_WITHIN:
            raise _refused("too_many_rows", file, limit=MAX_ROWS)
        if filled > MAX_CELLS:
            raise _refused("too_heavy", file)
    return table


def _from_text(data: bytes, file: str, is_known: Callable[[str], bool]) -> pd.DataFrame:
    encoding = encoding_of(data)
    if encoding is None:
        raise _refused("encoding", file)
    if b"\x00" in data and "16" not in encoding:
        raise _refused("encoding", file)
    head = data[:20_000].decode(encoding, "ignore")
    if _MARKED_UP.match(head):
        raise _refused("web_page", file)
    delimiter = _delimiter(head)
    text = data.decode(encoding)
    # looked for in the whole at once, for most files hold none
    is_unseen = has_unseen(text)
    if not is_unseen:
        limits = (MAX_ROWS, MAX_COLUMNS, MAX_CELLS)
        plain = plain_frame(
            text, delimiter, lambda rows: _header_at(rows, is_known), HEADER_WITHIN, limits
        )
        if plain is not None:
            return plain
    clean = seen_all if is_unseen else stripped_all
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        table = _counted(_records(reader, clean, file), file)
    except csv.Error as err:
        raise _refused("quotes", file) from err
    return _framed(table, file, is_known)


def _delimiter(head: str) -> str:
    """The mark between cells; the full-width comma, which texts are full of, only where no other
    mark stands once in a line."""
    mark = max("\t,;", key=lambda mark: (head.count(mark), mark == ","))
    is_wide = head.count("，") > head.count(mark) and head.count(mark) <= head.count("\n")
    return "，" if is_wide else mark


def _records(
    reader: Iterator[list[str]], clean: Callable[[list[str]], list[str]], file: str
) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(reader, 1):
        if len(cells) > MAX_COLUMNS:
            if any(map(str.strip, cells[MAX_COLUMNS:])):
                raise _refused("too_many_columns", file, limit=MAX_COLUMNS)
            del cells[MAX_COLUMNS:]
        yield number, clean(cells)


def _framed(
    rows: list[tuple[int, list[str]]], file: str, is_known: Callable[[str], bool]
) -> pd.DataFrame:
    if not rows:
        raise _refused("empty", file)
    at = _header_at([cells for _, cells in rows[:HEADER_WITHIN]], is_known)
    if at is None:
        raise _refused("no_header", file)
    names = rows[at][1]
    while names and not names[-1]:
        names = names[:-1]
    width = len(names)
    numbers, kept = [], []
    for number, row in rows[at + 1 :]:
        cells = row if len(row) == width else (row + [""] * width)[:width]
        if cells != names:
            numbers.append(number)
            kept.append(cells)
    if len(kept) > MAX_ROWS:
        raise _refused("too_many_rows", file, limit=MAX_ROWS)
    columns = [pa.array(column, pa.large_string()) for column in zip(*kept, strict=True)]
    columns = columns or [pa.array([], pa.large_string())] * width
    # names may repeat, so that they are set last
    frame = pa.table(columns, names=list(map(str, range(width)))).to_pandas()
    frame.columns = pd.Index(names)
    frame.index = pd.Index(numbers, name="row", dtype="int64")
    return frame


def _header_at(rows: Sequence[list[str]], is_known: Callable[[str], bool]) -> int | None:
    """The row with the most known names of columns; at least two of them must be known."""
    known = [sum(bool(cell) and is_known(cell) for cell in row) for row in rows]
    best = max(known, default=0)
    return known.index(best) if best >= 2 else None


def _from_1904(frame: pd.DataFrame) -> pd.DataFrame:
    """Day numbers of a workbook that counts from 1904, as day numbers of the usual system.

    Cells formatted as dates came as dates; these are the bare numbers in columns of moments.
    """
    shifted = frame.copy()
    for place, name in enumerate(map(str, frame.columns)):
        found = by_header(normal(name))
        if found is None or found.type != "moment":
            continue
        shifted.isetitem(place, frame.iloc[:, place].map(_shifted))
    return shifted


def _shifted(text: str) -> str:
    if not _SERIAL.fullmatch(text):
        return text
    days = float(text) + _DAYS_1904
    return str(int(days)) if days.is_integer() else repr(days)
