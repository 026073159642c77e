"""Every cell of the access table, walked through the store; the document is the table."""

from __future__ import annotations

import pytest

from data import record
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.history import NewEvent
from data.scope import Scope
from tests.conftest import DESK, HOUSING, LABOUR, ROOT, SUPERVISOR
from tests.service.test_hostile_clerk import plain_case
from ui.menu import PAGES

from . import table
from .table import ON_CASE, ON_COUNTY, RELATIONS, ROLES, OnCase, OnCounty, anything

REFUSED = (NotAllowed, NotFound, LookupError)


def made(db: Db, scope: Scope, relation: str) -> str | None:
    """A case in that relation to whoever `scope` stands for; None where there can be none."""
    desk = scope if scope.role == "township_clerk" else DESK
    body = next(iter(scope.bodies), "b01")
    if relation in ("registered", "passed_on") and not scope.bodies and scope.desk is None:
        return None
    if relation == "registered" and scope.role == "department_clerk":
        return None  # departments register nothing
    if relation == "passed_on" and scope.role == "department_clerk":
        case_id = record.register(db, desk, plain_case(db.now(), body)).case_id
        record.add_event(db, scope, case_id, NewEvent("transferred", to_body_id="b02"), anything)
        return case_id
    if relation == "owes":
        return record.register(db, desk, plain_case(db.now(), body)).case_id
    if relation == "registered":
        return record.register(db, desk, plain_case(db.now(), "b02")).case_id
    if relation == "passed_on":
        case_id = record.register(db, desk, plain_case(db.now(), "b02")).case_id
        record.add_event(db, HOUSING, case_id, NewEvent("accepted"), anything)
        return case_id
    other = Scope("x", "township_clerk", frozenset({"990000002000"}), frozenset({"t02"}), "t02")
    case = plain_case(db.now(), "b02", "990000002000")
    return record.register(db, other, case).case_id


def works(run, *given: object) -> bool:
    try:
        run(*given)
    except REFUSED:
        return False
    return True


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:
    return small_county(sqlite_db)


@pytest.mark.parametrize("role", [*ROLES, "the asker"])
@pytest.mark.parametrize("action", ON_CASE, ids=lambda one: one.name)
def test_every_cell_on_a_case(county: Db, action: OnCase, role: str) -> None:
    tried = 0
    for relation in RELATIONS:
        stands = ROLES.get(role, LABOUR)
        case_id = made(county, stands, relation)
        if case_id is None:
            continue
        scope = Scope(case_id, "resident") if role == "the asker" else stands
        may = action.may(role, relation)
        assert works(action.run, county, scope, case_id) == may, (action.name, role, relation)
        tried += 1
    assert tried >= 2


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ON_COUNTY, ids=lambda one: one.name)
def test_every_cell_on_the_county(county: Db, action: OnCounty, role: str) -> None:
    may = role in action.roles
    assert works(action.run, county, ROLES[role]) == may, (action.name, role)


def test_a_supervisor_passes_on_only_what_a_body_said_is_not_its(county: Db) -> None:
    case_id = made(county, LABOUR, "owes")
    assert case_id is not None
    step = next(one for one in ON_CASE if one.name.startswith("pass it on"))
    assert not works(step.run, county, SUPERVISOR, case_id)
    record.add_event(county, LABOUR, case_id, NewEvent("objected"), anything)
    assert works(step.run, county, SUPERVISOR, case_id)


def test_the_document_is_the_table() -> None:
    pages = {entry.name: entry.roles for entry in PAGES}
    what_to_do = "run: python -m tests.access.table > docs/access-table.md"
    assert (ROOT / "docs" / "access-table.md").read_text("utf-8") == table.page(pages), what_to_do
