"""Situations in which others counted wrong, one test each; every date was counted by hand.

The second half is the list of mistakes of other programs (docs/PACKS.md, last paragraph).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import casework.pack
from casework.calendar import PublishedYear, WorkingCalendar, china, load_calendar, with_history
from casework.clocks import CaseEvent, Clock, clocks
from casework.explain import explain
from casework.pack import Pack, Series, load, pack_for, parse
from casework.standing import standing
from data.errors import RuleError
from tests.casework.table_cases import CALENDARS, History, tables

ZONE = "Asia/Shanghai"
LAW = load("cn_xinfang_2022")
CN = load_calendar("cn")
HOME = Path(casework.pack.__file__).parent / "packs"


def at(text: str, zone: str = ZONE) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def events_of(steps: tuple[str, ...]) -> list[CaseEvent]:
    """Steps written as `event time [known time]`, local."""
    found = []
    for step in steps:
        name, when, *known = step.split()
        found.append(CaseEvent(name, at(when), at(known[0]) if known else None))
    return found


def log(
    *steps: str,
    as_of: str,
    procedure: str = "ordinary",
    pack: Pack = LAW,
    calendar: WorkingCalendar = CN,
) -> list[Clock]:
    return clocks(pack, procedure, events_of(steps), at(as_of), ZONE, calendar)


def one(found: list[Clock], name: str, number: int = 1) -> Clock:
    return next(clock for clock in found if clock.clock == name and clock.round == number)


def due(found: list[Clock], name: str, number: int = 1) -> tuple[str | None, str]:
    clock = one(found, name, number)
    return (clock.due_on.isoformat() if clock.due_on else None), clock.state


def pausing(base: str, clocks_: str = '"answer"') -> str:
    """A pack in which the office may stop the answer's clock: no shipped one allows it."""
    text = (HOME / f"{base}.toml").read_text("utf-8")
    pause = f'[[pause]]\nclocks = [{clocks_}]\non = "paused"\noff = "resumed"\nsource = "test"\n\n'
    return text.replace("[grammar]", pause + "[grammar]") + (
        'paused = { in = ["owed", "reopened"] }\nresumed = { in = ["owed", "reopened"] }\n'
    )


STOPPING = parse(pausing("cn_xinfang_2022"), "cn_xinfang_2022")
OPEN = ("registered 2025-03-03T10:00", "accepted 2025-03-05T10:00")
"""60 days from 5 March 2025: 26 + 30 + 4 = Sunday 4 May; free to the 5th, moved to 6 May."""


def test_friday_asking() -> None:
    # Friday 7 March; working days 10, 11, 12 March
    found = log("registered 2025-03-07T16:00", as_of="2025-03-08T10:00", procedure="simple")
    assert due(found, "acceptance") == ("2025-03-12", "running")
    # asked on Friday, nothing used on Saturday
    assert one(found, "acceptance").days_used == 0


def test_end_on_a_holiday() -> None:
    assert due(log(*OPEN, as_of="2025-05-06T23:59"), "answer") == ("2025-05-06", "running")
    assert due(log(*OPEN, as_of="2025-05-07T00:00"), "answer") == ("2025-05-06", "overdue")


def test_years_end() -> None:
    # simple: accepted Friday 26 December 2025; 29, 30, 31 December; 1-3 January are free, Sunday
    # 4 January is a make-up working day; 5, 6, 7, 8, 9 January = 9; Monday 12 January is the 10th
    steps = ("registered 2025-12-25T10:00", "accepted 2025-12-26T10:00")
    found = log(*steps, as_of="2025-12-27T10:00", procedure="simple")
    assert due(found, "answer") == ("2026-01-12", "running")
    # 60 days from 20 November 2026: 10 + 31 + 19 = Tuesday 19 January 2027, not yet published
    ahead = log("registered 2026-11-16T10:00", "accepted 2026-11-20T10:00",
                as_of="2026-11-22T10:00")  # fmt: skip
    assert due(ahead, "answer") == ("2027-01-19", "running")
    assert one(ahead, "answer").provisional is True


def test_pause_over_a_weekend_and_over_midnight() -> None:
    # calendar days: Friday 18:00 to Monday 09:00 are three days: 4 + 3 = Wednesday 7 May
    steps = (*OPEN, "paused 2025-03-14T18:00", "resumed 2025-03-17T09:00")
    found = log(*steps, as_of="2025-03-18T10:00", pack=STOPPING)
    assert due(found, "answer") == ("2025-05-07", "running")
    # 23:50 to 00:10 the next day: one day; 4 + 1 = Monday 5 May is free, so 6 May
    night = (*OPEN, "paused 2025-03-12T23:50", "resumed 2025-03-13T00:10")
    assert due(log(*night, as_of="2025-03-14T10:00", pack=STOPPING), "answer")[0] == "2025-05-06"
    # within one day: nothing
    short = log(*OPEN, "paused 2025-03-12T09:00", "resumed 2025-03-12T17:00",
                as_of="2025-03-14T10:00", pack=STOPPING)  # fmt: skip
    assert one(short, "answer").length.paused == 0  # type: ignore[union-attr]


