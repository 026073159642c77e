"""The charts that may leave the office draw nothing that their workbook covers."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from reports.charts import draw
from reports.lately import Week
from reports.monthly_page import HIDDEN
from reports.office_lines import Filters
from reports.rates import Rate, wilson
from ui import address, chart, indicators, lately, load
from wording import formats, t

VIEWER = SimpleNamespace(
    language="en",
    t=lambda key, /, **values: t(key, "en", **values),
    number=lambda value, digits=0: formats.number(value, "en", digits),
    percent=lambda value, digits=1: formats.percent(value, "en", digits),
)
RATES = [Rate(15, 20), Rate(19, 20), Rate(2, 20), Rate(5, 9), Rate(20, 20), Rate(16, 20)]
"""Said; one late; two in time; too few; none late; said."""
COVERED = [False, True, True, True, False, False]


@pytest.fixture
def shown(monkeypatch):
    """What was given to be drawn: the chart and the cells of its workbook."""
    given = []
    monkeypatch.setattr(chart, "show", lambda v, made, heads, rows, cells, **_: given.append(
        (made, cells)
    ))  # fmt: skip
    return given


def _weeks(rates):
    first = dt.date(2026, 1, 5)
    days = [first + dt.timedelta(days=7 * n) for n in range(len(rates))]
    return tuple(Week(d, d + dt.timedelta(days=6), r) for d, r in zip(days, rates, strict=True))


def test_a_week_covered_in_the_workbook_is_a_gap_in_the_picture(shown, monkeypatch):
    monkeypatch.setattr(load, "weeks", lambda viewer: _weeks(RATES))
    lately.on_time(VIEWER)
    ((made, cells),) = shown
    (line,) = made.series
    assert [row[1] == HIDDEN for row in reversed(cells)] == COVERED
    for values in line[1:]:
        assert [value is None for value in values] == COVERED


@pytest.mark.parametrize(
    ("before", "now", "key"),
    [
        (Rate(15, 20), Rate(19, 20), "covered"),
        (Rate(19, 20), Rate(15, 20), "first_covered"),
        (Rate(5, 9), Rate(15, 20), "first"),
        (Rate(15, 20), Rate(5, 9), "few"),
    ],
)
def test_the_finding_says_no_covered_share(before, now, key, shown, monkeypatch):
    weeks = _weeks([before, now])
    monkeypatch.setattr(load, "weeks", lambda viewer: weeks)
    lately.on_time(VIEWER)
    finding = shown[0][0].finding
    span = formats.span(weeks[1].first, weeks[1].last, "en")
    assert finding == t(f"charts.on_time.{key}", "en", span=span, share=VIEWER.percent(0.75))
    assert "95" not in finding


def test_a_chart_of_which_all_is_covered_can_be_drawn(shown, monkeypatch):
    monkeypatch.setattr(load, "weeks", lambda viewer: _weeks([Rate(19, 20)] * 3))
    lately.on_time(VIEWER)
    assert draw(shown[0][0], "en", "x").startswith(b"\x89PNG")


@pytest.mark.parametrize("is_cut", [False, True])
def test_the_trend_covers_what_has_a_file_and_draws_all_of_what_has_none(
    is_cut, shown, monkeypatch
):
    spans = [(None, None) if r.is_small else wilson(r.numerator, r.denominator) for r in RATES]
    rows = pd.DataFrame(
        {
            "month": [f"2026-0{n}" for n in range(1, 7)],
            "numerator": [rate.numerator for rate in RATES],
            "denominator": [rate.denominator for rate in RATES],
            "share": [None if rate.is_small else rate.share for rate in RATES],
            "low": [low for low, _ in spans],
            "high": [high for _, high in spans],
        }
    )
    monkeypatch.setattr(indicators, "_trend", lambda *_: rows)
    monkeypatch.setattr(address, "one", lambda *_, **__: "on_time")
    monkeypatch.setattr(indicators.parts, "note", lambda text: None)
    indicators.trends(VIEWER, Filters(bodies=frozenset({"b01"} if is_cut else ())))
    ((made, cells),) = shown
    small = [rate.is_small for rate in RATES]
    for values in made.series[0][1:]:
        assert [value is None for value in values] == (small if is_cut else COVERED)
    assert (cells is None) == is_cut
    if cells is not None:
        assert [row[1] == HIDDEN for row in cells] == COVERED
