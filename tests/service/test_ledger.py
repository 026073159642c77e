"""The kept ledger says at every moment what a ledger made from scratch says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from casework.adapter import events_of
from casework.duties import duties
from data import record, steering
from data.db import set_up
from data.errors import NotAllowed
from data.history import NewEvent
from data.places import save_offices
from data.reading import read_case
from data.rows import NewCase
from data.schema import case_event
from data.scope import Scope
from data.vocabulary import ASKER_EVENTS
from service import ledger as served
from service.ledger import Ledger, from_scratch, ledger
from service.rules import rules_of
from tests.casework.test_calendar_file import YEAR
from tests.conftest import (
    BODIES,
    COUNTY,
    DESK,
    HOUSING,
    LABOUR,
    LEADER,
    SUPERVISOR,
    TOWNSHIPS,
)  # fmt: skip

ZONE = "Asia/Shanghai"
WORDS = dict.fromkeys(("request", "facts", "opinion", "basis", "remedy"), "已查明。")
STEPS = (
    "accepted", "accepted", "contacted", "transferred", "transferred", "objected", "extended",
    "answered", "answered", "delivered", "notified", "notified", "declined", "no_remedy",
    "referred", "not_solved", "not_told", "review_requested", "reviewed", "recheck_requested",
    "rechecked", "withdrawal_asked", "withdrawal_asked", "withdrawal_undone", "disowned",
    "confirmed",
)  # fmt: skip


def anything(history, event) -> None:
    """A grammar that allows everything: the ledger must stand any log."""


@pytest.fixture
def county(sqlite_db, small_county):
    served._shelf.lists.clear()
    return small_county(sqlite_db)


def register(db, **changed) -> str:
    given = {
        "township_code": "990000001000", "grid_code": None, "opened_at": db.now(),
        "domain": "labour", "category": "unpaid_wages", "kind": "redress", "channel": "hotline",
        "procedure": "ordinary", "body_id": "b01", "summary": "工资未发。",
    }  # fmt: skip
    return record.register(db, DESK, NewCase(**(given | changed))).case_id


def take(db, case_id: str, event: str, **given) -> None:
    """Record a step, by whoever may."""
    owner = read_case(db, SUPERVISOR, case_id).body_id
    scope = Scope("clerk", "department_clerk", bodies=frozenset({owner}), desk=owner)
    if event in ASKER_EVENTS:
        scope = Scope(who=case_id, role="resident")
    words = WORDS if event == "answered" else None
    record.add_event(db, scope, case_id, NewEvent(event, words=words, **given), anything)


def one(found: Ledger) -> pd.DataFrame:
    """All columns of a ledger, in order of the case's number."""
    table = pd.concat([found.cases, found.standing, found.marks], axis=1)
    return table.sort_values("case_id", ignore_index=True)


def agree(db, scope, as_of) -> None:
    kept, whole = one(ledger(db, scope, as_of)), one(from_scratch(db, scope, as_of))
    ahead = whole.pop("changes_at")
    assert ((kept.pop("changes_at") == ahead) | ahead.isna()).all()
    assert_frame_equal(kept, whole)


@pytest.mark.parametrize("seed", range(2))
def test_random_appends_lead_to_the_same_ledger_as_a_whole_read(county, clock, seed):
    random = np.random.default_rng(seed)
    ids = [register(county) for _ in range(3)]
    for turn in range(14):
        clock.go(hours=float(random.choice([0.01, 0.2, 3, 30, 200])))
        if random.random() < 0.2:
            procedure = str(random.choice(["ordinary", "simple"]))
            body = str(random.choice(["b01", "b02", "t01"]))
            ids.append(register(county, procedure=procedure, body_id=body))
        else:
            event = str(random.choice(STEPS))
            given: dict[str, object] = {}
            if event == "transferred":
                given["to_body_id"] = str(random.choice(["b01", "b02", "t01"]))
            if event not in ASKER_EVENTS and random.random() < 0.3:
                back = dt.timedelta(hours=float(random.choice([1, 20, 50])))
                given["occurred_at"] = clock() - back
            take(county, str(random.choice(ids)), event, **given)
        agree(county, SUPERVISOR, clock())
        agree(county, (LABOUR, HOUSING, DESK)[turn % 3], clock())


def test_what_time_alone_changes_is_seen_without_a_new_row(county, clock):
    case_id = register(county)
    take(county, case_id, "accepted")
    clock.at = dt.datetime(2026, 3, 6, 16, 30, tzinfo=dt.UTC)  # half past midnight there
    take(county, case_id, "withdrawal_asked")
    other = register(county)
    take(county, other, "disowned")
    clock.go(days=15, minutes=-5)
    before = one(ledger(county, SUPERVISOR, clock())).set_index("case_id")
    assert before.at[case_id, "is_open"]
    assert before.at[other, "is_counted"]
    clock.go(minutes=10)
    after = one(ledger(county, SUPERVISOR, clock())).set_index("case_id")
    assert after.at[case_id, "stage"] == "withdrawn"
    assert not after.at[other, "is_counted"]
    agree(county, SUPERVISOR, clock())


def test_a_case_given_an_instant_is_overdue_from_then_on(sqlite_db, clock):
    served._shelf.lists.clear()
    set_up(sqlite_db, replace(COUNTY, pack="us_311"))
    save_offices(sqlite_db, Scope.operator(), BODIES, TOWNSHIPS)
    case_id = register(sqlite_db, limit_at=clock() + dt.timedelta(hours=1))
    assert not one(ledger(sqlite_db, LABOUR, clock())).at[0, "is_overdue"]
    clock.go(hours=1, seconds=1)
    assert one(ledger(sqlite_db, LABOUR, clock())).set_index("case_id").at[case_id, "is_overdue"]


