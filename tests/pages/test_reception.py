"""The reception desk, joint sessions on the roster's page, and what a body's clerk is shown."""

from __future__ import annotations

import datetime as dt

import pytest

from data import appointments, record, roster
from data.receipts import find
from data.roster import NewLine
from data.rows import NewCase
from data.scope import Scope
from service import receptions
from tests.conftest import DESK, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from wording import t

DAY = dt.date(2026, 3, 16)
LINE = NewLine(DAY, "09:00", "11:00", "county_head", None, "接待大厅", 5)
EIGHT = dt.datetime(2026, 3, 16, 0, 0, tzinfo=dt.UTC)


def zh(key: str, **values: object) -> str:
    return t(f"reception.{key}", "zh", **values)


def a_case(county, clock) -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=clock(), domain="labour",
        category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary",
        body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    slip = record.register(county, DESK, new).slip
    opened = find(county, slip.code)
    record.confirm(county, opened.scope, opened)
    return slip.case_id


def add(county, *lines: NewLine) -> list[int]:
    roster.add(county, SUPERVISOR, lines)
    found = roster.read(county, Scope.public(), dt.date(2026, 3, 1), dt.date(2026, 5, 1))
    return [line.line_id for line in found]


def book(county, case_id: str, line_id: int) -> appointments.Appointment:
    return receptions.book(county, Scope(case_id, "resident"), case_id, line_id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_desk_without_a_session_and_without_a_promise_says_so(open_page, language):
    shown = text_of(open_page("reception", "supervisor", language))
    for key in ("desk.none", "promises.none", "settled.none"):
        assert t(f"reception.{key}", language) in shown


def test_the_list_is_closed_before_its_day(open_page, county, clock):
    case_id = a_case(county, clock)
    (line,) = add(county, LINE)
    book(county, case_id, line)
    clock.at = EIGHT - dt.timedelta(hours=2)  # six in the morning
    page = open_page("reception", "supervisor")
    assert zh("desk.closed", day="2026年3月16日", morning="07:00") in page.selectbox(
        key="reception_session"
    ).options[0]  # fmt: skip
    assert "reception_open" not in {button.key for button in page.button}
    assert case_id not in text_of(page)


def test_a_promise_is_recorded_at_the_table_and_listed(open_page, county, clock):
    case_id, other = a_case(county, clock), a_case(county, clock)
    (line,) = add(county, LINE)
    place = book(county, case_id, line).slot
    clock.at = EIGHT + dt.timedelta(hours=2)
    page = open_page("reception", "supervisor")
    assert case_id not in text_of(page)
    page.button(key="reception_open").click().run()
    assert case_id in text_of(page)
    assert f">{place}<" in text_of(page)
    assert other not in text_of(page)
    page.text_input(key="reception_case").input(case_id.lower()).run()
    page.selectbox(key="reception_step").select("mediate").run()
    page.button(key="reception_record").click().run()
    assert zh("error.promise_incomplete") in [error.value for error in page.error]
    page.date_input(key="reception_due").set_value(dt.date(2026, 3, 25)).run()
    page.text_area(key="reception_words").input("三月二十五日前调解。").run()
    page.button(key="reception_record").click().run()
    assert not page.exception
    assert not page.error
    assert zh("record.done_promise", body="人社局", day="2026年3月25日") in page.success[0].value
    assert t("assignments.step.mediate", "zh") in text_of(page)
    page.text_input(key="reception_case").input("AAAA-AAAA-AAAA").run()
    assert t("data.error.no_such_case", "zh") in [error.value for error in page.error]


def test_a_clerk_is_shown_clocks_and_the_same_page_whatever_was_booked(open_page, county, clock):
    """Two days later: the work list and the case, of two cases booked into different sessions."""
    cases = [a_case(county, clock), a_case(county, clock)]
    first, last = add(county, LINE, NewLine(**(vars(LINE) | {"day": dt.date(2026, 3, 30)})))
    for case_id, line in zip(cases, (first, last), strict=True):
        book(county, case_id, line)
    clock.go(days=2)
    page = open_page("worklist", "department_clerk")
    shown = text_of(page)
    assert zh("list.said") in shown
    assert t("casework.state.overdue", "zh") in shown
    for banned in ("3月16日", "3月30日", "09:00", "11:00", "接待大厅", "县长"):
        assert banned not in shown, banned
    seen = []
    for case_id in cases:
        page.query_params["case"] = case_id
        go_to(page, "case")
        page.query_params["case"] = case_id
        page.run()
        assert zh("case.title") in text_of(page), "the clocks are there"
        seen.append(text_of(page).replace(case_id, "CASE"))
    assert seen[0] == seen[1]
    assert "接待大厅" not in seen[0]


def test_a_joint_session_needs_two_bodies_and_is_public(open_page, county):
    page = open_page("roster", "supervisor")
    page.text_input(key="roster_place").input("接待大厅").run()
    page.multiselect(key="roster_sits").select("b01").run()
    page.button(key="roster_save").click().run()
    assert t("roster.error.sits", "zh") in text_of(page)
    page.multiselect(key="roster_sits").select("b02").run()
    page.button(key="roster_save").click().run()
    assert not page.exception
    (line,) = roster.read(county, Scope.public(), dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert line.sits == ("b01", "b02")
    assert list(page.dataframe[0].value["sits"]) == ["人社局、住建局"]


def test_the_overview_says_when_next_months_roster_is_late(open_page, clock):
    late = t("roster.late", "zh", last="2026年3月28日", count="21")
    assert late not in text_of(open_page("overview", "supervisor"))
    clock.at = dt.datetime(2026, 3, 29, 2, 0, tzinfo=dt.UTC)
    assert late in text_of(open_page("overview", "supervisor"))
