"""Equal service: late answers against those expected for the same mix, checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from reports.equal_service import compare, discoveries, exact_limits, funnel_limits, log_rank
from reports.rates import wilson


def strata(rows: list[tuple[str, str, str, int, int]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["township", "category", "procedure", "due", "late"])
    return made.assign(days=np.nan, is_ended=False)


MIX = strata([
    ("east", "wages", "ordinary", 100, 30), ("west", "wages", "ordinary", 100, 10),
    ("east", "deeds", "ordinary", 20, 2), ("west", "deeds", "ordinary", 180, 18),
])  # fmt: skip


def test_expected_is_by_the_countys_own_rate_in_each_category() -> None:
    found = compare(MIX, "township", ["east", "west"])
    # wages 40 of 200, deeds 20 of 200: east expects 100 * 0.2 + 20 * 0.1 = 22
    east, west = found.rows
    assert (east.late, east.expected, west.late, west.expected) == (32, 22.0, 28, 38.0)
    assert east.ratio == pytest.approx(32 / 22)


def test_a_covered_group_stands_in_no_row_and_moves_no_other() -> None:
    whole, part = compare(MIX, "township", ["east", "west"]), compare(MIX, "township", ["west"])
    assert [row.group for row in part.rows] == ["west"]
    assert part.rows[0].expected == whole.rows[1].expected


def test_a_category_is_compared_by_procedure_alone() -> None:
    wages = compare(MIX, "category", ["wages", "deeds"]).rows[0]
    assert wages.expected == 30.0  # 60 of 400 were late


def test_the_order_is_the_one_given_and_twice_the_cases_move_no_ratio() -> None:
    found = compare(MIX, "township", ["west", "east"])
    assert [row.group for row in found.rows] == ["west", "east"]
    twice = compare(MIX.assign(due=MIX["due"] * 2, late=MIX["late"] * 2), "township", ["east"])
    assert twice.rows[0].ratio == pytest.approx(32 / 22)


def test_exact_limits_are_the_published_ones() -> None:
    # Garwood 1936, as tabled: 0 -> 3.69, 5 -> 1.62-11.67, 10 -> 4.80-18.39
    assert exact_limits(0) == pytest.approx((0, 3.689), abs=1e-3)
    assert exact_limits(5) == pytest.approx((1.623, 11.668), abs=1e-3)
    assert exact_limits(10) == pytest.approx((4.795, 18.390), abs=1e-3)


def test_only_what_is_more_than_chance_is_asked_about() -> None:
    towns = [f"t{n}" for n in range(12)]
    even = [(town, "wages", "ordinary", 100, 20) for town in towns]
    odd = compare(
        strata([*even, ("odd", "wages", "ordinary", 100, 60)]), "township", [*towns, "odd"]
    )
    assert [row.group for row in odd.rows if row.is_question] == ["odd"]
    assert not any(row.is_question for row in compare(strata(even), "township", towns).rows)


def test_the_funnel_narrows_and_dispersion_widens_it() -> None:
    small, large = funnel_limits(4, 1.0), funnel_limits(100, 1.0)
    assert large == pytest.approx((0.804, 1.196), abs=1e-3)
    assert small[0] < large[0] < 1 < large[1] < small[1]
    assert funnel_limits(100, 4.0) == pytest.approx((0.608, 1.392), abs=1e-3)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.5])
    assert discoveries(p, 0.05).tolist() == [True, True, True, True, False]
    assert discoveries(np.array([0.2, 0.06]), 0.05).tolist() == [False, False]
    assert discoveries(np.array([]), 0.05).tolist() == []


def waits(seed: int = 1, slow: float = 1.0) -> pd.DataFrame:
    """600 cases in six townships; those of t0 wait `slow` times as long, a fifth still waits."""
    random = np.random.default_rng(seed)
    town = random.choice([f"t{n}" for n in range(6)], 600)
    days = random.gamma(4, 8, 600) * np.where(town == "t0", slow, 1.0)
    return pd.DataFrame({
        "township": town, "category": random.choice(["wages", "deeds"], 600),
        "procedure": "ordinary", "due": 1, "late": random.integers(0, 2, 600),
        "days": days.round(1), "is_ended": random.random(600) < 0.8,
    })  # fmt: skip


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # within lifelines
@pytest.mark.parametrize("seed", range(4))
def test_the_log_rank_statistic_is_that_of_lifelines(seed: int) -> None:
    cases = waits(seed, 1 + seed / 5)
    days, ended = cases["days"].to_numpy(), cases["is_ended"].to_numpy()
    inside = (cases["township"] == "t0").to_numpy()
    more, variance = log_rank(days, ended, inside)
    theirs = logrank_test(days[inside], days[~inside], ended[inside], ended[~inside])
    assert more**2 / variance == pytest.approx(theirs.test_statistic)


def test_a_slower_township_is_asked_about_its_time_and_an_even_county_about_none() -> None:
    towns = [f"t{n}" for n in range(6)]
    asked = {
        slow: [row.group for row in compare(waits(2, slow), "township", towns).rows
               if row.is_time_question]
        for slow in (1.0, 2.5)
    }  # fmt: skip
    assert asked == {1.0: [], 2.5: ["t0"]}
    slowest = compare(waits(2, 2.5), "township", towns).rows[0]
    assert slowest.days is not None
    assert slowest.rest_days is not None
    assert slowest.days > 2 * slowest.rest_days


def test_times_are_compared_within_category_and_procedure() -> None:
    """Who has more of the slow matter is not slower: each matter takes as long everywhere."""
    random = np.random.default_rng(3)
    town = np.repeat(["t0", "t1"], 300)
    is_slow = random.random(600) < np.where(town == "t0", 0.9, 0.1)
    cases = waits().assign(
        township=town, category=np.where(is_slow, "deeds", "wages"), is_ended=True,
        days=random.gamma(4, 8, 600) * np.where(is_slow, 3, 1),
    )  # fmt: skip
    rows = compare(cases, "township", ["t0", "t1"]).rows
    assert not any(row.is_time_question for row in rows)
    assert rows[0].days > 1.5 * rows[1].days  # type: ignore[operator]


def test_fewer_than_ten_waits_say_nothing_of_time() -> None:
    cases = waits()
    few = cases.index[cases["township"] == "t1"][9:]
    cases.loc[few, "days"] = np.nan
    row = compare(cases, "township", ["t0", "t1"]).rows[1]
    assert (row.group, row.days, row.rest_days, row.is_time_question) == ("t1", None, None, False)


def test_nothing_due_compares_nothing() -> None:
    assert compare(MIX.iloc[:0], "township", []).rows == ()


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(12, 14) == pytest.approx((0.6006, 0.9599), abs=1e-4)
    assert wilson(10, 10)[1] == 1.0


def test_twice_the_cases_of_a_township_at_the_countys_timeliness_raise_no_question() -> None:
    towns = [f"t{n}" for n in range(8)]
    rows = [(town, "wages", "ordinary", 100, 20) for town in towns]
    rows += [("odd", "wages", "ordinary", 100, 60)]
    even = compare(strata(rows), "township", [*towns, "odd"])
    for town in towns:
        more = strata([*rows, (town, "wages", "ordinary", 100, 20)])
        found = compare(more, "township", [*towns, "odd"])
        assert [row.group for row in found.rows] == [row.group for row in even.rows]
        assert [row.is_question for row in found.rows] == [row.is_question for row in even.rows]
