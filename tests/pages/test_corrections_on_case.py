"""A correction the asker asked for, on the case page: made, or declined with a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from data import corrections, receipts, record
from data.categories import load_categories
from data.reading import read_case
from data.receipts import Slip
from data.rows import NewCase
from tests.conftest import DESK, LABOUR, NOW, ROOT
from tests.pages.conftest import text_of
from wording import t

CATEGORIES = load_categories().by_id
OTHER = next(c for c in CATEGORIES.values() if c.domain != "labour" and not c.is_place_protected)


@pytest.fixture
def slip(county) -> Slip:
    new = NewCase(
        "990000001000", None, NOW - dt.timedelta(days=2), "labour", "unpaid_wages", "redress",
        "desk", "ordinary", "b01", "东郊工地三个月工资未发。",
    )  # fmt: skip
    return record.register(county, DESK, new).slip


def ask(county, slip: Slip, field: str, value: str | None) -> None:
    opened = receipts.find(county, slip.code)
    corrections.ask(county, opened.scope, slip.case_id, field, value, CATEGORIES)


@pytest.fixture
def open_case(open_page, slip):
    def open_(role, language="zh"):
        test = open_page(None, role, language)
        test.query_params["case"] = slip.case_id
        return test.switch_page(str(ROOT / "pages" / "case.py")).run()

    return open_


def key(name: str, field: str, slip: Slip) -> str:
    return f"correction_{name}_{field}_{slip.case_id}"


def test_nothing_is_shown_where_nothing_waits(open_case):
    assert t("corrections.desk.title", "zh") not in text_of(open_case("department_clerk"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_clerk_makes_it_with_what_the_asker_named(open_case, county, slip, language):
    ask(county, slip, "category", OTHER.category_id)
    test = open_case("department_clerk", language)
    assert not test.exception
    shown = text_of(test)
    assert t("corrections.desk.category", language, value=OTHER.names[language]) in shown
    assert test.selectbox(key=key("value", "category", slip)).value == OTHER.category_id
    test = test.button(key=key("make", "category", slip)).click().run()
    assert t("corrections.desk.made", language) in text_of(test)
    assert read_case(county, LABOUR, slip.case_id).category == OTHER.category_id
    assert t("corrections.desk.title", language) not in text_of(test)


def test_leaving_it_needs_a_reason(open_case, county, slip):
    ask(county, slip, "place", None)
    test = open_case("department_clerk")
    assert t("corrections.desk.find", "zh") in text_of(test)
    test = test.button(key=key("decline", "place", slip)).click().run()
    assert t("data.error.not_in_list", "zh") in text_of(test)
    test.selectbox(key=key("reason", "place", slip)).set_value("entered_as_asked")
    test = test.button(key=key("decline", "place", slip)).click().run()
    assert t("corrections.desk.declined", "zh") in text_of(test)
    assert read_case(county, LABOUR, slip.case_id).township_code == "990000001000"


def test_a_supervisor_reads_it_and_decides_nothing(open_case, county, slip):
    ask(county, slip, "place", "990000002000")
    test = open_case("supervisor")
    assert t("corrections.desk.title", "zh") in text_of(test)
    assert not [b for b in test.button if b.key and b.key.startswith("correction_")]
