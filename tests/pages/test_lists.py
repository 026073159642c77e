"""What every list can do: cut, order, find, columns; and several rows at once on the work list."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from casework.assignments import SUBJECT_STEPS
from data import record
from data.assigned import NewAssignment
from data.rows import NewCase
from data.schema import assignment, assignment_event
from service import assignments as served
from service import ledger as served_ledger
from tests.conftest import DESK, NOW, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from ui import lists
from ui.listing import Choice, Column, Listing, rows_of
from wording import t

pytestmark = pytest.mark.usefixtures("short_lists_are_cut")


def listing(**more) -> Listing:
    names = {"b": "甲", "a": "乙"}
    ids = pd.Series(["3", "1", "2", "4"])
    columns = (
        Column("id", "ID", ids, is_found=True),
        Column("body", "Body", pd.Series(["a", "b", None, "b"]), word=names.get, is_cut=True),
        Column("day", "Day", pd.to_datetime(pd.Series(["2026-03-02", None, "2026-03-01", None])),
               kind="day"),
    )  # fmt: skip
    return Listing("test", ids, columns, **more)


def shown(choice: Choice, **more) -> list[str]:
    of = listing(**more)
    return list(of.ids.iloc[rows_of(of, choice)])


def test_a_list_keeps_its_own_order_until_another_is_chosen():
    assert shown(Choice()) == ["3", "1", "2", "4"]
    assert shown(Choice(down="1")) == ["4", "2", "1", "3"]
    assert shown(Choice(), sort="id") == ["1", "2", "3", "4"]


def test_order_is_by_words_read_or_by_size_and_what_is_missing_comes_last():
    assert shown(Choice(sort="body")) == ["3", "1", "4", "2"]
    assert shown(Choice(sort="day")) == ["2", "3", "1", "4"]
    assert shown(Choice(sort="a column nobody has")) == ["3", "1", "2", "4"]


def test_a_list_is_cut_by_ids_and_found_by_what_is_read():
    assert shown(Choice(cuts=(("body", "b"),))) == ["1", "4"]
    assert shown(Choice(cuts=(("day", "2026-03-01"),))) == ["3", "1", "2", "4"], "no cut"
    assert shown(Choice(find="4")) == ["4"]
    assert shown(Choice(find="(")) == []


def test_a_list_that_names_nothing_to_be_found_is_searched_by_the_words_read():
    of = listing()
    texts = tuple(replace(column, is_found=False) for column in of.columns)
    rows = rows_of(replace(of, columns=texts), Choice(find="甲"))
    assert list(of.ids.iloc[rows]) == ["1", "4"]


def test_an_unknown_part_of_a_list_is_the_first_one():
    masks = {"some": np.array([True, False, True, False]), "all": np.ones(4, dtype=bool)}
    assert shown(Choice(show="nothing"), masks=masks) == ["3", "2"]
    assert shown(Choice(show="all"), masks=masks) == ["3", "1", "2", "4"]


def _counted():
    """A page with a list whose parts are named with their numbers, one less after each run."""
    import numpy as np
    import streamlit as st

    from tests.pages.test_lists import listing
    from ui import lists

    left = st.session_state["left"] = st.session_state.get("left", 3) - 1
    masks = {"all": np.ones(4, dtype=bool), "some": np.array([True, False, True, False])}
    shown = listing(masks=masks, mask_word=lambda name: f"{name} {left}")
    lists._select(
        st, "test", "show", "part", list(masks), "all", shown.mask_word
    )  # fmt: skip


def test_a_browser_is_told_the_chosen_part_by_its_new_name():
    test = AppTest.from_function(_counted, default_timeout=60).run()
    test.selectbox(key="test_show").set_value("some").run()
    box = test.selectbox(key="test_show")
    assert box.value == "some"
    # else the browser sends "some 2" back with the next press, which names no part any more
    assert (box.proto.set_value, box.proto.raw_value) == (True, "some 1")


def register(db, days_ago: float, body: str = "b01") -> str:
    opened = NOW - dt.timedelta(days=days_ago)
    new = NewCase(
        "990000001000", None, opened, "labour", "unpaid_wages", "redress", "hotline", "ordinary",
        body, "工资未发。",
    )  # fmt: skip
    return record.register(db, DESK, new).case_id


@pytest.fixture
def several(county, monkeypatch):
    """Three cases long past their limits, the first two of the list ticked."""
    served_ledger._shelf.lists.clear()
    monkeypatch.setattr(lists, "selected", lambda event: [0, 1])
    return [register(county, days) for days in (60, 50, 40)]


def held(county, table) -> list[dict[str, object]]:
    with county.read() as conn:
        return [dict(row) for row in conn.execute(sa.select(table)).mappings()]


def open_several(open_page, show: str):
    test = open_page("case", "supervisor")
    test.query_params["several"] = "1"
    test.query_params["show"] = show
    return go_to(test, "worklist")


def test_chosen_cases_are_assigned_after_a_question_that_counts(open_page, county, several):
    found = served.choices(county, SUPERVISOR, several[1])
    one = NewAssignment(
        "case", "b01", "this_case", found.steps[0], found.usual_day, several[1]
    )  # fmt: skip
    served.assign(county, SUPERVISOR, one)
    test = open_several(open_page, "overdue")
    assert not test.exception
    why = t("several.why.asked_already", "zh", count=1)
    assert t("several.left_out", "zh", whys=why) in [box.value for box in test.info]
    assert "several_remind" in [str(b.key) for b in test.button]
    test.button(key="several_assign").click().run()
    assert "several_remind" not in [str(b.key) for b in test.button], "one question at a time"
    question = t("several.assign_question", "zh", count=1, bodies=1)
    assert question in [box.value for box in test.warning]
    assert len(held(county, assignment)) == 1, "nothing is written before the answer"
    test.button(key="several_assign_yes").click().run()
    assert not test.exception
    assert t("several.assigned", "zh", count=1) in [box.value for box in test.success]
    rows = held(county, assignment)
    assert [row["case_id"] for row in rows] == [several[1], several[0]]
    assert {row["text_id"] for row in rows} == {None}
    assert "undo" not in [str(b.key) for b in test.button], "its asker has seen it"


def test_bodies_are_reminded_once_and_a_reminder_is_undone_by_a_button(open_page, county, several):
    test = open_several(open_page, "overdue")
    test.button(key="several_remind").click().run()
    (row,) = held(county, assignment)
    assert (row["origin"], row["subject"], row["step"], row["case_id"]) == (
        "notice", "overdue_answers", SUBJECT_STEPS["overdue_answers"][0], None,
    )  # fmt: skip
    test.button(key="undo").click().run()
    assert [e["code"] for e in held(county, assignment_event)] == ["made_in_error"]
    assert t("several.taken_back", "zh", count=1, of=1) in [box.value for box in test.success]


def test_what_is_to_be_done_leads_to_the_list_it_counts(open_page, county, several, monkeypatch):
    monkeypatch.setattr(lists, "selected", lambda event: [])
    test = open_page("overview", "supervisor")
    assert not test.exception
    button = test.button(key="todo_unasked")
    assert button.label == t("todo.line.unasked", "zh", count=3)
    button.click().run()
    assert set(test.dataframe[0].value["case_id"]) == set(several)
    assert test.query_params["show"] == "unasked"


def test_an_administrator_sees_the_accounts_that_need_care(open_page):
    test = open_page("accounts", "administrator")
    assert not test.exception
    test.button(key="todo_no_factor").click().run()
    assert not test.exception
    assert set(test.dataframe[0].value["factor"]) == {t("access.accounts.no_factor", "zh")}
    assert t("todo.title", "zh") in text_of(test)


def test_columns_and_rows_a_page_stay_with_the_account_in_another_browser(open_page):
    one = open_page("accounts", "administrator")
    assert len(one.dataframe[0].value.columns) == 5
    one.multiselect(key="accounts_cols").set_value(["state"]).run()
    one.selectbox(key="accounts_per").set_value(100).run()
    assert not one.exception
    other = open_page("accounts", "administrator", "en")
    assert list(other.dataframe[0].value.columns) == ["login", "state"]
    assert other.selectbox(key="accounts_per").value == 100
    other.multiselect(key="accounts_cols").set_value([]).run()
    assert len(open_page("accounts", "administrator").dataframe[0].value.columns) == 5


def test_a_link_shows_its_columns_and_changes_nobodys_own(open_page):
    open_page("accounts", "administrator").multiselect(key="accounts_cols").set_value(
        ["state"]
    ).run()
    test = open_page("help", "administrator")
    test.query_params["cols"], test.query_params["per"] = "roles.made_at", "25"
    go_to(test, "accounts")
    assert list(test.dataframe[0].value.columns) == ["login", "roles", "made_at"]
    assert test.selectbox(key="accounts_per").value == 25
    again = open_page("accounts", "administrator")
    assert list(again.dataframe[0].value.columns) == ["login", "state"]
    for wrong in ("7", "x", "-1"):
        test = open_page("help", "administrator")
        test.query_params["per"] = wrong
        assert go_to(test, "accounts").selectbox(key="accounts_per").value == 50


def test_a_list_of_a_few_rows_is_read_and_one_that_was_searched_keeps_its_box(
    open_page, monkeypatch
):
    monkeypatch.setattr(lists, "FEW", 5)
    test = open_page("accounts", "administrator")
    assert 0 < len(test.dataframe[0].value) <= 5
    keys = {one.key for one in (*test.text_input, *test.number_input, *test.selectbox)}
    assert not {"accounts_find", "accounts_page", "accounts_sort"} & keys
    test = open_page("help", "administrator")
    test.query_params["find"] = "§"
    box = go_to(test, "accounts").text_input(key="accounts_find")
    assert box.value == "§"
    assert not test.dataframe, "nothing is found"
    box.set_value("").run()
    assert len(test.dataframe[0].value), "all are there again"
    assert not test.exception
    monkeypatch.setattr(lists, "FEW", 0)
    assert open_page("accounts", "administrator").text_input(key="accounts_find").value == ""
