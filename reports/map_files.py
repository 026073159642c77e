"""A map sheet as a file of each format: the same cells in every one."""

from __future__ import annotations

import csv
import io

from .figures_book import Sheet, book
from .map_gpkg import map_gpkg
from .map_html import map_html
from .map_picture import map_png
from .map_sheet import COLUMNS, MapSheet

FORMATS = ("png", "gpkg", "xlsx", "csv", "html")
MIME = {
    "png": "image/png",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "html": "text/html",
}


def map_file(sheet: MapSheet, kind: str) -> bytes:
    """The sheet as a file.

    Raises:
        ValueError: no such format.
    """
    if kind not in FORMATS:
        raise ValueError(f"no such format: {kind!r}; there are {', '.join(FORMATS)}")
    if kind == "xlsx":
        return _book(sheet)
    if kind == "csv":
        return _csv(sheet)
    return {"png": map_png, "gpkg": map_gpkg, "html": map_html}[kind](sheet)


def _rows(sheet: MapSheet) -> list[list[str]]:
    return sheet.cells[list(COLUMNS)].to_numpy(dtype=object).tolist()


def _book(sheet: MapSheet) -> bytes:
    notes = [f"{sheet.place} · {sheet.title}", sheet.as_of, *sheet.notes]
    if sheet.mark:
        notes.insert(0, sheet.mark)
    return book([Sheet(sheet.layer, notes, sheet.heads, [list(row) for row in _rows(sheet)])])


def _csv(sheet: MapSheet) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; as-of and demo mark in every row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "layer", "as_of", "mark"])
    for row in _rows(sheet):
        writer.writerow([*row, sheet.layer, sheet.as_of, sheet.mark])
    return out.getvalue().encode("utf-8-sig")
