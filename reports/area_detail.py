"""Behind one area's figure: twelve months of answers due, and whose cases of which kind are late.

All of it is of an area of the protection level or a wider one: months are shorter than the
thirteen weeks that a finer area needs, and bodies by area would be counts of few (DOMAIN.md §2.10).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.tree import MINIMUM, Tree

from .carried import Crossings
from .covering import cover_list
from .rates import Rate

MONTHS = 12
LINES = 5
"""So many bodies and categories are named."""


@dataclass(frozen=True)
class Behind:
    """What stands behind an area.

    code: whose it is: the area asked about, or the smallest enclosing one that may be shown.
    months: first day and late ÷ answers due of each whole month, oldest first.
    overdue: open cases past a limit, None = fewer than ten open: then nothing is listed.
    bodies, categories: (id, overdue cases; None = covered), most first; of those that are not
        covered at most `LINES`.
    """

    code: str
    months: tuple[tuple[dt.date, Rate], ...]
    overdue: Rate | None
    bodies: tuple[tuple[str, int | None], ...]
    categories: tuple[tuple[str, int | None], ...]


def behind(
    cases: pd.DataFrame,
    standing: pd.DataFrame,
    areas: pd.DataFrame,
    zone: str,
    protection_level: str,
    code: str,
    today: dt.date,
    changes: pd.DataFrame | None = None,
) -> Behind:
    """What stands behind the figures of an area.

    Args:
        cases, standing: the record now; confirmed and counted cases only.
        areas: the layer. code: of any of its areas. today: local. changes: its crosswalk.

    Counts under three are covered, others with them where a reader could subtract
    (`reports.covering`). A case carried to several areas counts where most of it lies.
    """
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    guard = int(tree.depth[(by_code["level"] == protection_level).to_numpy()][0])
    counted = cases["is_confirmed"] & standing["is_counted"].astype(bool)
    carried = Crossings(tree, changes, zone).places(cases[counted])
    most = np.lexsort((-carried.units, carried.row))
    is_first = np.diff(carried.row[most], prepend=-1) > 0
    place = carried.place[most][is_first]
    position = int(tree.codes.get_loc(code))
    while tree.depth[position] > guard:
        position = int(tree.parent[position])
    chosen = standing[counted].assign(category=cases.loc[counted, "category"])
    while True:
        inside = np.isin(tree.ancestor_at(int(tree.depth[position]))[place], [position])
        here = chosen[inside] if len(chosen) else chosen
        if int(here["is_open"].sum()) >= MINIMUM or tree.parent[position] < 0:
            break
        position = int(tree.parent[position])
    open_now = here[here["is_open"].astype(bool)]
    late = open_now[open_now["is_overdue"].astype(bool)]
    is_enough = len(open_now) >= MINIMUM
    return Behind(
        code=str(tree.codes[position]),
        months=_months(here, today),
        overdue=Rate(len(late), len(open_now)) if is_enough else None,
        bodies=_lines(late["owing_body_id"]) if is_enough else (),
        categories=_lines(late["category"]) if is_enough else (),
    )


def _months(here: pd.DataFrame, today: dt.date) -> tuple[tuple[dt.date, Rate], ...]:
    """The last whole months; a month's figures are as known now."""
    first = [pd.Period(today, "M") - back for back in range(MONTHS, 0, -1)]
    outcome = here["outcome"].astype("object")
    due = here["answer_due_on"].where(outcome.notna() & (outcome != "not_due")).dt.to_period("M")
    is_late = outcome.isin(["late", "late_open"])
    return tuple(
        (month.start_time.date(), Rate(int((is_late & (due == month)).sum()),
                                       int((due == month).sum())))
        for month in first
    )  # fmt: skip


def _lines(names: pd.Series) -> tuple[tuple[str, int | None], ...]:
    counts = names.astype("object").value_counts()
    counts = counts.iloc[np.lexsort((counts.index.to_numpy(dtype=str), -counts.to_numpy()))]
    if counts.empty:
        return ()
    shown, _ = cover_list(counts)
    told = shown.dropna().head(LINES)
    hidden = sorted(map(str, shown.index[shown.isna()]))
    return (*((str(name), int(count)) for name, count in told.items()),
            *((name, None) for name in hidden))  # fmt: skip
