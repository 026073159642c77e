"""Laws of the clocks, on random histories: a second implementation, the table, the past."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import random
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from casework.calendar import PublishedYear, WorkingCalendar, china, with_history
from casework.clocks import CaseEvent, Clock, clocks
from casework.hops import hops
from casework.pack import parse
from casework.standing import standing
from data.errors import RuleError
from tests.casework.slow import HOME, Happened, Learnt, Slow, pack_file
from tests.casework.table_cases import (
    CALENDARS,
    PACKS,
    ZONES,
    History,
    deep_history,
    histories,
    tables,
)

AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)
# shrinking a history takes minutes; what is printed is short enough
PHASES_RUN = (Phase.explicit, Phase.reuse, Phase.generate)
FIELDS = (
    "state", "started_at", "due_on", "due_at", "promised_on", "moved_from", "ended_at",
    "extended_by", "provisional", "days_used", "days_left",
)  # fmt: skip


# No shipped pack lets an office stop the answer's clock; these do, so that pausing is checked.
PAUSE = """
[[pause]]
clocks = ["acknowledge", "forward", "acceptance", "answer"]
on = "paused"
off = "resumed"
source = "made up for this test"
"""
PHASES = '["undecided", "owed", "reopened"]'
PAUSING = {
    name: (HOME / "packs" / f"{name}.toml")
    .read_text("utf-8")
    .replace("[grammar]", PAUSE + "[grammar]")
    + f"paused = {{ in = {PHASES} }}\nresumed = {{ in = {PHASES} }}\n"
    for name in ("cn_xinfang_2022", "cn_labour_inspection", "uk_housing_ombudsman_2024")
}


def late_news() -> tuple[WorkingCalendar, tuple[Learnt, ...]]:
    """China's calendar as it was known over time, for both implementations: two free days of 2026
    told late, and 2027 published while cases run."""
    days = [dt.date(2026, 1, 1) + n * dt.timedelta(days=1) for n in range(365)]
    free = frozenset(d for d in days if d.weekday() < 5 and not CALENDARS["cn"].is_working(d))
    worked = frozenset(d for d in days if d.weekday() >= 5 and CALENDARS["cn"].is_working(d))
    more = free | {dt.date(2026, 9, 3), dt.date(2026, 11, 12)}
    told, published = (dt.datetime(2026, month, 20, tzinfo=dt.UTC) for month in (8, 11))
    next_year = frozenset({dt.date(2027, 1, 1), dt.date(2027, 2, 8), dt.date(2027, 2, 9)})
    first = {2026: PublishedYear(more, worked)}
    second = first | {2027: PublishedYear(next_year, frozenset({dt.date(2027, 1, 30)}))}
    early = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    calendar = with_history([(early, china()), (told, china(first)), (published, china(second))])
    learnt = (
        Learnt(2026, told, more, worked),
        Learnt(2027, published, next_year, frozenset({dt.date(2027, 1, 30)})),
    )
    return calendar, learnt


NEWS, LEARNT = late_news()


def fast(case: History, as_of: dt.datetime, calendar: WorkingCalendar | None = None) -> list[Clock]:
    return clocks(
        case.pack, case.procedure, case.events, as_of, ZONES[case.pack.id],
        calendar or CALENDARS[case.pack.calendar], case.limit_at,
    )  # fmt: skip


def told(case: History, as_of: dt.datetime) -> list[Clock] | str:
    """The clocks, or the rule that what was known then breaks: a step may be learnt before the one
    that allows it."""
    try:
        return fast(case, as_of)
    except RuleError as err:
        return err.rule


def agree(
    case: History,
    as_of: dt.datetime,
    file: dict[str, Any],
    calendar: WorkingCalendar | None = None,
    learnt: tuple[Learnt, ...] = (),
) -> None:
    events = [Happened(one.event, one.at, one.known, one.days) for one in case.events]
    zone = ZONES[case.pack.id]
    runs = Slow(file, case.procedure, events, as_of, zone, case.limit_at, learnt).clocks()
    expected = {(run.clock, run.round): run for run in runs}
    found = {(clock.clock, clock.round): clock for clock in fast(case, as_of, calendar)}
    assert found.keys() == expected.keys(), case.events
    for key, clock in found.items():
        for name in FIELDS:
            got, want = getattr(clock, name), getattr(expected[key], name)
            assert got == want, f"{key} {name}: {got} != {want} as of {as_of}\n{case.events}"


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES_RUN
)
@given(data=st.data())
def test_a_slow_and_obvious_implementation_agrees(pack_id: str, data: st.DataObject) -> None:
    as_of = AS_OF + data.draw(st.integers(-400, 60)) * dt.timedelta(days=1)
    agree(data.draw(histories(pack_id, as_of)), as_of, pack_file(pack_id))


@pytest.mark.parametrize("pack_id", sorted(PACKS))
def test_it_agrees_on_long_histories(pack_id: str) -> None:
    for seed in range(80):
        as_of = AS_OF + random.Random(-seed).randint(-400, 60) * dt.timedelta(days=1)
        agree(deep_history(seed, PACKS[pack_id], as_of), as_of, pack_file(pack_id))


@pytest.mark.parametrize("pack_id", sorted(PAUSING))
def test_it_agrees_where_an_office_may_stop_the_clock(pack_id: str) -> None:
    pack, file = parse(PAUSING[pack_id], pack_id), tomllib.loads(PAUSING[pack_id])
    for seed in range(80):
        as_of = AS_OF + random.Random(-seed).randint(-400, 60) * dt.timedelta(days=1)
        agree(deep_history(seed, pack, as_of), as_of, file)


@pytest.mark.parametrize("pack_id", [name for name in sorted(PACKS) if name.startswith("cn_")])
def test_it_agrees_where_the_calendar_was_learnt_late(pack_id: str) -> None:
    pack = PACKS[pack_id]
    for seed in range(80):
        as_of = AS_OF + random.Random(-seed).randint(-200, 120) * dt.timedelta(days=1)
        agree(deep_history(seed, pack, as_of, NEWS), as_of, pack_file(pack_id), NEWS, LEARNT)


UNRELATED = (
    "contacted", "mediated", "met", "received", "aided", "funded", "policy_changed", "notified",
    "not_told", "confirmed", "rated",
)  # fmt: skip


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES_RUN
)
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
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES_RUN
)
@given(data=st.data())
def test_what_comes_later_never_moves_a_clock_as_it_was(pack_id: str, data: st.DataObject) -> None:
    case = data.draw(histories(pack_id, AS_OF))
    hours = data.draw(st.integers(0, 9_000))
    moment = AS_OF - hours * dt.timedelta(hours=1)
    then = [one for one in case.events if one.at <= moment and one.known <= moment]
    assert told(case, moment) == told(dataclasses.replace(case, events=then), moment)


@pytest.mark.parametrize("pack_id", sorted(PACKS))
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES_RUN
)
@given(data=st.data())
def test_a_case_is_never_open_and_closed_at_once(pack_id: str, data: st.DataObject) -> None:
    cases = data.draw(st.lists(histories(pack_id, AS_OF), min_size=1, max_size=4))
    frames = tables(cases)
    table = standing(*frames, PACKS, CALENDARS, AS_OF, ZONES[pack_id])
    for (_, row), case in zip(table.iterrows(), cases, strict=True):
        latest = [clock for clock in fast(case, AS_OF) if clock.clock == "answer"][-1]
        assert row["is_open"] == pd.isna(row["ended_at"])
        if latest.state not in ("no_rule", "not_started"):
            runs = latest.state not in ("met", "late", "ended")
            assert row["is_open"] or not runs
            # called not solved while a review goes on: open in every figure (DOMAIN.md §2.9)
            assert runs or not row["is_open"] or row["is_not_solved"]
        assert row["is_open"] or not row["is_overdue"]


VECTORS = json.loads((Path(__file__).parent / "vectors" / "clocks.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "vector",
    [one for one in VECTORS if one["expect"] != "refused"],
    ids=lambda vector: vector["name"],
)
def test_the_slow_clocks_give_the_examples_counted_by_hand(vector: dict[str, Any]) -> None:
    zone, given = ZoneInfo(vector.get("zone", "Asia/Shanghai")), vector["input"]

    def at(text: str | None) -> dt.datetime | None:
        return None if text is None else dt.datetime.fromisoformat(text).replace(tzinfo=zone)

    events = []
    for one in given["events"]:
        happened, known = at(one["at"]), at(one.get("known_at"))
        assert happened is not None
        events.append(Happened(one["event"], happened, known or happened, one.get("days")))
    as_of, file = at(given["as_of"]), pack_file(vector.get("pack", "cn_xinfang_2022"))
    assert as_of is not None
    limit_at = at(given.get("limit_at"))
    slow = Slow(file, given["procedure"], events, as_of, str(zone), limit_at)
    found = {run.clock: run for run in slow.clocks()}
    for name, expected in vector["expect"].items():
        run = found[name]
        for key in ("due_on", "state", "provisional", "extended_by"):
            value = getattr(run, key)
            shown = value.isoformat() if isinstance(value, dt.date) else value
            assert shown == expected.get(key, shown), f"{name} {key}"


@pytest.mark.parametrize("pack_id", sorted(PACKS))
def test_the_time_used_by_bodies_adds_up_to_the_whole(pack_id: str) -> None:
    zone, calendar = ZoneInfo(ZONES[pack_id]), CALENDARS[PACKS[pack_id].calendar]
    for seed in range(60):
        case = deep_history(seed, PACKS[pack_id], AS_OF)
        events = [
            dataclasses.replace(one, to_body_id=f"b{place}") if one.event == "transferred" else one
            for place, one in enumerate(case.events)
        ]
        turns = hops(
            case.pack, case.procedure, events, "b00", AS_OF, ZONES[pack_id], calendar
        )  # fmt: skip
        known = [one for one in events if one.at <= AS_OF and one.known <= AS_OF]
        if not known:
            assert turns == []
            continue
        assert turns[0].from_on == known[0].at.astimezone(zone).date()
        assert all(turn.days == (turn.to_on - turn.from_on).days >= 0 for turn in turns)
        assert all(a.to_on == b.from_on for a, b in itertools.pairwise(turns))
        assert sum(turn.days for turn in turns) == (turns[-1].to_on - turns[0].from_on).days
        # the case is with one body at most, and with one while it is owed
        assert [turn.is_open for turn in turns[:-1]] == [False] * (len(turns) - 1)
        latest = [clock for clock in fast(case, AS_OF) if clock.clock == "answer"][-1]
        if latest.state in ("running", "overdue", "paused"):
            assert turns[-1].is_open
            assert turns[-1].to_on == AS_OF.astimezone(zone).date()
