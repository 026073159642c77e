"""The supervision page: each part empty, filled and refused; figures beside, no rank."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest

from data import evaluations, inspections
from tests.conftest import LEADER, SUPERVISOR
from tests.pages.conftest import text_of
from tests.pages.test_assignments import assigned
from wording import t
from wording.formats import percent

TABS = ("notices", "inspection", "evaluation", "demonstration")


def at_tab(open_page, tab: str, role: str = "supervisor", language: str = "zh"):
    page = open_page("supervision", role, language)
    page.segmented_control(key="supervision_tab").set_value(tab).run()
    assert not page.exception
    return page


def test_every_part_says_that_it_is_empty(open_page):
    page = open_page("supervision", "leader", "en")
    for tab, key in (
        ("notices", "notice.empty"), ("inspection", "inspection.empty"),
        ("evaluation", "evaluation.empty"), ("demonstration", "state.few"),
    ):  # fmt: skip
        page.segmented_control(key="supervision_tab").set_value(tab).run()
        assert not page.exception
        assert t(f"supervision.{key}", "en", year=2026) in text_of(page), tab
        assert not [b for b in page.button if b.key and b.key.endswith(("_save", "_load"))]


def test_a_notice_is_sent_from_here_and_stands_in_the_list(county, open_page):
    page = at_tab(open_page, "notices")
    page.selectbox(key="assign_body").select("b01").run()
    page.selectbox(key="assign_subject").select("overdue_answers").run()
    page.button(key="assign_button").click().run()
    assert not page.exception
    shown = text_of(page)
    assert t("assignments.subject.overdue_answers", "zh") in shown
    assert t("supervision.notice.open", "zh") in shown
    assert t("supervision.notice.by_body", "zh") in [h.value for h in page.header]


@pytest.mark.usefixtures("short_lists_are_cut")
def test_a_notice_past_its_day_is_said_to_be_late(county, clock, open_page):
    assigned(county, None)
    clock.go(days=20)
    page = at_tab(open_page, "notices")
    (state,) = page.dataframe[0].value["in_time"]
    assert state == t("supervision.notice.no", "zh")
    page.selectbox(key="notices_in_time").select("no").run()
    assert page.query_params["notice_in_time"] == "no", "a link shows the same notices"
    page.selectbox(key="notices_body").select("b01").run()
    assert "body" not in page.query_params, "the inspection's body is another choice"


def test_an_item_is_marked_and_a_day_outside_the_year_is_refused(county, open_page):
    page = at_tab(open_page, "inspection")
    page.date_input(key="inspection_day").set_value(dt.date(2025, 6, 1)).run()
    page.button(key="inspection_save").click().run()
    assert t("supervision.error.day", "zh", year=2026) in text_of(page)
    page.date_input(key="inspection_day").set_value(dt.date(2026, 3, 4)).run()
    page.selectbox(key="inspection_item").select("roster_public").run()
    page.radio(key="inspection_mark").set_value("partly").run()
    page.button(key="inspection_save").click().run()
    assert not page.exception
    (mark,) = inspections.read(county, LEADER, 2026).values()
    assert (mark.item, mark.mark) == ("roster_public", "partly")
    shown = text_of(page)
    assert t("supervision.mark.partly", "zh") in shown
    assert t("supervision.inspection.counts", "zh", all=12, done=1) in shown


def test_results_from_outside_stand_beside_and_small_ones_are_covered(county, open_page):
    given = (2026, "university", "b01", "on_time")
    evaluations.add(county, SUPERVISOR, [
        evaluations.Evaluated(*given, 0.8, 9, "phone_survey"),
        evaluations.Evaluated(*given[:3], "ease", 0.7, 80, "phone_survey"),
    ])  # fmt: skip
    shown = text_of(at_tab(open_page, "evaluation", language="en"))
    assert t("supervision.why.covered", "en") in shown
    assert t("supervision.why.no_own", "en") in shown
    assert escape(t("ui.rate.small", "en")) in shown
    assert percent(0.8, "en") not in shown
    assert percent(0.7, "en") in shown


@pytest.mark.parametrize("role", ["township_clerk", "administrator"])
def test_others_do_not_reach_it(open_page, role):
    assert t("ui.guard.other_role", "zh") in text_of(open_page("supervision", role))
