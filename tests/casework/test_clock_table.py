"""The table form and the one-case form are two ways to the same clocks."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.clock_table import clock_table
from casework.clocks import Clock, clocks
from data.frames import Cases, Events, check, empty
from tests.casework.table_cases import CALENDARS, PACKS, ZONES, History, histories, tables

AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)


def one_case(case: History, as_of: dt.datetime) -> dict[str, Clock]:
    found = clocks(
        case.pack, case.procedure, case.events, as_of, ZONES[case.pack.id],
        CALENDARS[case.pack.calendar], case.limit_at,
    )  # fmt: skip
    named = {clock.clock: clock for clock in found}
    named["first_answer"] = next(clock for clock in found if clock.clock == "answer")
    return named


def same(value: object, expected: object) -> bool:
    if expected is None:
        return bool(pd.isna(value))
    if isinstance(expected, dt.datetime):
        return bool(pd.Timestamp(value) == pd.Timestamp(expected))  # type: ignore[arg-type]
    if isinstance(expected, dt.date):
        return bool(pd.Timestamp(value).date() == expected)  # type: ignore[arg-type]
    return bool(value == expected)


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_table_agrees_with_the_one_case_function(pack_id: str, data: st.DataObject) -> None:
    as_of = AS_OF + data.draw(st.integers(-400, 60)) * dt.timedelta(days=1)
    cases = data.draw(st.lists(histories(pack_id, as_of), min_size=1, max_size=5))
    case_frame, event_frame = tables(cases)
    check(Cases, case_frame)
    check(Events, event_frame)
    table = clock_table(case_frame, event_frame, PACKS, CALENDARS, as_of, ZONES[pack_id])
    for row, case in enumerate(cases):
        expected = one_case(case, as_of)
        for name in ("forward", "acceptance", "first_answer", "answer"):
            clock = expected.get(name)
            got = table.iloc[row]
            if clock is None:
                assert pd.isna(got[f"{name}_state"])
                continue
            for field in (
                "state", "started_at", "due_on", "due_at", "ended_at", "extended_by", "provisional",
            ):  # fmt: skip
                value, want = got[f"{name}_{field}"], getattr(clock, field)
                assert same(value, want), f"{name}.{field}: {value} != {want}\n{case}"
        assert table["round"].iloc[row] == expected["answer"].round


def test_no_cases_give_an_empty_table_with_all_columns() -> None:
    table = clock_table(empty(Cases), empty(Events), PACKS, CALENDARS, AS_OF, "Asia/Shanghai")
    assert len(table) == 0
    assert "answer_due_on" in table


def test_a_subset_of_cases_keeps_its_own_index() -> None:
    start = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    from casework.clocks import CaseEvent

    pack = PACKS["cn_xinfang_2022"]
    both = [
        History(pack, "ordinary", None, [CaseEvent("registered", start + n * dt.timedelta(days=1))])
        for n in range(2)
    ]
    case_frame, event_frame = tables(both)
    second = case_frame.iloc[[1]]
    table = clock_table(second, event_frame, PACKS, CALENDARS, AS_OF, "Asia/Shanghai")
    assert list(table.index) == [1]
    assert table["acceptance_due_on"].iloc[0] == pd.Timestamp("2026-03-18")
    assert table["acceptance_state"].iloc[0] == "overdue"
