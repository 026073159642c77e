"""Each page's list of what grows is the one list: cut, ordered, by address, its rows lead on."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from data import issues, places, record
from data.rows import NewCase
from data.scope import Scope
from service import report as reports
from tests.conftest import DESK, LEADER, NOW, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from tests.pages.test_assignments import assigned
from tests.pages.test_consultations import NOTICE
from tests.pages.test_reception import LINE, a_case, add, book
from tests.pages.test_supervision import at_tab
from tests.rules.conftest import layer
from ui import lists, rules_page
from wording import t

pytestmark = pytest.mark.usefixtures("short_lists_are_cut")


def shown(test, column: str, at: int = 0) -> list[object]:
    assert not test.exception
    return list(test.dataframe[at].value[column])


@pytest.fixture
def issued(county, clock):
    """Two daily reports that were issued, the second one the newer."""
    new = NewCase(
        "990000001000", None, NOW, "labour", "unpaid_wages", "redress", "desk", "ordinary", "b01",
        "工资未发。",
    )  # fmt: skip
    record.register(county, DESK, new)
    days = [NOW.date(), NOW.date() + dt.timedelta(days=1)]
    for day in days:
        clock.go(days=1, minutes=1)
        reports.issue(county, SUPERVISOR, "daily", day)
    return days


def test_issued_reports_are_ordered_and_the_picked_one_is_opened(
    county, issued, open_page, monkeypatch
):
    found = {one.first: one for one in issues.read_all(county, LEADER)}
    test = open_page("report", "leader")
    assert shown(test, "kind") == [t("report.kind.daily", "zh")] * 2
    test.selectbox(key="report_issues_sort").select("first").run()
    assert [day.date() for day in shown(test, "first")] == issued
    assert test.query_params["issued_sort"] == "first"
    assert "sort" not in test.query_params
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    test.run()
    assert test.date_input(key="report_day").value == issued[0]
    assert test.query_params["day"] == str(issued[0])
    assert found[issued[0]].sha256 in text_of(test)
    # the row stays picked, and another day may be chosen all the same
    test.date_input(key="report_day").set_value(issued[1]).run()
    assert test.date_input(key="report_day").value == issued[1]


def test_a_saved_mapping_is_read_where_its_row_is_open(open_page):
    test = open_page("mappings", "administrator")
    names = shown(test, "name")
    assert len(names) == 3
    assert not test.code, "no text stands there unasked"
    test.selectbox(key="mappings_origin").select("shipped").run()
    test.query_params["open"] = names[1]
    test.run()
    assert names[1] in [head.value for head in test.header]
    assert "[columns]" in test.code[0].value


def test_versions_of_the_areas_say_which_is_in_force(county, open_page):
    places.save_areas(county, Scope.operator(), layer(), dt.date(2018, 1, 1))
    none = pd.DataFrame(columns=["from_code", "to_code", "kind", "share"])
    places.save_version(county, Scope.operator(), layer(), none, dt.date(2020, 1, 1))
    test = open_page("areas", "administrator")
    assert shown(test, "state") == [t(f"areas.page.{one}", "zh") for one in ("open", "over")]
    assert not test.dataframe[0].proto.selection_mode, "no row leads anywhere, so none is picked"
    test.selectbox(key="area_versions_state").select("over").run()
    assert [day.year for day in shown(test, "from")] == [2018]
    assert test.query_params["state"] == "over"


def test_a_leader_finds_a_published_consultation_by_stage(county, open_page):
    from data import consultations
    from service import consultations as served
    from tests.conftest import LABOUR

    number = consultations.open_new(county, LABOUR, NOTICE)
    served.publish(county, SUPERVISOR, number, 1)
    test = open_page("consultations", "leader")
    assert shown(test, "title") == ["合并两所小学"]
    assert shown(test, "body") == ["人社局"]
    test.selectbox(key="published_stage").select("open").run()
    assert test.query_params["stage"] == "open"
    test.text_input(key="published_find").input("没有这一件").run()
    assert t("lists.empty", "zh") in [box.value for box in test.info]


def test_a_notice_leads_to_its_assignment(county, open_page, monkeypatch):
    number = assigned(county, None)
    page = at_tab(open_page, "notices")
    assert f"open={number}" in text_of(page), "a phone's block leads there too"
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    page.run()
    assert page.query_params["open"] == number
    assert t("assignments.subject.overdue_answers", "zh") in text_of(page)


def test_a_booked_reception_leads_to_its_case_beside_the_work_list(
    county, clock, open_page, monkeypatch
):
    case_id = a_case(county, clock)
    (line,) = add(county, LINE)
    book(county, case_id, line)
    clock.go(days=2)
    test = open_page("worklist", "supervisor")
    assert shown(test, "case") == [case_id]
    test.selectbox(key="booked_contact").select("overdue").run()
    assert test.query_params["booked_contact"] == "overdue"
    assert "contact" not in test.query_params
    assert f"case={case_id}" in text_of(test), "a phone's block leads there too"
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    test.run()
    assert test.query_params["case"] == case_id


def test_cases_whose_last_day_moved_are_a_list_without_an_end(county, open_page, monkeypatch):
    days = pd.to_datetime(pd.Series(["2026-03-09", "2026-03-10"] * 60))
    rows = pd.DataFrame(
        {
            "case_id": [f"CASE-{at:04}" for at in range(120)], "body_id": ["b01", "b02"] * 60,
            "clock": ["acceptance", "answer"] * 60, "old_on": days, "new_on": days,
            "changed_at": pd.Timestamp(NOW), "file": "calendar.toml",
        }
    )  # fmt: skip
    monkeypatch.setattr(rules_page.load, "moved", lambda viewer: rows)
    test = open_page("rules", "supervisor")
    assert len(shown(test, "case")) == 50
    test.selectbox(key="moved_body").select("b02").run()
    test.number_input(key="moved_page").set_value(2).run()
    assert shown(test, "case")[-1] == "CASE-0119", "the hundred-and-twentieth is there too"


def test_suggestions_that_wait_are_a_list_that_leads_to_the_case(county, open_page, monkeypatch):
    from tests.pages.test_consultations import suggestion

    case_id = suggestion(county)
    test = open_page("suggestions", "department_clerk")
    assert shown(test, "case") == [case_id]
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    go_to(test, "suggestions")
    assert test.query_params["case"] == case_id
