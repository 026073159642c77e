"""What refuses is said in the reader's language, days as that language writes them."""

from __future__ import annotations

import datetime as dt

import pytest

from data.errors import ConfigError, RowProblem, RuleError


@pytest.mark.parametrize("day", ["2026-03-05", dt.date(2026, 3, 5)])
def test_a_day_in_a_message_is_written_as_people_write_it(day: object) -> None:
    error = RuleError("second_extension", number=3, day=day)
    assert "2026年3月5日" in error.text("zh")
    assert "5 March 2026" in error.text("en")
    problem = RowProblem(1, "", "areas.in_the_past", (("day", day),))
    assert "2026年3月5日" in problem.text("zh")


def test_what_somebody_typed_is_shown_as_typed() -> None:
    assert "“2026-02-30”" in ConfigError("areas.bad_day", day="2026-02-30").text("zh")
