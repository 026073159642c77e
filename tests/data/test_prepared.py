"""A statement prepared once gives what SQLAlchemy's own execution gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from data.db import Db
from data.prepared import Change, Prepared
from data.record import register
from data.rows import NewCase
from data.schema import case_event, case_version, receipt
from tests.conftest import DESK


@pytest.fixture
def cases(county: Db, new_case: Callable[..., NewCase]) -> list[str]:
    return [register(county, DESK, new_case(source_id=str(n))).case_id for n in range(3)]


def test_rows_are_those_of_the_statement_itself(county: Db, cases: list[str]) -> None:
    of = sa.bindparam("case")
    some = case_event.c.event.in_(("registered", "accepted", "answered"))
    queries = [
        sa.select(case_version).where(case_version.c.case_id == of),
        sa.select(case_event).where(case_event.c.case_id == of).order_by(case_event.c.id),
        sa.select(case_event.c.id).where(case_event.c.case_id == of, some),
        sa.select(receipt).where(receipt.c.case_id == of).limit(1),
    ]
    with county.read() as conn:
        for query in queries:
            prepared = Prepared(query)
            for case_id in (*cases, "no such case"):
                expected = conn.execute(query, {"case": case_id}).mappings()
                assert prepared.rows(conn, case=case_id) == [dict(row) for row in expected]
            assert prepared.rows(conn, case=cases[0])


@pytest.mark.usefixtures("cases")
def test_what_was_just_written_is_in_the_next_read(county: Db) -> None:
    every = Prepared(sa.select(receipt.c.replaced_at))
    with county.read() as conn:
        assert {row["replaced_at"] for row in every.rows(conn)} == {None}
    with county.write() as conn:
        conn.execute(receipt.update().values(replaced_at=county.now()))
        assert {row["replaced_at"] for row in every.rows(conn)} == {county.now()}
    with county.read() as conn:
        assert {row["replaced_at"] for row in every.rows(conn)} == {county.now()}


def test_the_first_read_begins_the_state_that_all_later_ones_see(
    sqlite_db: Db, small_county: Callable[[Db], Db], new_case: Callable[..., NewCase]
) -> None:
    county, every = small_county(sqlite_db), Prepared(sa.select(receipt.c.replaced_at))
    register(county, DESK, new_case())
    with county.read() as conn:
        before = every.rows(conn)
        with county.write() as other:
            other.execute(receipt.update().values(replaced_at=county.now()))
        assert every.rows(conn) == before == [{"replaced_at": None}]


def test_a_row_is_written_as_the_statement_itself_writes_it(county: Db, cases: list[str]) -> None:
    wanted = {"case_id": cases[0], "event": "contacted", "occurred_at": county.now(),
              "recorded_at": county.now(), "actor": "office", "planned_on": dt.date(2026, 3, 4),
              "days": None}  # fmt: skip
    change = Change.row(case_event, *wanted)
    with county.write() as conn:
        conn.execute(case_event.insert().values(**wanted))
        change.run(conn, wanted)
        change.run(conn, wanted, wanted)
    query = sa.select(*(column for column in case_event.c if column.name != "id"))
    with county.read() as conn:
        found = conn.execute(query.where(case_event.c.event == "contacted")).all()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_what_the_driver_refuses_comes_as_sqlalchemys_error_and_nothing_is_written(
    county: Db, cases: list[str]
) -> None:
    change = Change.row(case_event, "case_id", "event")  # the others may not be empty
    with pytest.raises(sa.exc.IntegrityError), county.write() as conn:
        change.run(conn, {"case_id": cases[0], "event": "contacted"})
    with county.read() as conn:
        assert not conn.execute(
            sa.select(case_event.c.id).where(case_event.c.event == "contacted")
        ).first()
