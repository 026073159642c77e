"""Laws of the clocks, on random histories: a second implementation, the table, the past."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.clocks import CaseEvent, Clock, clocks
from casework.standing import standing
from data.errors import RuleError
from tests.casework.slow import Happened, Run, Slow
from tests.casework.table_cases import CALENDARS, PACKS, ZONES, History, histories, tables

AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)
FIELDS = (
    "state", "started_at", "due_on", "due_at", "ended_at", "extended_by", "provisional",
    "days_used", "days_left",
)  # fmt: skip


def fast(case: History, as_of: dt.datetime) -> list[Clock]:
    return clocks(
        case.pack, case.procedure, case.events, as_of, ZONES[case.pack.id],
        CALENDARS[case.pack.calendar], case.limit_at,
    )  # fmt: skip


def slow(case: History, as_of: dt.datetime) -> list[Run]:
    events = [Happened(one.event, one.at, one.known, one.days) for one in case.events]
    zone = ZONES[case.pack.id]
    return Slow(case.pack.id, case.procedure, events, as_of, zone, case.limit_at).clocks()


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_slow_and_obvious_implementation_agrees(pack_id: str, data: st.DataObject) -> None:
    as_of = AS_OF + data.draw(st.integers(-400, 60)) * dt.timedelta(days=1)
    case = data.draw(histories(pack_id, as_of))
    expected = {(run.clock, run.round): run for run in slow(case, as_of)}
    found = {(clock.clock, clock.round): clock for clock in fast(case, as_of)}
    assert found.keys() == expected.keys()
    for key, clock in found.items():
        for name in FIELDS:
            got, want = getattr(clock, name), getattr(expected[key], name)
            assert got == want, f"{key} {name}: {got} != {want}\n{case.events}"


UNRELATED = (
    "contacted", "mediated", "met", "received", "aided", "funded", "policy_changed", "notified",
    "not_told", "confirmed", "rated",
)  # fmt: skip


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_unrelated_event_anywhere_changes_no_clock(pack_id: str, data: st.DataObject) -> None:
    case = data.draw(histories(pack_id, AS_OF))
    before = fast(case, AS_OF)
    name = data.draw(st.sampled_from(UNRELATED))
    place = data.draw(st.integers(1, len(case.events)))
    at = case.events[place - 1].at
    more = [*case.events[:place], CaseEvent(name, at), *case.events[place:]]
    try:
        after = fast(dataclasses.replace(case, events=more), AS_OF)
    except RuleError:
        return  # this pack has no such step there
    assert after == before


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_comes_later_never_moves_a_clock_as_it_was(pack_id: str, data: st.DataObject) -> None:
    case = data.draw(histories(pack_id, AS_OF))
    hours = data.draw(st.integers(0, 9_000))
    moment = AS_OF - hours * dt.timedelta(hours=1)
    then = [one for one in case.events if one.at <= moment and one.known <= moment]
    assert fast(case, moment) == fast(dataclasses.replace(case, events=then), moment)


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_case_is_never_open_and_closed_at_once(pack_id: str, data: st.DataObject) -> None:
    cases = data.draw(st.lists(histories(pack_id, AS_OF), min_size=1, max_size=4))
    frames = tables(cases)
    table = standing(*frames, PACKS, CALENDARS, AS_OF, ZONES[pack_id])
    for (_, row), case in zip(table.iterrows(), cases, strict=True):
        latest = [clock for clock in fast(case, AS_OF) if clock.clock == "answer"][-1]
        assert row["is_open"] == pd.isna(row["ended_at"])
        if latest.state not in ("no_rule", "not_started"):
            assert row["is_open"] == (latest.state not in ("met", "late", "ended"))
        assert row["is_open"] or not row["is_overdue"]
