"""What is served, fold by fold, from earlier forecasts only: a model, or the record wholly."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .metrics import WeekSamples, log_score_gain
from .models import calibration, expit, logit, mean
from .record import log_losses

BASELINES = ("base_rate", "record_12_months", "record_13_weeks", "kaplan_meier")
MODELS = ("logistic", "direct", "hazard", "direct_hazard_mean", "half_record")
DEFAULT_BASELINE = "record_12_months"
LEAST_FINISHED = 500
LEAST_LATE = 50
LEAST_GAIN = 0.015
"""A model that lowers the log score by less than this part of it is not worth its opacity."""
_LEAST_ROWS, _LEAST_LATE_ROWS, _LEAST_FOLDS, _LEAST_WEEKS = 200, 20, 3, 4


@dataclass(frozen=True)
class Choice:
    """What one fold serves and why.

    name: forecast served. model: the best model by log score, None when there was none to judge.
    baseline: the best baseline. gain, interval95: log score of that baseline minus the model's on
    the earlier rows; None where too little was known. rows: those earlier rows. shift, slope: the
    calibration of the model's log-odds.
    """

    name: str
    baseline: str
    model: str | None = None
    gain: float | None = None
    interval95: list[float] | None = None
    rows: int = 0
    shift: float = 0.0
    slope: float = 1.0


@dataclass
class Earlier:
    """Forecasts already made, on all rows of the table (NaN where none was made).

    late, due, week, fold: per row; due in seconds.
    """

    late: np.ndarray
    due: np.ndarray
    week: np.ndarray
    fold: np.ndarray
    forecasts: dict[str, np.ndarray] = field(default_factory=dict)
    raw: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in BASELINES + MODELS:
            self.forecasts[name] = np.full(len(self.late), np.nan)
            self.raw[name] = np.full(len(self.late), np.nan)

    def known(self, name: str, now: int) -> np.ndarray:
        """Rows that had this forecast and whose limit had passed."""
        return np.flatnonzero(~np.isnan(self.forecasts[name]) & (self.due <= now))

    def add_baseline(self, name: str, rows: np.ndarray, probability: np.ndarray) -> None:
        self.forecasts[name][rows] = probability

    def add_model(self, name: str, rows: np.ndarray, raw: np.ndarray, now: int) -> None:
        """Records a model's forecast, calibrated on its earlier ones whose limit had passed."""
        known = self.known(name, now)
        shift, slope = calibration(self.raw[name][known], self.late[known])
        self.raw[name][rows] = raw
        self.forecasts[name][rows] = expit(shift + slope * logit(raw))

    def add_blend(self, rows: np.ndarray, baseline: str) -> None:
        """Half the best model mean, half the best baseline, as log-odds."""
        parts = [self.forecasts[name][rows] for name in ("direct_hazard_mean", baseline)]
        self.forecasts["half_record"][rows] = mean(*parts)

    def best_baseline(self, now: int) -> str:
        """The baseline with the lowest log score so far."""
        known = self.known(DEFAULT_BASELINE, now)
        if not self._is_enough(known):
            return DEFAULT_BASELINE
        scores = {
            name: log_losses(self.late[known], self.forecasts[name][known]).mean()
            for name in BASELINES
        }
        return min(scores, key=lambda name: scores[name])

    def choose(self, now: int, seed: int) -> Choice:
        """What to serve from `now` on."""
        baseline = self.best_baseline(now)
        known = self.known("half_record", now)
        if not self._is_enough(known):
            return Choice(baseline, baseline, rows=len(known))
        late = self.late[known]
        record = self.forecasts[baseline][known]
        scores = {name: log_losses(late, self.forecasts[name][known]).mean() for name in MODELS}
        model = min(scores, key=lambda name: scores[name])
        samples = WeekSamples(self.week[known], seed)
        gain, spread = log_score_gain(late, self.forecasts[model][known], record, samples)
        least = LEAST_GAIN * log_losses(late, record).mean()
        is_better = spread is not None and spread[0] > 0 and gain > least
        name = model if is_better else baseline
        source = self.raw["direct_hazard_mean" if model == "half_record" else model]
        shift, slope = calibration(source[known], late)
        return Choice(name, baseline, model, gain, spread, len(known), shift, slope)

    def _is_enough(self, rows: np.ndarray) -> bool:
        return (
            len(rows) >= _LEAST_ROWS
            and int(self.late[rows].sum()) >= _LEAST_LATE_ROWS
            and len(np.unique(self.fold[rows])) >= _LEAST_FOLDS
            and len(np.unique(self.week[rows])) >= _LEAST_WEEKS
        )
