"""The forecast in daily use: fitted once on the record, asked for today's open cases.

What it serves was chosen by the backtest (`serving.Choice`): a model, or the office's own record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from . import models, record
from .features import features, stage_of
from .moments import STAGES
from .serving import LEAST_FINISHED, LEAST_LATE, MODELS, Choice
from .snapshots import seconds, snapshots


@dataclass(frozen=True)
class Forecaster:
    """What was learnt, as plain numbers and scikit-learn estimators.

    choice: what is served. columns: the features, in order. members: estimators by name
    (`direct_0`, `direct_1`, `hazard`, `logistic`). late_shares: per checkpoint, the base rate.
    weights: prior weights of the record baseline, checkpoint x 2. typical: median of each feature
    in training. rows, late: training rows with a known outcome.
    """

    choice: Choice
    columns: tuple[str, ...] = ()
    members: dict[str, Any] = field(default_factory=dict)
    late_shares: tuple[float, ...] = ()
    weights: tuple[tuple[float, float], ...] = ()
    typical: dict[str, float] = field(default_factory=dict)
    rows: int = 0
    late: int = 0


def fit(
    cases: pd.DataFrame,
    as_of: pd.Timestamp,
    choice: Choice,
    seed: int,
    steps: pd.DataFrame | None = None,
    days_off: np.ndarray | None = None,
) -> Forecaster:
    """Fits what the choice serves on everything known by a moment.

    Args:
        cases, steps, days_off: as `features.features` takes them; later openings, closings and
            steps are cut off here.
        as_of: naive local moment.

    Returns:
        A forecaster; below 500 finished cases or 50 late ones it serves the choice's baseline.
    """
    cases, steps = _known_by(cases, as_of, steps)
    rows = snapshots(cases, as_of).sort_values("at", kind="stable", ignore_index=True)
    stage, late = rows["stage"].to_numpy(), rows["late"].to_numpy()
    train = np.flatnonzero(rows["is_scorable"])
    finished = train[stage[train] == 0]
    shares = [
        float((late[train[stage[train] == k]].sum() + 1) / ((stage[train] == k).sum() + 2))
        for k in range(STAGES)
    ]
    weights: tuple[tuple[float, float], ...] = ()
    if choice.baseline in record.RECORD_DAYS:
        own = record.OfficeRecord(cases, rows, record.RECORD_DAYS[choice.baseline])
        own.fit(train, late)
        weights = tuple((float(m1), float(m2)) for m1, m2 in own.weights)
    few = len(finished) < LEAST_FINISHED or late[finished].sum() < LEAST_LATE
    if choice.name not in MODELS or few or late[finished].all():
        choice = Choice(choice.baseline, choice.baseline)
        return Forecaster(
            choice, (), {}, tuple(shares), weights, {}, len(train), int(late[train].sum())
        )
    x = features(cases, rows, steps, days_off)
    now = int(seconds(pd.Series([as_of]))[0])
    fits: dict[str, Callable[[], Any]] = {}
    if choice.name == "logistic":
        fits["logistic"] = lambda: models.fit_logistic(x, stage, late, train)
    if choice.name not in ("logistic", "hazard"):
        fits["direct"] = lambda: models.fit_direct(x, late, train, seed)
    if choice.name not in ("logistic", "direct"):
        fits["hazard"] = lambda: models.fit_hazard(x, models.Quarters(cases, rows), now, seed)
    members = dict(zip(fits, models.side_by_side(*fits.values()), strict=True))
    for number, member in enumerate(members.pop("direct", [])):
        members[f"direct_{number}"] = member
    typical = {name: float(value) for name, value in x.iloc[train].median().items()}
    return Forecaster(
        choice,
        tuple(x.columns),
        members,
        tuple(shares),
        weights,
        typical,
        len(train),
        int(late[train].sum()),
    )


def open_rows(cases: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The cases with a limit that are open at a moment: `case`, `at`, `stage`, `is_overdue`."""
    closed = cases["closed_at"]
    is_open = (cases["opened_at"] <= as_of) & (closed.isna() | (closed > as_of))
    case = np.flatnonzero(is_open & cases["due_at"].notna())
    part = cases.iloc[case]
    used = (as_of - part["opened_at"]) / (part["due_at"] - part["opened_at"])
    return pd.DataFrame(
        {
            "case": case,
            "at": pd.Series(as_of, index=range(len(case)), dtype="datetime64[us]"),
            "stage": stage_of(used.to_numpy()),
            "is_overdue": (part["due_at"] < as_of).to_numpy(),
        }
    )


