"""What is promised at the start, and the last day of a review."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.calendar import load_calendar
from casework.clocks import CaseEvent
from casework.pack import load
from casework.promise import promise, review_ahead
from data.errors import RuleError

PACK = load("cn_xinfang_2022")
CALENDAR = load_calendar("cn")
ZONE = "Asia/Shanghai"
MONDAY = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)


def promised(procedure="ordinary", *, is_with_body=False, pack=PACK):
    return promise(pack, procedure, MONDAY, CALENDAR, ZONE, is_with_body=is_with_body)


def test_every_step_may_take_all_of_its_time():
    found = promised()
    assert found.forward_by == dt.date(2026, 3, 17), "2 March + 15"
    assert found.decided_by == dt.date(2026, 4, 1), "17 March + 15"
    assert found.answer_by == dt.date(2026, 6, 1), "1 April + 60 = Sunday 31 May, moved"
    assert (found.limit, found.unit, found.review_days) == (60, "calendar_days", 30)
    assert not found.provisional


def test_a_case_that_is_with_its_body_is_not_forwarded():
    found = promised(is_with_body=True)
    assert found.forward_by is None
    assert found.decided_by == dt.date(2026, 3, 17)


def test_the_simple_procedure_counts_working_days():
    found = promised("simple")
    assert found.forward_by is None
    assert found.decided_by == dt.date(2026, 3, 5)
    assert found.answer_by == dt.date(2026, 3, 19)


def test_a_pack_whose_limit_comes_with_the_case_promises_none_without_it():
    found = promised(pack=load("us_311"))
    assert found.answer_by is None
    assert found.decided_by is None


def test_the_last_day_of_a_review_is_counted_from_receiving_the_answer():
    events = [CaseEvent("registered", MONDAY), CaseEvent("accepted", MONDAY)]
    now = MONDAY + dt.timedelta(days=10)
    assert review_ahead(PACK, "ordinary", events, now, CALENDAR, ZONE) == (
        30, dt.date(2026, 4, 13),
    )  # fmt: skip


def test_no_review_is_promised_for_an_answer_that_cannot_be_given():
    with pytest.raises(RuleError):
        review_ahead(PACK, "ordinary", [CaseEvent("registered", MONDAY)], MONDAY, CALENDAR, ZONE)
