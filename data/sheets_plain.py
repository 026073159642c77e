"""Texts without quotes, cut into columns at once: most exports are so, and are long.

Only where the outcome is that of `csv.reader` row by row (`data.sheets`); else that way is taken.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv


def plain_frame(
    text: str,
    delimiter: str,
    header_at: Callable[[Sequence[list[str]]], int | None],
    within: int,
    limits: tuple[int, int, int],
) -> pd.DataFrame | None:
    """A text's rows under its header, as `sheets.read_sheet` returns them; None = not so plain:
    quotes, rows of other lengths, titles above the header, too much of anything.

    Args:
        text: without anything unseen (`unseen.has_unseen`).
        header_at: finds the header in the first `within` rows.
        limits: most rows, columns and cells.
    """
    lines = text.rstrip("\r\n")
    if '"' in lines or len(delimiter.encode()) > 1 or lines.count("\r") != lines.count("\r\n"):
        return None
    first = lines.split("\n", within)[:within]
    head = [[cell.strip() for cell in line.split(delimiter)] for line in first]
    names = head[0]
    most_rows, most_columns, most_cells = limits
    if header_at(head) != 0 or not names[-1] or len(names) > most_columns:
        return None
    columns = _columns(lines, delimiter, len(names))
    if columns is None or len(columns[0]) > most_rows + 1:
        return None
    if len(columns[0]) * len(names) > most_cells:
        return None
    empty, repeated = (_all_are(columns, cells) for cells in ([""] * len(names), names))
    kept = ~(empty | repeated)
    frame = pa.table(columns, names=list(map(str, range(len(names))))).to_pandas()
    # names may repeat, so that they are set last
    frame.columns = pd.Index(names)
    frame.index = pd.Index(np.arange(1, len(frame) + 1), name="row", dtype="int64")
    return frame.iloc[1:] if kept[1:].all() else frame[kept]


def _columns(lines: str, delimiter: str, many: int) -> list[pa.Array] | None:
    """The stripped cells of all rows, the header's among them; None = rows of other lengths."""
    texts = pa.large_string()
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(lines.encode()),
            pyarrow.csv.ReadOptions(column_names=[str(at) for at in range(many)]),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter, quote_char=False, ignore_empty_lines=False
            ),
            pyarrow.csv.ConvertOptions(
                column_types={str(at): texts for at in range(many)},
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    cells = [column.combine_chunks() for column in table.columns]
    longest = max(pc.max(pc.binary_length(column)).as_py() or 0 for column in cells)
    return None if longest > csv.field_size_limit() else [*map(pc.utf8_trim_whitespace, cells)]


def _all_are(
    columns: list[pa.Array], cells: list[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool]]:
    """Whether each row is these cells."""
    same = np.ones(len(columns[0]), dtype=bool)
    for column, cell in zip(columns, cells, strict=True):
        same &= pc.equal(column, cell).to_numpy(zero_copy_only=False)
        if not same.any():
            break
    return same
