"""The roster's page: what is due; a line entered, refused, changed, called off; who has it."""

from __future__ import annotations

import datetime as dt

import pytest

from data import roster
from data.scope import Scope
from tests.pages.conftest import go_to, text_of
from ui import lists
from wording import t

APRIL = (dt.date(2026, 4, 1), dt.date(2026, 4, 30))


def lines(county):
    return roster.read(county, Scope.public(), *APRIL)


@pytest.mark.parametrize("role", ["leader", "township_clerk", "department_clerk"])
def test_others_do_not_reach_it(open_page, role):
    assert t("ui.guard.other_role", "zh") in text_of(open_page("roster", role))


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
def test_a_line_is_entered_refused_changed_and_called_off(open_page, county, role, monkeypatch):
    monkeypatch.setattr(lists, "selected", lambda event: [0])
    page = open_page("roster", role)
    assert t("roster.bare", "zh", month="2026年4月", count=21) in page.warning[0].value
    page.text_input(key="roster_place").input("联系人王建国").run()
    page.button(key="roster_save").click().run()
    assert t("roster.error.person", "zh") in text_of(page)
    assert lines(county) == ()
    page.text_input(key="roster_place").input("接待大厅").run()
    page.selectbox(key="roster_post").select("deputy_county_head").run()
    page.button(key="roster_save").click().run()
    assert not page.exception
    assert t("roster.page.saved", "zh", count=1) in page.success[0].value
    (line,) = lines(county)
    assert (line.post, line.day, line.starts) == ("deputy_county_head", APRIL[0], "09:00")
    assert "副县长" in text_of(page)
    page.selectbox(key="roster_post").select("county_head").run()
    said = t("roster.page.change_question", "zh", line="|").split("|")[1]
    answer(page, f"roster_change_{line.line_id}", "no", said)
    assert [one.post for one in lines(county)] == ["deputy_county_head"]
    answer(page, f"roster_change_{line.line_id}", "yes", said)
    (line,) = lines(county)
    assert line.post == "county_head"
    answer(
        page,
        f"roster_off_{line.line_id}",
        "yes",
        t("roster.page.off_question", "zh", line="|").split("|")[1],
    )
    assert lines(county) == ()


def answer(page, key, word, said):
    """Press a button that asks, read its question and answer it."""
    page.button(key=key).click().run()
    assert any(said in box.value for box in page.warning)
    page.button(key=f"{key}_{word}").click().run()
    assert not page.exception


def test_a_months_lines_are_cut_and_shared_by_address(open_page, county):
    page = open_page("roster", "supervisor")
    page.text_input(key="roster_place").input("接待大厅").run()
    page.selectbox(key="roster_post").select("county_head").run()
    page.button(key="roster_save").click().run()
    page.selectbox(key="roster_post").select("deputy_county_head").run()
    page.time_input(key="roster_starts").set_value(dt.time(10)).run()
    page.button(key="roster_save").click().run()
    line = next(one for one in lines(county) if one.post == "deputy_county_head")
    again = open_page("help", "administrator")
    again.query_params["post"], again.query_params["open"] = "county_head", str(line.line_id)
    go_to(again, "roster")
    (table,) = again.dataframe
    assert list(table.value["post"]) == [t("roster.post.county_head", "zh")]
    # the row of the address lies open though the list is cut
    assert again.button(key=f"roster_off_{line.line_id}")


def test_departments_fill_a_month_in_turn(open_page, county):
    page = open_page("roster", "supervisor", language="en")
    page.text_input(key="roster_place").input("Hall").run()
    page.multiselect(key="roster_turns").select("b01").select("b02").run()
    page.button(key="roster_fill").click().run()
    assert not page.exception
    found = lines(county)
    assert len(found) == 21
    assert {line.body_id for line in found} == {"b01", "b02"}
    assert t("roster.whole", "en", month="April 2026") in text_of(page)


def test_an_empty_month_is_said(open_page):
    assert t("roster.none", "zh") in text_of(open_page("roster", "supervisor"))
