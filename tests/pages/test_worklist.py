"""The ledger on screen: lists, cuts, order and pages; what was chosen stands in the address."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.adapter import allow
from casework.calendar import load_calendar
from casework.pack import load
from data import quarantine, record
from data.errors import RowProblem
from data.history import NewEvent
from data.rows import NewCase
from data.scope import Scope
from service import ledger as served
from tests.conftest import DESK, LABOUR, NOW
from tests.pages.conftest import go_to, text_of
from ui import lists
from wording import t

pytestmark = pytest.mark.usefixtures("short_lists_are_cut")

RULES = allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")


def register(db, days_ago: float, body: str = "b01", category: str = "unpaid_wages") -> str:
    opened = NOW - dt.timedelta(days=days_ago)
    new = NewCase(
        "990000001000", None, opened, "labour", category, "redress", "hotline", "ordinary", body,
        "工资未发。",
    )  # fmt: skip
    return record.register(db, DESK, new).case_id


@pytest.fixture(autouse=True)
def fresh():
    served._shelf.lists.clear()


def ids(test) -> list[str]:
    return list(test.dataframe[0].value["case_id"]) if test.dataframe else []


def test_the_most_pressing_come_first_and_the_list_is_cut_by_state(open_page, county):
    made = {days: register(county, days) for days in (1, 20, 14)}
    test = open_page("worklist", "department_clerk")
    assert not test.exception
    assert ids(test) == [made[20], made[14], made[1]]
    test.selectbox(key="ledger_show").set_value("overdue").run()
    assert ids(test) == [made[20]]
    test.selectbox(key="ledger_show").set_value("soon").run()
    assert ids(test) == [made[14]]
    assert test.query_params["show"] == "soon"


def test_a_shared_address_opens_the_same_list(open_page, county):
    wages, pension = register(county, 1), register(county, 2, category="pension_claim")
    test = open_page("case", "department_clerk")
    test.query_params["category"] = "unpaid_wages"
    test.query_params["down"] = "1"
    test.query_params["show"] = "a list nobody has"
    go_to(test, "worklist")
    assert ids(test) == [wages]
    assert test.selectbox(key="ledger_category").value == "unpaid_wages"
    test.selectbox(key="ledger_category").set_value("").run()
    assert ids(test) == [wages, pension], "still the other way round"


def test_a_page_holds_fifty_and_says_how_many_there_are(open_page, county, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    # a week apart: limits that a weekend moves to the same Monday stand in the order of numbers
    made = [register(county, days) for days in (29, 22, 15, 8, 1)]
    test = open_page("worklist", "department_clerk")
    assert ids(test) == made[:2]
    assert t("lists.which", "zh", first=1, last=2, total=5) in text_of(test)
    test.number_input(key="ledger_page").set_value(3).run()
    assert ids(test) == made[4:]
    test.text_input(key="ledger_find").set_value(made[1].lower()).run()
    assert ids(test) == [made[1]]
    assert test.number_input(key="ledger_page").value == 1


def test_a_supervisor_cuts_by_body_and_sees_open_cases_only(open_page, county):
    ours, theirs = register(county, 3), register(county, 2, "b02")
    ended = register(county, 9)
    words = {"reason": "已由法院受理。", "remedy": "可以申请复查。"}
    declined = NewEvent("declined", code="court_matter", words=words)
    record.add_event(county, LABOUR, ended, declined, RULES)
    test = open_page("worklist", "supervisor")
    assert ids(test) == [ours, theirs]
    test.selectbox(key="ledger_body").set_value("b02").run()
    assert ids(test) == [theirs]
    lists = test.selectbox(key="ledger_show").options
    assert not [name for name in lists if name.startswith(t("casepage.list.is_all", "zh"))]


def test_an_asker_not_told_and_an_unconfirmed_case_have_lists(open_page, county):
    told = register(county, 2)
    record.add_event(county, LABOUR, told, NewEvent("accepted"), RULES)
    register(county, 1)
    test = open_page("worklist", "department_clerk")
    test.selectbox(key="ledger_show").set_value("untold").run()
    assert ids(test) == [told]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_list_orders_or_shows_what_an_asker_did(open_page, county, language):
    register(county, 1)
    test = open_page("worklist", "supervisor", language)
    sorts = set(test.selectbox(key="ledger_sort").options)
    names = {"due_on", "case_id", "category", "stage", "body", "clock"}
    assert sorts == {t(f"casepage.list.{name}", language) for name in names}
    columns = set(test.dataframe[0].value.columns)
    assert columns == {
        "case_id", "days_left", "due_on", "body", "category", "stage", "clock", "round",
    }  # fmt: skip


def test_without_a_case_the_page_says_so(open_page, county):
    test = open_page("worklist", "township_clerk")
    assert t("casepage.list.empty_none", "zh") in [box.value for box in test.info]


def test_a_department_finds_the_rows_of_an_older_ledger_that_wait_for_it(open_page, county) -> None:
    problem = RowProblem(
        4, "受理日期", "rules.not_accepted", (("number", 2), ("day", "2026-03-01"))
    )
    operator = Scope.operator()
    cells = {4: {"原编号": "信2026-4"}}
    quarantine.hold(county, operator, "ledger.csv", cells, [problem], of_desk="b01")
    shown = text_of(open_page("worklist", "department_clerk"))
    assert t("register.waiting.taken_over", "zh", count=1) in shown
    assert "信2026-4" in shown


def test_chosen_columns_stand_in_the_address_in_their_order_and_stay(open_page, county):
    register(county, 1)
    test = open_page("worklist", "supervisor")
    test.multiselect(key="ledger_cols").set_value(["body", "due_on"]).run()
    assert list(test.dataframe[0].value.columns) == ["case_id", "body", "due_on"]
    address = dict(test.query_params)
    assert address["cols"] == "body.due_on"
    test.selectbox(key="ledger_show").set_value("unconfirmed").run()
    test.selectbox(key="ledger_show").set_value("owed").run()
    assert list(test.dataframe[0].value.columns) == ["case_id", "body", "due_on"]
    go_to(test, "map")
    go_to(test, "worklist")
    assert list(test.dataframe[0].value.columns) == ["case_id", "body", "due_on"], "another page"
    fresh = open_page("case", "supervisor")
    fresh.query_params["cols"] = "body.due_on.nothing"
    go_to(fresh, "worklist")
    assert list(fresh.dataframe[0].value.columns) == ["case_id", "body", "due_on"], "shared"


def test_a_phone_has_every_row_as_a_block_that_leads_to_the_case(open_page, county):
    made = register(county, 1)
    shown = text_of(open_page("worklist", "department_clerk"))
    assert f'<li><a href="case?lang=zh&amp;case={made}" target="_self">{made}</a>' in shown
