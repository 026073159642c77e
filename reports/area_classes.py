"""Classes and colours of area figures: defined once, for the screen and for the printed report.

One digit per area. The scale grows darker with the value in every kind of colour vision and on
grey paper; what is missing is hatched, never the colour of low. How many cases are open has no
scale (DOMAIN.md §2.4: nobody is ranked by how many people ask): its areas share one plain tone
and are read by their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

NONE, TOO_FEW, UNKNOWN, PLAIN = "0", "1", "2", "8"
SCALE = ("3", "4", "5", "6", "7")
"""From low to high."""

COLOURS = {
    NONE: "#ffffff",
    TOO_FEW: "#f4f4f4",
    UNKNOWN: "#e4e4e4",
    "3": "#fdf0d5",
    "4": "#f3c57c",
    "5": "#dd8f3d",
    "6": "#a8521d",
    "7": "#5b2308",
    PLAIN: "#c9d8e6",
}
"""Fill per digit. The five steps fall evenly in lightness (tests/reports/test_areas.py)."""
HATCHED = {TOO_FEW: "////", UNKNOWN: "...."}
"""Digits drawn with a pattern over the fill; the signs are matplotlib's, the screen draws alike."""
EDGE = "#6b7280"

FIXED: dict[str, tuple[float, ...]] = {
    "overdue_share": (0.05, 0.10, 0.20, 0.40),
    "median_wait": (15.0, 30.0, 60.0, 90.0),
}
"""Upper edges of the first four classes: shares 0-1; days."""


@dataclass(frozen=True)
class Classes:
    """Digits per area and what they mean.

    digits: one of the digits above per area code.
    edges: upper edges of the classes but the last; empty for a layer without scale.
    """

    digits: pd.Series
    edges: tuple[float, ...]

    def bounds(self, digit: str) -> tuple[float | None, float | None]:
        """Lower (excluded) and upper (included) edge of a digit of the scale; None = open."""
        place = SCALE.index(digit)
        lower = self.edges[place - 1] if place and place <= len(self.edges) else None
        return lower, self.edges[place] if place < len(self.edges) else None


def classify(
    figures: pd.DataFrame, layer: str, method: Literal["quantile", "fixed"] = "fixed"
) -> Classes:
    """One class digit per area.

    Args:
        figures: of `reports.areas.area_figures`.
        layer: which layer they are of.
        method: `fixed`: the edges of `FIXED`, comparable between days, and moved by nobody's
            asking (DOMAIN.md §2.4); `quantile`: equal numbers of areas per class among those
            whose figures the finest areas show (one that covers fifty grids counts once).

    Raises:
        ValueError: for a method or a layer without edges.
    """
    if method not in {"quantile", "fixed"}:
        raise ValueError(f"no such method: {method!r}; there are quantile, fixed")
    by_state = {"none": NONE, "too_few": TOO_FEW, "unknown": UNKNOWN, "shown": PLAIN}
    digits = figures["state"].map(by_state).astype("str").rename("digit")
    if layer == "open":
        return Classes(digits, ())
    if method == "fixed":
        if layer not in FIXED:
            raise ValueError(f"layer {layer!r} has no fixed edges; there are {', '.join(FIXED)}")
        edges = FIXED[layer]
    else:
        drawn = figures[figures["level"] == figures["level"].iloc[-1]]
        values = drawn.drop_duplicates("shown_code")["value"].dropna().to_numpy()
        steps = np.quantile(values, (0.2, 0.4, 0.6, 0.8)) if len(values) else np.array([])
        edges = tuple(float(edge) for edge in np.unique(steps))
    shown = (figures["state"] == "shown").to_numpy()
    place = np.searchsorted(np.array(edges), figures["value"].to_numpy(dtype=float)[shown], "left")
    digits[shown] = np.array(SCALE)[place]
    return Classes(digits, edges)


def legend(classes: Classes, drawn: pd.Index) -> pd.DataFrame:
    """What a legend lists: only digits that occur, the scale from low to high, then the missing.

    Args:
        classes: of `classify`.
        drawn: codes of the areas drawn (the leaves).

    Returns:
        digit, colour, hatch ("" = none), lower, upper (float; NaN = open or not of the scale),
        areas_count (drawn areas in the class).
    """
    counts = classes.digits.loc[drawn].value_counts()
    rows = []
    for digit in (*SCALE, PLAIN, UNKNOWN, TOO_FEW, NONE):
        count = int(counts.get(digit, 0))
        if not count:
            continue
        lower, upper = classes.bounds(digit) if digit in SCALE else (None, None)
        rows.append((digit, COLOURS[digit], HATCHED.get(digit, ""), lower, upper, count))
    frame = pd.DataFrame(
        rows, columns=["digit", "colour", "hatch", "lower", "upper", "areas_count"]
    )
    return frame.astype({"lower": float, "upper": float})
