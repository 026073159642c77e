"""The rules page: a year is checked, what it moves is listed, it is applied, and the list stays."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest
import sqlalchemy as sa

from data import record, steering
from data.history import NewEvent
from data.rows import NewCase
from data.schema import audit
from data.scope import Scope
from service import rules_change
from tests.casework.test_calendar_file import YEAR
from tests.conftest import DESK, LABOUR, ROOT
from tests.pages.conftest import text_of
from tests.service.test_rules import DECEMBER, OWN, anything
from ui import rules_page
from wording import formats, t

OPERATOR = Scope.operator()


@pytest.fixture
def asked(county, clock) -> str:
    """A case whose 60 days end on 5 February 2027."""
    clock.at = DECEMBER
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=clock(), domain="labour",
        category="unpaid_wages", kind="redress", channel="hotline", procedure="ordinary",
        body_id="b01", summary="工资未发。",
    )  # fmt: skip
    case_id = record.register(county, DESK, new).case_id
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), anything)
    return case_id


def uploaded(page, text: str = YEAR):
    page.file_uploader(key="rules_file_0").set_value(("2027.toml", text.encode(), "")).run()
    assert not page.exception
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["administrator", "supervisor"])
def test_the_page_says_which_year_is_provisional_and_for_how_many(open_page, asked, role, language):
    page = open_page("rules", role, language)
    assert not page.exception
    said = t("steering.page.provisional", language, year=2027, count="1")
    assert said in [box.value for box in page.warning]
    shown = text_of(page)
    assert asked not in shown
    assert f'data-is="{t("steering.page.hash", language)}"' in shown, "a phone has a block a file"


def test_an_administrator_sees_counts_applies_and_the_supervisor_gets_the_list(
    county, open_page, asked
):
    page = uploaded(open_page("rules", "administrator", "en"))
    shown = text_of(page)
    assert t("steering.page.would", "en", count="1") in shown
    assert "Labour Bureau" in shown
    assert asked not in shown
    assert [f.name for f in steering.files_in_force(county, OPERATOR)] == []
    page.button(key="rules_apply").click().run()
    assert not page.exception
    assert [f.name for f in steering.files_in_force(county, OPERATOR)] == ["calendar_cn_2027.toml"]
    assert t("steering.page.known", "en", year=2027) in [box.value for box in page.success]
    with county.read() as conn:
        assert "file_in_force" in conn.execute(sa.select(audit.c.action)).scalars().all()
    seen = open_page("rules", "supervisor", "en")
    assert not seen.exception
    assert asked in text_of(seen)
    assert not seen.file_uploader


def test_a_wrong_file_is_refused_with_its_sentence_and_no_button(open_page, county):
    page = uploaded(
        open_page("rules", "administrator", "en"), YEAR.replace("2027-02-14", "2027-02-15")
    )
    assert "is no weekend day" in "".join(box.value for box in page.error)
    assert "rules_apply" not in {button.key for button in page.button}
    assert steering.files_in_force(county, OPERATOR) == []


def test_rules_of_the_county_s_own_are_loaded_on_the_same_page(county, open_page, asked):
    page = uploaded(open_page("rules", "administrator", "en"), OWN)
    assert "version 1, from 20 December 2026" in text_of(page)
    assert t("steering.page.none_would", "en") in text_of(page)
    page.button(key="rules_apply").click().run()
    assert not page.exception
    assert [f.name for f in steering.files_in_force(county, OPERATOR)] == ["pack_own_county.toml"]


@pytest.mark.parametrize("role", ["leader", "township_clerk", "department_clerk", "grid_worker"])
def test_nobody_else_has_the_page(open_page, role):
    page = open_page("rules", role)
    assert not page.file_uploader
    assert escape(t("ui.rules.title", "zh")) not in [title.value for title in page.title]


def test_the_downloaded_list_is_noted_in_the_log(county, monkeypatch):
    class Seen:
        scope = Scope(who="super", role="supervisor")

    monkeypatch.setattr(rules_page.state, "db", lambda: county)
    made = rules_page._csv(Seen(), ["a"], [["b"]]).decode("utf-8-sig")
    assert made.split() == ["a", "b"]
    with county.read() as conn:
        assert "exported" in conn.execute(sa.select(audit.c.action)).scalars().all()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_case_page_keeps_the_three_dates_apart(county, open_page, asked, language, clock):
    new = rules_change.check(county, OPERATOR, YEAR)

    def case_page():
        page = open_page(None, "department_clerk", language)
        page.query_params["case"] = asked
        page.switch_page(str(ROOT / "pages" / "case.py")).run()
        assert not page.exception
        return text_of(page)

    assert t("casepage.clock.provisional", language).strip() in case_page()
    clock.go(days=1)
    rules_change.apply(county, OPERATOR, new)
    days = {"old": "2027-02-05", "new": "2027-02-12"}
    days = {name: formats.day(dt.date.fromisoformat(day), language) for name, day in days.items()}
    said = case_page()
    assert t("steering.dates.promised", language, day=days["old"]) in said
    assert t("steering.dates.moved_calendar", language, year=2027, **days) in said
    assert t("casepage.clock.provisional", language).strip() not in said
