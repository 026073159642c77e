"""The search box: pages, areas, bodies and case numbers, each within the viewer's reach."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from data import record
from data.rows import NewCase
from data.schema import audit
from service import ledger as served
from tests.conftest import DESK, NOW
from tests.pages.conftest import text_of
from wording import t

SECRET = "东郊工地三个月工资未发"


@pytest.fixture(autouse=True)
def fresh():
    served._shelf.lists.clear()


def register(db, body: str = "b01") -> str:
    opened = NOW - dt.timedelta(days=2)
    new = NewCase(
        "990000001000", None, opened, "labour", "unpaid_wages", "redress", "hotline", "ordinary",
        body, SECRET,
    )  # fmt: skip
    return record.register(db, DESK, new).case_id


def search(test, text: str) -> list[str]:
    test.text_input(key="search").set_value(text).run()
    assert not test.exception
    return [b.label for b in test.button if str(b.key).startswith("search_")]


def said(kind: str, name: str, language: str = "zh") -> str:
    return t("search.result", language, kind=t(f"search.kind.{kind}", language), name=name)


def test_a_page_is_found_by_its_title_and_purpose_in_both_languages(open_page):
    test = open_page("overview", "supervisor")
    page = said("page", t("ui.nav.likely_late", "zh"))
    assert page in search(test, t("ui.nav.likely_late", "zh"))
    assert page in search(test, t("ui.nav.likely_late", "en").upper())
    theirs = said("page", t("ui.nav.accounts", "zh"))
    assert theirs not in search(test, t("ui.nav.accounts", "zh")), "another role's page"
    test.text_input(key="search").set_value("可能逾期").run()
    test.button(key="search_0").click().run()
    assert test.title[0].value == t("ui.likely_late.title", "zh")
    assert test.text_input(key="search").value == ""


def test_a_case_is_found_by_six_characters_within_reach_only(open_page, county):
    ours, theirs = register(county), register(county, "b02")
    test = open_page("worklist", "department_clerk")
    assert search(test, ours.lower()) == [said("case", ours)]
    assert search(test, ours.replace("-", "")[:6]) == [said("case", ours)]
    assert search(test, ours[:4]) == []
    shown = []
    for number in (theirs, "ZZZZ-ZZZZ-ZZZZ"):
        assert search(test, number) == []
        shown.append([c.value for c in test.caption][:2])
    assert shown[0] == shown[1] == [
        t("search.nothing", "zh"), t("search.how_department_clerk", "zh"),
    ]  # fmt: skip


def test_no_text_of_a_case_is_searched_and_nothing_typed_is_kept(open_page, county):
    register(county)
    test = open_page("worklist", "supervisor")
    with county.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar()
    assert search(test, SECRET[:6]) == []
    assert SECRET[:6] not in str(dict(test.query_params))
    with county.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar() == before


def test_a_body_leads_to_its_list(open_page, county):
    theirs = register(county, "b02")
    register(county)
    test = open_page("worklist", "supervisor")
    names = search(test, "b02")
    assert len(names) == 1
    test.button(key="search_0").click().run()
    assert list(test.dataframe[0].value["case_id"]) == [theirs]
    assert test.query_params["body"] == "b02"


def test_what_is_typed_is_never_read_as_html_or_a_pattern(open_page):
    test = open_page("overview", "leader")
    for text in ("<script>alert(1)</script>", "(", "[", "\\", "*"):
        assert search(test, text) == []
    assert "<script>" not in text_of(test)
