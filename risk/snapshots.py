"""Rows of a backtest: one per case and checkpoint, with labels, and the folds they fall into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

CHECKPOINTS = (0.0, 0.25, 0.5, 0.75)
"""Shares of the limit at which an open case is looked at (DOMAIN.md §8)."""
TEST_SHARE = 0.25
MIN_FOLDS = 6
MAX_FOLDS = 12
MIN_EARLIER_FOLDS = 3
MAX_EARLIER_FOLDS = 8
_FOLD_DAYS = 31
NEVER = np.iinfo(np.int64).max // 4
"""Seconds of a moment that has not come: later than every other."""


def seconds(times: pd.Series) -> np.ndarray:
    """Whole seconds since 1970 of naive local times, int64, rounded down; missing = `NEVER`."""
    values = times.to_numpy(dtype="datetime64[us]")
    missing = np.isnat(values)
    whole = np.floor_divide(values.view("int64"), 1_000_000)
    return np.where(missing, NEVER, whole)


def snapshots(cases: pd.DataFrame, extract_end: pd.Timestamp) -> pd.DataFrame:
    """Every (case, checkpoint) at which a case with a limit was looked at.

    Args:
        cases: of `case_table.CaseList`.
        extract_end: moments after it did not happen.

    Returns:
        One row per case and checkpoint, sorted by case then checkpoint, index 0..n-1:
        `case` (row number in `cases`), `stage` (0-3, index in `CHECKPOINTS`), `at` (the moment,
        naive local), `late` (bool: not closed by its limit), `is_scorable` (the limit fell within
        the extract, so that the label is known; rows without it only train hazards).
        Stage 0 is there for every case, later ones only if it was still open (closed later).
    """
    case = np.flatnonzero(cases["due_at"].notna().to_numpy())
    part = cases.iloc[case]
    span = (part["due_at"] - part["opened_at"]).to_numpy()
    opened = part["opened_at"].to_numpy()
    closed = part["closed_at"].to_numpy()
    due = part["due_at"].to_numpy()
    late = np.isnat(closed) | (closed > due)
    frames = []
    for stage, share in enumerate(CHECKPOINTS):
        at = opened + (span.astype("int64") * share).astype("int64").astype(span.dtype)
        there = (np.isnat(closed) | (closed > at)) if stage else np.ones(len(at), dtype=bool)
        there &= at <= np.datetime64(extract_end)
        frames.append(
            pd.DataFrame(
                {
                    "case": case[there],
                    "stage": np.int8(stage),
                    "at": at[there],
                    "late": late[there],
                    "is_scorable": (due <= np.datetime64(extract_end))[there],
                }
            )
        )
    rows = pd.concat(frames, ignore_index=True)
    return rows.sort_values(["case", "stage"], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Fold:
    """A stretch of openings, forecast by what was known at its start.

    number: 1.. for the test span, 0, -1, ... for the earlier folds that only choose.
    start, end: the openings it holds, [start, end); the last fold's end is included.
    """

    number: int
    start: pd.Timestamp
    end: pd.Timestamp


def folds(cases: pd.DataFrame) -> list[Fold]:
    """The folds of the test span and those before it, of equal length, in order of time.

    The test span is the last quarter of the time between the first and the last opening. Folds
    last at most 31 days where the span allows (models age quickly, FACTS.md §9), 6 to 12 of them;
    earlier ones reach back so that at least three of them have seen their limits pass.
    """
    first, last = cases["opened_at"].min(), cases["opened_at"].max()
    start = first + (last - first) * (1 - TEST_SHARE)
    span = last - start
    count = int(np.clip(np.ceil(span / pd.Timedelta(days=_FOLD_DAYS)), MIN_FOLDS, MAX_FOLDS))
    length = span / count
    limits = (cases["due_at"] - cases["opened_at"]).dropna()
    wait = float(limits.quantile(0.75) / length) if len(limits) and length.value else 0.0
    earlier = int(np.clip(MIN_EARLIER_FOLDS + np.ceil(wait), None, MAX_EARLIER_FOLDS))
    result = []
    for number in range(1 - earlier, count + 1):
        begin = start + length * (number - 1)
        result.append(Fold(number, begin, start + length * number if number < count else last))
    return result


def fold_numbers(cases: pd.DataFrame, parts: list[Fold]) -> np.ndarray:
    """The fold of each case by its opening, int; cases before the first fold get the number
    below it."""
    edges = np.array([part.start.to_datetime64() for part in parts])
    opened = cases["opened_at"].to_numpy()
    return np.searchsorted(edges, opened.astype(edges.dtype), side="right") - 1 + parts[0].number
