"""Several cases at once: judged first, written one by one; nothing lost, nothing behind a back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from data import record, scores
from data.assigned import NewAssignment
from data.db import County, Db, set_up
from data.errors import NotAllowed
from data.history import NewEvent
from data.places import save_offices
from data.rows import NewCase
from data.schema import assignment, assignment_event, flag_event
from data.scope import Scope
from service import assignments as served
from service import several
from service.forecast import score
from tests.conftest import BODIES, DESK, LABOUR, LEADER, SUPERVISOR, TOWNSHIPS

OPERATOR = Scope.operator()


def anything(history, event) -> None:
    """A grammar that allows everything."""


def a_case(county, clock, body: str = "b01") -> str:
    new = NewCase(
        township_code="990000001000", grid_code="990000001001001", opened_at=clock(),
        domain="labour", category="unpaid_wages", kind="redress", channel="hotline",
        procedure="ordinary", body_id=body, summary="工资未发。",
    )  # fmt: skip
    case_id = record.register(county, DESK, new).case_id
    if body == "b01":
        record.add_event(county, LABOUR, case_id, NewEvent("accepted"), anything)
    return case_id


def held(county, table) -> list[dict[str, object]]:
    with county.read() as conn:
        return [dict(row) for row in conn.execute(sa.select(table)).mappings()]


@pytest.fixture
def county(sqlite_db: Db) -> Db:
    """A county of two townships without a case."""
    facts = ("试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
    set_up(sqlite_db, County("demo", *facts))
    save_offices(sqlite_db, OPERATOR, BODIES, TOWNSHIPS)
    return sqlite_db


@pytest.fixture
def cases(county, clock) -> list[str]:
    return [a_case(county, clock) for _ in range(4)]


def test_each_case_goes_to_the_body_that_owes_it_and_the_others_are_named(county, clock, cases):
    other = a_case(county, clock, "b02")
    found = served.choices(county, SUPERVISOR, cases[0])
    asked = NewAssignment("case", "b01", "this_case", found.steps[0], found.usual_day, cases[0])
    served.assign(county, SUPERVISOR, asked)
    chosen = [*cases, other, "AAAA-AAAA-AAAA"]
    plan = several.plan_cases(county, SUPERVISOR, chosen, None, None)
    assert {new.case_id: new.body_id for new in plan.new} == {
        cases[1]: "b01", cases[2]: "b01", cases[3]: "b01", other: "b02",
    }  # fmt: skip
    assert plan.left_out == ((cases[0], "asked_already"), ("AAAA-AAAA-AAAA", "unknown"))
    assert {(new.origin, new.words) for new in plan.new} == {("case", "")}
    told = []
    done = several.carry_out(county, SUPERVISOR, plan, lambda *at: told.append(at))
    assert (len(done.made), done.refused, told[-1]) == (4, (), (4, 4))
    assert len(held(county, assignment)) == 5


def test_a_step_and_a_day_that_do_not_fit_a_case_leave_it_out(county, clock, cases):
    far = clock().date() + dt.timedelta(days=400)
    plan = several.plan_cases(county, SUPERVISOR, cases[:1], None, far)
    assert plan.left_out == ((cases[0], "due"),)
    plan = several.plan_cases(county, SUPERVISOR, cases[:1], "recheck", None)
    assert plan.left_out == ((cases[0], "step"),)
    assert "recheck" not in several.steps_for(county, SUPERVISOR, cases)


def test_a_flag_that_nobody_judged_keeps_its_case_out(county, clock, cases, tmp_path):
    clock.go(days=20)
    score(county, OPERATOR, tmp_path / "models", capacity=2)
    flags = scores.read_flags(county, SUPERVISOR, county.now()).set_index("case_id")["flag_id"]
    assert set(flags.index) == set(cases)
    scores.decide(county, SUPERVISOR, flags[cases[0]], "confirmed", "no_step_yet")
    scores.decide(county, SUPERVISOR, flags[cases[1]], "dismissed", "extended")
    plan = several.plan_cases(county, SUPERVISOR, cases, None, None)
    assert [(new.case_id, new.origin, new.flag_id) for new in plan.new] == [
        (cases[0], "flag", flags[cases[0]]), (cases[1], "case", None),
    ]  # fmt: skip
    assert plan.left_out == ((cases[2], "not_confirmed"), (cases[3], "not_confirmed"))
    several.carry_out(county, SUPERVISOR, plan)
    events = [row["event"] for row in held(county, flag_event)]
    assert (events.count("confirmed"), events.count("assigned")) == (1, 1)


def test_what_is_refused_when_it_is_written_stops_nobody_else(county, clock, cases):
    plan = several.plan_cases(county, SUPERVISOR, cases, None, None)
    served.assign(county, SUPERVISOR, plan.new[1])  # somebody else was quicker
    done = several.carry_out(county, SUPERVISOR, plan)
    assert len(done.made) == 3
    assert [case_id for case_id, _ in done.refused] == [cases[1]]
    assert len(held(county, assignment)) == 4


def test_a_reminder_is_one_notice_a_body_without_a_case_and_can_be_taken_back(county, clock):
    plan = several.plan_notices(county, SUPERVISOR, ["b02", "b01", "b01"], "overdue_answers")
    done = several.carry_out(county, SUPERVISOR, plan)
    rows = held(county, assignment)
    assert [(row["origin"], row["body_id"]) for row in rows] == [
        ("notice", "b01"),
        ("notice", "b02"),
    ]
    assert {(row["case_id"], row["text_id"]) for row in rows} == {(None, None)}
    again = several.plan_notices(county, SUPERVISOR, ["b01", "b02"], "overdue_answers")
    assert (again.new, {why for _, why in again.left_out}) == ((), {"asked_already"})
    served.follow_up(county, LABOUR, done.made[0], "answered", "done")
    served.follow_up(county, SUPERVISOR, done.made[0], "verified")
    assert several.take_back(county, SUPERVISOR, done.made) == 1
    assert [row["code"] for row in held(county, assignment_event)][-1] == "made_in_error"


def test_only_a_supervisor_does_several_at_once(county, clock, cases):
    for scope in (LABOUR, LEADER, DESK):
        with pytest.raises(NotAllowed):
            several.plan_cases(county, scope, cases, None, None)
        with pytest.raises(NotAllowed):
            several.plan_notices(county, scope, ["b01"], "overdue_answers")
