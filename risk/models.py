"""The models that try to beat the office's own record, each refitted at every fold.

`direct` learns from rows whose *limit* had passed at the fold's start: taking every case whose
outcome is known then would favour those closed early. `hazard` learns, quarter by quarter of the
limit, from every quarter completed by then, and so from cases still running as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from .moments import STAGES, Times

MAX_TRAINING_ROWS = 200_000
MAX_QUARTERS = 300_000
"""The latest rows, and the latest quarters of limits, a model learns from: what keeps the fits of
a large table within minutes."""
_RISING = ("late_share_", "pace_", "share_used")
_RISING_ENDS = ("_overdue",)
_FALLING = ("work_left_days",)


def logit(probability: np.ndarray) -> np.ndarray:
    """Log-odds, finite."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def expit(value: np.ndarray) -> np.ndarray:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-np.clip(value, -30, 30)))


def signs(names: Sequence[str]) -> list[int]:
    """Which way a feature may move the chance of a late answer: 1 up, -1 down, 0 either way."""
    return [
        1
        if name.startswith(_RISING) or name.endswith(_RISING_ENDS)
        else -1
        if name in _FALLING
        else 0
        for name in names
    ]


def boosting(names: Sequence[str], rows: int, seed: int, small: bool, falling: bool = False) -> Any:
    """Regularised boosting with few leaves, monotone where the sign is known.

    Args:
        names: the feature columns, in order.
        rows: training rows; trees and the least size of a leaf grow with them.
        small: the more strongly regularised of two sizes.
        falling: the target is "answered" (hazard) instead of "late": every sign turns.
    """
    turn = -1 if falling else 1
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=int(np.clip(rows // 100, 40, 120 if small else 100)),
        max_leaf_nodes=6 if small else 10,
        min_samples_leaf=int(np.clip(rows // (300 if small else 700), 20, 500 if small else 200)),
        l2_regularization=100.0 if small else 20.0,
        max_features=0.3,
        early_stopping=False,
        monotonic_cst=[turn * sign for sign in signs(names)],
        random_state=seed,
    )


def side_by_side(*fits: Callable[[], Any]) -> list[Any]:
    """Runs fits beside each other, each on one thread, results in order.

    One fit on two threads waits at every tree for the slower one; on a busy machine that costs
    more than twice the time of two fits on a thread each.
    """

    def alone(fit: Callable[[], Any]) -> Any:
        with threadpool_limits(1):
            return fit()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(alone, fits))


def _measured(values: np.ndarray) -> np.ndarray:
    """Training values in which a feature never measured is 0 throughout: no tree can split on it,
    whereas a column without any value stops the fit."""
    never = np.isnan(values).all(axis=0)
    return np.where(never, np.float32(0), values) if never.any() else values


def fit_direct(x: pd.DataFrame, late: np.ndarray, train: np.ndarray, seed: int) -> list[Any]:
    """Two boostings of different size on the rows `train` (row numbers, in order of time)."""
    train = train[-MAX_TRAINING_ROWS:]
    values, target = _measured(x.to_numpy()[train]), late[train]
    return [
        boosting(list(x.columns), len(train), seed + small, bool(small)).fit(values, target)
        for small in (0, 1)
    ]


def predict_direct(members: list[Any], x: pd.DataFrame) -> np.ndarray:
    """P(late) of rows, the members averaged as log-odds."""
    values = x.to_numpy()
    return mean(*[member.predict_proba(values)[:, 1] for member in members])


def fit_logistic(
    x: pd.DataFrame, stage: np.ndarray, late: np.ndarray, train: np.ndarray
) -> Pipeline:
    """Logistic regression on records, pace and calendar of the rows `train`.

    Loads stay out: with them a linear model drifts (FACTS.md §9).
    """
    train = train[-MAX_TRAINING_ROWS:]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))
    return model.fit(_linear(x.iloc[train], stage[train]), late[train])


def predict_logistic(model: Pipeline, x: pd.DataFrame, stage: np.ndarray) -> np.ndarray:
    """P(late) of rows."""
    return model.predict_proba(_linear(x, stage))[:, 1]


