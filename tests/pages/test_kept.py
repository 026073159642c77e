"""Figures are counted once for everybody, and a page never waits for counting a large county."""

from __future__ import annotations

import datetime as dt
from threading import Barrier, Thread
from weakref import ref

import pandas as pd
import pytest

from data.errors import NotAllowed
from data.scope import Scope
from tests.conftest import SUPERVISOR
from tests.service.test_ledger import register
from ui import kept, load, state
from ui.guard import Viewer


@pytest.fixture
def record(county, clock, monkeypatch):
    """The pages' database; `counted` lists the moments at which something was counted."""
    register(county)
    return county


@pytest.fixture
def beside(monkeypatch):
    """Whatever is counted is too much for a page to wait for; the thread beside is run by hand."""
    started = []

    class Held:
        def __init__(self, target, args, **_named) -> None:
            self.run = lambda: target(*args)

        def start(self) -> None:
            started.append(self.run)

    monkeypatch.setattr(kept, "AT_ONCE", -1)
    monkeypatch.setattr(kept, "SHARE", 0)
    monkeypatch.setattr(kept, "Thread", Held)
    return started


def viewer(db, scope=SUPERVISOR, language="zh", earlier=None) -> Viewer:
    moment = kept.current(db)
    as_of = earlier or moment.as_of
    of = (db.county(), as_of, moment.as_of, 1, language, ref(moment))
    return Viewer(scope, "s", language, *of)


def cases(db, **given) -> int:
    return len(load.figures(viewer(db, **given)).cases)


def test_a_small_county_sees_every_row_at_once(record, clock):
    assert cases(record) == 1
    register(record)
    assert cases(record) == 2


def test_a_large_county_sees_the_moment_before_until_the_next_is_counted(record, clock, beside):
    before = kept.current(record).as_of
    assert cases(record) == 1
    clock.go(hours=0.01)
    register(record)
    assert cases(record) == 1
    assert kept.current(record).as_of == before
    assert len(beside) == 1  # one thread, whoever asks
    beside.pop()()
    assert kept.current(record).as_of > before
    assert cases(record) == 2


def test_what_was_asked_for_is_counted_before_pages_turn_to_it(record, clock, beside, monkeypatch):
    seen = []
    real = load.kept_figures
    monkeypatch.setattr(load, "kept_figures", lambda *a: seen.append(1) or real(*a))
    cases(record)
    clock.go(hours=0.01)
    register(record)
    cases(record)
    beside.pop()()
    assert seen == [1, 1]
    assert cases(record) == 2
    assert seen == [1, 1]


def test_what_nobody_asked_for_since_is_not_counted_for_ever(record, clock, beside, monkeypatch):
    seen = []
    real = load.kept_figures
    monkeypatch.setattr(load, "kept_figures", lambda *a: seen.append(1) or real(*a))
    cases(record)
    for _ in range(kept.ROUNDS + 2):
        clock.go(hours=0.01)
        register(record)
        kept.current(record)
        beside.pop()()
    assert len(seen) == 1 + kept.ROUNDS


def test_what_was_just_done_is_counted_for_the_next_page(record, clock, beside):
    assert cases(record) == 1
    register(record)
    kept.renew(record)
    assert cases(record) == 2


def test_a_new_day_is_never_shown_as_the_day_before(record, clock, beside):
    assert cases(record) == 1
    clock.go(hours=24)
    register(record)
    assert cases(record) == 2


def test_a_page_that_began_before_keeps_its_moment_while_anybody_holds_it(record, clock, beside):
    old, held = viewer(record), kept.current(record)
    clock.go(hours=0.01)
    register(record)
    cases(record)
    beside.pop()()
    assert len(load.figures(old).cases) == 1
    assert held.as_of == old.as_of
    del held
    assert len(load.figures(old).cases) == 2  # it is gone: the newest there is


def test_a_moment_being_counted_is_not_given_up_for_one_nobody_counted(record, clock, beside,
                                                                      monkeypatch):  # fmt: skip
    """As when a large county's counting takes longer than anybody waits."""
    cases(record)
    clock.go(hours=1)
    register(record)
    before = kept.current(record).as_of
    monkeypatch.setattr(kept, "OLDEST", 0)
    assert kept.current(record).as_of == before
    beside.pop()()
    assert kept.current(record).as_of > before


def test_figures_nobody_looked_at_for_long_are_counted_for_who_comes(record, clock, beside,
                                                                     monkeypatch):  # fmt: skip
    cases(record)
    monkeypatch.setattr(kept, "OLDEST", 0)
    clock.go(hours=1)
    register(record)
    assert cases(record) == 2
    assert beside == []


def test_ten_who_ask_at_once_count_once(record, monkeypatch):
    seen, start = [], Barrier(10)
    real = load.kept_figures
    monkeypatch.setattr(load, "kept_figures", lambda *a: seen.append(1) or real(*a))
    of = viewer(record)

    def ask() -> None:
        start.wait()
        load.figures(of)

    threads = [Thread(target=ask) for _ in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [1]


def test_what_one_page_adds_to_a_frame_no_other_sees(record):
    mine = load.figures(viewer(record))
    mine.cases["note"] = 1
    assert "note" not in load.figures(viewer(record)).cases


def test_answers_are_told_apart_by_reach_language_and_moment(record, clock):
    seen = []

    @kept.kept
    def asked(of: Viewer, what: str) -> pd.DataFrame:
        seen.append((of.scope.role, of.language, what))
        return pd.DataFrame()

    clerk = Scope("c", "department_clerk", bodies=frozenset({"b01"}), desk="b01")
    other = Scope("d", "department_clerk", bodies=frozenset({"b02"}), desk="b02")
    for _ in range(2):
        asked(viewer(record), "a")
        asked(viewer(record), "b")
        asked(viewer(record, language="en"), "a")
        asked(viewer(record, scope=clerk), "a")
        asked(viewer(record, scope=other), "a")
    assert len(seen) == 5


def test_county_figures_are_counted_once_for_all_who_see_them(record):
    seen = []

    @kept.county
    def asked(of: Viewer) -> int:
        seen.append(of.scope.role)
        return 1

    leader = Scope("l", "leader")
    clerk = Scope("c", "department_clerk", bodies=frozenset({"b01"}), desk="b01")
    assert asked(viewer(record)) == asked(viewer(record, scope=leader, language="en")) == 1
    assert seen == ["supervisor"]
    with pytest.raises(NotAllowed):
        asked(viewer(record, scope=clerk))


def test_an_earlier_day_stays_that_day(record, clock):
    early = clock()
    clock.go(hours=1)
    register(record)
    assert cases(record) == 2
    assert cases(record, earlier=early) == 1


def test_a_failure_is_told_to_who_asks_and_kept_by_nobody(record):
    tries = []

    @kept.kept
    def fails(of: Viewer) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("no")
        return 1

    with pytest.raises(ValueError, match="no"):
        fails(viewer(record))
    assert fails(viewer(record)) == 1


def test_now_is_taken_in_steps_and_never_before_the_newest_record(record, clock):
    newest = kept.newest_moment(record)
    assert newest >= clock() - kept.FRESH
    register(record)
    assert kept.newest_moment(record) >= clock() - dt.timedelta(microseconds=1)
    assert state.db() is record


def test_after_an_act_the_next_moment_is_counted_without_waiting(
    record, clock, beside, monkeypatch
):
    monkeypatch.setattr(kept, "SHARE", 1_000_000)
    assert cases(record) == 1
    register(record)
    kept.current(record)
    assert beside == []  # too soon
    kept.soon(record)
    kept.current(record)
    assert len(beside) == 1
