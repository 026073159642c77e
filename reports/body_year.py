"""A body's year (§7): what became of what was due, month by month, in a form that may leave.

Every month is covered as the public month is (`monthly_covering.cover`, over all bodies), and the
year's sum is shown only where no covered month comes out of it by subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from .backlog import YEAR_SPLIT
from .monthly import COUNTY
from .monthly_covering import SPLITS, Split, cover, part_is_safe
from .rates import FEWEST, Rate

SHOWN = (
    ("due", "on_time", "due", None), ("on_time", "on_time", "on_time", "due"),
    ("late_answered", "late_open", "late_answered", "due"),
    ("late_open", "late_open", "late_open", "due"),
    ("ended_otherwise", "late", "ended_otherwise", "due"),
    ("decided_in_time", "decided", "decided_in_time", "decision_due"),
    ("extended", "extended", "extended", "due"), ("exits", "exits", "exits", "ended"),
    ("declined", "exit_kinds", "declined", "ended"),
    ("referred", "exit_kinds", "referred", "ended"),
    ("no_remedy", "exit_kinds", "no_remedy", "ended"),
    ("withdrawn", "exit_kinds", "withdrawn", "ended"),
    ("corrections", "corrections", "corrections", None),
    ("cleared", "cleared", "cleared", "assigned"),
)  # fmt: skip
"""Name, the split it is shown with, numerator, denominator (None = a count)."""
_ALL_SPLITS = (*SPLITS, YEAR_SPLIT)
_SPLITS = {split.name: split for split in _ALL_SPLITS}


@dataclass(frozen=True)
class YearCell:
    """One figure of a month or the year: covered, a count, or so many of so many."""

    covered: bool
    numerator: int = 0
    denominator: int | None = None

    @property
    def rate(self) -> Rate | None:
        """As a rate; None for a count and where it is covered."""
        if self.covered or self.denominator is None:
            return None
        return Rate(self.numerator, self.denominator)


@dataclass(frozen=True)
class BodyYear:
    """months: YYYY-MM, those that are settled. rows: per name of `SHOWN` a cell per month and, as
    the last one, the year's."""

    body_id: str
    year: int
    months: tuple[str, ...]
    rows: dict[str, tuple[YearCell, ...]]


def body_year(body_id: str, year: int, months: Mapping[str, dict[str, pd.DataFrame]]) -> BodyYear:
    """One body's year out of the months of all bodies.

    Args:
        months: per settled month (YYYY-MM, in order) the sums of `case_cells`, of `corrections`
            and of the backlog cases first planned in it (assigned, cleared, not_cleared): under
            `county` one row, under `body` and `desk` one row per body.
    """
    shown = {month: cover(_whole(by), {}, _ALL_SPLITS) for month, by in months.items()}
    total_of = {
        name: _total(body_id, split, months, shown)
        for name, split in _SPLITS.items()
        if "body" in split.by or name == "corrections"
    }
    rows: dict[str, tuple[YearCell, ...]] = {}
    for name, split_name, part, whole in SHOWN:
        where = _where(_SPLITS[split_name])
        cells = []
        for month, by in months.items():
            is_shown = body_id in shown[month][where][split_name]
            cells.append(_cell(by[where], body_id, part, whole, is_shown))
        total = sum(by[where] for by in _only(months, where, body_id))
        if not isinstance(total, pd.DataFrame):
            total = pd.DataFrame(0, index=[body_id], columns=[part])
        is_total = total_of[split_name] and all(total_of[n] for n in _SPLITS[split_name].needs)
        cells.append(_cell(total, body_id, part, whole, is_total))
        rows[name] = tuple(cells)
    return BodyYear(body_id, year, tuple(months), rows)


def _where(split: Split) -> str:
    return "desk" if "body" not in split.by else "body"


def _only(
    months: Mapping[str, dict[str, pd.DataFrame]], where: str, body_id: str
) -> list[dict[str, pd.DataFrame]]:
    return [{where: by[where].reindex([body_id], fill_value=0)} for by in months.values()]


def _cell(
    table: pd.DataFrame, body_id: str, part: str, whole: str | None, is_shown: bool
) -> YearCell:
    if not is_shown:
        return YearCell(covered=True)
    line = table.loc[body_id] if body_id in table.index else pd.Series(dtype="int64")
    return YearCell(
        False, int(line.get(part, 0)), None if whole is None else int(line.get(whole, 0))
    )


def _total(
    body_id: str,
    split: Split,
    months: Mapping[str, dict[str, pd.DataFrame]],
    shown: Mapping[str, dict[str, dict[str, frozenset[str]]]],
) -> bool:
    """Whether the year's sum may stand beside the months: of the covered ones only sums come out
    by subtraction, of two months at least, and each part of them is 0 or at least three."""
    where = _where(split)
    hidden = [month for month in months if body_id not in shown[month][where][split.name]]
    parts = list(split.parts)
    sums = pd.Series(0, index=[*parts, *([split.whole] if split.whole else [])])
    left = sums.copy()
    for month, by in months.items():
        if body_id in by[where].index:
            line = by[where].loc[body_id].reindex(sums.index, fill_value=0)
            sums += line
            left += line if month in hidden else 0
    if split.whole is not None and sums[split.whole] < FEWEST:
        return bool(sums[split.whole] == 0)
    if not all(part_is_safe(split, int(sums[part])) for part in parts):
        return False
    if not hidden or not left.any():
        return True
    return len(hidden) > 1 and all(part_is_safe(split, int(left[part])) for part in parts)


def _whole(by: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with every column a split may ask for; what was not counted is 0."""
    names = {
        name
        for split in _ALL_SPLITS
        for name in (*split.parts, *([split.whole] if split.whole else []))
    }
    return {
        where: table.reindex(columns=sorted(names), fill_value=0).fillna(0).astype("int64")
        for where, table in by.items()
    } | {COUNTY: by[COUNTY].reindex(columns=sorted(names), fill_value=0).astype("int64")}
