"""The figures a process keeps are at every moment those of a whole computation."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from data import steering
from data.errors import NotAllowed
from data.scope import Scope
from data.vocabulary import ASKER_EVENTS
from service import kept_figures as served
from service.figures import county_figures
from service.kept_figures import is_at_hand, kept_figures
from tests.casework.test_calendar_file import YEAR
from tests.conftest import LABOUR, SUPERVISOR
from tests.service.test_ledger import STEPS, register, take


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def agree(db, as_of) -> None:
    kept, whole = kept_figures(db, SUPERVISOR, as_of), county_figures(db, SUPERVISOR, as_of)
    assert_frame_equal(kept.cases, whole.cases)
    assert_frame_equal(kept.table.events, whole.table.events)
    assert_frame_equal(kept.standing, whole.standing)
    assert_frame_equal(kept.clocks, whole.clocks)


def brought_up(monkeypatch) -> list[int]:
    """How many cases each computation counted, from now on."""
    seen = []
    real = served.counted
    monkeypatch.setattr(
        served, "counted", lambda rules, table, *of: seen.append(len(table.cases))
        or real(rules, table, *of)
    )  # fmt: skip
    return seen


@pytest.mark.parametrize("seed", range(3))
def test_random_appends_lead_to_the_figures_of_a_whole_computation(county, clock, seed):
    random = np.random.default_rng(seed)
    ids = [register(county) for _ in range(3)]
    for _ in range(14):
        clock.go(hours=float(random.choice([0.01, 0.2, 3, 30, 200])))
        if random.random() < 0.2:
            body = str(random.choice(["b01", "b02", "t01"]))
            ids.append(register(county, body_id=body))
        else:
            event = str(random.choice(STEPS))
            given: dict[str, object] = {}
            if event == "transferred":
                given["to_body_id"] = str(random.choice(["b01", "b02", "t01"]))
            if event not in ASKER_EVENTS and random.random() < 0.3:
                back = dt.timedelta(hours=float(random.choice([1, 20, 50])))
                given["occurred_at"] = clock() - back
            take(county, str(random.choice(ids)), event, **given)
        agree(county, clock())
        if random.random() < 0.3:
            agree(county, clock() - dt.timedelta(hours=float(random.choice([1, 30]))))


def test_only_touched_cases_are_computed_again(county, clock, monkeypatch):
    first, second = register(county), register(county)
    take(county, first, "accepted")
    agree(county, clock())
    seen = brought_up(monkeypatch)
    clock.go(hours=0.1)
    take(county, second, "accepted")
    kept_figures(county, SUPERVISOR, clock())
    kept_figures(county, SUPERVISOR, clock())
    assert seen == [1, 0]


def test_a_new_day_and_new_rules_compute_all(county, clock, monkeypatch):
    for _ in range(2):
        register(county)
    agree(county, clock())
    seen = brought_up(monkeypatch)
    clock.go(hours=24)
    agree(county, clock())
    steering.save_file(county, Scope.operator(), "calendar_cn_2027.toml", YEAR)
    agree(county, clock())
    assert seen == [2, 2]


def test_an_earlier_moment_does_not_take_the_newest_ones_place(county, clock, monkeypatch):
    register(county)
    early = clock()
    clock.go(hours=1)
    register(county)
    agree(county, clock())
    seen = brought_up(monkeypatch)
    agree(county, early)
    agree(county, early)
    agree(county, clock())
    assert seen == [1, 0]  # the earlier one once, the newest with nothing new
    assert is_at_hand(county, clock())
    assert not is_at_hand(county, early)


def test_what_a_reader_adds_is_not_kept(county, clock):
    register(county)
    found = kept_figures(county, SUPERVISOR, clock())
    found.standing["is_open"] = False
    agree(county, clock())


def test_a_clerk_is_refused(county, clock):
    with pytest.raises(NotAllowed):
        kept_figures(county, LABOUR, clock())
