"""Cases that will be asked per week in the county as a whole, for staffing (DOMAIN.md §8).

Weekly counts in, a forecast of counts out: no place, body, category or channel, and nothing about
anybody. It is held against seasonal-naive (the same week a year before); a model that is not
clearly better in the backtest is not served.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

YEAR = 52
HORIZON = 8
"""Weeks ahead."""
QUANTILES = (0.1, 0.5, 0.9)
LATELY = 8
"""Weeks whose mean is the present level."""
FEWEST_ERRORS = 13
"""Errors of earlier weeks from which the width is taken, at least."""
NEEDED = YEAR + LATELY + HORIZON + FEWEST_ERRORS
"""Whole weeks of record without which nothing is forecast."""
FEWEST_ORIGINS = 13
"""Weeks at which the backtest must have forecast before a model may be served."""
FEWEST_A_WEEK = 10
SHAPES = (0.0, 0.5, 1.0)
"""How much of last year's shape the model takes; which, it learns from earlier weeks."""
RESAMPLES, BLOCK = 1000, 8


@dataclass(frozen=True)
class Arrivals:
    """The county's weeks to come.

    why: None, or why nothing is forecast: `too_short` (of the record), `few` (fewer than ten a
    week). weeks: first days of the weeks to come; low, middle, high: cases asked in each, 80 %
    between low and high. past: first day and cases of the last whole weeks. known_weeks: whole
    weeks of record. served: `model` or `seasonal_naive`. loss_model, loss_naive: mean pinball loss
    in the backtest, None = not compared. difference: 95 % interval of model less naive; below 0 =
    the model is better. origins: weeks at which the backtest forecast.
    """

    why: str | None
    known_weeks: int
    past: tuple[tuple[dt.date, int], ...] = ()
    weeks: tuple[dt.date, ...] = ()
    low: tuple[float, ...] = ()
    middle: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    served: str = "seasonal_naive"
    loss_model: float | None = None
    loss_naive: float | None = None
    difference: tuple[float, float] | None = None
    origins: int = 0


def arrivals(opened: pd.Series, known: pd.Series, today: dt.date, seed: int = 7) -> Arrivals:
    """Forecast the county's cases per week.

    Args:
        opened: local day (naive midnight) on which each case was asked; only cases that may enter
            a model (confirmed ones).
        known: local day from which it may, on the same index; never before `opened`.
        today: local day; weeks are blocks of seven days that end before it.
    """
    table = _known_table(opened, known, today)
    count = len(table)
    first = today - dt.timedelta(days=7 * count)
    now = table[-1] if count else np.zeros(0)
    past = tuple(
        (first + dt.timedelta(days=7 * week), int(now[week]))
        for week in range(max(0, count - 26), count)
    )
    if count < NEEDED:
        return Arrivals("too_short", count, past)
    if np.median(now[-YEAR:]) < FEWEST_A_WEEK:
        return Arrivals("few", count, past)
    made = {name: _quantiles(table, name) for name in ("model", "seasonal_naive")}
    losses = {name: _losses(found, now) for name, found in made.items()}
    difference, served, means = None, "seasonal_naive", (None, None)
    rows = np.isfinite(losses["model"]) & np.isfinite(losses["seasonal_naive"])
    if rows.sum() >= FEWEST_ORIGINS:
        gap = (losses["model"] - losses["seasonal_naive"])[rows]
        difference = _interval(gap, seed)
        served = "model" if difference[1] < 0 else served
        means = tuple(float(losses[name][rows].mean()) for name in made)  # type: ignore[assignment]
    ahead = made[served][-1]
    weeks = tuple(today + dt.timedelta(days=7 * step) for step in range(HORIZON))
    low, middle, high = (tuple(float(v) for v in ahead[:, q]) for q in range(3))
    return Arrivals(
        None, count, past, weeks, low, middle, high, served, *means, difference, int(rows.sum())
    )


