"""DOMAIN.md §2.14: rows leave only coarsened; the roles are a closed list."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from api.open311 import BASE
from api.routes import routes as api_routes
from data import accounts, machines, reading
from data.accounts import BODY_ROLES, add_account, demo_sign_in, first_administrator
from data.db import Db
from data.errors import NotAllowed, ProjectError
from data.schema import account_role, metadata
from data.scope import OPERATOR, RESIDENT, Scope
from data.vocabulary import ROLES
from service.export import COLUMNS, case_table
from tests.conftest import ADMINISTRATOR, LABOUR, LEADER, SUPERVISOR
from wording import catalogue

from .conftest import cases, events

NOW = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)


def test_a_real_countys_cases_leave_by_no_export(county: Db) -> None:
    with pytest.raises(NotAllowed) as refused:
        case_table(county, Scope.operator(), county.now())
    assert refused.value.key == "data.error.export_refused"
    with pytest.raises(NotAllowed):
        reading.read_for_export(county, Scope.operator(), county.now())


@pytest.mark.parametrize("scope", [SUPERVISOR, LEADER, ADMINISTRATOR, LABOUR, Scope.public()])
def test_nobody_signed_in_exports_cases_even_of_a_demo(another, scope: Scope) -> None:
    with pytest.raises(NotAllowed):
        reading.read_for_export(another("demo"), scope, NOW)


def test_what_a_demo_exports_has_no_text_no_grid_and_ids_of_its_own(another) -> None:
    from data import bulk

    db = another("demo")
    frame = cases([{"summary": "工资未发，等了三个月。"} for _ in range(8)])
    which = {n: [("confirmed", 0.1), ("accepted", 1.0)] for n in range(8)}
    bulk.take_over(db, Scope.operator(), frame, events(frame, which), source_name="a.csv")
    first = case_table(db, Scope.operator(), db.now()).table
    second = case_table(db, Scope.operator(), db.now()).table
    assert tuple(first.columns) == COLUMNS
    assert len(first) == 8
    with db.read() as conn:
        known = set(conn.exec_driver_sql("SELECT case_id FROM case_version").scalars())
    assert not known & set(first["case_id"])
    assert not set(first["case_id"]) & set(second["case_id"])
    assert "工资" not in first.to_csv()


CLOSED = (
    "grid_worker", "township_clerk", "department_clerk", "supervisor", "leader", "administrator",
)  # fmt: skip


def test_the_roles_are_the_closed_list_of_the_domain() -> None:
    assert ROLES == CLOSED
    assert set(BODY_ROLES) < set(ROLES)
    assert {OPERATOR, RESIDENT} & set(ROLES) == set()


@pytest.mark.parametrize(
    "role", ["police", "stability", "security", "operator", "resident", "", "Supervisor", "root"]
)
def test_no_account_of_any_other_role_can_be_made(county: Db, role: str) -> None:
    for body in (None, "b01"):
        with pytest.raises(NotAllowed):
            add_account(county, ADMINISTRATOR, "somebody", role, body)
    with county.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(account_role)) == 0


@pytest.mark.parametrize("role", ["police", "stability", "", "admin"])
def test_no_scope_of_any_other_role_can_be_made(role: str) -> None:
    with pytest.raises(ValueError, match="no such role"):
        Scope(who="x", role=role)


def test_every_role_of_the_list_can_be_given(county: Db) -> None:
    for role in ROLES:
        body = {"department_clerk": "b01"}.get(role, "t01") if role in BODY_ROLES else None
        assert add_account(county, ADMINISTRATOR, f"a-{role}", role, body)[0] == f"a-{role}"


def test_nobody_but_an_administrator_makes_accounts(county: Db) -> None:
    for scope in (SUPERVISOR, LEADER, LABOUR, Scope.public()):
        with pytest.raises(NotAllowed):
            add_account(county, scope, "friend", "supervisor", None)


def test_demo_roles_do_not_open_a_real_county(county: Db) -> None:
    for role in ROLES:
        with pytest.raises(NotAllowed):
            demo_sign_in(county, role, None)


def test_the_first_account_is_an_administrators_and_reads_no_case(county: Db) -> None:
    made = first_administrator(county)
    assert made is not None
    signed_in = accounts.session_of(county, accounts.sign_in(county, *made))
    assert signed_in is not None
    assert signed_in.scope.role == "administrator"
    for read in (reading.read_figures, reading.read_worklist):
        with pytest.raises(ProjectError):
            read(county, signed_in.scope, county.now())


def test_a_machines_token_sends_for_one_desk_and_is_of_no_other_kind() -> None:
    """Machines bring what people asked elsewhere; nothing is there for police or stability work,
    and no door lists or exports (`tests/access/` walks what such a scope may do)."""
    assert machines.KINDS == ("api", "open311")
    assert machines.CHANNELS == ("hotline", "online", "one_stop")
    columns = {column.name for column in metadata.tables["api_token"].columns}
    assert not columns & {"role", "scope", "rights", "townships", "bodies"}


def test_no_address_for_machines_lists_or_exports_cases(county: Db) -> None:
    reads = [
        path
        for route in api_routes(lambda: county, "zh")
        for path in [getattr(route, "path", "")]
        if "GET" in (getattr(route, "methods", None) or ())
    ]
    # the first says that there is no list (tests/api/), the second gives a sender's own request
    of_cases = {path.removeprefix(BASE) for path in reads if "case" in path or "request" in path}
    assert of_cases == {"/requests.{format}", "/requests/{id}.{format}"}
    assert not [path for path in reads if "export" in path or "search" in path]


def test_no_name_of_a_role_is_that_of_police_or_stability_work() -> None:
    for language in ("zh", "en"):
        said = [v.lower() for k, v in catalogue(language).items() if k.startswith("words.role.")]
        assert len(said) >= len(ROLES)
        for word in ("police", "stability", "security", "公安", "维稳", "派出所", "政法", "国安"):
            assert not [text for text in said if word in text]
