"""Reading texts county-wide takes two accounts, ends by itself, and every asker sees it."""

from __future__ import annotations

import datetime as dt

import pytest

from data import accounts, grants
from data.errors import NotAllowed
from data.openings import open_texts, text_openings
from data.record import register
from data.scope import Scope
from tests.access.test_who_enters import RIGHT, member, said, who
from tests.conftest import DESK, LABOUR, LEADER, NOW
from tests.data.conftest import new_case

OPERATOR = Scope.operator()
__all__ = ["new_case"]


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


@pytest.fixture
def three(county):
    """Scopes of two supervisors and an administrator, as their sessions make them."""
    made = {}
    for login, role in (("s1", "supervisor"), ("s2", "supervisor"), ("a1", "administrator")):
        made[login] = who(
            county, accounts.sign_in(county, member(county, login, role), RIGHT)
        ).scope
    return made


def test_without_a_grant_each_text_needs_a_reason(county, three, new_case):
    case = register(county, DESK, new_case()).case_id
    for reason in (None, "", "  ", "grant:quality_check"):
        with pytest.raises(NotAllowed):
            open_texts(county, three["s1"], case, reason)


def test_two_other_accounts_open_it_for_some_days_and_the_asker_sees_each_reading(
    county, three, new_case, clock
):
    case = register(county, DESK, new_case()).case_id
    wanted = grants.ask(county, three["s2"], "s1", "quality_check")
    with pytest.raises(NotAllowed):  # asked is not granted
        open_texts(county, three["s1"], case)
    for scope in (three["s2"], three["s1"]):
        with pytest.raises(NotAllowed, match="Another account"):
            grants.grant(county, scope, wanted, 3)
    for days in (0, 15):
        with pytest.raises(NotAllowed):
            grants.grant(county, three["a1"], wanted, days)
    grants.grant(county, three["a1"], wanted, 3)
    assert open_texts(county, three["s1"], case)[0]
    with pytest.raises(NotAllowed):  # for one account only
        open_texts(county, three["s2"], case)
    opened = text_openings(county, Scope(case, "resident"), case)
    assert [(o["role"], o["reason"], o["count"]) for o in opened] == [
        ("supervisor", "grant:quality_check", 1)
    ]
    span = (NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1))
    assert grants.granted_between(county, OPERATOR, *span) == 1
    clock.go(days=3, seconds=1)
    with pytest.raises(NotAllowed):
        open_texts(county, three["s1"], case)
    assert [one.state for one in grants.read_grants(county, three["a1"])] == ["over"]
    assert said(county, "grant_made")[0].reason == "quality_check"


def test_who_would_read_may_ask_but_never_grant(county, three, clock):
    wanted = grants.ask(county, three["s1"], "s1", "remedy_check")
    with pytest.raises(NotAllowed):
        grants.grant(county, three["s1"], wanted, 1)
    with pytest.raises(NotAllowed):
        grants.ask(county, three["a1"], "s1", "remedy_check")
    clock.go(days=8)
    with pytest.raises(NotAllowed):  # nobody agreed in a week
        grants.grant(county, three["s2"], wanted, 1)


def test_a_grant_is_ended_by_either_role_and_with_the_account(county, three, new_case):
    case = register(county, DESK, new_case()).case_id
    first = grants.ask(county, three["s2"], "s1", "redactor_check")
    grants.grant(county, three["a1"], first, 14)
    grants.end(county, three["s2"], first)
    with pytest.raises(NotAllowed):
        open_texts(county, three["s1"], case)
    second = grants.ask(county, three["s2"], "s1", "handover_check")
    grants.grant(county, three["a1"], second, 14)
    accounts.end_account(county, OPERATOR, "s1")
    assert {one.state for one in grants.read_grants(county, three["s2"])} == {"over"}


def test_nobody_else_asks_or_grants_and_only_for_a_supervisor_and_a_listed_reason(county, three):
    wanted = grants.ask(county, three["a1"], "s1", "quality_check")
    for scope in (LABOUR, LEADER, OPERATOR, DESK):
        with pytest.raises(NotAllowed):
            grants.ask(county, scope, "s2", "quality_check")
        with pytest.raises(NotAllowed):
            grants.grant(county, scope, wanted, 1)
    for login, reason in (("a1", "quality_check"), ("s2", "curiosity"), ("x", "quality_check")):
        with pytest.raises(NotAllowed):
            grants.ask(county, three["s1"], login, reason)
    assert grants.readers(county, three["a1"]) == ["s1", "s2"]
