"""A map sheet as a file of each format: the same cells in every one."""

from __future__ import annotations

import csv
import io

from .figures_book import Sheet, book
from .map_gpkg import map_gpkg
from .map_html import map_html
from .map_picture import map_png, pair_png
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


PAIR_FORMATS = ("png", "xlsx", "csv")
"""Of the comparison of two spans."""


def pair_file(earlier: MapSheet, later: MapSheet, kind: str) -> bytes:
    """Two sheets of the same layer, areas and language beside each other as a file.

    Raises:
        ValueError: no such format, or sheets of different areas.
    """
    if kind not in PAIR_FORMATS:
        raise ValueError(f"no such format: {kind!r}; there are {', '.join(PAIR_FORMATS)}")
    if earlier.cells["code"].tolist() != later.cells["code"].tolist():
        raise ValueError("the two sheets are of different areas")
    if kind == "png":
        return pair_png(earlier, later)
    same, own = list(COLUMNS[:3]), list(COLUMNS[3:])
    rows = [
        [*row, *one, *other]
        for row, one, other in zip(
            later.cells[same].to_numpy(dtype=object).tolist(),
            earlier.cells[own].to_numpy(dtype=object).tolist(),
            later.cells[own].to_numpy(dtype=object).tolist(),
            strict=True,
        )
    ]
    if kind == "csv":
        heads = [*same, *(f"earlier_{c}" for c in own), *(f"later_{c}" for c in own)]
        return _lines([*heads, "layer", "earlier", "later", "mark"],
                      [[*row, later.layer, earlier.as_of, later.as_of, later.mark]
                       for row in rows])  # fmt: skip
    heads = later.heads[: len(same)]
    for sheet in (earlier, later):
        heads += [f"{head} · {sheet.as_of}" for head in sheet.heads[len(same) :]]
    notes = [f"{later.place} · {later.title}", *later.notes]
    if later.mark:
        notes.insert(0, later.mark)
    return book([Sheet(later.layer, notes, heads, rows)])


def _rows(sheet: MapSheet) -> list[list[str]]:
    return sheet.cells[list(COLUMNS)].to_numpy(dtype=object).tolist()


def _book(sheet: MapSheet) -> bytes:
    notes = [f"{sheet.place} · {sheet.title}", sheet.as_of, *sheet.notes]
    if sheet.mark:
        notes.insert(0, sheet.mark)
    return book([Sheet(sheet.layer, notes, sheet.heads, [list(row) for row in _rows(sheet)])])


def _csv(sheet: MapSheet) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; as-of and demo mark in every row."""
    rows = [[*row, sheet.layer, sheet.as_of, sheet.mark] for row in _rows(sheet)]
    return _lines([*COLUMNS, "layer", "as_of", "mark"], rows)


def _lines(heads: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode("utf-8-sig")