def _linear(x: pd.DataFrame, stage: np.ndarray) -> np.ndarray:
    chosen = [name for name in x if name.startswith(("late_share_", "pace_", "work_left_days"))]
    return np.hstack(
        [
            x[chosen].to_numpy(),
            (stage[:, None] == np.arange(1, STAGES)).astype("float32"),
            (x["weekday"].to_numpy()[:, None] == np.arange(6)).astype("float32"),
        ]
    )


class Quarters:
    """The rows of the hazard model: a snapshot and each quarter of its limit still ahead.

    One row per (snapshot, quarter j >= its stage) that the case entered open. `end` is the
    quarter's last moment in seconds, `closed` whether the case was closed in it.
    """

    def __init__(self, cases: pd.DataFrame, rows: pd.DataFrame) -> None:
        times = Times.of(cases)
        case, stage = rows["case"].to_numpy(), rows["stage"].to_numpy()
        parts = []
        for quarter in range(STAGES):
            entered = (stage <= quarter) & times.is_open_at(quarter)[case]
            mine = np.flatnonzero(entered)
            end = times.checkpoint(quarter + 1)[case[mine]]
            parts.append((mine, np.full(len(mine), quarter), end, times.closed[case[mine]] <= end))
        self.row, self.quarter, self.end, self.closed = (
            np.concatenate([part[i] for part in parts]) for i in range(4)
        )
        order = np.argsort(self.end, kind="stable")
        for name in ("row", "quarter", "end", "closed"):
            setattr(self, name, getattr(self, name)[order])


def fit_hazard(x: pd.DataFrame, quarters: Quarters, now: int, seed: int) -> Any:
    """Boosting of "closed in this quarter of the limit" on the quarters that ended by `now`."""
    done = int(np.searchsorted(quarters.end, now, side="right"))
    chosen = slice(max(0, done - MAX_QUARTERS), done)
    learn = np.column_stack([x.to_numpy()[quarters.row[chosen]], quarters.quarter[chosen]])
    model = boosting([*x.columns, "quarter"], len(learn), seed, small=False, falling=True)
    return model.fit(_measured(learn), quarters.closed[chosen])


def predict_hazard(model: Any, x: pd.DataFrame, stage: np.ndarray) -> np.ndarray:
    """P(late) of rows as the product of not being closed in each quarter still ahead."""
    values = x.to_numpy()
    missed = np.ones(len(values))
    for quarter in range(STAGES):
        ahead = stage <= quarter
        if ahead.any():
            rows = values[ahead]
            ask = np.column_stack([rows, np.full(len(rows), quarter, dtype=rows.dtype)])
            missed[ahead] *= 1 - model.predict_proba(ask)[:, 1]
    return missed


def average(direct: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    """The mean of the three boostings as log-odds: `direct` stands for two of them."""
    return mean(direct, direct, hazard)


def mean(*forecasts: np.ndarray) -> np.ndarray:
    """Forecasts of the same rows averaged as log-odds."""
    return expit(np.mean([logit(p) for p in forecasts], axis=0))


_TRUST = 100.0
"""How firmly a calibration holds to "as it is": rows' worth of doubt about each parameter."""


def calibration(probability: np.ndarray, late: np.ndarray, steps: int = 25) -> tuple[float, float]:
    """Shift and slope of the log-odds that would have fitted earlier forecasts best.

    Logistic calibration (Platt 1999) with a penalty that pulls to shift 0 and slope 1, by
    Newton's method. No rows: (0, 1), nothing is changed.
    """
    score = logit(probability)
    design = np.column_stack([np.ones(len(score)), score])
    start = np.array([0.0, 1.0])
    value = start.copy()
    for _ in range(steps):
        p = expit(design @ value)
        gradient = design.T @ (p - late) + _TRUST * (value - start)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + _TRUST * np.eye(2)
        change = np.linalg.solve(curvature, gradient)
        value = value - change
        if np.abs(change).max() < 1e-8:
            break
    return float(value[0]), float(max(value[1], 0.0))