def score(
    forecaster: Forecaster,
    cases: pd.DataFrame,
    as_of: pd.Timestamp,
    steps: pd.DataFrame | None = None,
    days_off: np.ndarray | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """P(not answered by its limit) of every open case at a moment.

    Returns:
        (scores, x): scores on index 0..n-1 with `case` (row number in `cases`), `at`, `stage`,
        `is_overdue`, `probability` (1 where the limit has passed); x the features on the same
        index (empty columns where a baseline is served).
    """
    known, steps = _known_by(cases, as_of, steps)
    rows = open_rows(known, as_of)
    x = pd.DataFrame(index=rows.index)
    if forecaster.choice.name in MODELS:
        x = features(known, rows, steps, days_off)[list(forecaster.columns)]
        probability = predict(forecaster, x, rows["stage"].to_numpy())
        if forecaster.choice.name == "half_record":
            own = _baseline(forecaster, known, rows, as_of)
            probability = models.mean(probability, own)
    else:
        probability = _baseline(forecaster, known, rows, as_of)
    return rows.assign(probability=np.where(rows["is_overdue"], 1.0, probability)), x


def predict(forecaster: Forecaster, x: pd.DataFrame, stage: np.ndarray) -> np.ndarray:
    """Calibrated P(late) of feature rows by the model served."""
    members = forecaster.members
    parts = {}
    if "logistic" in members:
        parts["logistic"] = models.predict_logistic(members["logistic"], x, stage)
    direct = [members[name] for name in ("direct_0", "direct_1") if name in members]
    if direct:
        parts["direct"] = models.predict_direct(direct, x)
    if "hazard" in members:
        parts["hazard"] = models.predict_hazard(members["hazard"], x, stage)
    raw = models.average(**parts) if len(parts) == 2 else next(iter(parts.values()))
    choice = forecaster.choice
    return models.expit(choice.shift + choice.slope * models.logit(raw))


def _baseline(
    forecaster: Forecaster, cases: pd.DataFrame, rows: pd.DataFrame, as_of: pd.Timestamp
) -> np.ndarray:
    name, stage = forecaster.choice.baseline, rows["stage"].to_numpy()
    if name in record.RECORD_DAYS:
        weights = np.array(forecaster.weights)
        own = record.OfficeRecord(cases, rows, record.RECORD_DAYS[name])
        return own.at(weights[stage, 0], weights[stage, 1])
    if name == "kaplan_meier":
        return record.kaplan_meier(cases, rows, as_of)
    return np.array(forecaster.late_shares)[stage]


def _known_by(
    cases: pd.DataFrame, as_of: pd.Timestamp, steps: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The table as known at a moment, on the same row numbers.

    Cases opened later keep their row, without limit or closing and opened at the far end of time,
    so that they count nowhere.
    """
    later = cases["opened_at"] > as_of
    closed = cases["closed_at"].where(cases["closed_at"] <= as_of)
    far = pd.Timestamp("2200-01-01")
    known = cases.assign(
        opened_at=cases["opened_at"].where(~later, far),
        due_at=cases["due_at"].where(~later),
        closed_at=closed,
    )
    return known, None if steps is None else steps[steps["known_at"] <= as_of]
