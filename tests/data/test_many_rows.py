"""Rows of one request are written together, and it is as if each had come by itself."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import audit, receipts
from data.chunks import MOST
from data.record import confirm, register, register_all
from data.schema import audit as log
from data.schema import case_version, receipt
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, DESK


@pytest.fixture
def statements(county):
    """The statements that the database was sent."""
    said: list[str] = []

    @sa.event.listens_for(county.engine, "before_cursor_execute")
    def _note(conn, cursor, statement, parameters, context, executemany) -> None:
        said.append(statement)

    return said


def logged(db) -> list[tuple[str, str]]:
    with db.read() as conn:
        return [tuple(row) for row in conn.execute(sa.select(log.c.action, log.c.target))]


def test_more_rows_need_no_more_statements(county, new_case, statements):
    sizes = []
    for name, count in (("a", 2), ("b", 60)):
        statements.clear()
        register_all(county, DESK, [new_case(source_id=f"{name}{n}") for n in range(count)])
        sizes.append(len(statements))
    assert sizes[0] == sizes[1]


def test_the_log_has_every_row_in_order_and_its_chain_is_whole(county, new_case):
    register(county, DESK, new_case())
    made = register_all(county, DESK, [new_case() for _ in range(3)])
    register(county, DESK, new_case())
    assert logged(county)[-4:-1] == [("case_registered", one.case_id) for one in made]
    assert audit.first_broken(county, ADMINISTRATOR) is None


def test_many_entries_are_chained_like_as_many_single_ones(county):
    with county.write() as conn:
        audit.write_many(county, conn, Scope.operator(), [])
        audit.write_many(county, conn, Scope.operator(), [("a", "1"), ("b", None)], reason="r")
        audit.write(county, conn, Scope.operator(), "c")
    assert logged(county)[-3:] == [("a", "1"), ("b", None), ("c", None)]
    assert audit.first_broken(county, ADMINISTRATOR) is None


def test_a_clock_set_back_is_noted_once_before_many_entries(county, clock):
    with county.write() as conn:
        audit.write(county, conn, Scope.operator(), "before")
    clock.go(hours=-1)
    with county.write() as conn:
        audit.write_many(county, conn, Scope.operator(), [("a", None), ("b", None)])
    actions = [action for action, _ in logged(county)][-4:]
    assert actions == ["before", audit.CLOCK_SET_BACK, "a", "b"]
    assert audit.first_broken(county, ADMINISTRATOR) is None


def test_new_rows_and_repeats_keep_their_places(county, new_case, clock):
    first = register_all(county, DESK, [new_case(source_id=n) for n in ("1", "2", "3")])
    opened = receipts.find(county, first[1].slip.code)
    confirm(county, opened.scope, opened)
    clock.go(minutes=1)
    sent = ("3", "4", "2", "3", None, "4")
    done = register_all(county, DESK, [new_case(source_id=n) for n in sent])
    assert [one.is_repeat for one in done] == [True, False, True, True, False, True]
    assert [one.slip is not None for one in done] == [True, True, False, False, True, False]
    assert done[0].case_id == done[3].case_id == first[2].case_id
    assert done[2].case_id == first[1].case_id
    assert done[5].case_id == done[1].case_id
    assert logged(county)[-3:] == [
        ("receipt_replaced", first[2].case_id),
        ("case_registered", done[1].case_id),
        ("case_registered", done[4].case_id),
    ]
    codes = [one.slip for one in [first[2], done[0]]]
    assert {receipts.find(county, slip.code).case_id for slip in codes} == {first[2].case_id}
    assert receipts.find(county, codes[0].code).replaced_at is not None
    assert receipts.find(county, codes[1].code).replaced_at is None


def test_more_rows_than_one_look_up_takes(county, new_case, clock):
    rows = [new_case(source_id=str(n), summary="") for n in range(MOST + 5)]
    made = register_all(county, DESK, rows)
    clock.go(minutes=1)
    again = register_all(county, DESK, rows)
    assert [one.case_id for one in again] == [one.case_id for one in made]
    assert all(one.is_repeat and one.slip for one in again)
    with county.read() as conn:
        counts = [
            conn.scalar(sa.select(sa.func.count()).select_from(t)) for t in (case_version, receipt)
        ]
    assert counts == [MOST + 5, 2 * (MOST + 5)]
