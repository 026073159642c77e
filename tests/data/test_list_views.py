"""How an account sees its lists: its own only, the usual is not kept, gone with the account."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import accounts
from data.errors import NotAllowed
from data.list_views import USUAL, ListView, keep_view, view_of
from data.schema import list_view
from data.scope import Scope
from tests.access.test_who_enters import RIGHT, member, who

ONE = ListView(("state", "body_id"), 100)


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def signed_in(db, login: str) -> Scope:
    return who(db, accounts.sign_in(db, member(db, login, "supervisor"), RIGHT)).scope


def kept(db) -> int:
    with db.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(list_view)).scalar_one()


def test_each_account_has_its_own_and_the_newest_counts(county):
    mine, other = signed_in(county, "s1"), signed_in(county, "s2")
    assert view_of(county, mine, "cases") == USUAL
    keep_view(county, mine, "cases", ListView(("state",), None))
    keep_view(county, mine, "cases", ONE)
    assert view_of(county, mine, "cases") == ONE
    assert view_of(county, mine, "assignments") == USUAL
    assert view_of(county, other, "cases") == USUAL
    assert kept(county) == 1


def test_the_usual_is_not_kept(county):
    mine = signed_in(county, "s1")
    keep_view(county, mine, "cases", ONE)
    keep_view(county, mine, "cases", USUAL)
    assert kept(county) == 0


def test_it_goes_with_the_account(county):
    mine = signed_in(county, "s1")
    keep_view(county, mine, "cases", ONE)
    accounts.end_account(county, Scope.operator(), "s1")
    assert kept(county) == 0


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("cases", ListView(("联系人王建国",))), ("cases", ListView(("a.b",))), ("", ONE),
        ("x" * 25, ONE), ("cases", ListView((), 0)), ("cases", ListView((), 501)),
        ("cases", ListView(tuple(f"c{n}" for n in range(31)))),
    ],
)  # fmt: skip
def test_what_names_no_column_is_refused(county, name, view):
    with pytest.raises(NotAllowed):
        keep_view(county, signed_in(county, "s1"), name, view)
    assert kept(county) == 0


def test_machines_askers_and_commands_have_none(county):
    for scope in (Scope("x", "resident"), Scope.operator(), Scope.public()):
        with pytest.raises(NotAllowed):
            keep_view(county, scope, "cases", ONE)
