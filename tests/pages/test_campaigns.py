"""The campaigns page: empty, opened, listed, answered by the body, and refused in one sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from data import campaigns
from service import campaigns as served
from tests.conftest import LABOUR, SUPERVISOR
from tests.pages.conftest import text_of
from tests.pages.test_backlog import cells, files
from ui import campaigns as page_of
from wording import t


@pytest.mark.parametrize(
    ("role", "who", "language"),
    [("supervisor", "supervisor", "en"), ("leader", "leader", "zh"),
     ("township_clerk", "clerk", "zh")],
)  # fmt: skip
def test_an_empty_page_says_so(open_page, role, who, language):
    page = open_page("campaigns", role, language)
    assert not page.exception
    assert t(f"campaigns.empty_{who}", language) in text_of(page)


def test_a_campaign_is_opened_listed_and_answered(county, clock, open_page):
    page = open_page("campaigns", "supervisor")
    page.button(key="campaign_begin").click().run()
    assert t("campaigns.error.chosen", "zh") in text_of(page)
    page.multiselect(key="campaign_categories").select("unpaid_wages").run()
    page.multiselect(key="campaign_bodies").select("b01").run()
    page.button(key="campaign_begin").click().run()
    assert not page.exception
    assert t("campaigns.form.begun", "zh") in page.success[0].value
    assert t("campaigns.no_measures", "zh") in text_of(page)
    page.date_input(key="campaign_due").set_value(dt.date(2027, 1, 1)).run()
    page.button(key="campaign_add").click().run()
    assert t("campaigns.error.due", "zh") in text_of(page)
    page.date_input(key="campaign_due").set_value(dt.date(2026, 4, 1)).run()
    page.button(key="campaign_add").click().run()
    assert not page.exception
    shown = text_of(page)
    assert t("campaigns.measure.same_day_transfer", "zh") in shown
    assert t("campaigns.figures.not_yet", "zh") in shown
    (one,) = campaigns.read(county, LABOUR, county.now())
    measure = one.measures[0].measure_id
    clerk = open_page("campaigns", "department_clerk")
    assert not clerk.radio, "no measure is open yet"
    clerk.query_params["open"] = measure  # as the row leads to it on a phone
    clerk.run()
    clerk.radio(key=f"campaign_result_{measure}").set_value("partly").run()
    clerk.button(key="campaign_say").click().run()
    assert not clerk.exception
    (one,) = campaigns.read(county, LABOUR, county.now())
    assert one.measures[0].result == "partly"
    assert t("campaigns.result.partly", "zh") in clerk.dataframe[0].value["result"].iloc[0]


def test_the_file_of_a_campaign_holds_words_and_no_markup(county, open_page, monkeypatch):
    chosen = frozenset({"unpaid_wages"}), frozenset({"b01"})
    span = dt.date(2026, 3, 1), dt.date(2026, 5, 29)
    number = served.begin(county, SUPERVISOR, *span, *chosen)
    new = campaigns.NewMeasure(
        "b01", "unpaid_wages", "on_time", "training", "department_head", dt.date(2026, 4, 1)
    )
    served.add_measure(county, SUPERVISOR, number, new)
    taken = files(monkeypatch, page_of)
    assert not open_page("campaigns", "supervisor").exception
    found = [str(cell) for cell in cells(taken[-1][1])]
    assert t("campaigns.result.running", "zh") in found
    assert not [cell for cell in found if "<" in cell]