def test_only_what_is_new_is_computed(county, clock, monkeypatch):
    ids = [register(county) for _ in range(5)]
    ledger(county, SUPERVISOR, clock())
    sizes = []
    counted = served.counted
    monkeypatch.setattr(
        served, "counted",
        lambda rules, table, *rest: sizes.append(len(table.cases)) or counted(rules, table, *rest),
    )  # fmt: skip
    ledger(county, SUPERVISOR, clock())
    assert sizes == []
    clock.go(minutes=1)
    take(county, ids[2], "accepted")
    assert len(ledger(county, SUPERVISOR, clock()).cases) == 5
    assert sizes == [1]
    clock.go(days=1)
    ledger(county, SUPERVISOR, clock())
    assert sizes == [1, 5], "another local day, another list"


def test_a_case_passed_on_leaves_one_list_and_enters_another(county, clock):
    case_id = register(county)
    assert len(ledger(county, LABOUR, clock()).cases) == 1
    assert len(ledger(county, HOUSING, clock()).cases) == 0
    clock.go(minutes=1)
    take(county, case_id, "transferred", to_body_id="b02")
    assert len(ledger(county, LABOUR, clock()).cases) == 0
    assert list(ledger(county, HOUSING, clock()).cases["case_id"]) == [case_id]


def test_rules_that_change_make_a_new_list_and_mark_what_moved(county, clock):
    clock.at = dt.datetime(2026, 12, 7, 2, tzinfo=dt.UTC)
    moving = register(county)
    take(county, moving, "accepted")
    still = register(county, procedure="simple")
    assert not ledger(county, SUPERVISOR, clock()).marks["is_moved"].any()
    clock.go(minutes=1)
    steering.save_file(county, Scope.operator(), "calendar_cn_2027.toml", YEAR)
    clock.go(minutes=1)
    found = one(ledger(county, SUPERVISOR, clock())).set_index("case_id")
    assert found["is_moved"].to_dict() == {moving: True, still: False}
    agree(county, SUPERVISOR, clock())


def test_the_asker_not_told_yet_is_what_the_duties_say(county, clock):
    random = np.random.default_rng(7)
    ids = [register(county) for _ in range(12)]
    told = ("accepted", "transferred", "extended", "notified", "not_told", "answered", "delivered")
    for _ in range(60):
        clock.go(hours=1)
        event = str(random.choice(told))
        about = random.choice([None, "accepted", "extended", "reviewed"])
        code = about if event == "not_told" else None
        take(county, str(random.choice(ids)), event, code=code)
    found = one(ledger(county, SUPERVISOR, clock())).set_index("case_id")
    rules = rules_of(county)
    for case_id in ids:
        history = read_case(county, SUPERVISOR, case_id)
        pack, calendar = rules.for_case(history, ZONE)
        open_ = duties(pack, events_of(history), clock(), ZONE, calendar)
        assert found.at[case_id, "is_untold"] == bool(open_), history.events


def test_the_caller_may_add_columns_without_changing_what_is_kept(county, clock):
    register(county)
    found = ledger(county, LABOUR, clock())
    found.cases["category"] = "other"
    found.marks["more"] = 1
    again = ledger(county, LABOUR, clock())
    assert list(again.cases["category"]) == ["unpaid_wages"]
    assert "more" not in again.marks


def test_few_lists_are_kept(county, clock, monkeypatch):
    monkeypatch.setattr(served, "MOST_KEPT", 2)
    register(county)
    for scope in (SUPERVISOR, LABOUR, HOUSING, DESK):
        ledger(county, scope, clock())
    assert len(served._shelf.lists) == 2


def test_two_sessions_at_once_compute_a_list_once(county, clock, monkeypatch):
    register(county)
    calls = []
    whole = served.from_scratch
    monkeypatch.setattr(
        served, "from_scratch", lambda *args: calls.append(1) or whole(*args)
    )  # fmt: skip
    threads = [Thread(target=ledger, args=(county, SUPERVISOR, clock())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_who_has_no_work_list_has_no_ledger(county, clock):
    for scope in (LEADER, Scope.operator(), Scope(who="x", role="resident")):
        with pytest.raises(NotAllowed):
            ledger(county, scope, clock())


def test_rows_newer_than_the_moment_do_not_make_the_list_anew(county, clock, monkeypatch):
    register(county)
    moment = clock()
    clock.go(hours=0.1)
    register(county)  # recorded between a page's moment and its read
    whole = []
    real = served.from_scratch
    monkeypatch.setattr(served, "from_scratch", lambda *of: whole.append(1) or real(*of))
    assert len(ledger(county, SUPERVISOR, moment).cases) == 1
    clock.go(hours=0.1)
    register(county)
    assert len(ledger(county, SUPERVISOR, clock()).cases) == 3
    assert whole == [1]


def test_a_row_passed_over_is_seen_when_its_source_says(county, clock):
    first, second = register(county), register(county)
    row = {"case_id": first, "event": "accepted", "actor": "office", "body_id": "b01"}
    later = clock() + dt.timedelta(hours=1)
    with county.write() as conn:  # as an import stores it: known an hour later than recorded
        at = county.stamp(conn)
        conn.execute(case_event.insert().values(
            **row, occurred_at=at, recorded_at=at, source_recorded_at=later))  # fmt: skip
    clock.go(hours=0.1)
    take(county, second, "accepted")  # newer, and known at once
    agree(county, SUPERVISOR, clock())
    clock.go(hours=0.2)
    take(county, second, "contacted")
    agree(county, SUPERVISOR, clock())
    clock.go(hours=1)
    agree(county, SUPERVISOR, clock())
    stage = one(ledger(county, SUPERVISOR, clock())).set_index("case_id")["stage"]
    assert stage[first] == "accepted"
