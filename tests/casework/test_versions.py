"""Rules change from a day on: a case keeps those it began under, unless the new ones say more."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import casework.pack as pack_module
from casework.calendar import load_calendar
from casework.clock_table import CLOCK_NAMES, clock_table
from casework.clocks import CaseEvent, Clock, clocks
from casework.pack import Pack, Series, load, parse, series, series_of
from casework.version import version_for
from data.errors import ConfigError
from tests.casework.table_cases import ZONES, History, deep_history, tables
from tests.casework.test_clock_table import FIELDS, same

ID, ZONE = "cn_xinfang_2022", "Asia/Shanghai"
TEXT = (Path(pack_module.__file__).parent / "packs" / f"{ID}.toml").read_text("utf-8")
CN = load_calendar("cn")
TAKES_EFFECT = dt.date(2026, 6, 1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def second(governs: str, days: int = 45, starts: str = "2026-06-01") -> str:
    text = TEXT.replace("version = 1\n", f'version = 2\ngoverns = "{governs}"\n', 1)
    text = text.replace("effective_from = 2022-05-01", f"effective_from = {starts}")
    return text.replace("limit = 60\nlaw_limit = 60", f"limit = {days}\nlaw_limit = {days}")


def first(ends: str = "2026-05-31") -> str:
    return TEXT.replace("calendar =", f"effective_to = {ends}\ncalendar =", 1)


def both(governs: str) -> Series:
    return series_of([parse(first(), ID), parse(second(governs), ID)])


def answer(rules: Series, *steps: str, as_of: str) -> tuple[Pack, Clock]:
    events = [CaseEvent(name, at(when)) for name, when in (step.split() for step in steps)]
    pack = version_for(rules, "ordinary", events, events[0].at, at(as_of), ZONE)
    found = clocks(pack, "ordinary", events, at(as_of), ZONE, CN)
    return pack, next(clock for clock in found if clock.clock == "answer")


OLD = ("registered 2026-05-20T10:00", "accepted 2026-05-25T10:00")


def test_a_case_keeps_the_rules_it_began_under() -> None:
    pack, clock = answer(both("new"), *OLD, as_of="2026-07-01T10:00")
    assert (pack.version, pack.before, clock.limit) == (1, None, 60)
    pack, clock = answer(
        both("new"), "registered 2026-06-01T00:10", "accepted 2026-06-02T10:00",
        as_of="2026-07-01T10:00",
    )  # fmt: skip
    assert (pack.version, clock.limit) == (2, 45)


def test_rules_that_govern_open_cases_take_them_over_and_say_what_was_promised() -> None:
    before, clock = answer(both("open"), *OLD, as_of="2026-05-30T10:00")
    assert (before.version, clock.limit) == (1, 60)
    assert clock.due_on == dt.date(2026, 7, 24)
    pack, clock = answer(both("open"), *OLD, as_of="2026-07-01T10:00")
    assert (pack.version, clock.limit) == (2, 45)
    assert clock.promised_on == clock.moved_from == dt.date(2026, 7, 24)
    assert clock.due_on == dt.date(2026, 7, 9)


def test_a_case_answered_before_the_change_stays_as_it_was() -> None:
    steps = (*OLD, "answered 2026-05-30T10:00", "not_solved 2026-06-05T10:00")
    pack, clock = answer(both("open"), *steps, as_of="2026-07-01T10:00")
    assert (pack.version, clock.limit, clock.moved_from) == (1, 60, None)


@pytest.mark.parametrize("governs", ["new", "open"])
def test_the_table_splits_cases_by_version(governs: str) -> None:
    rules = both(governs)
    # a version that governs open cases has the same course, so either judges what is possible
    made = [deep_history(seed, rules.versions[0], at("2026-07-20T10:00")) for seed in range(24)]
    for as_of in (at("2026-05-20T10:00"), at("2026-06-10T10:00"), at("2026-07-20T10:00")):
        cases = []
        for case in made:
            events = [one for one in case.events if one.at <= as_of and one.known <= as_of]
            if not events:
                continue
            pack = version_for(rules, case.procedure, events, events[0].at, as_of, ZONES[ID])
            cases.append(History(pack, case.procedure, None, events))
        table = clock_table(*tables(cases), {ID: rules}, {"cn": CN}, as_of, ZONES[ID])
        for row, case in enumerate(cases):
            found = clocks(case.pack, case.procedure, case.events, as_of, ZONE, CN)
            named = {clock.clock: clock for clock in found}
            named["first_answer"] = next(one for one in found if one.clock == "answer")
            for name, field in itertools.product(CLOCK_NAMES, FIELDS):
                got = table.iloc[row][f"{name}_{field}"]
                if name not in named:
                    assert pd.isna(table.iloc[row][f"{name}_state"])
                    continue
                want = getattr(named[name], field)
                assert same(got, want), f"{name}.{field}: {got} != {want}\n{case.events}"


@pytest.mark.parametrize(
    ("ends", "starts"), [("2026-05-30", "2026-06-01"), ("2026-06-01", "2026-06-01")]
)
def test_a_gap_and_an_overlap_between_versions_are_refused(
    tmp_path: Path, ends: str, starts: str
) -> None:
    (tmp_path / f"{ID}.toml").write_text(first(ends), "utf-8")
    (tmp_path / f"{ID}.v2.toml").write_text(second("new", starts=starts), "utf-8")
    with pytest.raises(ConfigError, match="the day after version 1 ends") as refusal:
        series(ID, tmp_path)
    assert "次日" in refusal.value.text("zh")


def test_versions_in_a_folder_are_one_series(tmp_path: Path) -> None:
    (tmp_path / f"{ID}.toml").write_text(first(), "utf-8")
    (tmp_path / f"{ID}.v2.toml").write_text(second("new"), "utf-8")
    found = series(ID, tmp_path)
    assert [pack.version for pack in found.versions] == [1, 2]
    assert found.at(dt.date(2026, 5, 31)).version == 1
    assert found.at(TAKES_EFFECT).version == 2
    assert found.at(dt.date(2020, 1, 1)).version == 1
    assert load(ID, tmp_path).version == 2


def test_open_cases_cannot_change_course() -> None:
    old = 'objected = { in = ["undecided", "owed", "reopened"] }'
    other = second("open").replace(old, 'objected = { in = ["undecided"] }')
    assert other != second("open")
    with pytest.raises(ConfigError, match="cannot change course"):
        series_of([parse(first(), ID), parse(other, ID)])


COUNTY = f"""
id = "county"
version = 1
effective_from = 2026-01-01
tightens = "{ID}"

