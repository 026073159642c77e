"""Filing on the pages: a clerk's day in one press, late, corrected; whom to remind; excuses."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from data.filings import read_filings, read_revisions
from data.record import register
from service import filing
from tests.conftest import DESK, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from tests.pages.test_register import RIGHT, _book, _upload
from tests.service.test_filing import EVENING, TODAY, case_of
from wording import t

TOWN, OTHER = "990000001000", "990000002000"


def _filings(db, day=TODAY):
    return read_filings(db, SUPERVISOR, day, day, db.now())


@pytest.mark.parametrize("role", ["township_clerk", "supervisor"])
def test_on_a_sunday_the_page_says_that_none_is_asked(role, open_page, clock):
    clock.at = dt.datetime(2026, 3, 8, 2, 0, tzinfo=dt.UTC)
    test = open_page("filing", role)
    assert not test.exception
    assert "2026年3月8日" in text_of(test)
    assert "file_zero" not in [button.key for button in test.button]


def test_a_county_that_filed_nothing_yet_says_so(open_page):
    test = open_page("filing", "supervisor")
    assert t("desks.none_yet", "zh", days=92) in [box.value for box in test.info]


@pytest.mark.parametrize(("kind", "language"), [("zero", "zh"), ("report", "en")])
def test_today_is_filed_by_one_press(kind, language, open_page, county):
    test = open_page("filing", "township_clerk", language)
    assert t("desks.clerk.held_none", language) in text_of(test)
    left = t("desks.clerk.hours", language, hours=7, minutes=0)
    said = t("desks.clerk.left", language, deadline="17:00", left=left, now="10:00")
    assert said in text_of(test)
    test.button(key=f"file_{kind}").click().run()
    assert not test.exception
    filed = _filings(county)
    assert list(filed["kind"]) == [kind]
    assert filed["reason"].isna().all()
    assert test.success
    assert "file_zero" not in [button.key for button in test.button], "no second press by mistake"


def test_after_the_deadline_a_reason_from_the_list_is_asked(open_page, county, clock):
    clock.at = EVENING
    test = open_page("filing", "township_clerk")
    assert t("desks.clerk.over", "zh", deadline="17:00") in text_of(test)
    assert test.button(key="file_report").disabled
    assert test.button(key="file_zero").disabled
    test.radio(key="file_reason").set_value("power_cut").run()
    test.button(key="file_report").click().run()
    assert list(_filings(county)["reason"]) == ["power_cut"]
    assert t("words.filing_reason.power_cut", "zh") in text_of(test)


def test_a_zero_against_the_register_is_a_question_first(open_page, county, clock):
    register(county, DESK, case_of(county))
    clock.go(minutes=1)
    test = open_page("filing", "township_clerk")
    assert t("desks.clerk.held", "zh", count="1") in text_of(test)
    test.button(key="file_zero").click().run()
    assert _filings(county).empty, "nothing is filed before the question is answered"
    question = t("desks.clerk.question", "zh", count="1")
    assert question in [box.value for box in test.warning]
    test.button(key="file_cancel").click().run()
    test.button(key="file_zero").click().run()
    test.button(key="file_yes").click().run()
    assert list(_filings(county)["kind"]) == ["zero"]
    assert t("reports.filing.state.contradicted", "zh") in text_of(test), "the clerk sees it, too"
    figures = text_of(open_page("filing", "supervisor"))
    assert t("reports.filing.state.contradicted", "zh") in figures


def test_the_question_can_be_answered_by_a_report(open_page, county, clock):
    register(county, DESK, case_of(county))
    clock.go(minutes=1)
    test = open_page("filing", "township_clerk")
    test.button(key="file_zero").click().run()
    test.button(key="file_other").click().run()
    assert list(_filings(county)["kind"]) == ["report"]


def test_what_was_filed_is_corrected_with_a_reason_and_stays_in_the_history(
    open_page, county, clock
):
    test = open_page("filing", "township_clerk")
    test.button(key="file_zero").click().run()
    clock.go(minutes=5)
    test.run()
    assert test.button(key="file_correct").disabled
    test.radio(key="file_correct_reason").set_value("filed_by_mistake").run()
    test.button(key="file_correct").click().run()
    assert list(_filings(county)["kind"]) == ["zero", "report"]
    for role in ("township_clerk", "supervisor"):
        page = text_of(open_page("filing", role))
        assert t("words.filing_reason.filed_by_mistake", "zh") in page
        assert t("desks.revised.clerk", "zh") in page
        assert "demo-township" not in page, "the desk stands there, never an account"


def test_an_earlier_day_that_is_missing_is_filed_late(open_page, county, clock):
    yesterday = TODAY - dt.timedelta(days=1)
    test = open_page("filing", "township_clerk")
    test.selectbox(key="filing_day").set_value(yesterday).run()
    assert test.query_params["day"] == str(yesterday)
    test.radio(key=f"past_{yesterday}_reason").set_value("clerk_absent").run()
    test.button(key=f"past_{yesterday}_report").click().run()
    assert not test.exception
    assert list(_filings(county, yesterday)["reason"]) == ["clerk_absent"]
    assert _filings(county).empty, "today is not filed by it"


def test_the_work_list_leads_to_todays_filing(open_page):
    test = open_page("worklist", "township_clerk")
    assert not test.exception
    waits = t("ui.filing.not_yet", "zh")
    label = t("desks.clerk.to_page", "zh", day="2026年3月5日", state=waits)
    assert label in [link.label for link in test.get("page_link")]
    assert not open_page("worklist", "supervisor").get("page_link")


def test_whom_to_remind_comes_with_a_text_to_copy_and_no_person(open_page, county):
    test = open_page("filing", "supervisor")
    text = next(code.value for code in test.code)
    for name in ("东镇", "西镇"):
        assert name in text
    assert "demo-" not in text
    assert t("desks.remind.rule", "zh") in text_of(test)
    english = open_page("filing", "supervisor", "en")
    assert not re.search("[㐀-鿿]", next(code.value for code in english.code))


@pytest.mark.parametrize("view", ["matrix", "month", "quarter"])
@pytest.mark.parametrize("desk", ["", TOWN])
def test_every_view_keeps_its_filters_in_the_address(view, desk, open_page, county):
    filing.file(county, DESK, TOWN, TODAY, "zero")  # before the first filing there are no figures
    test = open_page("filing", "supervisor")
    test.segmented_control(key="filing_view").set_value(view).run()
    test.selectbox(key="filing_desk").set_value(desk).run()
    assert not test.exception
    kept = {name: test.query_params[name] for name in ("view", "desk") if name in test.query_params}
    expected = {"view": view} if view != "matrix" else {}
    assert kept == (expected | {"desk": desk} if desk else expected)
    page = text_of(test)
    assert t("desks.mark.missing", "zh") in page, "a letter, not a colour alone"
    assert t("desks.figures.completeness", "zh") in page
    assert (t("desks.figures.zero_share", "zh") in page) == (not desk), "for the county only"


def test_the_address_opens_the_same_view(open_page):
    test = open_page(None, "supervisor")
    test.query_params["view"] = "month"
    test.query_params["desk"] = TOWN
    test.query_params["on"] = "2026-02-10"
    go_to(test, "filing")
    assert test.segmented_control(key="filing_view").value == "month"
    assert test.selectbox(key="filing_desk").value == TOWN
    assert "2026年2月" in text_of(test)


def test_an_earlier_day_in_the_sidebar_shows_what_was_known_then_and_excuses_nothing(open_page):
    test = open_page("filing", "supervisor")
    test.date_input(key="filing_to").set_value(TODAY).run()
    earlier = TODAY - dt.timedelta(days=8)
    test.date_input(key="as_of").set_value(earlier).run()
    assert not test.exception
    assert test.date_input(key="filing_to").value == earlier
    assert t("desks.excuse.earlier", "zh") in text_of(test)
    assert "excuse_save" not in [button.key for button in test.button]


def test_a_span_without_an_asked_day_has_no_figure_and_says_why(open_page, county):
    filing.file(county, DESK, TOWN, TODAY, "zero")
    test = open_page("filing", "supervisor")
    sunday = dt.date(2026, 3, 1)
    test.date_input(key="filing_from").set_value(sunday).run()
    test.date_input(key="filing_to").set_value(sunday).run()
    said = t("desks.figures.none", "zh", first="2026年3月1日", last="2026年3月1日")
    assert said in [box.value for box in test.info]
    assert t("desks.figures.none_title", "zh") in text_of(test)
    test.date_input(key="filing_from").set_value(TODAY).run()
    assert [box.value for box in test.error] == [t("desks.error.order", "zh")]


def test_a_supervisor_excuses_a_day_and_takes_it_back(open_page, county, clock):
    test = open_page("filing", "supervisor")
    test.selectbox(key="excuse_desk").set_value(TOWN).run()
    assert test.button(key="excuse_save").disabled
    test.selectbox(key="excuse_reason").set_value("power_cut").run()
    test.button(key="excuse_save").click().run()
    assert not test.exception
    clerk = open_page("filing", "township_clerk")
    reason = t("words.filing_reason.power_cut", "zh")
    assert t("desks.clerk.excused", "zh", reason=reason) in [box.value for box in clerk.info]
    clock.go(minutes=10)
    test = open_page("filing", "supervisor")
    test.selectbox(key="excuse_which").select_index(0).run()
    test.button(key="excuse_back").click().run()
    page = text_of(test)
    assert t("desks.excuse.withdrawn", "zh") in page
    assert "file_zero" in [b.key for b in open_page("filing", "township_clerk").button]
    assert read_revisions(county, SUPERVISOR, TODAY, TODAY, county.now()).empty


def test_a_spreadsheet_taken_in_is_todays_filing_and_a_refused_one_is_not(open_page, county):
    _upload(open_page, _book(("A-2", "下周", *RIGHT[2:])))
    assert _filings(county).empty
    test = _upload(open_page, _book(RIGHT))
    assert t("desks.by_sheet", "zh") in [box.value for box in test.info]
    assert list(_filings(county)["kind"]) == ["report"]
