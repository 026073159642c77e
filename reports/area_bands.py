"""What an area below the protection level shows: a class and a band, never an exact figure.

Ten cases behind a figure do not yet hide one of them: who reads 14 open cases this week and 15
the next, or 1 of 12 overdue, has isolated a case by subtraction. So below the protection level
nothing exact leaves the computation: bases are bands, shares and waits are the fixed classes. The
classes are chosen so that in every band more than one number of cases fits every class, and the
difference of two bands always allows ten cases or more (DOMAIN.md §2.10).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BANDS = (10, 20, 50, 100, 200, 500, 1000)
"""Where each band of cases begins; the last is open."""

FIXED: dict[str, tuple[float, ...]] = {
    "overdue_share": (0.10, 0.20, 0.30, 0.50),
    "expected_late": (0.10, 0.20, 0.30, 0.50),
    "late_share": (0.10, 0.20, 0.30, 0.50),
    "median_wait": (15.0, 30.0, 60.0, 90.0),
}
"""Per layer the upper edges of the first four classes: shares 0-1; days."""


def band_of(base: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the band of each number of cases (at least ten) begins."""
    place = np.searchsorted(np.array(BANDS), base, side="right") - 1
    return np.array(BANDS, dtype=np.int64)[np.maximum(place, 0)]


def band_ends(start: int) -> int | None:
    """The last number of the band that begins at `start`; None = open."""
    place = BANDS.index(start)
    return BANDS[place + 1] - 1 if place + 1 < len(BANDS) else None


def blurred(figures: pd.DataFrame, fine: NDArray[np.bool_], layer: str) -> pd.DataFrame:
    """Area figures in which the rows of `fine` hold no exact number any more.

    Args:
        figures: value (float), amount (float), base (Int64) as `reports.areas.area_figures`.
        fine: rows whose shown area lies below the protection level.

    Returns:
        The same frame; in those rows base is where its band begins, amount is NA, and value is
        the upper edge of its fixed class (infinite in the last); a count is its band.
    """
    value, base = figures["value"].to_numpy(dtype=float).copy(), figures["base"].copy()
    band = band_of(base[fine].to_numpy(dtype=np.int64))
    known = fine & ~np.isnan(value)
    if layer in FIXED:
        edges = np.array([*FIXED[layer], np.inf])
        value[known] = edges[np.searchsorted(edges, value[known], side="left")]
    else:
        value[known] = band_of(np.maximum(value[known].astype(np.int64), BANDS[0]))
    base[fine] = band
    return figures.assign(value=value, base=base, amount=figures["amount"].mask(fine))
