"""Indicators, equal service, workload and a body's year: what they show, and why something not."""

from __future__ import annotations

import io
from html import escape

import openpyxl
import pytest

from data.db import Db
from reports.figures_book import Sheet, book
from risk.arrivals import NEEDED
from tests.pages.conftest import go_to, text_of
from tests.service.busy_county import fill
from wording import formats, t

EMPTY = {
    "indicators": "indicators.page.empty", "equal_service": "indicators.equal.empty",
    "workload": "workload.empty", "body_year": "indicators.year.empty",
}  # fmt: skip


@pytest.fixture
def busy(county: Db) -> Db:
    return fill(county)


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_county_without_a_case_says_so(name: str, language: str, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page(name, "leader", language)
    assert not test.exception
    assert [box.value for box in test.info] == [t(EMPTY[name], language)]


def test_the_newest_settled_month_is_shown_with_all_its_lines(busy: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page("indicators", "supervisor")
    assert not test.exception
    shown = text_of(test)
    assert test.query_params["from"] == "2026-02-01"
    assert "2026年2月1日至2026年2月28日" in shown
    for name in ("decided_in_time", "on_time", "told", "exits", "time", "backlog", "used"):
        assert t(f"indicators.line.{name}", "zh") in shown
    limit = f'data-is="{t("indicators.head.limit", "zh")}"'
    assert f"<td {limit}" in shown
    assert f'class="n" {limit}' not in shown, "words stand to the left"
    assert t("indicators.why.no_plans", "zh") in shown
    assert t("indicators.why.not_yet", "zh") in shown
    assert "indicators_xlsx" in [button.key for button in test.get("download_button")]


def test_window_and_filters_stay_in_the_address_and_other_windows_have_no_file(  # type: ignore[no-untyped-def]
    busy: Db, open_page
) -> None:
    test = open_page("indicators", "leader", "en")
    test.segmented_control(key="indicators_kind").set_value("quarter").run()
    test.multiselect(key="indicators_bodies").set_value(["b02"]).run()
    assert not test.exception
    assert test.query_params["window"] == "quarter"
    assert test.query_params["bodies"] == "b02"
    shown = text_of(test)
    assert t("indicators.file.only_month", "en") in shown
    assert t("indicators.why.body", "en") in shown
    assert not test.get("download_button")


def test_an_address_with_nonsense_shows_the_usual_window(busy: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page(None, "leader")
    test.query_params["window"] = "<b>"
    test.query_params["from"] = "x"
    test.query_params["bodies"] = "b99,<i>"
    go_to(test, "indicators")
    assert not test.exception
    assert test.query_params["window"] == "month"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_equal_service_asks_about_the_slower_township_and_names_what_is_too_few(  # type: ignore[no-untyped-def]
    language: str, busy: Db, open_page
) -> None:
    test = open_page("equal_service", "supervisor", language)
    assert not test.exception
    shown = text_of(test)
    assert escape(t("charts.no_curve", language)) in shown
    assert "?" in shown or "？" in shown
    assert t("indicators.equal.how", language) in shown
    test.segmented_control(key="equal_by").set_value("channel").run()
    assert not test.exception
    assert test.query_params["by"] == "channel"


def test_workload_says_due_answers_pace_and_what_is_served(busy: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page("workload", "leader")
    assert not test.exception
    shown = text_of(test)
    assert t("workload.how", "zh", ahead=8, before=13) in shown
    # 78 whole weeks of record: a sentence instead of a forecast
    assert t("workload.why_too_short", "zh", known=78, needed=NEEDED) in shown


def test_a_bodys_year_has_its_months_and_a_file(busy: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page("body_year", "supervisor")
    assert not test.exception
    assert test.query_params["year"] == "2026"
    test.selectbox(key="year_year").select(2025).run()
    assert formats.short_month(12, "zh") in text_of(test)
    assert "year_xlsx" in [button.key for button in test.get("download_button")]


def test_the_workbook_holds_numbers_marks_and_no_formula() -> None:
    made = book([Sheet("sheet", ["note"], ["=head", "n"], [["=cmd()", 3], ["·", None]])])
    page = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[1][0] == "'=head"
    assert rows[2] == ["'=cmd()", 3]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