def test_a_weekend_pause_costs_one_day_of_a_working_day_limit() -> None:
    # glpi 10594. Simple: accepted Wednesday 5 March, 10 working days = 19 March; stopped from
    # Friday to Monday only Monday is a working day that was not counted: 20 March
    steps = (*OPEN, "paused 2025-03-14T18:00", "resumed 2025-03-17T09:00")
    found = log(*steps, as_of="2025-03-18T10:00", pack=STOPPING, procedure="simple")
    assert due(found, "answer") == ("2025-03-20", "running")


def test_paused_straight_to_closed() -> None:
    # stopped on 1 April, answered on 20 May without being resumed: the pause ends with the answer,
    # 49 days; 4 May + 49 = Sunday 22 June, moved to the 23rd: in time, and nothing goes on
    steps = (*OPEN, "paused 2025-04-01T10:00", "answered 2025-05-20T10:00")
    found = one(log(*steps, as_of="2025-12-01T10:00", pack=STOPPING), "answer")
    assert (found.state, found.due_on) == ("met", dt.date(2025, 6, 23))
    # called not solved, the new round runs: it does not begin stopped
    again = log(*steps, "not_solved 2025-05-22T10:00", as_of="2025-05-23T10:00", pack=STOPPING)
    assert due(again, "answer", 2)[1] == "running"


def test_a_pause_after_the_last_day_makes_nothing_good() -> None:
    steps = (*OPEN, "paused 2025-05-07T10:00", "resumed 2025-05-27T10:00")
    found = log(*steps, as_of="2025-05-28T10:00", pack=STOPPING)
    assert due(found, "answer") == ("2025-05-06", "overdue")


def two_versions(governs: str) -> Series:
    """The pausing pack, and from 1 April 2025 a version with 45 days instead of 60."""
    text = pausing("cn_xinfang_2022")
    first = text.replace("version = 1\n", "version = 1\neffective_to = 2025-03-31\n")
    second = text.replace("version = 1\n", f'version = 2\ngoverns = "{governs}"\n')
    second = second.replace("effective_from = 2022-05-01", "effective_from = 2025-04-01")
    second = second.replace("limit = 60\nlaw_limit = 60", "limit = 45\nlaw_limit = 60")
    return casework.pack.series_of(parse(one, "cn_xinfang_2022") for one in (first, second))


def test_rule_changed_while_paused() -> None:
    # glpi 6902, 15605. Stopped 20 March to 10 April = 21 days. Under the version it began with:
    # 4 May + 21 = Sunday 25 May, moved to the 26th
    steps = (*OPEN, "paused 2025-03-20T10:00", "resumed 2025-04-10T10:00")
    day, today = dt.date(2025, 3, 3), dt.date(2025, 4, 12)
    kept = pack_for(two_versions("new"), day, today)
    assert due(log(*steps, as_of="2025-04-12T10:00", pack=kept), "answer")[0] == "2025-05-26"
    # a version that governs open cases: 5 March + 45 = 19 April, + 21 = Saturday 10 May, moved to
    # Monday the 12th: the stopped time is not forgotten
    moved = pack_for(two_versions("open"), day, today)
    found = one(log(*steps, as_of="2025-04-12T10:00", pack=moved), "answer")
    assert found.due_on == dt.date(2025, 5, 12)
    # what was promised at the start stays what it was: 6 May
    assert found.promised_on == dt.date(2025, 5, 6)


def test_reopened_twice() -> None:
    steps = (*OPEN, "answered 2025-05-20T10:00", "not_solved 2025-05-22T10:00",
             "answered 2025-05-26T10:00", "not_solved 2025-05-27T10:00")  # fmt: skip
    found = log(*steps, as_of="2025-05-28T10:00")
    # first round 6 May, answered on the 20th. Second: 4 + 2 days, but at least ten working days
    # from 22 May: 23 | 26-30 | (2 June free) 3-6 = 10: Friday 6 June. Third: from 27 May: 28, 29,
    # 30 | 3, 4, 5, 6 | 9, 10, 11 = Wednesday 11 June
    assert [due(found, "answer", n) for n in (1, 2, 3)] == [
        ("2025-05-06", "late"),
        ("2025-06-06", "met"),
        ("2025-06-11", "running"),
    ]


