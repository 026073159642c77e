"""A body's own sweep: the whole list, nobody's choice, findings by list, figures of no case."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from data import record, sweeps
from data.errors import NotAllowed, NotFound
from data.history import NewEvent
from data.rows import NewCase
from data.schema import audit, sweep_case, sweep_finding
from reports.rates import FEWEST, Rate
from reports.sweeps import Looked, sweep_line
from service import sweeps as served
from tests.conftest import DESK, HOUSING, LABOUR, LEADER, NOW, SUPERVISOR
from tests.rules.conftest import ANSWER

TODAY = dt.date(2026, 3, 5)
UNTIL = dt.date(2026, 3, 19)


def anything(history, event) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def a_case(county, *steps: str, body: str = "b01") -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=county.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="hotline", procedure="ordinary",
        body_id=body, summary="工资没有发。",
    )  # fmt: skip
    case_id = record.register(county, DESK, new).case_id
    scope = {"b01": LABOUR, "b02": HOUSING}[body]
    for step in steps:
        words = ANSWER if step == "answered" else None
        days = 30 if step == "extended" else None
        record.add_event(county, scope, case_id, NewEvent(step, words=words, days=days), anything)
    return case_id


def begun(county, kind: str = "open") -> str:
    return served.begin(county, LABOUR, "b01", kind, UNTIL)


def test_a_list_is_everything_of_its_kind_and_of_the_own_body_only(county):
    plain, extended = a_case(county, "accepted"), a_case(county, "accepted", "extended")
    a_case(county, "accepted", "answered")
    a_case(county, "accepted", body="b02")
    found = served.lists(county, LABOUR, "b01")
    assert set(found["open"]) == {plain, extended}
    assert found["extended"] == [extended]
    assert found["not_solved"] == []
    made = begun(county)
    with county.read() as conn:
        rows = conn.execute(
            sa.select(sweep_case.c.case_id).where(sweep_case.c.sweep_id == made)
        ).scalars()
        assert set(rows) == {plain, extended}
    with pytest.raises(NotAllowed):
        served.lists(county, HOUSING, "b01")


def test_nobody_can_hand_in_a_choice_of_cases():
    given = served.begin.__code__
    assert "case" not in " ".join(given.co_varnames[: given.co_argcount])


def test_a_case_that_came_later_is_on_no_earlier_list(county):
    first = a_case(county, "accepted")
    begun(county)
    later = a_case(county, "accepted")
    (one,) = served.of_body(county, LABOUR, county.now())
    assert [case.case_id for case in one.cases] == [first]
    with pytest.raises(NotFound):
        served.note(county, LABOUR, one.sweep_id, later, "in_order")


@pytest.mark.parametrize("until", [TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=61)])
def test_a_last_day_that_is_over_or_too_far_begins_nothing(county, until):
    a_case(county, "accepted")
    with pytest.raises(NotAllowed):
        served.begin(county, LABOUR, "b01", "open", until)
    assert served.of_body(county, LABOUR, county.now()) == ()


def test_an_empty_list_and_a_second_sweep_of_a_kind_are_refused(county):
    with pytest.raises(NotAllowed):
        begun(county)
    a_case(county, "accepted", "extended")
    begun(county)
    with pytest.raises(NotAllowed):
        begun(county)
    begun(county, "extended")
    assert len(served.of_body(county, LABOUR, county.now())) == 2


def test_a_finding_is_replaced_by_a_later_one_and_both_are_in_the_log(county):
    case_id = a_case(county, "accepted")
    made = begun(county)
    served.note(county, LABOUR, made, case_id, "in_order")
    served.note(county, LABOUR, made, case_id, "step_due", "contact", TODAY)
    (one,) = served.of_body(county, LABOUR, county.now())
    (row,) = served.listed(county, one, county.now())
    assert (row.finding.finding, row.finding.step, row.state) == ("step_due", "contact", "running")
    with county.read() as conn:
        assert len(conn.execute(sa.select(sweep_finding)).all()) == 2
        log = conn.execute(sa.select(audit.c.action, audit.c.target)).all()
    assert log.count(("sweep_noted", case_id)) == 2
    assert ("sweep_opened", made) in log


@pytest.mark.parametrize(
    ("finding", "step", "due_on"),
    [
        ("in_order", "contact", TODAY), ("step_due", None, None), ("step_due", "contact", None),
        ("step_due", "deliver", TODAY), ("wrong_body", "answer", TODAY),
        ("tell_asker", "tell", TODAY - dt.timedelta(days=1)),
        ("tell_asker", "tell", TODAY + dt.timedelta(days=61)),
        ("keep_watch", None, None), ("step_due", "persuade", TODAY),
        ("limit_passed", "answer", None),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_noted(county, clock, finding, step, due_on):
    case_id = a_case(county, "accepted")
    made = begun(county)
    if finding == "limit_passed":  # within 60 days, and after the limit of 60 from ten days ago
        clock.go(days=10)
        due_on = TODAY + dt.timedelta(days=69)
    with pytest.raises(NotAllowed):
        served.note(county, LABOUR, made, case_id, finding, step, due_on)
    with county.read() as conn:
        assert conn.execute(sa.select(sweep_finding)).all() == []


def test_only_the_own_body_notes_and_only_until_the_last_day(county, clock):
    case_id = a_case(county, "accepted")
    made = begun(county)
    for scope in (HOUSING,):
        with pytest.raises(NotFound):
            served.note(county, scope, made, case_id, "in_order")
    for scope in (SUPERVISOR, LEADER):
        with pytest.raises(NotAllowed):
            served.note(county, scope, made, case_id, "in_order")
    clock.go(days=15)
    with pytest.raises(NotAllowed):
        served.note(county, LABOUR, made, case_id, "in_order")


def test_a_promised_step_is_done_when_the_record_holds_it(county, clock):
    first, second, third = (a_case(county, "accepted") for _ in range(3))
    made = begun(county)
    for case_id in (first, second, third):
        served.note(county, LABOUR, made, case_id, "step_due", "contact", TODAY)
    clock.go(minutes=5)
    record.add_event(county, LABOUR, first, NewEvent("contacted"), anything)
    clock.go(days=2)
    record.add_event(county, LABOUR, second, NewEvent("contacted"), anything)
    (one,) = served.of_body(county, LABOUR, county.now())
    states = {row.case_id: row.state for row in served.listed(county, one, county.now())}
    assert states == {first: "done", second: "done_late", third: "past"}
    assert served.line_of(county, one, county.now()).kept == Rate(1, 3)


def test_who_sees_no_case_gets_figures_without_a_number_of_one(county):
    case_id = a_case(county, "accepted")
    made = begun(county)
    served.note(county, LABOUR, made, case_id, "in_order")
    for scope in (SUPERVISOR, LEADER):
        (line,) = served.county_lines(county, scope, county.now())
        assert line.coverage == Rate(1, 1)
        assert line.is_covered
        assert line.found == {}
        assert case_id not in repr(sweeps.read_figures(county, scope, county.now()))
        with pytest.raises(NotAllowed):
            sweeps.read(county, scope, county.now())


def looked(finding: str | None) -> Looked:
    return Looked(finding, None, None, NOW if finding else None, ())


def test_findings_are_said_from_ten_looked_at_on():
    for count in (FEWEST - 1, FEWEST):
        cases = [looked("in_order")] * count + [looked(None)]
        line = sweep_line("b01", "open", TODAY, UNTIL, cases, NOW, "Asia/Shanghai")
        assert line.coverage == Rate(count, count + 1)
        assert line.found == ({"in_order": FEWEST} if count == FEWEST else {})


def test_a_case_disowned_for_fifteen_days_leaves_the_list():
    gone = dataclasses.replace(looked(None), steps=(("disowned", NOW - dt.timedelta(days=16)),))
    fresh = dataclasses.replace(looked(None), steps=(("disowned", NOW - dt.timedelta(days=3)),))
    back = dataclasses.replace(gone, steps=(*gone.steps, ("confirmed", NOW)))
    line = sweep_line("b01", "open", TODAY, UNTIL, [gone, fresh, back], NOW, "Asia/Shanghai")
    assert line.coverage == Rate(0, 2)
