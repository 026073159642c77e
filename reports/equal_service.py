"""Equal service (DOMAIN.md §7): is an answer as quick in every township, channel and category?

Late answers against those expected for the same mix of cases, and the time to answer against that
of all others. A difference is a question to the office, in plain words; nobody is ranked by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from .rates import FEWEST
from .waiting import quantile_days

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
    days, rest_days: median days to the first answer in the group and in all others, open cases
    counted; None = not to be said. is_time_question: as is_question, of the time to answer.
    """

    group: str
    due: int
    late: int
    expected: float
    ratio: float
    low: float
    high: float
    is_question: bool
    days: float | None = None
    rest_days: float | None = None
    is_time_question: bool = False


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
    """Late answers of groups against those expected for their mix of category and procedure, and
    their time to answer against that of all others of the same category and procedure.

    Args:
        strata: columns category, procedure, `by`, due and late (whole numbers), any rows; days
            (from asking to the first answer or to now, NaN = not known) and is_ended (whether the
            answer was given) of a row that is one case.
        by: township, channel or category; a category is compared by procedure alone.
        shown: the groups whose counts may be shown, in the order of the page. The others are
            part of what is expected and stand in no row.

    Returns:
        One row per shown group with something expected.

    Source:
        Indirect standardisation; exact Poisson limits; funnel limits with winsorised
        over-dispersion (Spiegelhalter 2005, Statistics in Medicine 24); stratified log-rank test
        (Mantel 1966, Cancer Chemotherapy Reports 50); false-discovery rate over both comparisons
        of all groups (Benjamini and Hochberg 1995, JRSS B 57).
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
    dispersion = _dispersion(z)
    waits = strata[strata["days"] >= 0]
    times = _times(waits, by, mix, list(totals.index))
    time_z = pd.Series({group: one[2] for group, one in times.items()}, dtype="float64")
    both = np.concatenate([z / np.sqrt(dispersion), time_z / np.sqrt(_dispersion(time_z))])
    asked = discoveries(2 * norm.sf(np.abs(both)), FALSE_DISCOVERY)
    slower = dict(zip(times, asked[len(z) :].tolist(), strict=True))
    made = []
    for (group, row), is_question in zip(totals.iterrows(), asked[: len(z)], strict=True):
        late, expected = int(row["late"]), float(row["expected"])
        low, high = exact_limits(late)
        limits = low / expected, high / expected
        due, ratio = int(row["due"]), late / expected
        days = times[group][:2] if group in times else (None, None)
        made.append(Against(
            str(group), due, late, expected, ratio, *limits, bool(is_question), *days,
            slower.get(group, False),
        ))  # fmt: skip
    return Comparison(by, tuple(made), round(dispersion, 2))


def _dispersion(z: pd.Series) -> float:
    """How many times as uneven as chance the groups are, the ends winsorised; at least 1."""
    if z.empty:
        return 1.0
    ends = z.quantile([WINSORISED, 1 - WINSORISED])
    return max(1.0, float((z.clip(*ends) ** 2).mean()))


def _times(
    waits: pd.DataFrame, by: str, mix: list[str], groups: list[str]
) -> dict[str, tuple[float | None, float | None, float]]:
    """Per group its median days, those of all others, and the log-rank deviate within the mix.

    A group, or the others, of fewer than ten known waits is left out.
    """
    found = {}
    days, ended = waits["days"].to_numpy("float64"), waits["is_ended"].to_numpy(bool)
    parts = list(waits.groupby(mix, observed=True).indices.values())
    for group in groups:
        inside = (waits[by] == group).to_numpy(bool)
        if min(inside.sum(), (~inside).sum()) < FEWEST:
            continue
        sums = [log_rank(days[part], ended[part], inside[part]) for part in parts]
        more, variance = np.sum(sums, axis=0)
        if variance > 0:
            median, elsewhere = (
                quantile_days(waits.loc[who, "days"], waits.loc[who, "is_ended"], 0.5)
                for who in (inside, ~inside)
            )
            found[group] = (median, elsewhere, float(more / np.sqrt(variance)))
    return found


def log_rank(days: np.ndarray, ended: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """The log-rank statistic of a group against all others (Mantel 1966).

    Args:
        days: waits, at least 0. ended: whether each has ended; False = still waiting (censored).
        inside: whether it is the group's.

    Returns:
        Ends in the group less those expected if all waited alike, and the variance of it:
        the square of the first over the second is chi-squared with one degree of freedom.
    """
    times, at = np.unique(days, return_inverse=True)

    def count(who: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=who.astype("float64"), minlength=len(times))

    risk = count(np.ones(len(days)))[::-1].cumsum()[::-1]
    share = count(inside)[::-1].cumsum()[::-1] / risk
    ends = count(ended)
    variance = ends * share * (1 - share) * (risk - ends) / np.maximum(risk - 1, 1)
    return float((count(ended & inside) - ends * share).sum()), float(variance.sum())


def discoveries(p: np.ndarray, level: float) -> np.ndarray:
    """Which of the p-values are discoveries at a false-discovery rate (Benjamini-Hochberg)."""
    order = np.argsort(p)
    steps = level * np.arange(1, len(p) + 1) / max(len(p), 1)
    below = np.flatnonzero(p[order] <= steps)
    found = np.zeros(len(p), dtype=bool)
    if below.size:
        found[order[: below[-1] + 1]] = True
    return found