def late_news(free: str, told: str) -> WorkingCalendar:
    """The calendar of 2025 with one more free day, told at a moment."""
    days = [dt.date(2025, 1, 1) + n * dt.timedelta(days=1) for n in range(365)]
    off = frozenset(d for d in days if d.weekday() < 5 and not CN.is_working(d))
    worked = frozenset(d for d in days if d.weekday() >= 5 and CN.is_working(d))
    more = china({2025: PublishedYear(off | {dt.date.fromisoformat(free)}, worked)})
    return with_history([(at("2020-01-01T00:00"), CN), (at(told), more)])


def test_holiday_announced_late() -> None:
    # alaveteli 7292. Tuesday 6 May 2025 becomes free, told on 28 April: the open case's last day
    # moves to Wednesday the 7th; the promise and what is asked about 27 April stay the 6th
    news = late_news("2025-05-06", "2025-04-28T10:00")
    before = one(log(*OPEN, as_of="2025-04-27T10:00", calendar=news), "answer")
    after = one(log(*OPEN, as_of="2025-04-29T10:00", calendar=news), "answer")
    assert before.due_on == dt.date(2025, 5, 6)
    assert (after.due_on, after.promised_on) == (dt.date(2025, 5, 7), dt.date(2025, 5, 6))
    assert after.moved_from == dt.date(2025, 5, 6)
    # an answer given before the news is judged by what was known when it was given
    ended = log(*OPEN, "answered 2025-04-20T10:00", as_of="2025-06-01T10:00", calendar=news)
    assert due(ended, "answer") == ("2025-05-06", "met")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "UTC"])
def test_viewer_in_another_zone(zone: str) -> None:
    # frappe/helpdesk 3776: the moments are the same, the days are the county's
    events = events_of((*OPEN, "extended 2025-05-06T23:30"))
    moved = [CaseEvent(e.event, e.at.astimezone(ZoneInfo(zone))) for e in events]
    as_of = at("2025-05-07T00:10").astimezone(ZoneInfo(zone))
    found = clocks(LAW, "ordinary", moved, as_of, ZONE, CN)
    # 60 + 30 days: 4 May + 30 = Tuesday 3 June
    assert due(found, "answer") == ("2025-06-03", "running")


def test_no_case_is_late_at_birth() -> None:
    for hour in ("00:00", "07:59", "12:00", "23:59"):
        asked = f"registered 2025-03-03T{hour}"
        for clock in log(asked, as_of=f"2025-03-03T{hour}"):
            assert clock.state in ("running", "not_started")


def test_extension_on_the_last_day() -> None:
    # granted on Tuesday 6 May, the last day as moved; it adds to the limit, not to that day:
    # 4 May + 30 = Tuesday 3 June
    found = log(*OPEN, "extended 2025-05-06T23:59", as_of="2025-05-10T10:00")
    assert due(found, "answer") == ("2025-06-03", "running")
    with pytest.raises(RuleError) as refusal:
        log(*OPEN, "extended 2025-05-07T00:01", as_of="2025-05-10T10:00")
    assert refusal.value.rule == "extension_after_limit"


def test_back_dated_closing() -> None:
    # said to be of 5 May, written down on the 20th: it counts on the 20th, two weeks late
    late = log(*OPEN, "answered 2025-05-05T10:00 2025-05-20T10:00", as_of="2025-06-01T10:00")
    assert due(late, "answer") == ("2025-05-06", "late")
    # known within a day: it counts on its own day
    known = log(*OPEN, "answered 2025-05-06T23:00 2025-05-07T22:00", as_of="2025-06-01T10:00")
    assert due(known, "answer") == ("2025-05-06", "met")
    # on the 10th nobody knew of it
    then = log(*OPEN, "answered 2025-05-05T10:00 2025-05-20T10:00", as_of="2025-05-10T10:00")
    assert due(then, "answer") == ("2025-05-06", "overdue")


# Mistakes others made


def stand(*steps: str, as_of: str, body: str = "b01") -> pd.Series:
    case = History(LAW, "ordinary", None, events_of(steps))
    packs = {LAW.id: LAW}
    return standing(*tables([case]), packs, CALENDARS, at(as_of), ZONE).iloc[0]


def test_a_reopened_case_keeps_its_first_answer_and_its_lateness() -> None:
    # frappe/helpdesk set_resolution_date: answered two weeks late, answered again in time
    steps = (*OPEN, "answered 2025-05-20T10:00", "not_solved 2025-05-22T10:00",
             "answered 2025-05-26T10:00")  # fmt: skip
    row = stand(*steps, as_of="2025-12-01T10:00")
    assert row["outcome"] == "late"
    assert row["first_answered_at"] == pd.Timestamp(at("2025-05-20T10:00"))


