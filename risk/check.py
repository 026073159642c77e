"""What a backtest found, in the form that is kept with a model and shown beside its list.

A full check is the backtest of DESIGN.md §7. A short one is the same on the last months only, so
that a first list is there within a minute; it says which it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .backtest import SEED, Board, Progress, forecasts
from .case_table import CaseList
from .levels import DEFAULT_CAPACITY
from .metrics import ECE_BINS, Outcomes, WeekSamples, found_at_capacity, interval
from .moments import DAY
from .serving import Choice
from .snapshots import Fold, seconds

MOST_PUSHED = 50
"""The highest number of cases a day that figures are kept for: the end of the slider."""
SHORT_FOLDS = 3
_FOLD_DAYS = 31
_MATURE = 0.9
"""Share of the limits that must have passed at the end of a short check's last fold."""


def check(
    table: CaseList,
    steps: pd.DataFrame | None = None,
    days_off: np.ndarray | None = None,
    *,
    is_full: bool,
    progress: Progress | None = None,
) -> tuple[Choice, dict[str, Any]]:
    """Backtests a table and says what is to be served from its end on.

    Args:
        table, steps, days_off: as `backtest.forecasts` takes them.
        is_full: False = three months of passed limits only; give `live.recent` of a table then.

    Returns:
        (choice, found). found: `kind`, `rows`, `late`, `first`, `last` (days of opening tested),
        `folds`, `judged` (the forecast of `by_capacity` and `reliability`: what was served fold by
        fold in a full check, what will be served in a short one), `best_record`, `models` (figures
        with intervals), `by_capacity`, `reliability`.

    Raises:
        DataError: there is nothing to test on.
    """
    parts = None if is_full else short_parts(table)
    board = forecasts(table, progress, "cases", days_off, steps, parts)
    if progress is not None:
        progress("risk.progress.figures", 0, 1)
    result: dict[str, Any] = board.result(table, DEFAULT_CAPACITY)
    choice = Choice(**result["next_choice"])
    judged = "served" if is_full else choice.name
    test = board.test_rows()
    p = (board.served if is_full else board.earlier.forecasts[judged])[test]
    shown = {n: m for n, m in result["models"].items() if is_full or n != "served"}
    opened = board.cases["opened_at"].to_numpy()[board.rows["case"].to_numpy()[test]]
    outcomes, warning = _outcomes(board, test)
    samples = WeekSamples(outcomes.week, SEED)
    found = {
        "kind": "full" if is_full else "short",
        "rows": result["rows"],
        "late": result["late"],
        "first": str(opened.min())[:10],
        "last": str(opened.max())[:10],
        "folds": len({f["fold"] for f in result["folds"] if f["is_test"] and f["rows"]}),
        "judged": judged,
        "best_record": result["best_record"],
        "models": shown,
        "by_capacity": by_capacity(outcomes, p, warning, samples),
        "reliability": reliability(outcomes, p, samples),
    }
    return choice, found


def _outcomes(board: Board, test: np.ndarray) -> tuple[Outcomes, np.ndarray]:
    """The test rows' outcomes, and the days from each moment to its limit."""
    at = seconds(board.rows["at"])[test]
    due = seconds(board.cases["due_at"])[board.rows["case"].to_numpy()[test]]
    earlier = board.earlier
    outcomes = Outcomes(earlier.late[test], at // DAY, earlier.week[test], DEFAULT_CAPACITY)
    return outcomes, (due - at) / DAY


def by_capacity(
    outcomes: Outcomes, probability: np.ndarray, warning: np.ndarray, samples: WeekSamples
) -> list[dict[str, Any]]:
    """What pushing 1, 2, ... `MOST_PUSHED` cases a day would have found.

    Args:
        outcomes: of the test rows. probability: forecast of each. warning: days from the row's
            moment to its limit.

    Returns:
        One entry per capacity: `capacity`; `recall`, share of the late rows among the highest of
        their day; `precision`, share of those highest that came late; both with `_interval95`;
        `warning_days`, median over the late ones found. None = nothing to compute it from.
    """
    late = outcomes.late.astype("float64")
    whole = samples.sums(late)
    order = np.argsort(warning, kind="stable")
    result = []
    for capacity in range(1, MOST_PUSHED + 1):
        found = found_at_capacity(
            Outcomes(outcomes.late, outcomes.day, outcomes.week, capacity), probability
        )
        hits = found * late
        caught, pushed = samples.sums(hits), samples.sums(found)
        with np.errstate(divide="ignore", invalid="ignore"):
            recall, precision = interval(caught / whole), interval(caught / pushed)
        reached = np.cumsum(hits[order])
        middle = int(np.searchsorted(reached, reached[-1] / 2)) if hits.any() else None
        result.append(
            {
                "capacity": capacity,
                "recall": float(hits.sum() / late.sum()) if late.any() else None,
                "recall_interval95": recall,
                "precision": float(hits.sum() / found.sum()) if found.any() else None,
                "precision_interval95": precision,
                "warning_days": None if middle is None else float(warning[order][middle]),
            }
        )
    return result


def reliability(
    outcomes: Outcomes, probability: np.ndarray, samples: WeekSamples
) -> list[dict[str, Any]]:
    """How often rows given a chance of so much came late: ten equal bins, empty ones left out.

    Returns:
        `count`, `probability` (mean said), `late_share` (what came), `interval95` of the share.
    """
    late = outcomes.late.astype("float64")
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)
    result = []
    for number in np.unique(bins):
        mine = bins == number
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = interval(samples.sums(late * mine) / samples.sums(mine.astype("float64")))
        result.append(
            {
                "count": int(mine.sum()),
                "probability": float(probability[mine].mean()),
                "late_share": float(late[mine].mean()),
                "interval95": spread,
            }
        )
    return result


def short_parts(table: CaseList) -> list[Fold]:
    """Three folds of 31 days, the last ending when nine in ten of its limits have passed."""
    limits = (table.cases["due_at"] - table.cases["opened_at"]).dropna()
    wait = limits.quantile(_MATURE) if len(limits) else pd.Timedelta(0)
    length, end = pd.Timedelta(days=_FOLD_DAYS), table.extract_end - wait
    starts = [end - length * (SHORT_FOLDS - n) for n in range(SHORT_FOLDS)]
    return [Fold(n + 1, start, start + length) for n, start in enumerate(starts)]
