"""The demo county's plans and looks back: there, the same for the same county, and lawful."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from casework.plans import check
from data import places, plans
from data.db import Db
from data.demo.planned import keep
from data.errors import NotAllowed
from data.planned import SECOND, NewPlan
from data.scope import Scope
from service import demo_backlog, held
from service import plans as served
from service.demo import make_demo
from settings import Settings
from tests.conftest import SUPERVISOR


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Db:
    folder: Path = tmp_path_factory.mktemp("demo")
    db = Db.open(Settings(database=f"sqlite:///{folder}/d.db", keys=folder / "keys", var=folder))
    make_demo(db, grids=60, townships=4, cases_per_year=900, years=1)
    demo_backlog.make_up(db, 7)
    return db


def test_there_are_plans_of_open_and_cleared_cases_and_both_looks_back(demo: Db) -> None:
    found = served.figures(demo, SUPERVISOR, demo.now(), {})
    assert {"open", "cleared"} <= set(found.parts)
    rows = held.listed(demo, SUPERVISOR, demo.now())
    assert {row.waits_for for row in rows} == {"first", "second", "done"}
    assert all(row.second is None or row.second.kind == SECOND for row in rows)


def test_every_made_up_plan_is_one_that_the_rules_would_take(demo: Db) -> None:
    """But for its moment: post, steps and days of a plan, made after the case became backlog."""
    kinds = places.read_bodies(demo, SUPERVISOR).set_index("body_id")["kind"]
    for one in plans.read(demo, SUPERVISOR, demo.now()):
        new = NewPlan(one.case_id, one.body_id, one.post, one.due_on, one.steps)
        check(
            new,
            None,
            str(kinds[one.body_id]),
            min(s.due_on for s in one.steps) - dt.timedelta(days=1),
        )
        assert one.at <= demo.now()


def test_the_same_county_and_seed_make_the_same(demo: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[tuple[object, ...]]] = []

    def note(db, scope, planned, reviews):  # type: ignore[no-untyped-def]
        rows = [(p.case_id, p.post, p.due_on, p.steps, p.reason) for p in planned]
        made.append([*rows, *((r.case_id, r.kind, r.handled, r.came_back) for r in reviews)])
        return len(rows)

    monkeypatch.setattr(demo_backlog, "keep", note)
    now = demo.now()
    still = dataclasses.replace(demo, now=lambda: now)
    for _ in range(2):
        demo_backlog.make_up(still, 7)
    assert made[0]
    assert made[0] == made[1]


def test_no_real_county_gets_made_up_plans(sqlite_db: Db, small_county) -> None:
    county = small_county(sqlite_db)
    for scope in (Scope.operator(), SUPERVISOR):
        with pytest.raises(NotAllowed):
            keep(county, scope, [], [])
