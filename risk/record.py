"""The simple forecasts every model must beat: base rate, the office's own record, Kaplan-Meier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .moments import DAY, STAGES, Groups, Times
from .snapshots import seconds
from .streams import Stream

RECORD_DAYS = {"record_12_months": 365, "record_13_weeks": 91}
PRIOR_WEIGHTS = (2, 5, 15, 50, 150)
KAPLAN_MEIER_DAYS = 365
_KAPLAN_MEIER_LEAST = 20
"""Fewer cases of a category than this and the curve of all categories stands in."""


def log_losses(late: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Minus the log of the probability given to what happened, per row; finite."""
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return -np.log(np.where(late, p, 1 - p))


class OfficeRecord:
    """Late share among like cases still open at this checkpoint, as known at each row's moment.

    An outcome is known at the earlier of closing and limit and counts if that lies in
    [moment - days, moment). The formula is DESIGN.md §7's; the prior weights are chosen by `fit`.

    Args:
        cases: as `features.features` takes them.
        rows: `case`, `stage`, `at`; the record is computed for all of them at once.
        days: 365 or 91.
    """

    def __init__(self, cases: pd.DataFrame, rows: pd.DataFrame, days: int) -> None:
        times, groups = Times.of(cases), Groups.of(cases)
        self.stage = rows["stage"].to_numpy()
        self.weights = np.full((STAGES, 2), float(PRIOR_WEIGHTS[1]))
        case, at = rows["case"].to_numpy(), seconds(rows["at"])
        is_late = times.closed > times.due
        outcome_at = np.minimum(times.closed, times.due)
        self._counts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for level in ("all", "category", "body_category"):
            code = groups.codes[level]
            late = np.zeros(len(rows))
            count = np.zeros(len(rows))
            for stage in range(STAGES):
                who, mine = times.is_open_at(stage), self.stage == stage
                stream = Stream(code[who], outcome_at[who], late=is_late[who])
                key, moment = code[case[mine]], at[mine]
                since, now = stream.before(key, moment - days * DAY), stream.before(key, moment)
                count[mine] = now - since
                late[mine] = stream.total("late", now) - stream.total("late", since)
            self._counts[level] = (late, count)

    def at(self, m1: np.ndarray | float, m2: np.ndarray | float) -> np.ndarray:
        """The record of every row for given prior weights, in (0, 1)."""
        late, count = self._counts["all"]
        overall = (late + 1) / (count + 2)
        late, count = self._counts["category"]
        category = (late + m1 * overall) / (count + m1)
        late, count = self._counts["body_category"]
        return (late + m2 * category) / (count + m2)

    def fit(self, train: np.ndarray, late: np.ndarray) -> np.ndarray:
        """The record of every row, prior weights chosen by log score on training rows.

        Args:
            train: row numbers whose limit had passed.
            late: bool per row of the whole table; only `train` is read.
        """
        best_score = np.full(STAGES, np.inf)
        best = np.zeros((STAGES, 2))
        for m1 in PRIOR_WEIGHTS:
            for m2 in PRIOR_WEIGHTS:
                losses = log_losses(late[train], self.at(m1, m2)[train])
                for stage in range(STAGES):
                    mine = losses[self.stage[train] == stage]
                    score = mine.mean() if len(mine) else 0.0
                    if score < best_score[stage]:
                        best_score[stage], best[stage] = score, (m1, m2)
        self.weights = best
        return self.at(best[self.stage, 0], best[self.stage, 1])


def base_rate(stage: np.ndarray, late: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Late share of the training rows at each checkpoint, for every row."""
    hits = np.bincount(stage[train], weights=late[train], minlength=STAGES)
    counts = np.bincount(stage[train], minlength=STAGES)
    return ((hits + 1) / (counts + 2))[stage]


@dataclass(frozen=True)
class _Curve:
    """A Kaplan-Meier curve: share still open after each moment at which something closed."""

    at: np.ndarray
    open_share: np.ndarray
    durations: np.ndarray

    @classmethod
    def of(cls, durations: np.ndarray, closed: np.ndarray) -> _Curve:
        at, closings = np.unique(durations[closed], return_counts=True)
        durations = np.sort(durations)
        at_risk = len(durations) - np.searchsorted(durations, at)
        return cls(at, np.cumprod(1 - closings / at_risk), durations)

    def after(self, age: np.ndarray) -> np.ndarray:
        """Share still open just after an age."""
        return np.concatenate([[1.0], self.open_share])[np.searchsorted(self.at, age, side="right")]

    def still_open(self, age: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """P(open past the limit | open at this age), kept off 0 and 1 by two imagined cases."""
        at_risk = len(self.durations) - np.searchsorted(self.durations, age, side="right")
        before = self.after(age)
        share = np.divide(self.after(limit), before, out=np.full(len(age), 0.5), where=before > 0)
        return (share * at_risk + 1) / (at_risk + 2)


def kaplan_meier(cases: pd.DataFrame, rows: pd.DataFrame, start: pd.Timestamp) -> np.ndarray:
    """P(late) per row from Kaplan-Meier curves per category, as known at a fold's start.

    The cases opened in the 365 days before `start`, open ones censored there. Source: Kaplan and
    Meier 1958.

    Args:
        rows: `case` and `at` of the rows to forecast.
    """
    times = Times.of(cases)
    now = int(start.timestamp())
    recent = (times.opened < now) & (times.opened >= now - KAPLAN_MEIER_DAYS * DAY)
    durations = np.maximum(np.minimum(times.closed, now) - times.opened, 0)
    closed = times.closed < now
    case = rows["case"].to_numpy()
    age = seconds(rows["at"]) - times.opened[case]
    limit = times.due[case] - times.opened[case]
    result = _Curve.of(durations[recent], closed[recent]).still_open(age, limit)
    codes = Groups.of(cases).codes["category"]
    for code in np.unique(codes[case]):
        like = recent & (codes == code)
        if like.sum() >= _KAPLAN_MEIER_LEAST:
            mine = codes[case] == code
            curve = _Curve.of(durations[like], closed[like])
            result[mine] = curve.still_open(age[mine], limit[mine])
    return result
