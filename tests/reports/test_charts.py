"""Charts: titles that say the finding, units on the axes, gaps where nothing may be said."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports import charts
from reports.charts import Chart, Series, draw
from reports.lately import BANDS, owed_by_days

KINDS = {
    "lines": Chart(
        "lines", "a", "一句话", "说明", ("1月", "2月", "3月"),
        (Series("甲", (0.9, None, 0.8), (0.8, None, 0.7), (0.95, None, 0.9)),
         Series("乙", (0.5, 0.6, None))),
        "月份", "占到期的比例", is_share=True,
    ),
    "bars": Chart("bars", "b", "一句话", "说明", ("a", "b"), (Series("", (3, None)),), "段", "件"),
    "rows": Chart(
        "rows", "c", "一句话", "说明", ("甲局", "乙局"),
        (Series("率", (0.9, None), (0.8, None), (0.95, None)),), "占到期的比例", "", is_share=True,
    ),
    "steps": Chart(
        "steps", "d", "一句话", "说明", (), (Series("甲", (1.0, 0.4)),), "天数", "比例",
        is_share=True, at=(0.0, 30.0),
    ),
    "funnel": Chart(
        "funnel", "e", "一句话", "说明", (),
        (Series("", (1.2, None)), Series("", (), (0.2, 0.5), (2.0, 1.5))), "预期", "倍",
        at=(4.0, 9.0), marks=("甲镇", ""),
    ),
}  # fmt: skip


def drawn(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> tuple[Figure, bytes]:
    """The figure behind a chart, and its PNG."""
    kept: list[Figure] = []
    finish = charts.finish

    def keep(figure: Figure, foot: str, mark: str, top: float = 0.965) -> bytes:
        kept.append(figure)
        return finish(figure, foot, mark, top)

    monkeypatch.setattr(charts, "finish", keep)
    png = draw(chart, "zh", "某县 · 数据截至 2026年3月4日", "演示")
    return kept[0], png


def said(figure: Figure) -> list[str]:
    """Every text in a figure."""
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_xlabel(), axes.get_title(loc="left")]
        found += [tick.get_text() for tick in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    return [text for text in found if text]


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_says_finding_units_as_of_and_mark(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = KINDS[kind]
    figure, png = drawn(chart, monkeypatch)
    assert png.startswith(b"\x89PNG")
    texts = said(figure)
    assert {chart.finding, "某县 · 数据截至 2026年3月4日", "演示"} <= set(texts)
    assert {unit for unit in (chart.x_unit, chart.y_unit) if unit} <= set(texts)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", KINDS)
def test_no_sign_is_missing_in_the_projects_font(kind: str) -> None:
    """A sign without a glyph is a warning of matplotlib."""
    draw(KINDS[kind], "zh", "某县", "演示")


def test_what_is_covered_is_not_drawn_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, _ = drawn(KINDS["bars"], monkeypatch)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [3]
    assert "已遮盖" in said(figure)
    figure, _ = drawn(KINDS["rows"], monkeypatch)
    assert "不足 10 件，不显示" in said(figure)


def test_a_gap_stays_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, _ = drawn(KINDS["lines"], monkeypatch)
    first = figure.axes[0].lines[0].get_ydata()
    assert pd.isna(first[1])
    assert (first[0], first[2]) == (0.9, 0.8)


def test_a_long_title_breaks_between_words() -> None:
    lines = charts._wrapped("按期答复率" * 12 + " words that stay whole " * 6)
    assert len(lines) > 2
    assert all("words" in line or "wor" not in line for line in lines)


def test_owed_answers_fall_into_the_band_of_their_day() -> None:
    today = dt.date(2026, 3, 5)
    left = [-40, -31, -30, -1, 0, 3, 4, 7, 8, 14, 15, 30, 31]
    day = pd.Series([pd.Timestamp(today) + pd.Timedelta(days=n) for n in left])
    standing = pd.DataFrame({"is_counted": True, "is_open": True}, index=day.index)
    clocks = pd.DataFrame({"answer_state": "running", "answer_due_on": day})
    found = owed_by_days(standing, clocks, today)
    assert list(found.index) == list(BANDS)
    assert found.to_list() == [2, 2, 2, 2, 2, 2, 1]
    standing.loc[0, "is_open"] = False
    clocks.loc[2, "answer_state"] = "met"
    assert owed_by_days(standing, clocks, today).to_list() == [1, 1, 2, 2, 2, 2, 1]
