"""Behind a cluster of slow answers: whose, and of which kind, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .covering import SMALLEST_SHOWN
from .rates import FEWEST, Rate


@dataclass(frozen=True)
class Part:
    """One body's or category's late answers here, and the share it has elsewhere (None = fewer
    than ten due there)."""

    id: str
    here: Rate
    elsewhere: float | None


@dataclass(frozen=True)
class Why:
    """code: whose answers these are: the area of the protection level. body, category: the one
    with most late answers beyond its share elsewhere, three at least; None = none stands out."""

    code: str
    body: Part | None
    category: Part | None


def why(due: pd.DataFrame, inside: NDArray[np.bool_], code: str) -> Why:
    """Which body and which category stand behind the late answers of an area.

    Args:
        due: body, category, is_due, is_late per case. inside: whether it lies in the area.

    A body or category of fewer than ten answers due here, or fewer than three late ones or others,
    is not named: its counts would tell of single cases (DOMAIN.md §2.10).
    """
    return Why(code, _most(due, inside, "body"), _most(due, inside, "category"))


def _most(due: pd.DataFrame, inside: NDArray[np.bool_], by: str) -> Part | None:
    rows = due[due["is_due"].to_numpy(dtype=bool) & due[by].notna().to_numpy(dtype=bool)]
    here = inside[due.index.get_indexer(rows.index)]
    counts = rows.groupby([by, here], observed=True)["is_late"].agg(["size", "sum"])
    if not here.any():
        return None
    everything = counts.groupby(level=1).sum()
    rest = everything.loc[False] if False in everything.index else None
    usual = rest["sum"] / rest["size"] if rest is not None and rest["size"] else 0.0
    best, most = None, float(SMALLEST_SHOWN)
    for name in sorted(set(rows.loc[here, by].astype(str))):
        size, late = (int(n) for n in counts.loc[(name, True)])
        other = counts.loc[(name, False)] if (name, False) in counts.index else None
        if size < FEWEST or late < SMALLEST_SHOWN or 0 < size - late < SMALLEST_SHOWN:
            continue
        there = None
        if other is not None and other["size"] >= FEWEST:
            there = float(other["sum"] / other["size"])
        beyond = late - size * (usual if there is None else there)
        if beyond >= most:
            best, most = Part(name, Rate(late, size), there), beyond
    return best
