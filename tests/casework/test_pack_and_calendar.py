"""Packs are checked when loaded; the calendar knows what it does not know."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import casework.pack as pack_module
from casework.calendar import PublishedYear, china, load_calendar
from casework.pack import load, pack_ids
from casework.reasons import REASONS, reason_key
from casework.vocabulary import OUTCOMES, STAGES, STATES
from data.errors import ConfigError
from data.vocabulary import EVENTS
from wording import has

SHIPPED = Path(pack_module.__file__).parent / "packs"
CN = load_calendar("cn")


def written(folder: Path, old: str, new: str, pack_id: str = "cn_xinfang_2022") -> Path:
    text = (SHIPPED / f"{pack_id}.toml").read_text("utf-8")
    assert re.search(old, text)
    (folder / f"{pack_id}.toml").write_text(re.sub(old, new, text, count=1), "utf-8")
    return folder


def test_every_shipped_pack_loads() -> None:
    assert set(pack_ids()) >= {"cn_xinfang_2022", "us_311"}
    for pack_id in pack_ids():
        assert len(load(pack_id).file_hash) == 64


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (r"limit = 60\nlaw", "limit = 61\nlaw", "looser than the law's 60"),
        ("extension_days = 30", "extension_days = 45", "looser than the law's 30"),
        ('unit = "calendar_days"\nmoves', 'unit = "weeks"\nmoves', "unit must be"),
        (r'source = ".*?"', 'source = ""', "article"),
        ("effective_from = 2022-05-01", 'effective_from = "soon"', "a date"),
        ("effective_from = 2022-05-01", "effective_from = 2022-05-01\nwatch_period = 1", "no such"),
        (r'starts_on = \["registered"\]', 'starts_on = ["seen"]', "events of the record"),
        (r'to = "undecided"', 'to = "watched"', "undecided"),
        ("withdrawal_takes_effect_days = 15", "withdrawal_takes_effect_days = 3", ">= 15"),
        ('id = "cn_xinfang_2022"', "id = ", "cannot be read"),
    ],
)
def test_a_pack_that_is_malformed_or_looser_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        load("cn_xinfang_2022", written(tmp_path, old, new))


def test_a_county_may_tighten_but_not_loosen(tmp_path: Path) -> None:
    text = (SHIPPED / "cn_xinfang_2022.toml").read_text("utf-8")
    text = text.replace('id = "cn_xinfang_2022"', 'id = "county"\ntightens = "cn_xinfang_2022"')
    (tmp_path / "county.toml").write_text(text.replace("limit = 60\n", "limit = 45\n", 1), "utf-8")
    rule = load("county", tmp_path).rule("ordinary", "answer")
    assert rule is not None
    assert rule.limit == 45
    # a county that also rewrites what it calls the law is held to the law it names
    looser = text.replace("limit = 60\nlaw_limit = 60", "limit = 90\nlaw_limit = 90")
    (tmp_path / "loose.toml").write_text(looser.replace('"county"', '"loose"'), "utf-8")
    with pytest.raises(ConfigError, match="looser"):
        load("loose", tmp_path)


def test_an_unknown_pack_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=", ".join(pack_ids())):
        load("../secrets")


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    assert CN.kind(dt.date(2025, 9, 28)) == "make_up"
    assert CN.kind(dt.date(2025, 10, 1)) == "holiday"
    assert CN.kind(dt.date(2025, 10, 11)) == "make_up"
    assert CN.next_working(dt.date(2025, 10, 1)) == dt.date(2025, 10, 9)


def test_a_year_not_published_is_provisional_until_it_is_loaded() -> None:
    assert not CN.is_known(dt.date(2027, 1, 4))
    assert CN.kind(dt.date(2027, 5, 3)) == "working"
    assert [CN.is_working(dt.date(2027, 10, d)) for d in (1, 4)] == [False, True]
    loaded = china(
        {2027: PublishedYear(frozenset({dt.date(2027, 5, 3)}), frozenset({dt.date(2027, 5, 8)}))}
    )
    assert loaded.is_known(dt.date(2027, 5, 3))
    assert loaded.next_working(dt.date(2027, 5, 3)) == dt.date(2027, 5, 4)
    assert loaded.kind(dt.date(2027, 5, 8)) == "make_up"


def test_a_day_outside_the_calendar_is_said_not_guessed() -> None:
    with pytest.raises(ConfigError, match="outside the calendar"):
        CN.is_working(dt.date(2150, 1, 1))
    with pytest.raises(ConfigError, match="outside the calendar"):
        CN.roll(np.array(["2150-01-01"], dtype="datetime64[D]"))


@settings(max_examples=200, deadline=None)
@given(st.dates(dt.date(1999, 1, 1), dt.date(2035, 1, 1)), st.integers(1, 80), st.integers(0, 120))
def test_the_array_methods_agree_with_the_plain_ones(day: dt.date, count: int, later: int) -> None:
    days = np.array([day], dtype="datetime64[D]")
    end = day + dt.timedelta(days=later)
    ends = np.array([end], dtype="datetime64[D]")
    assert CN.roll(days)[0].item() == CN.next_working(day)
    assert CN.add_working(days, count)[0].item() == CN.plus_working(day, count)
    assert CN.count_working(days, ends)[0] == CN.working_between(day, end)
    assert CN.any_unknown(days, ends)[0] == CN.is_provisional(day, end)


def test_every_word_of_the_lists_stands_in_both_catalogues() -> None:
    keys = [reason_key(event, code) for event, codes in REASONS.items() for code in codes]
    keys += [f"words.event.{name}" for name in EVENTS if name not in ("paused", "resumed")]
    keys += [f"casework.state.{name}" for name in STATES]
    keys += [f"words.stage.{name}" for name in STAGES]
    keys += [f"casework.outcome.{name}" for name in OUTCOMES]
    keys += [f"casework.clock.{name}" for name in pack_module.CLOCKS]
    keys += [f"casework.unit.{name}" for name in pack_module.UNITS]
    for language in ("zh", "en"):
        assert [key for key in keys if not has(key, language)] == []


def test_englands_bank_holidays_are_free_and_a_year_not_published_is_provisional() -> None:
    england = load_calendar("england")
    # Boxing Day of 2026 is a Saturday: its substitute is Monday 28 December
    assert england.kind(dt.date(2026, 12, 28)) == "holiday"
    # Maundy Thursday 2 April 2026; Good Friday and Easter Monday are free
    assert england.plus_working(dt.date(2026, 4, 2), 1) == dt.date(2026, 4, 7)
    assert not england.is_known(dt.date(2028, 1, 4))
    assert not england.is_working(dt.date(2029, 12, 25))
