"""A body's year: no covered month comes out of the sum by subtraction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports.body_year import body_year
from reports.monthly import COUNTY

BODIES = ["b01", "b02", "b03", "b04"]


def months(seed: int, level: int) -> dict[str, dict[str, pd.DataFrame]]:
    """Twelve months of four bodies of very different size."""
    rng = np.random.default_rng(seed)
    found = {}
    for number in range(1, 13):
        rows = []
        for size in (0.2, 0.6, 1.5, 4.0):
            n = {
                "on_time": rng.poisson(level * size), "late_answered": rng.poisson(size * 2),
                "late_open": rng.poisson(size), "ended_otherwise": rng.poisson(size),
            }  # fmt: skip
            n["late"] = n["late_answered"] + n["late_open"]
            n["not_on_time"] = n["late"] + n["ended_otherwise"]
            n["due"] = n["on_time"] + n["not_on_time"]
            n["extended"] = rng.binomial(n["due"], 0.1)
            n["not_extended"] = n["due"] - n["extended"]
            n["decision_due"] = n["due"]
            n["decided_in_time"] = rng.binomial(n["due"], 0.9)
            n["decided_late"] = n["due"] - n["decided_in_time"]
            n["ended"] = n["due"]
            n["declined"] = rng.poisson(size)
            n["exits"] = n["declined"] = min(n["declined"], n["ended"])
            n["ended_answered"] = n["ended"] - n["exits"]
            n |= {"referred": 0, "no_remedy": 0, "withdrawn": 0}
            rows.append(n)
        table = pd.DataFrame(rows, index=BODIES).astype("int64")
        desk = pd.DataFrame({"corrections": rng.poisson(1.5, 4)}, index=BODIES)
        total = table.sum().to_frame().T.set_axis([COUNTY])
        total["corrections"] = int(desk["corrections"].sum())
        found[f"2025-{number:02d}"] = {COUNTY: total, "body": table, "desk": desk}
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("level", [4, 15])
@pytest.mark.parametrize("body", BODIES)
def test_no_covered_count_is_the_year_less_the_months(seed: int, level: int, body: str) -> None:
    made = months(seed + 10 * BODIES.index(body), level)  # each body a county of its own
    year = body_year(body, 2025, made)
    for name, cells in year.rows.items():
        *each, total = cells
        assert total.covered or total.numerator >= 3 or total.numerator == 0, name
        if total.denominator is not None and not total.covered:
            assert total.denominator >= 10 or total.denominator == 0, name
        hidden = [cell for cell in each if cell.covered]
        if total.covered or not hidden:
            continue
        left = total.numerator - sum(cell.numerator for cell in each if not cell.covered)
        assert left == 0 or (left >= 3 and len(hidden) > 1), name


def test_a_years_sum_is_the_sum_of_its_months_where_all_are_shown() -> None:
    year = body_year("b04", 2025, months(1, 40))
    *each, total = year.rows["due"]
    assert not total.covered
    assert total.numerator == sum(one.numerator for one in each) > 1000
    assert year.rows["on_time"][-1].rate.share > 0.8


def test_a_body_that_owed_nothing_has_zeros_and_no_share() -> None:
    made = months(1, 10)
    for by in made.values():
        by["body"] = pd.concat([by["body"], pd.DataFrame(0, ["b05"], by["body"].columns)])
        by["desk"] = pd.concat([by["desk"], pd.DataFrame(0, ["b05"], by["desk"].columns)])
    total = body_year("b05", 2025, made).rows["on_time"][-1]
    assert total.covered or (total.rate is not None and total.rate.share is None)
