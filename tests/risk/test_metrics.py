"""Figures of a forecast: against scikit-learn, by hand, and in their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from risk.metrics import (
    Outcomes,
    WeekSamples,
    average_precision,
    figures,
    found_at_capacity,
    interval,
    log_score_gain,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40))
def test_average_precision_is_scikit_learns_with_ties(rows: list[tuple[bool, int]]) -> None:
    late = np.array([row[0] for row in rows])
    score = np.array([row[1] for row in rows]) / 5
    if not late.any():
        assert np.isnan(average_precision(late, score))
        return
    assert average_precision(late, score) == pytest.approx(average_precision_score(late, score))


def test_found_at_capacity_takes_the_highest_of_each_day_and_shares_ties() -> None:
    outcomes = Outcomes(
        late=np.zeros(6, dtype=bool),
        day=np.array([1, 1, 1, 1, 2, 2]),
        week=np.zeros(6, dtype=int),
        capacity=2,
    )
    found = found_at_capacity(outcomes, np.array([0.9, 0.5, 0.5, 0.1, 0.3, 0.2]))
    assert found.tolist() == [1.0, 0.5, 0.5, 0.0, 1.0, 1.0]


def made_up(seed: int = 0, count: int = 4000) -> tuple[Outcomes, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0, 1, count)
    late = rng.random(count) < p
    day = np.arange(count) // 20
    return Outcomes(late, day, day // 7, 10), p


def test_the_figures_of_a_perfectly_calibrated_forecast() -> None:
    outcomes, p = made_up()
    made = figures(outcomes, p, np.full(len(p), 0.5), WeekSamples(outcomes.week, 1))
    assert made["brier"] == pytest.approx(np.mean((p - outcomes.late) ** 2))
    assert made["brier_skill_vs_best_record"] == pytest.approx(1 - 4 * made["brier"], abs=1e-9)
    assert made["ece"] < 0.03
    for name, (low, high) in made["interval95"].items():
        assert low <= made[name] <= high or name == "ece", name


def test_a_figure_without_any_late_row_is_missing_not_zero() -> None:
    outcomes, p = made_up()
    none_late = Outcomes(np.zeros(len(p), bool), outcomes.day, outcomes.week, 10)
    made = figures(none_late, p, p, WeekSamples(outcomes.week, 1))
    assert made["average_precision"] is None
    assert made["recall_at_capacity"] is None
    assert made["interval95"]["average_precision"] is None


def test_figures_of_a_checkpoint_use_its_own_rows_and_the_same_weeks() -> None:
    outcomes, p = made_up()
    mask = np.arange(len(p)) % 2 == 0
    samples = WeekSamples(outcomes.week, 1)
    made = figures(outcomes.part(mask), p[mask], np.full(mask.sum(), 0.5), samples, mask)
    low, high = made["interval95"]["average_precision"]
    assert low < average_precision(outcomes.late[mask], p[mask]) < high


def test_a_forecast_gains_nothing_on_itself_and_something_on_a_worse_one() -> None:
    outcomes, p = made_up()
    samples = WeekSamples(outcomes.week, 1)
    assert log_score_gain(outcomes.late, p, p, samples) == (0.0, [0.0, 0.0])
    gain, spread = log_score_gain(outcomes.late, p, np.full(len(p), 0.5), samples)
    assert spread is not None
    assert 0 < spread[0] < gain < spread[1]


def test_an_interval_of_nothing_is_missing() -> None:
    assert interval(np.array([np.nan, np.nan])) is None