def test_time_from_solved_to_reopening_is_not_the_offices_and_not_lost() -> None:
    # glpi 23359: answered on day 20 (25 March), called not solved ten days later (4 April): those
    # ten days are put on top, 4 May + 10 = Wednesday 14 May, and booked as such, not as a pause
    found = one(log(*OPEN, "answered 2025-03-25T10:00", "not_solved 2025-04-04T10:00",
                    as_of="2025-04-05T10:00"), "answer", 2)  # fmt: skip
    assert found.due_on == dt.date(2025, 5, 14)
    assert found.length is not None
    assert (found.length.added, found.length.paused) == (10, 0)


def test_a_transferred_case_still_counts_and_still_falls_due() -> None:
    # the other side of zammad 904: a moved case neither stops nor starts again
    steps = (*OPEN, "transferred 2025-04-28T10:00", "objected 2025-04-29T10:00",
             "transferred 2025-05-05T10:00")  # fmt: skip
    found = log(*steps, as_of="2025-05-07T10:00")
    assert due(found, "answer") == ("2025-05-06", "overdue")
    assert stand(*steps, as_of="2025-05-07T10:00")["is_overdue"]


@pytest.mark.parametrize("way", ["declined", "referred", "withdrawn"])
def test_a_case_that_ended_no_longer_falls_due(way: str) -> None:
    # zammad 904: a merged ticket still escalated
    steps = ("registered 2025-03-03T10:00", f"{way} 2025-03-10T10:00")
    row = stand(*steps, as_of="2026-03-10T10:00")
    assert not row["is_open"]
    assert not row["is_overdue"]
    found = log(*steps, as_of="2026-03-10T10:00")
    assert not any(clock.state == "overdue" for clock in found)


def test_stopped_time_is_added_to_the_end_not_to_the_start() -> None:
    # frappe/helpdesk 2449
    steps = (*OPEN, "paused 2025-03-14T10:00", "resumed 2025-03-24T10:00")
    found = one(log(*steps, as_of="2025-03-25T10:00", pack=STOPPING), "answer")
    assert found.started_at == at("2025-03-05T10:00")
    # 4 May + 10 = Wednesday 14 May
    assert found.due_on == dt.date(2025, 5, 14)


def test_todays_utc_offset_is_not_applied_to_old_cases() -> None:
    # fivetran/dbt_zendesk 25: 23:30 in London is Friday in winter (23:30 UTC) and in summer
    # (22:30 UTC), whatever the season in which somebody looks
    uk, england = load("uk_housing_ombudsman_2024"), load_calendar("england")
    for asked, last in (("2026-01-16T23:30", "2026-01-23"), ("2026-07-17T23:30", "2026-07-24")):
        events = [CaseEvent("registered", at(asked, "Europe/London").astimezone(dt.UTC))]
        for looked in ("2026-12-01T10:00", "2026-08-01T10:00"):
            found = clocks(uk, "ordinary", events, at(looked, "Europe/London"), "Europe/London",
                           england)  # fmt: skip
            assert due(found, "acknowledge")[0] == last


def test_a_case_not_yet_due_is_not_on_time() -> None:
    # Boston's own flag
    assert stand(*OPEN, as_of="2025-04-01T10:00")["outcome"] == "not_due"
    # nor is one that was answered before its limit counted before that limit ends
    early = (*OPEN, "answered 2025-03-20T10:00")
    assert stand(*early, as_of="2025-12-01T10:00")["outcome"] == "on_time"


def test_everybody_can_see_how_a_date_was_computed() -> None:
    # alaveteli 5101: 60 days counted, the last on Sunday 4 May; 5 May free, 6 May the last
    clock = one(log(*OPEN, as_of="2025-04-01T10:00"), "answer")
    days = explain(LAW, clock, CN)
    assert [day.number for day in days if day.number] == list(range(1, 61))
    assert [day.day.isoformat() for day in days[-3:]] == ["2025-05-04", "2025-05-05", "2025-05-06"]
    assert days[-1].why == "last"
    assert clock.source.startswith("信访工作条例 (2022) Art. 34")


def test_the_test_packs_differ_from_the_law_only_in_what_is_tested() -> None:
    made, law = (tomllib.loads(text) for text in (
        pausing("cn_xinfang_2022"), (HOME / "cn_xinfang_2022.toml").read_text("utf-8")
    ))  # fmt: skip
    assert made["rule"] == law["rule"]
    assert set(made["grammar"]) - set(law["grammar"]) == {"paused", "resumed"}
