"""The sweeps page: empty, begun, noted, refused; and the figures of those who see no case."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest

from data import sweeps as held
from service import sweeps as served
from tests.conftest import LABOUR
from tests.pages.conftest import go_to, text_of
from tests.pages.test_assignments import SECRET, a_case
from ui import lists
from wording import t


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("role", "key"),
    [("supervisor", "empty_county"), ("leader", "empty_county"), ("department_clerk", "empty")],
)
def test_an_empty_page_says_so(open_page, role, key, language):
    page = open_page("sweeps", role, language)
    assert not page.exception
    assert t(f"sweeps.{key}", language) in text_of(page)
    assert not page.dataframe


def test_without_a_case_no_sweep_is_offered(open_page):
    page = open_page("sweeps", "department_clerk")
    assert t("sweeps.nothing", "zh") in text_of(page)
    assert not [b for b in page.button if b.key == "sweep_begin"]


@pytest.fixture
def picked(monkeypatch):
    """Shows the form of the first case as if its row had been picked (the test has no mouse)."""
    monkeypatch.setattr(lists, "selected", lambda event: [0])


def test_a_clerk_begins_looks_and_notes(county, clock, open_page, picked):
    case_id = a_case(county, clock)
    clock.go(minutes=3)  # between two moments at which figures are taken
    page = open_page("sweeps", "department_clerk")
    page.date_input(key="sweep_until").set_value(dt.date(2025, 1, 1)).run()
    page.button(key="sweep_begin").click().run()
    assert t("sweeps.error.until", "zh", days=60) in text_of(page)
    page.date_input(key="sweep_until").set_value(dt.date(2026, 3, 19)).run()
    page.button(key="sweep_begin").click().run()
    assert not page.exception
    assert t("sweeps.form.begun", "zh", count=1) in page.success[0].value
    assert page.button(key="sweep_save").disabled
    page.selectbox(key="sweep_finding").select("step_due").run()
    page.date_input(key="sweep_due").set_value(dt.date(2025, 1, 1)).run()
    page.button(key="sweep_save").click().run()
    assert t("sweeps.error.due", "zh", days=60) in text_of(page)
    page.date_input(key="sweep_due").set_value(dt.date(2026, 3, 9)).run()
    page.button(key="sweep_save").click().run()
    assert not page.exception
    assert t("sweeps.form.saved", "zh") in page.success[0].value
    (one,) = held.read(county, LABOUR, county.now())
    found = one.cases[0].finding
    assert (one.cases[0].case_id, found.step) == (case_id, "contact")
    assert found.due_on == dt.date(2026, 3, 9)
    assert SECRET not in text_of(page)


@pytest.mark.usefixtures("short_lists_are_cut")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_county_sees_coverage_and_no_case(county, clock, open_page, language):
    case_id = a_case(county, clock)
    made = served.begin(county, LABOUR, "b01", "open", dt.date(2026, 3, 19))
    served.note(county, LABOUR, made, case_id, "in_order")
    clock.go(minutes=3)
    for role in ("supervisor", "leader"):
        shown = text_of(open_page("sweeps", role, language))
        assert t("sweeps.small", language) in shown
        assert t("sweeps.kind.open", language) in shown
        assert case_id not in shown
        assert escape(t("ui.rate.small", language)) in shown
    page = open_page("sweeps", "leader", language)
    page.selectbox(key="county_sweeps_kind").select("open").run()
    assert page.query_params["kind"] == "open"
    assert list(page.dataframe[0].value["coverage"]) == [t("ui.rate.small", language)]


def test_a_finding_stands_on_the_cases_own_page(county, clock, open_page):
    case_id = a_case(county, clock)
    made = served.begin(county, LABOUR, "b01", "open", dt.date(2026, 3, 19))
    served.note(county, LABOUR, made, case_id, "tell_asker", "tell", dt.date(2026, 3, 9))
    page = open_page("worklist", "department_clerk")
    page.query_params["case"] = case_id
    shown = text_of(go_to(page, "case"))
    assert t("sweeps.case.title", "zh") in [h.value for h in page.header]
    assert t("sweeps.finding.tell_asker", "zh") in shown