[[rule]]
clock = "answer"
procedure = "ordinary"
limit = 45
"""


def test_a_county_writes_only_what_it_tightens() -> None:
    pack, law = parse(COUNTY, "county"), load(ID)
    own, base = pack.rules["ordinary"]["answer"], law.rules["ordinary"]["answer"]
    assert (own.limit, own.extension_days, own.source) == (45, 30, base.source)
    assert pack.rules["simple"].keys() == law.rules["simple"].keys()
    assert (pack.grammar, pack.tells, pack.backlog) == (law.grammar, law.tells, law.backlog)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("limit = 45", "limit = 75", "looser"),
        ("limit = 45", "extension_times = 2", "looser than the law's 1"),
        ("limit = 45", 'ends_on = ["answered", "contacted"]', "ends_on must be: as in"),
        ("limit = 45", "extension_stated = true", "left out: the office states"),
        ("[[rule]]", "[backlog]\nmonths = 4\nsource = 'x'\n[[rule]]", "backlog is 4, looser"),
        ("[[rule]]", "tell = []\n[[rule]]", "tell 1 must be: as in"),
        ("[[rule]]", "daily_filing = false\n[[rule]]", "daily_filing must be: as in"),
        ('clock = "answer"', 'clock = "watch"', "clock must be: one of"),
        ("2026-01-01", "'soon'", "effective_from must be: a date"),
        (f'tightens = "{ID}"', 'tightens = "county"', "the id of another pack"),
    ],
)
def test_a_county_that_loosens_anything_is_refused(old: str, new: str, words: str) -> None:
    assert old in COUNTY
    with pytest.raises(ConfigError, match=re.escape(words)) as refusal:
        parse(COUNTY.replace(old, new, 1), "county")
    assert "county" in refusal.value.text("zh")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('reviewed = { in = ["review"], to = "reviewed" }', "", "the grammar has; it lacks"),
        ('on = "hearing_opened"', 'on = "paused"', "it lacks paused"),
        (
            "review_requested = { in",
            'review_requested = { in = ["rechecked"], to = "review" }\n#',
            "a",
        ),
        (
            'accepted = { in = ["undecided"], to = "owed" }',
            'accepted = { in = ["undecided"] }',
            "owed",
        ),
        (
            'answered = { in = ["owed",',
            'answered = { in = ["undecided", "owed",',
            "where it is owed",
        ),
        ('clocks = ["recheck"]', 'clocks = ["review_request"]', "a list of acknowledge"),
        ("months = 3", "months = 0", "backlog: months must be: a whole number >= 1"),
        ('parts = ["request",', 'parts = ["poem",', "a list of request"),
        ('must = "notified"', 'must = "guessed"', "notified | delivered"),
        ("[objection]\nlimit = 5", "[objection]\nlimit = 5\nwatch = 1", "no such field"),
        ('whose = "asker"', 'whose = "office"', "whose must be: one of asker"),
    ],
)
def test_what_does_not_fit_together_is_refused(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError, match=re.escape(words)):
        parse(TEXT.replace(old, new, 1), ID)
