"""Laws of the clocks, on random histories: a second implementation, the table, the past."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.clocks import Clock, clocks
from tests.casework.slow import Happened, Run, Slow
from tests.casework.table_cases import CALENDARS, PACKS, ZONES, History, histories

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
