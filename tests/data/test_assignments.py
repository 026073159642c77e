"""Assignments in the record: who may write and read what, and that nothing else moves."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from data import assignments, record, scores
from data.assigned import NewAssignment
from data.audit import newest
from data.db import Db
from data.errors import NotAllowed, NotFound, ProjectError
from data.history import NewEvent
from data.schema import assignment, assignment_event, case_text
from data.scope import Scope
from data.scores import NewFlag
from service import assignments as served
from service.figures import worklist
from tests.conftest import (
    ADMINISTRATOR,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    SUPERVISOR,
)

OPERATOR = Scope.operator()
DUE = dt.date(2026, 3, 9)
SAID = "请今日联系，并答复。"


def anything(history: object, event: object) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def case(county: Db, new_case) -> str:  # type: ignore[no-untyped-def]
    case_id = record.register(county, DESK, new_case()).case_id
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), anything)
    return case_id


def of_case(case_id: str, **changes: object) -> NewAssignment:
    values = {
        "origin": "case", "body_id": "b01", "subject": "this_case", "step": "answer",
        "due_on": DUE, "case_id": case_id, "words": SAID,
    }  # fmt: skip
    return NewAssignment(**(values | changes))  # type: ignore[arg-type]


def notice(**changes: object) -> NewAssignment:
    values = {
        "origin": "notice", "body_id": "b01", "subject": "overdue_answers", "step": "answer",
        "due_on": DUE,
    }  # fmt: skip
    return NewAssignment(**(values | changes))  # type: ignore[arg-type]


def flagged(county: Db, case_id: str) -> str:
    table = pd.DataFrame({"case_id": [case_id], "probability": [0.7]})
    new = [NewFlag(case_id, 0.7, "likely_late", (("risk.reason.no_steps", {}),))]
    scores.save_run(county, OPERATOR, county.now(), "m", table, new)
    return str(scores.read_flags(county, SUPERVISOR, county.now())["flag_id"].iloc[-1])


def test_a_flag_is_assigned_only_after_a_person_confirmed_it(
    county: Db, case: str, new_case
) -> None:
    flag_id = flagged(county, case)
    new = of_case(case, origin="flag", flag_id=flag_id)
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, new)
    scores.decide(county, SUPERVISOR, flag_id, "dismissed", "extended")
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, new)
    scores.decide(county, SUPERVISOR, flag_id, "confirmed", "no_step_yet")
    served.assign(county, SUPERVISOR, new)
    row = scores.read_flags(county, SUPERVISOR, county.now()).iloc[0]
    assert (row["decision"], row["decision_reason"]) == ("confirmed", "no_step_yet")
    other = record.register(county, DESK, new_case()).case_id
    record.add_event(county, LABOUR, other, NewEvent("accepted"), anything)
    with pytest.raises(NotFound):  # another case's flag
        served.assign(county, SUPERVISOR, of_case(other, origin="flag", flag_id=flag_id))


def test_the_whole_way_of_an_assignment(county: Db, case: str, clock) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    clock.go(hours=2)
    served.follow_up(county, LABOUR, made, "acknowledged")
    clock.go(hours=2)
    served.follow_up(county, LABOUR, made, "answered", "done", "已联系。")
    served.follow_up(county, SUPERVISOR, made, "returned", "no_facts", "请写明查明的情况。")
    clock.go(hours=20)
    served.follow_up(county, LABOUR, made, "answered", "within_week", "查明拖欠属实，一周内付清。")
    served.follow_up(county, SUPERVISOR, made, "verified")
    row = served.listed(county, SUPERVISOR, county.now())[0]
    assert (row.now.state, row.now.is_late) == ("verified", False)
    asker = Scope(who=case, role="resident")
    told = served.for_asker(county, asker, case)[0]
    assert dict(told.words) == {"note": SAID}
    assert [(e.event, e.code, e.body_id) for e in told.events] == [
        ("acknowledged", None, "b01"), ("answered", "done", "b01"), ("returned", "no_facts", None),
        ("answered", "within_week", "b01"), ("verified", None, None),
    ]  # fmt: skip
    assert [text for e in told.events for _, text in e.words] == [
        "已联系。", "请写明查明的情况。", "查明拖欠属实，一周内付清。",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        served.for_asker(county, Scope(who="another", role="resident"), case)


def test_words_are_cleaned_sealed_and_opened_only_on_the_log(county: Db, case: str) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case, words="请回电13812345678。"))
    with county.read() as conn:
        sealed = conn.execute(sa.select(case_text.c.sealed)).scalars().all()
        assert not any("回电".encode() in bytes(row) for row in sealed)
    with pytest.raises(NotAllowed):
        assignments.open_words(county, SUPERVISOR, made)
    with pytest.raises(NotFound):
        assignments.open_words(county, HOUSING, made)
    opened = assignments.open_words(county, LABOUR, made)
    said = next(iter(opened.values()))["note"]
    assert "请回电" in said
    assert "13812345678" not in said
    entry = newest(county, ADMINISTRATOR, 1)[0]
    assert (entry.action, entry.target, entry.role) == ("text_opened", case, "department_clerk")


def test_without_a_case_there_is_no_case_and_no_word(county: Db, case: str) -> None:
    made = served.assign(county, SUPERVISOR, notice())
    for wrong in (
        notice(words="加快办理"), notice(case_id=case), notice(subject="this_case"),
        of_case(case, subject="overdue_answers"), notice(origin="case", subject="this_case"),
        of_case(case, flag_id="x"), notice(subject="someone"), notice(step="calm_down"),
    ):  # fmt: skip
        with pytest.raises(ProjectError):
            served.assign(county, SUPERVISOR, wrong)
    with pytest.raises(NotAllowed):
        served.follow_up(county, LABOUR, made, "answered", "done", "我们很忙")
    served.follow_up(county, LABOUR, made, "answered", "within_month")
    with county.read() as conn:
        assert conn.execute(sa.select(assignment_event.c.text_id)).scalars().all() == [None]


def test_a_leader_instructs_bodies_and_sees_no_case(county: Db, case: str) -> None:
    served.assign(county, SUPERVISOR, of_case(case))
    served.assign(county, SUPERVISOR, notice())
    with pytest.raises(NotAllowed):
        served.assign(county, LEADER, of_case(case))
    with pytest.raises(NotAllowed):
        served.assign(county, LEADER, of_case(case, origin="instruction"))
    with pytest.raises(NotAllowed):
        served.assign(county, LEADER, notice())
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, notice(origin="instruction"))
    made = served.assign(county, LEADER, notice(origin="instruction", subject="backlog_cases"))
    seen = assignments.read(county, LEADER, county.now())
    assert [one.assignment_id for one in seen] == [made]
    hidden = assignments.read_figures(county, LEADER, county.now())
    assert len(hidden) == 3
    assert {(one.case_id, one.flag_id, one.text_id) for one in hidden} == {(None, None, None)}


def test_only_the_body_that_owes_the_case_is_asked_and_only_it_answers(
    county: Db, case: str
) -> None:
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, of_case(case, body_id="b02"))
    with pytest.raises(NotFound):
        served.assign(county, SUPERVISOR, notice(body_id="nobody"))
    made = served.assign(county, SUPERVISOR, of_case(case))
    assert assignments.read(county, HOUSING, county.now()) == ()
    for scope, event in ((HOUSING, "acknowledged"), (SUPERVISOR, "acknowledged"),
                         (LABOUR, "verified"), (LEADER, "ended")):  # fmt: skip
        code = "made_in_error" if event == "ended" else None
        with pytest.raises(ProjectError):
            served.follow_up(county, scope, made, event, code)
    for scope in (ADMINISTRATOR, GRID_WORKER, OPERATOR, LABOUR, DESK):
        with pytest.raises(NotAllowed):
            served.assign(county, scope, of_case(case))
    for scope in (ADMINISTRATOR, GRID_WORKER, OPERATOR):
        with pytest.raises(NotAllowed):
            assignments.read(county, scope, county.now())


def test_codes_come_from_the_list_of_their_event(county: Db, case: str) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    for event, code, words in (
        ("acknowledged", "done", ""), ("answered", None, "办。"), ("answered", "no_date", "办。"),
        ("answered", "done", " "), ("persuaded", None, ""), ("answered", "done", "长" * 1001),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            served.follow_up(county, LABOUR, made, event, code, words)
    with pytest.raises(NotAllowed):  # nothing was answered yet
        served.follow_up(county, SUPERVISOR, made, "returned", "no_facts")


def test_the_day_lies_between_tomorrow_and_the_cases_own_limit(county: Db, case: str) -> None:
    found = served.choices(county, SUPERVISOR, case)
    today = dt.date(2026, 3, 5)
    assert (found.first_day, found.usual_day) == (today + dt.timedelta(1), DUE)
    assert found.last_day == dt.date(
        2026, 5, 6
    )  # 60 days from 5 March, moved from Monday's holiday
    for day in (today, found.last_day + dt.timedelta(1)):
        with pytest.raises(NotAllowed):
            served.assign(county, SUPERVISOR, of_case(case, due_on=day))
    with pytest.raises(NotAllowed):  # accepted already
        served.assign(county, SUPERVISOR, of_case(case, step="accept"))


def test_the_same_step_is_not_asked_twice_and_another_is(county: Db, case: str) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, of_case(case))
    served.assign(county, SUPERVISOR, of_case(case, step="contact"))
    served.follow_up(county, SUPERVISOR, made, "ended", "made_in_error")
    served.assign(county, SUPERVISOR, of_case(case))


def test_a_passed_on_case_ends_it_and_the_new_body_can_be_asked(
    county: Db, case: str, clock
) -> None:
    served.assign(county, SUPERVISOR, of_case(case))
    clock.go(hours=1)
    moved = NewEvent("transferred", to_body_id="b02", code="by_task")
    record.add_event(county, LABOUR, case, moved, anything)
    row = served.listed(county, LABOUR, county.now())[0]
    assert (row.now.state, row.now.why) == ("ended", "moved_on")
    with pytest.raises(NotFound):
        assignments.open_words(county, LABOUR, row.one.assignment_id)
    served.assign(county, SUPERVISOR, of_case(case, body_id="b02"))
    assert len(served.listed(county, HOUSING, county.now())) == 1


def test_assigning_moves_no_clock_no_place_and_no_case(county: Db, case: str, clock) -> None:
    clock.go(days=3)
    before = worklist(county, SUPERVISOR, county.now())
    made = served.assign(county, SUPERVISOR, of_case(case, due_on=dt.date(2026, 3, 10)))
    served.follow_up(county, LABOUR, made, "answered", "not_ours", "不属我局。")
    served.follow_up(county, SUPERVISOR, made, "ended", "replaced")
    after = worklist(county, SUPERVISOR, county.now())
    pd.testing.assert_frame_equal(after.standing, before.standing)
    pd.testing.assert_frame_equal(after.clocks, before.clocks)
    pd.testing.assert_frame_equal(after.table.cases, before.table.cases)
    pd.testing.assert_frame_equal(after.table.events, before.table.events)


def test_a_case_that_has_ended_or_was_disowned_is_not_assigned(county: Db, case: str) -> None:
    asker = Scope(who=case, role="resident")
    record.add_event(county, asker, case, NewEvent("disowned"), anything)
    with pytest.raises(NotAllowed):
        served.assign(county, SUPERVISOR, of_case(case))


def test_words_of_a_disowned_case_are_given_to_nobody(county: Db, case: str, clock) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    asker = Scope(who=case, role="resident")
    clock.go(hours=1)
    record.add_event(county, asker, case, NewEvent("disowned"), anything)
    assert assignments.open_words(county, LABOUR, made) == {}
    assert served.for_asker(county, asker, case)[0].words == ()


def test_who_assigned_stands_in_the_log_only(county: Db, case: str) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    served.follow_up(county, LABOUR, made, "acknowledged")
    with county.read() as conn:
        kept = [str(v) for table in (assignment, assignment_event)
                for row in conn.execute(sa.select(table)) for v in row]  # fmt: skip
    assert "super" not in kept
    assert "clerk-labour" not in kept
    log = [(e.action, e.target) for e in newest(county, ADMINISTRATOR, 2)]
    assert log == [("assignment_acknowledged", case), ("assignment_made", case)]


def test_the_days_figures_by_body(county: Db, case: str, clock) -> None:
    made = served.assign(county, SUPERVISOR, of_case(case))
    served.assign(county, LEADER, notice(origin="instruction", body_id="b02"))
    served.follow_up(county, LABOUR, made, "answered", "done", "已联系。")
    lines = served.daily_lines(county, LEADER, county.now().date(), county.now())
    assert [tuple(vars(line).values()) for line in lines] == [
        ("b01", 1, 0, 1, 0, 0, 0, 0), ("b02", 1, 0, 0, 0, 0, 1, 0),
    ]  # fmt: skip
    clock.go(days=10)
    later = served.daily_lines(county, LEADER, county.now().date(), county.now())
    assert [tuple(vars(line).values()) for line in later] == [("b02", 0, 0, 0, 0, 0, 1, 1)]
