"""Equal service (DOMAIN.md §7): is an answer as quick in every township, channel and category?

Late answers against those expected for the same mix of cases. A difference is a question to the
office, in plain words; nobody is ranked by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

FALSE_DISCOVERY = 0.05
"""Of the differences asked about, at most this share is expected to be chance."""
WINSORISED = 0.1
"""This share of the groups at either end does not raise the over-dispersion."""
EXPECTED_STEP = 0.5
"""Expected numbers are shown in steps of this size."""


@dataclass(frozen=True)
class Against:
    """One group's late answers against those expected.

    late: late answers (count). due: answers due. expected: for the same mix, in half steps; > 0.
    ratio: late ÷ expected. low, high: its exact 95 % limits. is_question: the difference is more
    than chance and the usual unevenness explain, false discoveries allowed for.
    """

    group: str
    due: int
    late: int
    expected: float
    ratio: float
    low: float
    high: float
    is_question: bool


@dataclass(frozen=True)
class Comparison:
    """The groups of one breakdown, in the order given; dispersion: 1 = no more than chance."""

    by: str
    rows: tuple[Against, ...]
    dispersion: float

    def funnel(self, expected: float, level: float = 0.95) -> tuple[float, float]:
        """The limits of the ratio at an expected number, over-dispersion allowed for."""
        return funnel_limits(expected, self.dispersion, level)


def funnel_limits(expected: float, dispersion: float, level: float = 0.95) -> tuple[float, float]:
    """Between which ratios a group with that many expected late answers lies by chance."""
    half = norm.ppf(0.5 + level / 2) * np.sqrt(dispersion / expected)
    return max(0.0, 1 - float(half)), 1 + float(half)


def exact_limits(count: int, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of a Poisson count (Garwood 1936)."""
    tail = (1 - level) / 2
    low = chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    return float(low), float(chi2.ppf(1 - tail, 2 * count + 2) / 2)


def compare(strata: pd.DataFrame, by: str, shown: list[str]) -> Comparison:
    """Late answers of groups against those expected for their mix of category and procedure.

    Args:
        strata: columns category, procedure, `by`, due and late (whole numbers), any rows.
        by: township, channel or category; a category is compared by procedure alone.
        shown: the groups whose counts may be shown, in the order of the page. The others are
            part of what is expected and stand in no row.

    Returns:
        One row per shown group with something expected.

    Source:
        Indirect standardisation; exact Poisson limits; funnel limits with winsorised
        over-dispersion (Spiegelhalter 2005, Statistics in Medicine 24); false-discovery rate
        (Benjamini and Hochberg 1995, JRSS B 57).
    """
    mix = ["procedure"] if by == "category" else ["category", "procedure"]
    sums = strata.groupby(mix, observed=True)[["due", "late"]].sum()
    rates = (sums["late"] / sums["due"]).rename("rate").reset_index()
    rows = strata.merge(rates, on=mix, validate="m:1")
    rows["expected"] = rows["due"] * rows["rate"]
    totals = rows.groupby(by, observed=True)[["due", "late", "expected"]].sum()
    totals = totals.loc[[group for group in shown if group in totals.index]]
    totals["expected"] = (totals["expected"] / EXPECTED_STEP).round() * EXPECTED_STEP
    totals = totals[totals["expected"] > 0]
    if totals.empty:
        return Comparison(by, (), 1.0)
    z = 2 * (np.sqrt(totals["late"]) - np.sqrt(totals["expected"]))
    ends = z.quantile([WINSORISED, 1 - WINSORISED])
    dispersion = max(1.0, float((z.clip(*ends) ** 2).mean()))
    p = 2 * norm.sf(np.abs(z / np.sqrt(dispersion)))
    asked = discoveries(p, FALSE_DISCOVERY)
    made = []
    for (group, row), is_question in zip(totals.iterrows(), asked, strict=True):
        late, expected = int(row["late"]), float(row["expected"])
        low, high = exact_limits(late)
        limits = low / expected, high / expected
        due, ratio = int(row["due"]), late / expected
        made.append(Against(str(group), due, late, expected, ratio, *limits, bool(is_question)))
    return Comparison(by, tuple(made), round(dispersion, 2))


def discoveries(p: np.ndarray, level: float) -> np.ndarray:
    """Which of the p-values are discoveries at a false-discovery rate (Benjamini-Hochberg)."""
    order = np.argsort(p)
    steps = level * np.arange(1, len(p) + 1) / max(len(p), 1)
    below = np.flatnonzero(p[order] <= steps)
    found = np.zeros(len(p), dtype=bool)
    if below.size:
        found[order[: below[-1] + 1]] = True
    return found
