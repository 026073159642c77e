"""Local moments and instants: office hours, free days, the hours a zone has twice or never."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data.demo.arrivals import in_peak
from data.demo.moments import WorkDays, office_part, office_time, to_utc

from .made import is_working


def days(text: str) -> float:
    return np.datetime64(text, "s").astype(np.int64) / 86400


@given(st.floats(0, 0.999), st.integers(19_000, 22_000))
def test_the_part_of_the_office_hours_that_is_over_is_the_part_put_in(
    part: float, day: int
) -> None:
    at = day + office_time(np.array([part]))
    assert abs(office_part(at)[0] - part) < 1e-5
    hour = (at[0] % 1) * 24
    assert 8.5 - 1e-6 <= hour <= 12 + 1e-6 or 13.5 - 1e-6 <= hour <= 17.5 + 1e-6


def test_local_moments_become_instants_and_missing_stays_missing() -> None:
    found = to_utc(np.array([days("2026-03-05T10:00:00"), np.nan]), "Asia/Shanghai")
    assert found[0] == pd.Timestamp("2026-03-05T02:00:00Z")
    assert pd.isna(found[1])


def test_an_hour_that_the_zone_has_twice_is_the_first_and_one_it_lacks_moves_on() -> None:
    twice, never = days("2025-11-02T01:30:00"), days("2026-03-08T02:30:00")
    found = to_utc(np.array([twice, never]), "America/Chicago")
    assert found[0] == pd.Timestamp("2025-11-02T06:30:00Z")
    assert found[1] == pd.Timestamp("2026-03-08T08:00:00Z")


def test_a_moment_on_a_free_day_moves_to_the_same_time_of_the_next_working_day() -> None:
    work_days = WorkDays(int(days("2026-03-01")), int(days("2026-04-30")), is_working)
    saturday, tuesday = days("2026-03-07T10:00:00"), days("2026-03-10T10:00:00")
    moved = work_days.snap(np.array([saturday, tuesday]))
    assert np.allclose(moved, [days("2026-03-09T10:00:00"), tuesday])


def test_a_peak_over_the_new_year_has_both_its_ends() -> None:
    dates = ["2025-12-09", "2025-12-10", "2026-01-15", "2026-02-05", "2026-02-06"]
    found = in_peak(np.array([int(days(d)) for d in dates]), "wages")
    assert list(found) == [False, True, True, True, False]
    assert not in_peak(np.array([int(days(d)) for d in dates]), "").any()