def _known_table(opened: pd.Series, known: pd.Series, today: dt.date) -> np.ndarray:
    """Row T, column t: cases asked in week t as known at the end of week T."""
    end = np.datetime64(today, "D")
    asked = opened.to_numpy().astype("datetime64[D]")
    since = known.to_numpy().astype("datetime64[D]")
    some = (asked < end) & (since < end) & ~np.isnat(asked)
    back = ((end - asked[some]).astype("int64") - 1) // 7
    if not back.size:
        return np.zeros((0, 0))
    count = int(back.max()) + 1
    if (end - asked[some].min()).astype("int64") < 7 * count:
        count -= 1  # the first week is not whole
    week = count - 1 - back
    at = np.maximum(count - 1 - ((end - since[some]).astype("int64") - 1) // 7, week)
    inside = week >= 0
    table = np.zeros((count, count))
    np.add.at(table, (at[inside], week[inside]), 1)
    return table.cumsum(axis=0)


def _points(table: np.ndarray, shape: float | None) -> np.ndarray:
    """Origin × week ahead: the middle, from what was known then; shape None = seasonal-naive."""
    count = len(table)
    found = np.full((count, HORIZON), np.nan)
    for origin in range(YEAR + LATELY, count):
        y = table[origin]
        level = y[origin - LATELY + 1 : origin + 1].mean()
        before = y[origin - LATELY + 1 - YEAR : origin + 1 - YEAR].mean()
        for step in range(HORIZON):
            same = origin + 1 + step - YEAR
            if shape is None:
                found[origin, step] = y[same]
            else:
                around = y[same - 1 : same + 2].mean()
                found[origin, step] = level * ((around + 1) / (before + 1)) ** shape
    return found


def _quantiles(table: np.ndarray, name: str) -> np.ndarray:
    """Origin × week ahead × quantile; NaN where too few earlier errors were known."""
    shapes: tuple[float | None, ...] = (None,) if name == "seasonal_naive" else SHAPES
    points = [_points(table, shape) for shape in shapes]
    count = len(table)
    found = np.full((count, HORIZON, len(QUANTILES)), np.nan)
    for origin in range(YEAR + LATELY, count):
        y = table[origin]
        errors = [
            [_errors(middle, y, origin, step) for step in range(HORIZON)] for middle in points
        ]
        if len(errors[0][-1]) < FEWEST_ERRORS:
            continue
        best = int(np.argmin([sum(np.abs(e).mean() for e in one) for one in errors]))
        for step in range(HORIZON):
            middle = points[best][origin, step] + 1
            spread = np.quantile(errors[best][step], QUANTILES)
            found[origin, step] = np.maximum(middle * np.exp(spread) - 1, 0)
    return found


def _errors(points: np.ndarray, y: np.ndarray, origin: int, step: int) -> np.ndarray:
    """Log ratios of what came to what was said, of the forecasts whose week was over by then."""
    said = np.arange(max(YEAR + LATELY, origin - 2 * YEAR), origin - step)
    return np.log((y[said + 1 + step] + 1) / (points[said, step] + 1))


def _losses(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean pinball loss per origin over all weeks ahead; NaN where a week has not been yet."""
    losses = np.full(len(found), np.nan)
    levels = np.array(QUANTILES)
    for origin in range(len(found) - HORIZON):
        over = truth[origin + 1 : origin + 1 + HORIZON, None] - found[origin]
        losses[origin] = np.maximum(levels * over, (levels - 1) * over).mean()
    return losses


def _interval(gap: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of the mean: blocks of neighbouring weeks resampled (they overlap)."""
    rng = np.random.default_rng(seed)
    blocks = -(-len(gap) // BLOCK)
    starts = rng.integers(0, max(1, len(gap) - BLOCK + 1), (RESAMPLES, blocks))
    rows = np.minimum(starts[:, :, None] + np.arange(BLOCK), len(gap) - 1)
    means = gap[rows].reshape(RESAMPLES, -1).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
