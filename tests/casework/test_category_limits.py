"""Limits by category: a case's own limit first, then its category's days, else no rule.

The pack is made up for these tests: no number of days in it is any city's.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import casework.pack
from casework.clock_table import clock_table
from casework.clocks import CaseEvent, Clock, clocks
from casework.explain import explain
from casework.pack import parse
from casework.pack_checks import check_tighter
from casework.promise import promise
from data.errors import ConfigError
from tests.casework.table_cases import CALENDARS, ZONES, History, deep_history, tables

US_311 = Path(casework.pack.__file__).parent / "packs" / "us_311.toml"
ZONE = ZONES["us_311"]
LIMIT = """
[[limit_by_category]]
category = "pests"
clock = "answer"
limit = 12
unit = "calendar_days"
source = "made up for this test"

[[limit_by_category]]
category = "trees"
clock = "answer"
limit = 3
unit = "working_days"
source = "made up for this test, trees"
second_hand = true
"""
CATEGORIES = ("pests", "trees", "graffiti")
AS_OF = dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)
CALENDAR = CALENDARS["every_day"]


def with_limits(limits: str = LIMIT) -> str:
    return US_311.read_text("utf-8").replace("[grammar]", limits + "\n[grammar]")


PACK = parse(with_limits(), "us_311")


def test_a_cases_own_limit_comes_before_its_categorys_and_without_both_there_is_no_rule() -> None:
    opened = dt.datetime(2026, 11, 2, 9, tzinfo=ZoneInfo(ZONE))
    own = dt.datetime(2026, 11, 5, 9, tzinfo=ZoneInfo(ZONE))
    events = [CaseEvent("registered", opened)]

    def answer(category: str, limit_at: dt.datetime | None) -> Clock:
        pack = PACK.for_case(category, limit_at)
        (clock,) = clocks(pack, "ordinary", events, AS_OF, ZONE, CALENDAR, limit_at)
        return clock

    pests = answer("pests", None)
    assert (pests.due_on, pests.limit, pests.unit) == (dt.date(2026, 11, 14), 12, "calendar_days")
    assert (pests.source, pests.second_hand) == ("made up for this test", False)
    trees = answer("trees", None)
    assert (trees.due_on, trees.unit, trees.second_hand) == (
        dt.date(2026, 11, 5), "working_days", True,
    )  # fmt: skip
    given = answer("pests", own)
    assert (given.due_at, given.limit) == (own, None)
    assert answer("graffiti", None).state == "no_rule"
    days = explain(PACK.for_case("pests", None), pests, CALENDAR)
    assert (days[-1].day, days[-1].number) == (pests.due_on, 12)


def test_the_promise_names_the_categorys_days_and_their_source() -> None:
    opened = dt.datetime(2026, 11, 2, 9, tzinfo=ZoneInfo(ZONE))
    pack = PACK.for_case("pests", None)
    told = promise(pack, "ordinary", opened, CALENDAR, ZONE, is_with_body=True)
    assert (told.answer_by, told.limit) == (dt.date(2026, 11, 14), 12)
    assert (told.unit, told.source) == ("calendar_days", "made up for this test")


@pytest.mark.parametrize("days", [-300, 0])
def test_the_table_agrees_where_limits_hang_on_categories(days: int) -> None:
    as_of = AS_OF + days * dt.timedelta(days=1)
    cases = []
    for seed in range(90):
        made = deep_history(seed, PACK, as_of)
        limit_at = made.limit_at if seed % 2 else None
        pack = PACK.for_case(CATEGORIES[seed % 3], limit_at)
        cases.append(History(pack, made.procedure, limit_at, made.events))
    frame, events = tables(cases)
    frame["category"] = pd.Series([CATEGORIES[n % 3] for n in range(len(cases))], dtype="str")
    table = clock_table(frame, events, {"us_311": PACK}, {"every_day": CALENDAR}, as_of, ZONE)
    states = set()
    for row, case in enumerate(cases):
        found = clocks(case.pack, case.procedure, case.events, as_of, ZONE, CALENDAR, case.limit_at)
        got = table.iloc[row]
        states.add(found[-1].state)
        assert got["answer_state"] == found[-1].state
        assert got["first_answer_state"] == found[0].state
        for name in ("due_on", "promised_on"):
            want = getattr(found[-1], name)
            value = got[f"answer_{name}"]
            assert (pd.isna(value) and want is None) or value.date() == want
    assert {"no_rule", "met", "late"} <= states


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('source = "made up for this test"\n', "", "limit_by_category 1: source"),
        ('category = "trees"', 'category = "pests"', "limit_by_category 2: category"),
        ('clock = "answer"', 'clock = "later"', "limit_by_category 1: clock"),
        ("limit = 12", "limit = 0", "limit_by_category 1: limit"),
        ('unit = "working_days"', 'unit = "per_case"', "limit_by_category 2: unit"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused(old: str, new: str, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        parse(with_limits(LIMIT.replace(old, new, 1)), "us_311")


def test_a_clock_with_days_of_its_own_has_none_by_category() -> None:
    text = with_limits().replace('unit = "per_case"', 'unit = "calendar_days"\nlimit = 5')
    text = text.replace("limit = 5\n", "limit = 5\nlaw_limit = 5\n", 1)
    with pytest.raises(ConfigError, match="per_case"):
        parse(text, "us_311")


def test_a_citys_own_pack_may_shorten_a_categorys_days_and_not_leave_them_out() -> None:
    shorter = parse(with_limits(LIMIT.replace("limit = 12", "limit = 10")), "us_311")
    check_tighter(shorter, PACK, "city.toml")
    for looser in (LIMIT.replace("limit = 12", "limit = 13"), ""):
        with pytest.raises(ConfigError):
            check_tighter(parse(with_limits(looser), "us_311"), PACK, "city.toml")
