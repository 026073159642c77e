"""A case of an older system: its first slip is made on its page, when its asker is met again."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from data import bulk, receipts
from data.schema import case_version
from data.scope import Scope
from tests.conftest import LABOUR, ROOT
from tests.pages.conftest import text_of
from wording import t


@pytest.fixture
def case_id(county) -> str:
    opened = pd.Timestamp("2026-03-02T01:00Z")
    case = {
        "opened_at": opened, "known_at": opened, "township_code": "990000001000",
        "grid_code": None, "domain": "labour", "category": "unpaid_wages", "kind": "redress",
        "channel": "desk", "amount_band": None, "procedure": "ordinary", "body_id": "b01",
        "desk": "t01", "limit_at": None, "needs_confirmation": True,
    }  # fmt: skip
    step = {
        "case": 0, "event": "registered", "occurred_at": opened, "known_at": opened,
        "actor": "office", "body_id": "t01", "to_body_id": None, "days": None, "code": None,
    }  # fmt: skip
    cases, steps = pd.DataFrame([case]), pd.DataFrame([step])
    bulk.take_over(county, Scope.operator(), cases, steps, source_name="ledger.csv")
    with county.read() as conn:
        return conn.execute(sa.select(case_version.c.case_id)).scalar_one()


def open_case(open_page, case_id, role):
    test = open_page(None, role)
    test.query_params["case"] = case_id
    return test.switch_page(str(ROOT / "pages" / "case.py")).run()


def make(test):
    return [b for b in test.button if b.label == t("takeover.slip.make", "zh")]


def test_a_clerk_makes_the_slip_once_and_it_is_shown_once(county, open_page, case_id):
    test = open_case(open_page, case_id, "department_clerk")
    assert t("takeover.slip.none", "zh") in text_of(test)
    test = make(test)[0].click().run()
    assert not test.exception
    assert t("takeover.slip.made", "zh") in text_of(test)
    assert make(test) == []
    assert receipts.without_receipt(county, LABOUR) == set()
    again = open_case(open_page, case_id, "department_clerk")
    assert make(again) == []
    assert t("takeover.slip.none", "zh") not in text_of(again)


def test_a_supervisor_makes_no_slip(open_page, case_id):
    assert make(open_case(open_page, case_id, "supervisor")) == []
