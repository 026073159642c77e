"""How the record's judge reads a case: each step at its own place in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from casework import adapter
from casework.calendar import load_calendar
from casework.clocks import CaseEvent
from casework.pack import load
from data import reading
from data.db import Db
from data.errors import RuleError
from data.history import RecordedEvent
from data.receipts import Slip

from .conftest import LABOUR, Reader, office

DAY = dt.timedelta(days=1)
JUDGE = adapter.allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")


def test_an_opened_page_does_not_keep_the_office_from_recording_yesterdays_call(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    yesterday = clock()
    clock.go(days=1)
    reader.open(slip.code)
    office(county, slip.case_id, "contacted", occurred_at=yesterday)
    names = [e.event for e in adapter.events_of(reading.read_case(county, LABOUR, slip.case_id))]
    assert names == ["registered", "contacted", "confirmed"]


def test_a_step_before_registration_or_in_the_future_is_refused(county: Db, slip: Slip) -> None:
    history = reading.read_case(county, LABOUR, slip.case_id)
    now = county.now()
    with pytest.raises(RuleError) as early:
        JUDGE(history, RecordedEvent("accepted", history.opened_at - DAY, now, "office"))
    assert early.value.rule == "not_registered"
    with pytest.raises(RuleError) as late:
        JUDGE(history, RecordedEvent("accepted", now + DAY, now, "office"))
    assert late.value.rule == "in_the_future"


def test_a_step_placed_before_another_that_needs_the_order_is_refused(
    county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    between = clock()
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    history = reading.read_case(county, LABOUR, slip.case_id)
    with pytest.raises(RuleError) as broken:
        JUDGE(history, RecordedEvent("answered", between, clock(), "office"))
    assert broken.value.rule == "not_accepted"


def test_an_impossible_log_stops_the_office_and_never_the_asker(county: Db, slip: Slip) -> None:
    history = reading.read_case(county, LABOUR, slip.case_id)
    now = county.now()
    odd = replace(history, events=(RecordedEvent("answered", now, now, "office"), *history.events))
    with pytest.raises(RuleError):
        JUDGE(odd, RecordedEvent("contacted", now, now, "office"))
    JUDGE(odd, RecordedEvent("not_solved", now, now, "asker"))


def test_days_and_both_times_reach_the_clocks(county: Db, slip: Slip) -> None:
    history = reading.read_case(county, LABOUR, slip.case_id)
    now = county.now()
    extended = RecordedEvent("extended", now, now + DAY, "office", days=20, code="complex")
    found = adapter.events_of(replace(history, events=(extended,)))
    assert found == [CaseEvent("extended", now, now + DAY, 20)]
