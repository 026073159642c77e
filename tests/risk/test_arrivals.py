"""The county's weeks to come: against the same week a year before, nothing finer, no leak."""

from __future__ import annotations

import datetime as dt
import inspect

import numpy as np
import pandas as pd
import pytest

from risk.arrivals import HORIZON, NEEDED, arrivals

TODAY = dt.date(2026, 3, 4)


def asked(per_week: np.ndarray) -> pd.Series:
    """Days of cases: so many in each of the weeks that end before today, the last one last."""
    end = np.datetime64(TODAY, "D")
    weeks = len(per_week)
    days = [
        end - 7 * (weeks - week) + (number % 7)
        for week, count in enumerate(per_week)
        for number in range(int(count))
    ]
    return pd.Series(np.array(days, dtype="datetime64[us]"))


def seasonal(weeks: int, noise: float, level: float = 60, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = level * (1 + 0.6 * np.sin(np.arange(weeks) / 52 * 2 * np.pi))
    return np.maximum(10, shape + rng.normal(0, noise, weeks)).round()


def test_a_short_record_and_a_quiet_county_say_why_there_is_no_forecast() -> None:
    days = asked(np.full(NEEDED - 1, 30))
    short = arrivals(days, days, TODAY)
    assert (short.why, short.known_weeks, short.weeks) == ("too_short", NEEDED - 1, ())
    days = asked(np.full(120, 8))
    assert arrivals(days, days, TODAY).why == "few"
    nothing = pd.Series([], dtype="datetime64[us]")
    assert arrivals(nothing, nothing, TODAY).why == "too_short"


def test_seasonal_naive_is_served_where_the_model_is_not_clearly_better() -> None:
    days = asked(np.tile(seasonal(52, 12), 3))  # every year is the one before, to the case
    found = arrivals(days, days, TODAY)
    assert found.served == "seasonal_naive"
    assert found.loss_naive == pytest.approx(0, abs=1e-9)
    assert found.difference is not None
    assert found.difference[1] > 0
    assert found.middle == pytest.approx(np.tile(seasonal(52, 12), 3)[-52 : -52 + HORIZON])


def test_the_model_is_served_where_it_is_clearly_better() -> None:
    weeks = seasonal(160, 2) * np.linspace(1, 4, 160) ** 2  # more every year, the naive always low
    days = asked(weeks)
    found = arrivals(days, days, TODAY)
    assert found.served == "model"
    assert found.loss_model < found.loss_naive
    assert found.difference[1] < 0


def test_the_forecast_has_eight_weeks_in_order_and_its_quantiles_too() -> None:
    days = asked(seasonal(150, 8))
    found = arrivals(days, days, TODAY)
    assert found.weeks[0] == TODAY
    assert len(found.weeks) == HORIZON
    for low, middle, high in zip(found.low, found.middle, found.high, strict=True):
        assert 0 <= low <= middle <= high
    assert found.past[-1][0] == TODAY - dt.timedelta(days=7)
    assert found.past[-1][1] == seasonal(150, 8)[-1]
    assert arrivals(days, days, TODAY) == found


def test_what_is_known_later_moves_no_forecast() -> None:
    days = asked(seasonal(150, 8))
    found = arrivals(days, days, TODAY)
    future = pd.Series(pd.to_datetime(["2026-03-04", "2026-03-20"] * 40)).astype("datetime64[us]")
    unknown = pd.Series(pd.to_datetime(["2026-02-10"] * 40)).astype("datetime64[us]")
    more = pd.concat([days, future, unknown], ignore_index=True)
    known = pd.concat(
        [days, future, pd.Series(pd.to_datetime(["2026-03-09"] * 40)).astype("datetime64[us]")],
        ignore_index=True,
    )
    assert arrivals(more, known, TODAY) == found


def test_nothing_but_days_can_be_asked_for() -> None:
    assert list(inspect.signature(arrivals).parameters) == ["opened", "known", "today", "seed"]
