"""The event log leaves by two accounts only, when it is switched on, and never differently."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from data import accounts, bulk, grants
from data.audit import newest
from data.errors import NotAllowed
from data.scope import Scope
from service.event_log import notes, quarters, write_export
from tests.access.test_who_enters import RIGHT, member, who
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER
from tests.rules.conftest import cases, events

QUARTER = "2026-Q1"


@pytest.fixture
def county(sqlite_db, small_county):
    """A county whose first quarter of 2026 is over since a year: twelve cases of one week."""
    db = small_county(sqlite_db)
    frame = cases([{"opened_at": dt.datetime(2026, 1, 6, 3, tzinfo=dt.UTC)} for _ in range(12)])
    which = {n: [("confirmed", 0.1), ("accepted", 1.0), ("not_solved", 3.0)] for n in range(12)}
    bulk.take_over(db, Scope.operator(), frame, events(frame, which), source_name="a.csv")
    return replace(db, now=lambda: dt.datetime(2027, 3, 1, tzinfo=dt.UTC))


@pytest.fixture
def two(county):
    """Scopes of a supervisor and an administrator, as their sessions make them."""
    return {
        login: who(county, accounts.sign_in(county, member(county, login, role), RIGHT)).scope
        for login, role in (("s1", "supervisor"), ("a1", "administrator"))
    }


def test_it_takes_another_account_and_ends_by_itself(county, two):
    with pytest.raises(NotAllowed) as told:
        write_export(county, two["s1"], QUARTER, is_on=True)
    assert told.value.key == "access.error.event_log_ungranted"
    wanted = grants.ask_event_log(county, two["s1"], "process_study")
    with pytest.raises(NotAllowed):
        grants.grant(county, two["s1"], wanted, 3)
    grants.grant(county, two["a1"], wanted, 3)
    log = write_export(county, two["s1"], QUARTER, is_on=True)
    assert log.cases == 12
    assert set(log.steps["step"]) == {"registered", "accepted"}  # nothing of what the askers said
    assert newest(county, ADMINISTRATOR, 1)[0].target == f"event log {QUARTER}"
    assert newest(county, ADMINISTRATOR, 1)[0].reason == "process_study"
    later = replace(county, now=lambda: county.now() + dt.timedelta(days=4))
    with pytest.raises(NotAllowed):
        write_export(later, two["s1"], QUARTER, is_on=True)


def test_it_opens_no_text_and_a_grant_of_texts_gives_no_log(county, two):
    wanted = grants.ask_event_log(county, two["s1"], "process_study")
    grants.grant(county, two["a1"], wanted, 3)
    with county.read() as conn:
        assert grants.reason_in_force(county, conn, two["s1"]) is None
    span = (county.now() - dt.timedelta(days=9), county.now() + dt.timedelta(days=9))
    assert grants.granted_between(county, Scope.operator(), *span) == 0
    grants.end(county, two["a1"], wanted)
    other = grants.ask(county, two["a1"], "s1", "quality_check")
    with pytest.raises(NotAllowed):
        write_export(county, two["s1"], QUARTER, is_on=True)
    grants.end(county, two["a1"], other)


def test_off_it_leaves_by_nobody_and_nothing_is_logged(county, two):
    wanted = grants.ask_event_log(county, two["s1"], "outside_evaluation")
    grants.grant(county, two["a1"], wanted, 3)
    before = len(newest(county, ADMINISTRATOR, 99))
    with pytest.raises(NotAllowed) as told:
        write_export(county, two["s1"], QUARTER, is_on=False)
    assert told.value.key == "access.error.event_log_off"
    assert len(newest(county, ADMINISTRATOR, 99)) == before


@pytest.mark.parametrize(
    "scope", [DESK, LABOUR, LEADER, ADMINISTRATOR, Scope.public(), Scope.operator()]
)
def test_nobody_else_asks_or_takes(county, scope):
    with pytest.raises(NotAllowed):
        grants.ask_event_log(county, scope, "process_study")
    with pytest.raises(NotAllowed):
        write_export(county, scope, QUARTER, is_on=True)


def test_a_quarter_is_always_as_it_was_known_half_a_year_after_its_end(county, two):
    assert quarters(county)[:2] == ["2026-Q2", QUARTER]
    for wrong in ("2026-Q3", "2026-Q4", "2027-Q1", "x"):
        with pytest.raises(NotAllowed):
            write_export(county, two["s1"], wrong, is_on=True)
    wanted = grants.ask_event_log(county, two["s1"], "process_study")
    grants.grant(county, two["a1"], wanted, 14)
    once = write_export(county, two["s1"], QUARTER, is_on=True).steps
    frame = cases([{"opened_at": dt.datetime(2026, 1, 6, 3, tzinfo=dt.UTC)}])
    bulk.take_over(
        county, Scope.operator(), frame.assign(known_at=county.now()),
        events(frame, {0: [("confirmed", 0.1)]}), source_name="late.csv",
    )  # fmt: skip
    again = write_export(county, two["s1"], QUARTER, is_on=True).steps
    of = ["opened_week", "township", "step", "week"]
    assert once.groupby(of).size().equals(again.groupby(of).size())
    said = notes(county, write_export(county, two["s1"], QUARTER, is_on=True), "zh")
    assert len(said) == 2
