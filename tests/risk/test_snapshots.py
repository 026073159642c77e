"""Rows per case and checkpoint, labels and folds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from risk.snapshots import MIN_FOLDS, fold_numbers, folds, snapshots

DAY = pd.Timedelta(days=1)


def cases(*spans: tuple[float, float | None, float | None]) -> pd.DataFrame:
    """Cases from (opened, due, closed) in days."""
    base = pd.Timestamp("2024-01-01")
    column = {
        name: pd.Series(
            [pd.NaT if span[i] is None else base + span[i] * DAY for span in spans],
            dtype="datetime64[us]",
        )
        for i, name in enumerate(("opened_at", "due_at", "closed_at"))
    }
    return pd.DataFrame(column).assign(category="c", body="b")


END = pd.Timestamp("2024-12-31")


def test_a_row_per_checkpoint_at_which_the_case_was_still_open() -> None:
    rows = snapshots(cases((0, 8, 5)), END)
    assert rows["stage"].tolist() == [0, 1, 2]
    assert (rows["at"] - pd.Timestamp("2024-01-01")).dt.days.tolist() == [0, 2, 4]
    assert not rows["late"].any()


def test_a_case_closed_at_the_very_moment_is_no_longer_open() -> None:
    assert snapshots(cases((0, 8, 2)), END)["stage"].tolist() == [0]


def test_a_case_closed_at_its_limit_is_on_time_and_just_after_it_late() -> None:
    rows = snapshots(cases((0, 8, 8), (0, 8, 8.001), (0, 8, None)), END)
    assert rows.groupby("case")["late"].first().tolist() == [False, True, True]


def test_a_limit_after_the_extract_gives_no_label_and_no_limit_gives_no_row() -> None:
    rows = snapshots(cases((0, 8, None), (0, None, 4)), pd.Timestamp("2024-01-06"))
    assert rows["case"].unique().tolist() == [0]
    assert not rows["is_scorable"].any()
    assert rows["stage"].tolist() == [0, 1, 2]


def test_the_test_span_is_the_last_quarter_of_openings_in_equal_folds() -> None:
    table = cases(*[(day, day + 5, day + 2) for day in range(401)])
    parts = folds(table)
    test = [part for part in parts if part.number >= 1]
    assert len(test) >= MIN_FOLDS
    assert test[0].start == pd.Timestamp("2024-01-01") + 300 * DAY
    assert test[-1].end == table["opened_at"].max()
    lengths = {round((part.end - part.start) / DAY, 6) for part in parts}
    assert len(lengths) == 1
    assert sum(part.number < 1 for part in parts) >= 3


def test_a_case_opened_at_the_first_moment_of_the_test_span_belongs_to_it() -> None:
    table = cases(*[(day, day + 5, day + 2) for day in range(401)])
    numbers = fold_numbers(table, folds(table))
    assert numbers[299] == 0
    assert numbers[300] == 1
    assert numbers[400] == numbers.max() == max(part.number for part in folds(table))


def test_long_limits_reach_back_for_more_earlier_folds() -> None:
    short = folds(cases(*[(day, day + 5, day + 2) for day in range(401)]))
    long = folds(cases(*[(day, day + 60, day + 2) for day in range(401)]))
    assert long[0].number < short[0].number
    assert np.sign(long[0].number) == -1
