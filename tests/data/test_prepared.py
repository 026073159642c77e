"""A statement prepared once gives what SQLAlchemy's own execution gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from data.db import Db
from data.prepared import Prepared
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
