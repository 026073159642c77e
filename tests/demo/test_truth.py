"""The true probability of a late answer is true: as many answers come late as it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.demo import DemoHistory, work
from data.demo.moments import WorkDays
from data.demo.process import HURRY_DAYS, PUSH, SHAPE
from data.demo.work import Bodies, first_day, growth_of_chance, turns

from .made import END, ZONE, is_working


def outcomes(made: DemoHistory, checkpoint: float) -> pd.DataFrame:
    """Probability and lateness of the cases whose limit has passed."""
    rows = made.truth[made.truth["checkpoint"] == checkpoint].set_index("case")
    rows = rows[rows["due_on"] < pd.Timestamp(END.date())]
    answers = made.events[made.events["event"] == "answered"].groupby("case")["occurred_at"].min()
    answered = answers.reindex(rows.index).dt.tz_convert(ZONE).dt.tz_localize(None)
    return rows.assign(late=~(answered < rows["due_on"] + pd.Timedelta(days=1)))


@pytest.mark.parametrize("checkpoint", [0.0, 0.25, 0.5, 0.75])
def test_lateness_agrees_with_the_truth_in_every_fifth(
    made: DemoHistory, checkpoint: float
) -> None:
    rows = outcomes(made, checkpoint)
    fifth = pd.qcut(rows["probability"], 5, labels=False, duplicates="drop")
    found = rows.groupby(fifth).agg(
        late=("late", "mean"), said=("probability", "mean"), cases=("late", "size")
    )
    error = np.sqrt(found["said"] * (1 - found["said"]) / found["cases"])
    assert (abs(found["late"] - found["said"]) < 4 * error + 0.005).all(), found


def test_the_truth_tells_cases_apart(made: DemoHistory) -> None:
    rows = outcomes(made, 0.0)
    base = rows["late"].mean() * (1 - rows["late"].mean())
    brier = ((rows["probability"] - rows["late"]) ** 2).mean()
    assert 1 - brier / base > 0.08


def test_a_later_row_is_only_of_a_case_that_still_waits(made: DemoHistory) -> None:
    answers = made.events[made.events["event"] == "answered"].groupby("case")["occurred_at"].min()
    answered = made.truth["case"].map(answers)
    assert not (answered <= made.truth["at"]).any()
    first = made.truth.groupby("case")["checkpoint"].min()
    assert (first == 0).all()


def test_the_truth_stands_in_no_table_of_the_record(made: DemoHistory) -> None:
    for table in (made.cases, made.events, made.filings, made.bodies):
        assert "probability" not in table.columns


def test_a_day_of_answer_is_drawn_with_the_probability_it_is_said_to_have() -> None:
    size = 40_000
    turn = np.full(size, 10)
    scale, hurry = np.full(size, 30.0), np.full(size, 0.1)
    due, simple = np.full(size, 40), np.zeros(size, dtype=bool)
    chance = np.random.default_rng(1).exponential(size=size)
    answered = first_day(chance, turn, scale, hurry, due, simple)
    for day in (12, 30, 35, 40, 45, 80):
        by_hand = ((day - 10) / 30) ** SHAPE
        by_hand += 0.1 * min(max(day - (40 - HURRY_DAYS["ordinary"]), 0), HURRY_DAYS["ordinary"])
        by_hand += PUSH * max(day - 40, 0)
        assert abs((answered > day).mean() - np.exp(-by_hand)) < 0.01, day
        whole = growth_of_chance(np.full(size, day), turn, scale, hurry, due, simple)
        assert whole[0] == pytest.approx(by_hand)


def test_a_line_is_served_in_order_and_never_before_its_time() -> None:
    rng = np.random.default_rng(4)
    joins = np.sort(rng.integers(20, 200, 900))
    owner = rng.integers(0, 2, 900)
    bodies = Bodies.draw(["department", "township_office"], np.array([20, 20]), rng)
    turn = turns(joins, rng.gamma(2.0, 0.5, 900), owner, bodies, (20, 200), 600, rng)
    assert (turn >= joins).all()
    for body in (0, 1):
        assert (np.diff(turn[owner == body]) >= 0).all()
    assert (turn > joins).any()


def test_a_line_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "absences", lambda length, rng: np.ones(length))
    monkeypatch.setattr(work, "GROWTH", 0.0)
    joins = np.array([0] * 9 + [30])
    bodies = Bodies(np.ones(1), np.zeros(1), np.zeros(1), np.ones(1), np.array([0]))
    # ten cases of one day's work each in a span of ten days: one a day, after the four days' work
    # that lay there on the first day's evening
    turn = turns(
        joins, np.ones(10), np.zeros(10, dtype=int), bodies, (0, 9), 60, np.random.default_rng(1)
    )
    assert list(turn) == [5, 6, 7, 8, 9, 10, 11, 12, 13, 30]


def test_working_days_are_numbered_as_counting_would() -> None:
    days = WorkDays(20_000, 20_100, is_working)
    by_hand = [d for d in range(20_000, 20_101) if (d + 3) % 7 < 5]
    assert list(days.days) == by_hand
    for day in range(20_000, 20_090):
        assert days.upto(day) == sum(d <= day for d in by_hand)
        assert days.day(days.number(day)) == min(d for d in by_hand if d >= day)
