"""Why a score is high: the few facts that moved it, in words.

Groups of features that belong to one fact are set to what is typical, one group at a time
(occlusion); a fact is told when its group pushed the chance of a late answer up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wording import t
from wording.formats import number, percent

from . import models
from .features import STEPS
from .forecaster import Forecaster, predict

MOST_REASONS = 3
_LEAST_MOVE = 0.05
"""Log-odds; what moved the score by less is not worth a sentence."""
_FIRST_STEPS = ("contacted", "mediated", "met", "received")

GROUPS: dict[str, tuple[str, ...]] = {
    "time_used": (
        "share_used", "age_days", "limit_days", "work_left_days", "calendar_left_days",
        "weekday", "weekday_due", "due_day_work", "hour", "is_simple_procedure",
    ),
    "record": ("late_share_", "decided_"),
    "pace": ("pace_",),
    "body_load": ("body_",),
    "category_load": ("category_",),
    "steps": STEPS,
}  # fmt: skip
"""Fact -> beginnings of the names of its features; `body_category_` belongs to the body's load."""


@dataclass(frozen=True)
class Reason:
    """One fact that raised a score.

    fact: one of `GROUPS`. move: by how much, log-odds; 0 where no model was asked. key, values: the
    catalogue text and its numbers, in the units the text names.
    """

    fact: str
    move: float
    key: str
    values: tuple[tuple[str, float], ...]

    def text(self, language: str) -> str:
        """The fact in words."""
        shown = {
            name: percent(value, language, 0)
            if name.endswith("_share")
            else number(value, language, 0 if float(value).is_integer() else 1)
            for name, value in self.values
        }
        return t(self.key, language, **shown)


def reasons(forecaster: Forecaster, x: pd.DataFrame, stage: np.ndarray) -> list[list[Reason]]:
    """The facts that raised each row's score, strongest first, at most three.

    Args:
        forecaster: one that serves a model; with a baseline there are no features and no reasons.
        x: features of the rows, as `forecaster.score` returns them. stage: their checkpoints.

    Returns:
        One list per row, in order; empty where nothing raised the score.
    """
    if not len(x.columns) or not len(x):
        return [[] for _ in range(len(x))]
    here = models.logit(predict(forecaster, x, stage))
    moves = {}
    for fact, beginnings in GROUPS.items():
        names = [name for name in x if name.startswith(beginnings)]
        if names:
            typical = {name: np.float32(forecaster.typical[name]) for name in names}
            moves[fact] = here - models.logit(predict(forecaster, x.assign(**typical), stage))
    result: list[list[Reason]] = []
    for place, row in enumerate(x.to_dict("records")):
        raised = sorted(((move[place], fact) for fact, move in moves.items()), reverse=True)
        told = [_told(fact, float(move), row) for move, fact in raised if move > _LEAST_MOVE]
        result.append(told[:MOST_REASONS])
    return result


def facts(x: pd.DataFrame) -> list[list[Reason]]:
    """What to tell of each row where the office's own record is served: no model, no moves.

    Args:
        x: features of the rows.

    Returns:
        Time used, the record and the body's load, one list per row, in order.
    """
    return [
        [_told(fact, 0.0, row) for fact in ("time_used", "record", "body_load")]
        for row in x.to_dict("records")
    ]


def _told(fact: str, move: float, row: dict[str, float]) -> Reason:
    """The sentence of a fact, with the row's own numbers."""
    values: dict[str, float] = {}
    key = fact
    if fact == "time_used":
        values = {"used": math.floor(row["age_days"]), "limit": math.floor(row["limit_days"])}
        if "contacted_count" in row and not any(row[f"{step}_count"] for step in _FIRST_STEPS):
            key = "time_used_no_contact"
    elif fact == "record":
        values = {"late_share": _share(row["late_share_body_category_365d"])}
    elif fact == "pace":
        values = {"late_share": _share(row["pace_body_category_28d"])}
    elif fact in ("body_load", "category_load"):
        level = fact.removesuffix("_load")
        open_now = math.expm1(row[f"{level}_open"])
        usual = (open_now + 1) / math.exp(row[f"{level}_open_to_usual"]) - 1
        values = {
            "open": round(open_now),
            "overdue": round(math.expm1(row[f"{level}_overdue"])),
            "usual": round(max(usual, 0.0)),
        }
    elif fact == "steps":
        taken = sum(row[f"{step}_count"] for step in STEPS)
        days = [row[f"{step}_days_since"] for step in STEPS]
        known = [day for day in days if not math.isnan(day)]
        key = "steps" if known else "no_steps"
        values = {"taken": taken, "since": math.floor(min(known))} if known else {}
    numbers = tuple((name, float(value)) for name, value in values.items())
    return Reason(fact, move, f"risk.reason.{key}", numbers)


def _share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def compare_by_step(
    cases: pd.DataFrame, rows: pd.DataFrame, taken: np.ndarray, late: np.ndarray, least: int = 10
) -> pd.DataFrame:
    """Late shares of cases like these that had a step by their checkpoint, and of those without.

    Beside a flag, for accepting, finding the right body and first contact only: a comparison, not
    a promise.

    Args:
        cases: with `category`. rows: `case`, `stage` of snapshots with a known outcome.
        taken: bool per row, the step was known by then. late: bool per row.
        least: fewer rows than this on either side and the share is missing.

    Returns:
        One row per (`category`, `stage`) with `with_count`, `with_late_share`, `without_count`,
        `without_late_share`; NaN shares below `least`.
    """
    frame = pd.DataFrame(
        {
            "category": cases["category"].to_numpy()[rows["case"]],
            "stage": rows["stage"].to_numpy(),
            "taken": taken,
            "late": late.astype("float64"),
        }
    )
    made = frame.groupby(["category", "stage", "taken"])["late"].agg(["size", "mean"]).unstack()
    result = pd.DataFrame(index=made.index)
    for side, name in ((True, "with"), (False, "without")):
        there = side in made["size"].columns
        count = made["size", side].fillna(0).astype("int64") if there else 0
        share = made["mean", side] if there else np.nan
        result[f"{name}_count"] = count
        result[f"{name}_late_share"] = share
        result.loc[result[f"{name}_count"] < least, f"{name}_late_share"] = np.nan
    return result.reset_index()
