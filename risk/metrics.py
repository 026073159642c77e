"""How good probabilities were: figures with intervals by weeks of opening."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .record import log_losses

RESAMPLES = 1_000
ECE_BINS = 10


@dataclass(frozen=True)
class Outcomes:
    """What the rows of a test turned out to be.

    late: bool per row. day: local day number of the row's moment. week: week number of the case's
    opening, any integers. capacity: cases a day that can be pushed.
    """

    late: np.ndarray
    day: np.ndarray
    week: np.ndarray
    capacity: int

    def part(self, mask: np.ndarray) -> Outcomes:
        """The rows of a mask."""
        return Outcomes(self.late[mask], self.day[mask], self.week[mask], self.capacity)


class WeekSamples:
    """The same resampled weeks for every figure, so that differences are paired.

    draws: how often each week was drawn, resamples x weeks; `row` maps rows to weeks.
    """

    def __init__(self, week: np.ndarray, seed: int) -> None:
        weeks, self.row = np.unique(week, return_inverse=True)
        generator = np.random.default_rng(seed)
        count = len(weeks)
        self.draws = generator.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)

    def sums(self, values: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Sum of a row value in every resample."""
        row = self.row if mask is None else self.row[mask]
        return self.draws @ np.bincount(row, weights=values, minlength=self.draws.shape[1])


def interval(values: np.ndarray) -> list[float] | None:
    """The middle 95 % of resampled figures; None where they could not be computed."""
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return [float(low), float(high)]


def brier(late: np.ndarray, probability: np.ndarray) -> float:
    """Mean squared difference between probability and outcome."""
    return float(np.mean((probability - late) ** 2))


def average_precision(
    late: np.ndarray, probability: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Area under precision over recall by steps, ties taken together; NaN without late rows.

    Source: the definition of scikit-learn's `average_precision_score`.
    """
    levels, row = np.unique(-probability, return_inverse=True)
    weights = np.ones(len(late)) if weights is None else weights
    hits = np.bincount(row, weights=weights * late, minlength=len(levels))
    seen = np.bincount(row, weights=weights, minlength=len(levels))
    return _area(hits, seen)


def _area(hits: np.ndarray, seen: np.ndarray) -> float:
    total = hits.sum()
    if not total:
        return float("nan")
    seen_so_far = np.cumsum(seen)
    precision = np.cumsum(hits) / np.where(seen_so_far > 0, seen_so_far, 1)
    return float((hits * precision).sum() / total)


def found_at_capacity(outcomes: Outcomes, probability: np.ndarray) -> np.ndarray:
    """Per row: the chance that it is among the `capacity` highest of its day, ties by chance."""
    order = np.lexsort((-probability, outcomes.day))
    day, p = outcomes.day[order], probability[order]
    place = np.arange(len(day))
    new_day = np.r_[True, day[1:] != day[:-1]]
    new_tie = new_day | np.r_[True, p[1:] != p[:-1]]
    rank = place - place[new_day][np.cumsum(new_day) - 1]
    tie = np.cumsum(new_tie) - 1
    first_rank = rank[new_tie]
    size = np.bincount(tie)
    share = np.clip((outcomes.capacity - first_rank) / size, 0, 1)
    result = np.empty(len(day))
    result[order] = share[tie]
    return result


def _ece(counts: np.ndarray, hits: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Expected calibration error from sums per bin (last axis)."""
    return np.abs(hits - expected).sum(axis=-1) / counts.sum(axis=-1)


def figures(
    outcomes: Outcomes,
    probability: np.ndarray,
    record: np.ndarray,
    samples: WeekSamples,
    mask: np.ndarray | None = None,
) -> dict[str, object]:
    """The figures of DESIGN.md §7 for one forecast, each with its interval.

    Args:
        record: probability of the best record baseline, against which the skill is counted.
        samples: weeks of all rows of the test; `mask` says which rows `outcomes` holds.

    Returns:
        name -> float or None (nothing to compute it from); `interval95`: name -> [low, high].
    """
    late = outcomes.late.astype("float64")
    squares, record_squares = (probability - late) ** 2, (record - late) ** 2
    logs = log_losses(outcomes.late, probability)
    found = found_at_capacity(outcomes, probability) * late
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)
    in_bin = [bins == b for b in range(ECE_BINS)]
    n = len(late)
    values = {
        "average_precision": average_precision(late, probability),
        "brier": float(squares.mean()),
        "log_score": float(logs.mean()),
        "brier_skill_vs_best_record": 1 - _ratio(squares.sum(), record_squares.sum()),
        "recall_at_capacity": _ratio(found.sum(), late.sum()),
        "ece": float(
            _ece(
                np.array([x.sum() for x in in_bin]),
                np.array([late[x].sum() for x in in_bin]),
                np.array([probability[x].sum() for x in in_bin]),
            )
        ),
    }

    def sums(value: np.ndarray) -> np.ndarray:
        return samples.sums(value, mask)

    with np.errstate(divide="ignore", invalid="ignore"):
        count, total_late = sums(np.ones(n)), sums(late)
        square = sums(squares)
        resampled = {
            "average_precision": _resampled_precision(late, probability, samples, mask),
            "brier": square / count,
            "log_score": sums(logs) / count,
            "brier_skill_vs_best_record": 1 - square / sums(record_squares),
            "recall_at_capacity": sums(found) / total_late,
            "ece": _ece(
                np.stack([sums(x.astype(float)) for x in in_bin], axis=-1),
                np.stack([sums(late * x) for x in in_bin], axis=-1),
                np.stack([sums(probability * x) for x in in_bin], axis=-1),
            ),
        }
    return {
        **{name: None if np.isnan(value) else value for name, value in values.items()},
        "interval95": {name: interval(value) for name, value in resampled.items()},
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _resampled_precision(
    late: np.ndarray, probability: np.ndarray, samples: WeekSamples, mask: np.ndarray | None
) -> np.ndarray:
    """Average precision of every resample; rows are sorted once."""
    levels, level = np.unique(-probability, return_inverse=True)
    week = samples.row if mask is None else samples.row[mask]
    order = np.argsort(level, kind="stable")
    week, hit = week[order], late[order]
    ends = np.cumsum(np.bincount(level, minlength=len(levels))) - 1
    result = np.empty(len(samples.draws))
    for number, draw in enumerate(samples.draws):
        weight = draw[week]
        hits = np.cumsum(weight * hit)[ends]
        seen = np.cumsum(weight)[ends]
        precision = hits / np.maximum(seen, 1)
        result[number] = (
            (np.diff(hits, prepend=0.0) * precision).sum() / hits[-1] if hits[-1] else np.nan
        )
    return result


def log_score_gain(
    late: np.ndarray, better: np.ndarray, than: np.ndarray, samples: WeekSamples
) -> tuple[float, list[float] | None]:
    """How much lower one forecast's log score is than another's, with its paired interval."""
    gain = log_losses(late, than) - log_losses(late, better)
    resampled = samples.sums(gain) / samples.sums(np.ones(len(gain)))
    return float(gain.mean()), interval(resampled)
