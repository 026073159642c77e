"""Backlog and its plans in the record: membership follows from the log, plans are only added."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from data import plans, record
from data.db import Db
from data.errors import NotAllowed, NotFound, ProjectError
from data.history import ANSWER_PARTS, NewEvent
from data.planned import NewPlan, PlanStep
from data.rows import NewCase
from data.schema import backlog_plan, backlog_step
from data.scope import Scope
from reports.indicators import backlog
from service import indicators as served_indicators
from service import plans as served
from service.figures import county_figures, worklist
from service.ledger import from_scratch
from service.rules import rules_of
from tests.conftest import (
    ADMINISTRATOR,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    NOW,
    REVIEWER,
    SUPERVISOR,
    Clock,
)

ZONE = "Asia/Shanghai"
TODAY = dt.date(2026, 6, 8)
"""95 days after registration: the case of `old` has been backlog since 6 June."""


def anything(history: object, event: object) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    return small_county(sqlite_db)


def register(county: Db, body_id: str = "b01") -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=county.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary",
        body_id=body_id, summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    return record.register(county, DESK, new).case_id


def say(county: Db, case_id: str, event: str, scope: Scope = LABOUR, **values: object) -> None:
    if event == "answered":
        values = {"words": dict.fromkeys(ANSWER_PARTS, "已办。"), **values}
    record.add_event(county, scope, case_id, NewEvent(event, **values), anything)  # type: ignore[arg-type]


@pytest.fixture
def old(county: Db, clock: Clock) -> str:
    case_id = register(county)
    say(county, case_id, "accepted")
    clock.go(days=95)
    return case_id


def plan(case_id: str, **changes: object) -> NewPlan:
    values: dict[str, object] = {
        "case_id": case_id, "body_id": "b01", "post": "deputy_county_head",
        "due_on": dt.date(2026, 7, 10),
        "steps": (PlanStep("contact", dt.date(2026, 6, 12)),
                  PlanStep("answer", dt.date(2026, 7, 6))),
    }  # fmt: skip
    return NewPlan(**(values | changes))  # type: ignore[arg-type]


def listed(county: Db, scope: Scope = SUPERVISOR) -> pd.DataFrame:
    return served.listed(county, scope, from_scratch(county, scope, county.now()), county.now())


def test_a_case_comes_on_the_list_by_itself_the_day_after_three_months(county, clock):
    case_id = register(county)  # 5 March
    clock.at = dt.datetime(2026, 6, 5, 10, tzinfo=dt.UTC)
    assert listed(county).empty
    clock.go(days=1)
    found = listed(county)
    assert found["case_id"].tolist() == [case_id]
    assert found["age_days"].tolist() == [93]
    assert found["state"].tolist() == ["none"]
    of = served.of_case(county, SUPERVISOR, case_id, county.now())
    assert (of.since, of.plans) == (dt.date(2026, 6, 6), ())


def test_a_lawful_extension_keeps_it_on_and_stands_beside_it(county, old):
    say(county, old, "extended", days=30, code="complex", words={"reason": "需要鉴定。"})
    assert listed(county)["extended_days"].tolist() == [30]
    assert served.of_case(county, SUPERVISOR, old, county.now()).extended_days == 30


@pytest.mark.parametrize("event", ["answered", "declined", "no_remedy", "referred"])
def test_what_is_closed_leaves_it_and_what_is_not_solved_comes_back(county, old, event, clock):
    say(county, old, event)
    clock.go(hours=1)
    assert listed(county).empty
    assert served.of_case(county, SUPERVISOR, old, county.now()).since is None
    with pytest.raises(NotAllowed):
        served.make(county, SUPERVISOR, plan(old))
    if event == "answered":
        say(county, old, "not_solved", Scope(who=old, role="resident"))
        clock.go(hours=1)
        assert listed(county)["case_id"].tolist() == [old]


LOGS = (
    (), ("accepted",), ("accepted", "answered"), ("accepted", "answered", "not_solved"),
    ("accepted", "answered", "delivered", "review_requested"), ("declined",),
    ("accepted", "answered", "delivered", "review_requested", "reviewed"),
    ("accepted", "withdrawal_asked"), ("accepted", "no_remedy"), ("disowned",),
    ("accepted", "no_remedy", "not_solved"), ("accepted", "referred"),
    ("accepted", "answered", "delivered", "review_requested", "not_solved"),
    ("accepted", "answered", "delivered", "not_solved", "review_requested"),
)  # fmt: skip


@pytest.mark.parametrize("log", LOGS, ids="-".join)
def test_the_case_and_the_tables_say_the_same(county, clock, log):
    case_id = register(county)
    asker = Scope(who=case_id, role="resident")
    own = ("not_solved", "review_requested", "withdrawal_asked", "disowned")
    for event in log:
        clock.go(hours=1)
        say(county, case_id, event, asker if event in own else
            REVIEWER if event == "reviewed" else LABOUR)  # fmt: skip
    rules, said = rules_of(county), []
    for days in (20, 95, 120):
        clock.at = NOW + dt.timedelta(days=days)
        found = worklist(county, SUPERVISOR, county.now())
        args = (found.cases, found.table.events, found.standing, county.now(), ZONE, rules.packs)
        of = served.of_case(county, SUPERVISOR, case_id, county.now())
        said.append(of.since is not None)
        assert said[-1] == bool(backlog(*args)["is_backlog"].iloc[0]), days
    assert not said[0]


def test_a_plan_names_post_day_and_steps_and_moves_nothing(county, old):
    before = worklist(county, SUPERVISOR, county.now())
    served.make(county, SUPERVISOR, plan(old))
    after = worklist(county, SUPERVISOR, county.now())
    pd.testing.assert_frame_equal(after.standing, before.standing)
    pd.testing.assert_frame_equal(after.clocks, before.clocks)
    row = listed(county).iloc[0]
    assert (row["state"], row["post"], row["due_on"]) == (
        "on_course", "deputy_county_head", dt.date(2026, 7, 10),
    )  # fmt: skip
    assert (row["next_step"], row["next_on"]) == ("contact", dt.date(2026, 6, 12))


def test_a_step_is_taken_by_the_cases_own_log_and_late_by_its_day(county, old, clock):
    served.make(county, SUPERVISOR, plan(old))
    clock.go(days=6)  # 14 June
    assert listed(county)["state"].tolist() == ["step_late"]
    say(county, old, "contacted", words={"note": "已联系。"})
    first, second = served.of_case(county, SUPERVISOR, old, county.now()).stands.steps
    assert (first.taken_on, first.is_late) == (dt.date(2026, 6, 14), True)
    assert (second.taken_on, second.is_late) == (None, False)
    assert listed(county)["state"].tolist() == ["on_course"]
    clock.go(days=40)
    assert listed(county)["state"].tolist() == ["date_passed"]


def test_a_step_that_was_only_arranged_is_not_taken(county, old, clock):
    steps = (PlanStep("mediate", dt.date(2026, 6, 12)), PlanStep("answer", dt.date(2026, 7, 6)))
    served.make(county, SUPERVISOR, plan(old, steps=steps))
    clock.go(hours=1)
    say(county, old, "mediated", code="arranged")
    assert served.of_case(county, SUPERVISOR, old, county.now()).stands.steps[0].taken_on is None
    say(county, old, "mediated", code="settled")
    assert served.of_case(county, SUPERVISOR, old, county.now()).stands.steps[0].taken_on


def test_a_change_is_a_new_version_that_names_the_one_before(county, old, clock):
    made = served.make(county, SUPERVISOR, plan(old))
    clock.go(days=1)
    later = {"due_on": dt.date(2026, 8, 3), "replaces": made, "reason": "waits_for_report"}
    for wrong in (
        plan(old, due_on=dt.date(2026, 8, 3)), plan(old, **(later | {"reason": None})),
        plan(old, **(later | {"replaces": "AAAA-AAAA-AAAA"})),
        plan(old, **(later | {"reason": "he_came_again"})),
        plan(old, replaces=made, reason="entered_wrongly"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            served.make(county, SUPERVISOR, wrong)
    served.make(county, SUPERVISOR, plan(old, **later))
    versions = plans.of_case(county, SUPERVISOR, old, county.now())
    assert [(one.due_on, one.replaces, one.reason) for one in versions] == [
        (dt.date(2026, 7, 10), None, None), (dt.date(2026, 8, 3), made, "waits_for_report"),
    ]  # fmt: skip
    assert versions[1].since == versions[0].at
    with pytest.raises(NotAllowed):  # somebody has the first version on the screen still
        served.make(county, SUPERVISOR, plan(old, **later))
    for table in (backlog_plan, backlog_step):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), county.write() as conn:
            conn.execute(table.delete())


WRONG = {
    "post of a township": {"post": "township_head"},
    "a duty officer": {"post": "duty_officer"},
    "a name": {"post": "王县长"},
    "today": {"due_on": TODAY},
    "too far": {"due_on": dt.date(2028, 1, 1)},
    "no step": {"steps": ()},
    "no end": {"steps": (PlanStep("contact", dt.date(2026, 6, 12)),)},
    "twice": {"steps": (PlanStep("answer", dt.date(2026, 6, 12)),) * 2},
    "after the day": {"steps": (PlanStep("answer", dt.date(2026, 7, 11)),)},
    "yesterday": {"steps": (PlanStep("answer", dt.date(2026, 6, 7)),)},
    "no service step": {"steps": (PlanStep("persuade", dt.date(2026, 6, 12)),)},
    "too many": {"steps": tuple(PlanStep(s, dt.date(2026, 6, 12)) for s in (
        "accept", "transfer", "contact", "mediate", "joint_meeting", "reception", "legal_aid",
        "hardship_fund", "answer"))},
    "another body": {"body_id": "b02"},
    "no body": {"body_id": "b99"},
    "a reason without a change": {"reason": "step_added"},
}  # fmt: skip


@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
def test_what_is_no_plan_is_refused_and_nothing_is_written(county, old, changes):
    with pytest.raises(ProjectError):
        served.make(county, SUPERVISOR, plan(old, **changes))
    assert plans.of_case(county, SUPERVISOR, old, county.now()) == ()


def test_only_a_supervisor_plans_and_nobody_plans_what_is_no_backlog(county, old):
    for scope in (LABOUR, DESK, LEADER, ADMINISTRATOR, GRID_WORKER, Scope.operator(),
                  Scope(who=old, role="resident")):  # fmt: skip
        with pytest.raises(NotAllowed):
            served.make(county, scope, plan(old))
    with pytest.raises(NotAllowed):
        served.make(county, SUPERVISOR, plan(register(county)))
    with pytest.raises(NotFound):
        served.make(county, SUPERVISOR, plan("AAAA-AAAA-AAAA"))


def test_a_clerk_sees_the_plans_of_the_cases_it_owes_and_no_other(county, old, clock):
    served.make(county, SUPERVISOR, plan(old))
    assert listed(county, LABOUR)["post"].tolist() == ["deputy_county_head"]
    assert [one.case_id for one in plans.read(county, LABOUR, county.now())] == [old]
    assert listed(county, HOUSING).empty
    assert plans.read(county, HOUSING, county.now()) == ()
    with pytest.raises(NotFound):
        plans.of_case(county, HOUSING, old, county.now())
    for scope in (LEADER, ADMINISTRATOR, GRID_WORKER):
        for read in (lambda s: plans.read(county, s, county.now()),
                     lambda s: plans.of_case(county, s, old, county.now())):  # fmt: skip
            with pytest.raises(NotAllowed):
                read(scope)
    with pytest.raises(NotFound):
        plans.of_case(county, Scope(who="other", role="resident"), old, county.now())
    clock.go(hours=1)
    say(county, old, "transferred", to_body_id="b02", code="by_task")
    assert plans.read(county, LABOUR, county.now()) == ()
    assert listed(county, HOUSING)["state"].tolist() == ["other_body"]


def test_figures_carry_no_case_and_say_what_became_of_it(county, old, clock):
    served.make(county, SUPERVISOR, plan(old))
    for scope in (LABOUR, DESK, ADMINISTRATOR, GRID_WORKER):
        with pytest.raises(NotAllowed):
            plans.read_figures(county, scope, county.now())
    table, beside = plans.read_figures(county, LEADER, county.now())
    assert table.cases["case_id"].isna().all()
    assert old not in repr(beside.to_dict())

    def now() -> list[str]:
        return served.figures(county, LEADER, county.now(), {}).parts.tolist()

    assert now() == ["open"]
    clock.go(days=3)
    say(county, old, "answered")
    clock.go(days=59)
    assert now() == ["answered"]
    clock.go(days=1)
    assert now() == ["cleared"]
    found = served.figures(county, LEADER, county.now(), {})
    assert (found.rate.numerator, found.rate.denominator) == (1, 1)
    assert found.by_level().loc["county", "cleared"] == 1
    say(county, old, "not_solved", Scope(who=old, role="resident"))
    clock.go(hours=1)
    assert now() == ["open"]


def test_a_bodys_year_counts_a_case_in_the_month_of_its_first_plan(county, old, clock):
    made = served.make(county, SUPERVISOR, plan(old))
    clock.go(days=30)
    changed = plan(old, due_on=dt.date(2026, 9, 1), replaces=made, reason="step_added",
                   steps=(PlanStep("answer", dt.date(2026, 8, 20)),))  # fmt: skip
    served.make(county, SUPERVISOR, changed)
    found = served_indicators._planned(county, LEADER, county.now())
    assert found.to_dict("records") == [
        {"month": "2026-06", "body": "b01", "assigned": 1, "cleared": 0, "not_cleared": 1}
    ]
    now = county_figures(county, SUPERVISOR, county.now())
    year, _ = served_indicators.year_of(county, SUPERVISOR, now, "b01", 2026, county.now())
    assert year.rows["cleared"][5].covered  # one case of one body leaves with nobody
