"""The report page issues, lists and compares; the leaders' page is one screen that gives orders."""

from __future__ import annotations

import datetime as dt

import pytest

from data import issues
from data.record import register
from data.rows import NewCase
from service import assignments
from tests.conftest import DESK, LEADER, SUPERVISOR
from tests.pages.conftest import text_of
from wording import t

TODAY = dt.date(2026, 3, 5)


@pytest.fixture(autouse=True)
def one_case(county, clock):
    """A case a day old."""
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=county.now(),
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="三个月工资未发。",
    )  # fmt: skip
    register(county, DESK, new)
    clock.go(days=1, minutes=1)  # pages look at the last full five minutes


def test_a_supervisor_issues_with_a_comment_from_the_list_and_all_see_it(county, open_page):
    test = open_page("report", "supervisor")
    assert t("report.page.draft", "zh") in text_of(test)
    test.multiselect(key="report_comment").select("file_daily").run()
    assert "请当日补报" in text_of(test)
    test.button(key="report_issue").click().run()
    assert not test.exception
    (one,) = issues.read_all(county, SUPERVISOR)
    assert (one.number, one.login) == (1, "demo-supervisor")
    shown = text_of(test)
    assert one.sha256 in shown
    assert t("report.comment.title", "zh") in "".join(s.value for s in test.header)
    assert "report_issue" not in [button.key for button in test.button]
    test.button(key="report_compare").click().run()
    assert [box.value for box in test.success] == [
        t("report.page.compare_same", "zh", sha256=one.sha256)
    ]
    leader = open_page("report", "leader")
    assert one.sha256 in text_of(leader)


def test_a_leader_reads_drafts_and_issues_nothing(open_page):
    test = open_page("report", "leader")
    assert not test.exception
    assert "report_issue" not in [button.key for button in test.button]
    assert "report_body" not in [box.key for box in test.selectbox]


@pytest.mark.parametrize("kind", ["week", "half_month", "month"])
def test_a_span_says_it_still_runs_and_cannot_be_issued_before_its_end(open_page, kind):
    test = open_page("report", "supervisor")
    test.selectbox(key="report_kind").select(kind).run()
    assert not test.exception
    assert "才结束，以下是截至目前的数字" in text_of(test)
    test.button(key="report_issue").click().run()
    assert "才结束，结束后才能签发" in test.error[0].value


def test_the_leaders_page_says_why_a_figure_is_missing_and_gives_an_instruction(county, open_page):
    test = open_page("overview", "leader")
    shown = text_of(test)
    assert t("ui.overview.likely_none", "zh") in shown
    assert t("ui.overview.no_map", "zh") in shown
    assert t("ui.overview.no_change", "zh") in shown
    test.selectbox(key="assign_body").select("b01").run()
    test.selectbox(key="assign_subject").select("overdue_answers").run()
    test.button(key="assign_button").click().run()
    assert not test.exception
    (row,) = assignments.listed(county, LEADER, county.now())
    assert (row.one.origin, row.one.body_id, row.one.case_id) == ("instruction", "b01", None)
