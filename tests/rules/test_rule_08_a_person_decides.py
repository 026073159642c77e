"""DOMAIN.md §2.8: a person decides. The model flags; nothing is assigned, closed or moved by it."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
import sqlalchemy as sa

from data import record, schema, scores
from data.assigned import NewAssignment
from data.db import Db
from data.errors import NotAllowed, NotFound, ProjectError
from data.history import NewEvent
from data.reading import read_worklist
from data.schema import audit, case_event, flag_event
from data.scope import Scope
from data.vocabulary import EVENTS, OFFICE_EVENTS
from service import assignments
from service.figures import worklist
from tests.conftest import ADMINISTRATOR, DESK, GRID_WORKER, LABOUR, LEADER, SUPERVISOR
from tests.test_architecture import ROOT, everything, files, imported

from .conftest import anything

DECIDED_BY_NOBODY = ("assign", "escalat", "auto_close", "autoclose", "downrank", "deprioriti")


def test_assignments_are_the_only_table_of_their_kind_and_no_step_of_a_case_is_one() -> None:
    names = [table.name for table in schema.metadata.sorted_tables]
    found = [n for n in names if any(word in n for word in DECIDED_BY_NOBODY)]
    assert found == ["assignment", "assignment_event"]
    assert [e for e in EVENTS if any(word in e for word in (*DECIDED_BY_NOBODY, "flag"))] == []


def test_what_scores_cases_cannot_write_and_what_writes_cannot_score() -> None:
    """The forecast knows no database; the record knows no forecast."""
    for path in files("risk"):
        assert not [
            n for n in imported(path) if n.startswith(("data.record", "data.db", "sqlalch"))
        ]
    for path in files("data"):
        assert not [n for n in imported(path) if n.split(".")[0] in ("risk", "reports", "service")]


WRITES = ("add_event", "register", "register_all", "take_over", "_append")


@cache
def every_call() -> dict[str, dict[str, int]]:
    """By the name of what is called: how often each file does."""
    found: dict[str, dict[str, int]] = {}
    for path in everything():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                files_of = found.setdefault(called, {})
                where = str(path.relative_to(ROOT))
                files_of[where] = files_of.get(where, 0) + 1
    return found


def calls(name: str) -> dict[str, int]:
    """How often each file calls a function of that name."""
    return every_call().get(name, {})


def test_a_step_is_recorded_by_the_forms_of_a_person_and_by_nothing_else() -> None:
    assert set(calls("add_event")) == {"public/routes.py", "ui/case_steps.py"}


def test_no_function_that_writes_takes_a_score() -> None:
    for function in (record.add_event, record.register, record.confirm):
        names = set(inspect.signature(function).parameters)
        assert not names & {"score", "probability", "risk", "level", "flag", "rank"}


def test_nobody_acts_on_a_case_for_those_who_owe_its_answer(county: Db, new_case) -> None:
    made = record.register(county, DESK, new_case())
    for scope in (SUPERVISOR, LEADER, ADMINISTRATOR, GRID_WORKER):
        for event in OFFICE_EVENTS:
            with pytest.raises(ProjectError):
                record.add_event(county, scope, made.case_id, NewEvent(event), anything)


def test_only_the_body_that_owes_the_answer_takes_a_step(county: Db, new_case) -> None:
    """The desk that received the case passes it on and does nothing else; another body nothing."""
    at_desk = replace(DESK, bodies=frozenset({"t01"}))
    other = Scope("clerk-other", "department_clerk", bodies=frozenset({"b02"}), desk="b02")
    made = record.register(county, DESK, new_case())
    for scope, may in ((at_desk, {"transferred"}), (other, set())):
        for event in OFFICE_EVENTS:
            new = NewEvent(event, to_body_id="b02" if event == "transferred" else None)
            if event in may:
                continue
            with pytest.raises((NotAllowed, NotFound)):
                record.add_event(county, scope, made.case_id, new, anything)
    with county.read() as conn:
        steps = conn.execute(sa.select(case_event.c.event)).scalars().all()
    assert steps == ["registered"]
    passed_on = NewEvent("transferred", to_body_id="b02")
    record.add_event(county, at_desk, made.case_id, passed_on, anything)


def test_a_flag_is_decided_by_a_supervisor_and_by_no_machine(county: Db, new_case) -> None:
    made = record.register(county, DESK, new_case())
    table = pd.DataFrame({"case_id": [made.case_id], "probability": 0.9})
    flags = [scores.NewFlag(made.case_id, 0.9, "likely_late", (("risk.reason.no_steps", {}),))]
    scores.save_run(county, Scope.operator(), county.now(), "v1", table, flags)
    flag_id = scores.read_flags(county, SUPERVISOR, county.now())["flag_id"].iloc[0]
    for scope in (Scope.operator(), DESK, LABOUR, LEADER, ADMINISTRATOR, GRID_WORKER):
        with pytest.raises(NotAllowed):
            scores.decide(county, scope, flag_id, "confirmed", "no_step_yet")
    with county.read() as conn:
        assert conn.execute(sa.select(flag_event.c.event)).scalars().all() == ["proposed"]
    scores.decide(county, SUPERVISOR, flag_id, "confirmed", "no_step_yet")


def test_every_step_of_an_office_names_who_did_it_in_the_log(county: Db, new_case) -> None:
    made = record.register(county, DESK, new_case())
    record.add_event(county, LABOUR, made.case_id, NewEvent("contacted"), anything)
    with county.read() as conn:
        actors = conn.execute(sa.select(case_event.c.actor)).scalars().all()
        log = conn.execute(sa.select(audit.c.who, audit.c.action)).all()
    assert set(actors) == {"office"}
    assert ("clerk-labour", "event_contacted") in [tuple(row) for row in log]


def test_time_alone_records_nothing_and_moves_nobodys_work(county: Db, new_case, clock) -> None:
    for _ in range(3):
        record.register(county, DESK, new_case())
    before = read_worklist(county, LABOUR, county.now())
    clock.go(days=400)
    found = worklist(county, LABOUR, county.now())
    assert found.standing["is_overdue"].all()
    pd.testing.assert_frame_equal(found.table.cases, before.cases)
    pd.testing.assert_frame_equal(found.table.events, before.events)
    assert set(found.standing["owing_body_id"]) == {"b01"}


def test_only_a_persons_form_assigns() -> None:
    # what a supervisor writes down of a reception is kept as an assignment; its form is one too
    assert set(calls("NewAssignment")) == {
        "ui/assign.py", "service/several.py", "data/receptions.py",
    }  # fmt: skip
    # several at once: what was chosen on a list, after a question; a flag is confirmed one by one
    for name in ("plan_cases", "plan_notices", "carry_out"):
        assert set(calls(name)) == {"ui/several.py"}
    assert set(calls("decide")) - {"pages/grants.py"} == {"ui/likely_late.py"}
    assert set(calls("NewReception")) == {"ui/reception.py"}
    assert set(calls("record_reception")) == {"service/receptions.py", "ui/reception.py"}
    assert set(calls("NewAssignmentEvent")) == {"service/assignments.py"}
    assert set(calls("follow_up")) <= {
        "service/assignments.py", "service/several.py", "ui/assign.py", "ui/assignments.py",
        "data/demo/history.py",
    }  # fmt: skip


def test_assigning_moves_nothing_of_the_case(county: Db, new_case, clock) -> None:
    made = [record.register(county, DESK, new_case()).case_id for _ in range(3)]
    clock.go(days=30)
    before = worklist(county, SUPERVISOR, county.now())
    found = assignments.choices(county, SUPERVISOR, made[1])
    new = NewAssignment("case", "b01", "this_case", found.steps[0], found.usual_day, made[1])
    number = assignments.assign(county, SUPERVISOR, new)
    clock_stood = county.now()
    assignments.follow_up(county, LABOUR, number, "answered", "not_ours", "不属本单位。")
    assignments.follow_up(county, SUPERVISOR, number, "ended", "made_in_error")
    after = worklist(county, SUPERVISOR, clock_stood)
    for name in ("standing", "clocks"):
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))
    pd.testing.assert_frame_equal(after.table.events, before.table.events)
