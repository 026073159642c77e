"""Covering of small counts in whatever leaves the office (DOMAIN.md §2.10).

A count of 1 or 2 is covered, and so are as many others as it takes that nobody gets it back by
subtracting what is shown from the totals. A zero tells of nobody and stays.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import pandas as pd

SMALLEST_SHOWN = 3
"""Counts below this, and above 0, are covered."""

_TOTAL_COST = 10.0
"""A total is worth more to readers than a cell of its size: covered last."""
_ZERO_COST = 1e9
"""Zeros are covered only when nothing else is left: everybody knows some of them beforehand."""


@dataclass(frozen=True)
class Covered:
    """A table of counts that may leave the office.

    cells: Int64, as given; NA = covered. row_totals, column_totals: Int64 likewise.
    total: the sum of everything; None = covered.
    covered_count: how many figures are covered, totals included.
    """

    cells: pd.DataFrame
    row_totals: pd.Series
    column_totals: pd.Series
    total: int | None
    covered_count: int


def cover_table(counts: pd.DataFrame) -> Covered:
    """Cover the small counts of a table that is shown with its totals.

    A reader who knows the covering rule, that counts are whole, and which covered figures are
    above 0 still finds at least two values possible for each small one. Small totals are
    covered like cells. The same mark stands for all of them, so that it does not tell which are
    small. Months as rows and their sum as the total cover against subtracting months as well.

    Args:
        counts: whole numbers >= 0, any index and columns, no missing values.

    Returns:
        The table and its totals. Deterministic: the same table is covered in the same cells.

    Raises:
        ValueError: for negative, missing or broken counts.

    Source:
        Secondary suppression by cheapest cycles in the network of a two-way table (Cox 1995,
        "Network models for complementary cell suppression", JASA 90(432)).
    """
    values = _extended(counts)
    hidden = (values > 0) & (values < SMALLEST_SHOWN)
    for row, column in np.argwhere(hidden):
        if not _can_vary(values, hidden, int(row), int(column)):
            for other in _cheapest_cycle(values, hidden, int(row), int(column)):
                hidden[other] = True
    shown = pd.DataFrame(values).astype("Int64").mask(hidden)
    rows, columns = counts.shape
    cells = shown.iloc[:rows, :columns].set_axis(counts.index).set_axis(counts.columns, axis=1)
    total = shown.iloc[rows, columns]
    return Covered(
        cells=cells,
        row_totals=shown.iloc[:rows, columns].set_axis(counts.index).rename(None),
        column_totals=shown.iloc[rows, :columns].set_axis(counts.columns).rename(None),
        total=None if pd.isna(total) else int(total),
        covered_count=int(hidden.sum()),
    )


def cover_list(counts: pd.Series) -> tuple[pd.Series, int | None]:
    """Cover the small counts of one list that is shown with its total.

    Args:
        counts: whole numbers >= 0, no missing values.

    Returns:
        The list (Int64, NA = covered) and its total (None = covered).
    """
    table = counts.to_frame().reset_index(drop=True)
    values = _extended(table)
    hidden = (values > 0) & (values < SMALLEST_SHOWN)
    total_is_small = bool(hidden[-1, 0])
    inner = hidden[:-1, 0].copy()
    worth = np.where(values[:-1, 0] > 0, values[:-1, 0], _ZERO_COST)
    for candidate in np.argsort(worth, kind="stable"):
        if total_is_small or _list_is_safe(values[:-1, 0], inner):
            break
        inner[candidate] = True
    total_is_small = total_is_small or not _list_is_safe(values[:-1, 0], inner)
    shown = counts.astype("Int64").mask(inner)
    return shown, None if total_is_small else int(values[-1, 0])


def _list_is_safe(values: np.ndarray, hidden: np.ndarray) -> bool:
    """Whether every covered small count can be another one, the total being known."""
    spare = np.where(values > 0, values - 1, 0)
    small = hidden & (values > 0) & (values < SMALLEST_SHOWN)
    others = hidden.sum() - 1
    spare_of_others = (spare * hidden).sum() - spare
    can_rise = spare_of_others > 0
    can_fall = (spare > 0) & (others > 0)
    return bool(np.all((can_rise | can_fall)[small]))


def _extended(counts: pd.DataFrame) -> np.ndarray:
    """The table with its totals as last row and column."""
    values = counts.to_numpy(dtype="float64", na_value=np.nan)
    if not np.all(np.isfinite(values)) or np.any(values < 0) or np.any(values % 1):
        raise ValueError("covering needs whole counts >= 0 with none missing")
    table = values.astype("int64")
    table = np.column_stack([table, table.sum(axis=1)])
    return np.vstack([table, table.sum(axis=0)])


def _moves(values: np.ndarray, row: int, column: int) -> tuple[bool, bool]:
    """Whether a covered figure may stand for one unit of flow row → column, and column → row.

    Every row and column of cells sums to its total, so one figure changes only together with
    others around a cycle. With the sign of the totals turned (cells and the grand total count +,
    row and column totals −) every line sums to 0, and one direction of each edge raises the
    figure, the other lowers it. Any figure can rise; a reader takes a covered one for 1 at least.
    """
    last_row, last_column = values.shape[0] - 1, values.shape[1] - 1
    can_fall = bool(values[row, column] > 1)
    is_margin = (row == last_row) != (column == last_column)
    return (can_fall, True) if is_margin else (True, can_fall)


def _neighbours(values: np.ndarray, node: int) -> list[tuple[int, int, int]]:
    """Where a unit can go from a node: (node it reaches, row, column). Rows come before columns."""
    rows, columns = values.shape
    if node < rows:
        return [(rows + j, node, j) for j in range(columns) if _moves(values, node, j)[0]]
    column = node - rows
    return [(i, i, column) for i in range(rows) if _moves(values, i, column)[1]]


def _can_vary(values: np.ndarray, hidden: np.ndarray, row: int, column: int) -> bool:
    """Whether covered figures alone let this one be another number."""
    return any(cost == 0 for cost, _ in _cycles(values, hidden, row, column, only_covered=True))


def _cheapest_cycle(
    values: np.ndarray, hidden: np.ndarray, row: int, column: int
) -> list[tuple[int, int]]:
    """The figures whose covering costs readers least and lets this one be another number."""
    return min(_cycles(values, hidden, row, column, only_covered=False))[1]


def _cycles(
    values: np.ndarray, hidden: np.ndarray, row: int, column: int, only_covered: bool
) -> list[tuple[float, list[tuple[int, int]]]]:
    """The cheapest cycle through a figure for each direction it may move in (Dijkstra)."""
    rows = values.shape[0]
    forward, backward = _moves(values, row, column)
    found = []
    for allowed, start, end in ((forward, rows + column, row), (backward, row, rows + column)):
        if allowed:
            found += _path(values, hidden, start, end, (row, column), only_covered)
    return found


def _path(
    values: np.ndarray,
    hidden: np.ndarray,
    start: int,
    end: int,
    without: tuple[int, int],
    only_covered: bool,
) -> list[tuple[float, list[tuple[int, int]]]]:
    queue: list[tuple[float, int, list[tuple[int, int]]]] = [(0.0, start, [])]
    done: set[int] = set()
    while queue:
        cost, node, figures = heapq.heappop(queue)
        if node == end:
            return [(cost, figures)]
        if node in done:
            continue
        done.add(node)
        for reached, row, column in _neighbours(values, node):
            covered = bool(hidden[row, column])
            if reached in done or (row, column) == without or (only_covered and not covered):
                continue
            step = 0.0 if covered else _cost(values, row, column)
            heapq.heappush(queue, (cost + step, reached, [*figures, (row, column)]))
    return []


def _cost(values: np.ndarray, row: int, column: int) -> float:
    value = float(values[row, column])
    if value == 0:
        return _ZERO_COST
    is_total = row == values.shape[0] - 1 or column == values.shape[1] - 1
    return (value + 1) * (_TOTAL_COST if is_total else 1)
