"""Classes and colours of area figures: defined once, for the screen and for the printed report.

One digit per area. The scale grows darker with the value in every kind of colour vision and on
grey paper; what is missing is hatched, never the colour of low. How many cases are open has no
scale (DOMAIN.md §2.4: nobody is ranked by how many people ask): its areas share one plain tone
and are read by their number. Layers of states (a desk's filing, a comparison) have words instead
of edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .area_bands import FIXED

NONE, TOO_FEW, UNKNOWN, PLAIN, APART = "0", "1", "2", "8", "9"
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
    APART: "#eef2f6",
}
"""Fill per digit. The five steps fall evenly in lightness (tests/reports/test_areas.py)."""
HATCHED = {TOO_FEW: "////", UNKNOWN: "....", APART: "\\\\"}
"""Digits drawn with a pattern over the fill; the signs are matplotlib's, the screen draws alike."""
EDGE = "#6b7280"

Method = Literal["fixed", "quantile", "natural"]
METHODS: tuple[Method, ...] = ("fixed", "quantile", "natural")
CLASSES = len(SCALE)


@dataclass(frozen=True)
class Classes:
    """Digits per area and what they mean.

    digits: one of the digits above per area code.
    edges: upper edges of the classes but the last; empty for a layer without scale.
    words: for a layer of states, the catalogue key of each digit.
    """

    digits: pd.Series
    edges: tuple[float, ...]
    words: Mapping[str, str] = field(default_factory=dict)

    def bounds(self, digit: str) -> tuple[float | None, float | None]:
        """Lower (excluded) and upper (included) edge of a digit of the scale; None = open."""
        place = SCALE.index(digit)
        lower = self.edges[place - 1] if place and place <= len(self.edges) else None
        return lower, self.edges[place] if place < len(self.edges) else None


def classify(figures: pd.DataFrame, layer: str, method: Method = "fixed") -> Classes:
    """One class digit per area.

    Args:
        figures: of `reports.areas.area_figures`.
        layer: which layer they are of.
        method: `fixed`: the edges of `FIXED`, comparable between days, and moved by nobody's
            asking (DOMAIN.md §2.4); `quantile`: equal numbers of areas per class; `natural`: the
            classes whose values lie closest together (`natural_breaks`). Both count an area that
            covers fifty grids once, and need figures without bands (`is_wide`): edges made from
            small areas would tell their exact figures.

    Raises:
        ValueError: for a method or a layer without edges, or bands where none may be.
    """
    if method not in METHODS:
        raise ValueError(f"no such method: {method!r}; there are {', '.join(METHODS)}")
    by_state = {"none": NONE, "too_few": TOO_FEW, "unknown": UNKNOWN, "shown": PLAIN}
    digits = figures["state"].map(by_state).astype("str").rename("digit")
    if layer == "open":
        return Classes(digits, ())
    if layer not in FIXED:
        raise ValueError(f"layer {layer!r} has no fixed edges; there are {', '.join(FIXED)}")
    edges = FIXED[layer]
    if method != "fixed":
        if figures["is_band"].any():
            raise ValueError("edges are made of areas at the protection level; ask for is_wide")
        drawn = figures[figures["level"] == figures["level"].iloc[-1]]
        values = drawn.drop_duplicates("shown_code")["value"].dropna().to_numpy(dtype=float)
        edges = natural_breaks(values) if method == "natural" else _quantiles(values)
    shown = (figures["state"] == "shown").to_numpy()
    place = np.searchsorted(np.array(edges), figures["value"].to_numpy(dtype=float)[shown], "left")
    digits[shown] = np.array(SCALE)[place]
    return Classes(digits, edges)


def _quantiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    steps = np.quantile(values, (0.2, 0.4, 0.6, 0.8)) if len(values) else np.array([])
    return tuple(float(edge) for edge in np.unique(steps))


def natural_breaks(values: NDArray[np.float64], classes: int = CLASSES) -> tuple[float, ...]:
    """Upper edges of the classes but the last, so that values within a class differ least.

    Args:
        values: no NaN, any order. classes: at most so many; fewer different values, fewer classes.

    Returns:
        Edges from low to high, each the largest value of its class.

    Source: Fisher (1958), J. Amer. Statist. Assoc. 53, 789-798; exact, by squared differences.
    """
    ordered = np.sort(values)
    different = np.unique(ordered)
    if len(different) <= 1:
        return ()
    count = len(ordered)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered**2)])
    first, last = np.triu_indices(count)
    cost = np.full((count, count), np.inf)
    size = last - first + 1
    cost[first, last] = (
        squares[last + 1] - squares[first] - (sums[last + 1] - sums[first]) ** 2 / size
    )
    best, cuts = cost[0], []
    for _ in range(min(classes, len(different)) - 1):
        # the last class begins at `start`: what is before it is cut as well as it can be
        total = best[:-1, None] + cost[1:]
        start = np.argmin(total, axis=0) + 1
        cuts.append(start)
        best = np.minimum.reduce(total, axis=0)
    end, edges = count - 1, []
    for start in reversed(cuts):
        end = int(start[end]) - 1
        edges.append(float(ordered[end]))
    return tuple(sorted(set(edges)))


def states(figures: pd.DataFrame, digits: Mapping[str, str], words: Mapping[str, str]) -> Classes:
    """Digits of a layer of states.

    Args:
        figures: with a column `state` that also holds the layer's own states.
        digits: digit per state beyond `too_few`, `unknown` and `none`.
        words: catalogue key per digit.
    """
    known = {"none": NONE, "too_few": TOO_FEW, "unknown": UNKNOWN, **digits}
    return Classes(figures["state"].map(known).astype("str").rename("digit"), (), dict(words))


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
    for digit in (*SCALE, PLAIN, APART, UNKNOWN, TOO_FEW, NONE):
        count = int(counts.get(digit, 0))
        if not count:
            continue
        lower, upper = (
            classes.bounds(digit) if digit in SCALE and not classes.words else (None, None)
        )
        rows.append((digit, COLOURS[digit], HATCHED.get(digit, ""), lower, upper, count))
    frame = pd.DataFrame(
        rows, columns=["digit", "colour", "hatch", "lower", "upper", "areas_count"]
    )
    return frame.astype({"lower": float, "upper": float})
