"""Real .xls files (BIFF8 in an OLE2 container), made from the published record layouts ([MS-XLS],
[MS-CFB]): no library writes them any more, and clerks still send them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def workbook(
    rows: Sequence[Sequence[object]],
    merged: Sequence[tuple[int, int, int, int]] = (),
    *,
    is_1904: bool = False,
    locked: bool = False,
    first_row: int = 0,
) -> bytes:
    """One sheet of texts and numbers; a `(number, "date")` pair is formatted as a date and time.

    merged: (first row, last row, first column, last column), from 0.
    """
    return container(stream(rows, merged, is_1904=is_1904, locked=locked, first_row=first_row))


def stream(
    rows: Sequence[Sequence[object]],
    merged: Sequence[tuple[int, int, int, int]] = (),
    *,
    is_1904: bool = False,
    locked: bool = False,
    first_row: int = 0,
) -> bytes:
    """The stream `Workbook`: globals, then the sheet."""
    texts = [str(c) for row in rows for c in row if isinstance(c, str)]
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    if locked:
        head += _record(0x002F, struct.pack("<HHHH", 1, 1, 1, 1) + bytes(46))
    head += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", is_1904))
    head += _record(0x041E, struct.pack("<H", 164) + _text("yyyy-mm-dd hh:mm:ss", "<H"))
    for form in (0, 164):
        head += _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, form, 1, 0, 0, 0, 0, 0, 0, 0))
    shared = struct.pack("<II", len(texts), len(texts)) + b"".join(_text(x, "<H") for x in texts)
    tail = _record(0x00FC, shared[:8224])
    for start in range(8224, len(shared), 8224):
        tail += _record(0x003C, shared[start : start + 8224])
    tail += _record(0x000A, b"")
    name = _text("Sheet1", "<B")
    at = len(head) + 4 + 6 + len(name) + len(tail)
    head += _record(0x0085, struct.pack("<IBB", at, 0, 0) + name) + tail
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max((len(row) for row in rows), default=0)
    last = first_row + len(rows)
    body += _record(0x0200, struct.pack("<IIHHH", first_row, last, 0, width, 0))
    place = 0
    for r, row in enumerate(rows, first_row):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    body += _record(0x00FD, struct.pack("<HHHI", r, c, 0, place))
                place += 1
            elif isinstance(cell, tuple):
                body += _record(0x0203, struct.pack("<HHHd", r, c, 1, float(cell[0])))
            elif cell is not None:
                body += _record(0x0203, struct.pack("<HHHd", r, c, 0, float(str(cell))))
    if merged:
        spans = b"".join(struct.pack("<HHHH", *span) for span in merged)
        body += _record(0x00E5, struct.pack("<H", len(merged)) + spans)
    return head + body + _record(0x000A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(text: str, count: str) -> bytes:
    return struct.pack(count, len(text)) + b"\x01" + text.encode("utf-16-le")


def container(data: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream, long enough to lie in whole sectors."""
    data = data.ljust(4096, b"\0")
    data += bytes(-len(data) % _SECTOR)
    sectors = len(data) // _SECTOR
    fats = 1
    while fats * 128 < fats + 1 + sectors:
        fats += 1
    chain = [_FAT] * fats + [_END]  # the directory follows the table
    first = fats + 1
    chain += [*range(first + 1, first + sectors), _END]
    chain += [_FREE] * (fats * 128 - len(chain))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(fats), *[_FREE] * (109 - fats))
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, first, len(data))
    entries += _entry("", 0, _FREE, 0, 0) * 2
    return head + struct.pack(f"<{len(chain)}I", *chain) + entries + data


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = (name + "\0" if name else "").encode("utf-16-le")
    about = struct.pack("<HBBIII", len(letters), kind, 1, _FREE, _FREE, child)
    return letters.ljust(64, b"\0") + about + bytes(36) + struct.pack("<IQ", start, size)
