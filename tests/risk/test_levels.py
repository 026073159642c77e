"""Levels are cut by what can be pushed, not by taste."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.levels import LEVELS, levels
from wording import has

NOW = pd.Timestamp("2024-05-01 09:00")
DAY = pd.Timedelta(days=1)


def of(rows: list[tuple[float, float]], capacity: int) -> list[str]:
    """Levels of (probability, days to the limit)."""
    p = pd.Series([row[0] for row in rows], dtype="float64")
    due = pd.Series([NOW + row[1] * DAY for row in rows], dtype="datetime64[us]")
    return levels(p, due, NOW, capacity).tolist()


def test_the_most_likely_of_those_still_in_time_fill_the_capacity() -> None:
    rows = [(1.0, -1), (0.9, 20), (0.4, 2), (0.8, 2), (0.1, 30)]
    assert of(rows, 2) == ["overdue", "likely_late", "due_soon", "likely_late", "on_course"]


def test_among_equals_the_earlier_limit_comes_first() -> None:
    assert of([(0.5, 20), (0.5, 10)], 1) == ["on_course", "likely_late"]


def test_no_capacity_flags_nobody() -> None:
    assert of([(0.9, 10), (0.9, 1)], 0) == ["on_course", "due_soon"]
    with pytest.raises(ValueError, match="capacity"):
        of([(0.9, 10)], -1)


def test_no_open_case_has_no_level() -> None:
    assert of([], 10) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-20, 40)), max_size=30), st.integers(0, 40))
def test_exactly_as_many_as_can_be_pushed_are_likely_late(
    rows: list[tuple[float, float]], capacity: int
) -> None:
    made = of(rows, capacity)
    running = [level for level in made if level != "overdue"]
    assert running.count("likely_late") == min(capacity, len(running))


def test_every_level_has_a_name_in_both_languages_and_a_look_of_its_own() -> None:
    assert all(
        has(f"risk.level.{level.id}", language) for level in LEVELS for language in ("zh", "en")
    )
    assert len({level.mark for level in LEVELS}) == 4
