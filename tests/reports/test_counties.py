"""Above the counties stand covered totals, and nobody gets a small count back from them."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from reports.counties import FIGURES, CountyTotals, above, to_html, to_json

DAY = dt.date(2026, 3, 4)


def county(name: str, *values: int, problem: str | None = None) -> CountyTotals:
    figures = dict(zip(FIGURES, values, strict=True)) if values else {}
    return CountyTotals(name, DAY, figures, problem)


@pytest.mark.parametrize("seed", range(40))
def test_no_count_of_one_or_two_comes_back_by_subtraction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for at in range(int(rng.integers(2, 7))):
        opened, due = int(rng.integers(0, 12)), int(rng.integers(0, 30))
        rows.append(
            county(f"c{at}", *rng.integers(0, 6, 2), opened, int(rng.integers(0, opened + 1)), due,
                   int(rng.integers(0, due + 1)))
        )  # fmt: skip
    found = above(rows)
    for name in FIGURES:
        shown, total = found.cells[name], found.totals[name]
        true = pd.Series([row.figures[name] for row in rows], index=shown.index)
        assert not shown.dropna().isin([1, 2]).any()
        assert total not in (1, 2)
        assert (shown.dropna() == true[shown.notna()]).all()
        hidden = shown.isna()
        if total is not None and hidden.any():
            assert hidden.sum() > 1 or int(true[hidden].iloc[0]) not in (1, 2)
    for part, whole in (("overdue", "open"), ("on_time", "due")):
        both = found.cells[[part, whole]].dropna()
        assert not (both[whole] - both[part]).isin([1, 2]).any()


def test_a_county_that_failed_has_no_figures_and_is_in_no_total() -> None:
    found = above([county("a", 5, 4, 90, 10, 40, 30), county("b", problem="OperationalError"),
                   county("c", 7, 6, 80, 20, 50, 40)])  # fmt: skip
    assert found.cells.loc["b"].isna().all()
    assert found.totals["open"] == 170
    said = json.loads(to_json(found))
    assert said["counties"][1] == {
        "county": "b", "day": "2026-03-04", "problem": "OperationalError",
        "figures": dict.fromkeys(FIGURES),
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_shares_from_ten_on_and_escapes_names(language: str) -> None:
    found = above([county("<b>a</b>", 5, 4, 90, 10, 40, 30), county("c", 7, 6, 80, 20, 8, 4)])
    page = to_html(found, language).decode()
    assert "<b>a" not in page
    assert "75.0" in page
    assert "n&lt;10" in page or "n<10" in page


def test_without_any_county_nothing_is_shown_as_nought() -> None:
    found = above([county("a", problem="x")])
    assert set(found.totals.values()) == {None}
    assert found.cells.isna().all().all()
