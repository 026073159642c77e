"""The table form and the one-case form are two ways to the same clocks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import casework.pack
from casework.calendar import PublishedYear, WorkingCalendar, china, with_history
from casework.clock_table import CLOCK_NAMES, clock_table
from casework.clocks import Clock, clocks
from casework.pack import Pack, parse
from data.frames import Cases, Events, check, empty
from tests.casework.table_cases import (
    CALENDARS,
    PACKS,
    ZONES,
    History,
    deep_history,
    histories,
    tables,
)

HOME = Path(casework.pack.__file__).parent / "packs"
AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)


def one_case(case: History, as_of: dt.datetime, calendar: WorkingCalendar) -> dict[str, Clock]:
    found = clocks(
        case.pack, case.procedure, case.events, as_of, ZONES[case.pack.id], calendar, case.limit_at
    )
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


FIELDS = (
    "state", "started_at", "promised_on", "extended_on", "due_on", "due_at", "moved_from",
    "ended_at", "extended_by", "provisional", "limit_days",
)  # fmt: skip
PAUSE = """
[[pause]]
clocks = ["acknowledge", "forward", "acceptance", "answer"]
on = "paused"
off = "resumed"
source = "made up for this test"
"""
PHASES = '["undecided", "owed", "reopened"]'
PAUSING = {
    name: parse(
        (HOME / f"{name}.toml").read_text("utf-8").replace("[grammar]", f"{PAUSE}[grammar]")
        + f"paused = {{ in = {PHASES} }}\nresumed = {{ in = {PHASES} }}\n",
        name,
    )
    for name in ("cn_xinfang_2022", "uk_housing_ombudsman_2024")
}


def corrected() -> WorkingCalendar:
    """China's calendar with two free days announced late and 2027 published in November."""
    plain = CALENDARS["cn"]
    days = [dt.date(2026, 1, 1) + n * dt.timedelta(days=1) for n in range(365)]
    free = frozenset(d for d in days if d.weekday() < 5 and not plain.is_working(d))
    working = frozenset(d for d in days if d.weekday() >= 5 and plain.is_working(d))
    first = {2026: PublishedYear(free | {dt.date(2026, 9, 3), dt.date(2026, 11, 12)}, working)}
    second = first | {2027: PublishedYear(frozenset({dt.date(2027, 2, 8)}), frozenset())}
    told, published = (dt.datetime(2026, month, 20, tzinfo=dt.UTC) for month in (8, 11))
    return with_history([(told, china()), (told, china(first)), (published, china(second))])


def agrees(cases: list[History], as_of: dt.datetime, calendar: WorkingCalendar) -> None:
    pack_id = cases[0].pack.id
    frames = tables(cases)
    packs, calendars = {pack_id: cases[0].pack}, {calendar.name: calendar}
    table = clock_table(*frames, packs, calendars, as_of, ZONES[pack_id])
    for row, case in enumerate(cases):
        expected = one_case(case, as_of, calendar)
        got = table.iloc[row]
        for name in CLOCK_NAMES:
            clock = expected.get(name)
            if clock is None:
                assert pd.isna(got[f"{name}_state"])
                continue
            for field in FIELDS:
                value, want = got[f"{name}_{field}"], getattr(clock, field)
                assert same(value, want), (
                    f"{name}.{field}: {value} != {want} {as_of}\n{case.events}"
                )
        assert got["round"] == expected["answer"].round


@pytest.mark.parametrize("pack_id", sorted(PACKS))
# a table costs the same for one case as for ten: few tables, many cases
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_table_agrees_with_the_one_case_function(pack_id: str, data: st.DataObject) -> None:
    as_of = AS_OF + data.draw(st.integers(-400, 60)) * dt.timedelta(days=1)
    cases = data.draw(st.lists(histories(pack_id, as_of), min_size=5, max_size=12))
    case_frame, event_frame = tables(cases)
    check(Cases, case_frame)
    check(Events, event_frame)
    agrees(cases, as_of, CALENDARS[PACKS[pack_id].calendar])


@pytest.mark.parametrize(
    "pack", [*PACKS.values(), *PAUSING.values()], ids=[*PACKS, *(f"{p}_paused" for p in PAUSING)]
)
def test_it_agrees_on_long_histories_and_pauses(pack: Pack) -> None:
    calendar = CALENDARS[pack.calendar]
    for days in (-300, 0):
        as_of = AS_OF + days * dt.timedelta(days=1)
        agrees([deep_history(seed + days, pack, as_of) for seed in range(90)], as_of, calendar)


@pytest.mark.parametrize("pack", [PACKS["cn_xinfang_2022"], PAUSING["cn_xinfang_2022"]])
def test_it_agrees_where_a_calendar_was_corrected(pack: Pack) -> None:
    calendar = corrected()
    for days in (-60, 20):
        as_of = AS_OF + days * dt.timedelta(days=1)
        cases = [deep_history(seed, pack, as_of, calendar) for seed in range(90)]
        agrees(cases, as_of, calendar)


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
