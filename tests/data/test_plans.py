"""Pages that take a few rows find them by an index on PostgreSQL, however large the record is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from data import filings, issues, openings, quarantine, receipts, record, sessions
from data.changes import read_changes, seen_at
from data.db import Db
from data.history import NewEvent
from data.prepared import Prepared
from data.reading import read_case, read_summary, read_worklist
from data.rows import NewCase
from data.schema import metadata
from data.scope import Scope
from tests.conftest import DESK, LABOUR, SUPERVISOR, Clock

pytestmark = pytest.mark.postgres


ROWS = 20_000
_CASE = "'C' || n"
MANY: dict[str, dict[str, str]] = {
    "case_version": {
        "case_id": _CASE,
        "recorded_at": "recorded_at - n",
        "body_id": "'x' || mod(n, 40)",
        "desk": "'y' || mod(n, 40)",
    },
    "case_event": {
        "case_id": _CASE,
        "recorded_at": "recorded_at - n",
        "to_body_id": "CASE WHEN mod(n, 50) = 0 THEN 'x' || mod(n, 40) END",
    },
    "case_text": {"case_id": _CASE, "text_id": "md5(n::text)"},
    "text_key": {"case_id": _CASE},
    "receipt": {"case_id": _CASE, "code_hash": "md5(n::text)"},
    "audit": {"target": _CASE},
    "session": {"token_hash": "md5(n::text)", "account_id": "'a' || n"},
    "filing": {"period": "period - mod(n, 700)"},
}
"""What years of other cases add: copies of one row of each table, under other names."""


@pytest.fixture
def county(
    postgres_db: Db, small_county: Callable[[Db], Db], new_case: Callable[..., NewCase],
    clock: Clock,
) -> Db:  # fmt: skip
    small_county(postgres_db)
    filings.file_day(postgres_db, DESK, "990000001000", clock.at.date(), "report")
    with postgres_db.write() as conn:
        clerk = sessions.insert_account(postgres_db, conn, "old", "-", "department_clerk", "b01")
        sessions.open_session(postgres_db, conn, clerk, "")
    for number in range(12):
        clock.go(minutes=5)
        case = record.register(postgres_db, DESK, new_case(body_id=("b01", "b02")[number % 2]))
        record.add_event(
            postgres_db, LABOUR, case.case_id, NewEvent("contacted", words={"note": "联系。"}),
            lambda *_: None,
        ) if number % 2 == 0 else None  # fmt: skip
    with postgres_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for table, new in MANY.items():
            columns = [c.name for c in metadata.tables[table].columns if c.name != "id"]
            values = ", ".join(new.get(name, name) for name in columns)
            conn.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
                f"FROM (SELECT * FROM {table} LIMIT 1) AS one, generate_series(1, {ROWS}) AS n"
            )
        conn.execute(sa.text("ANALYZE"))
    return postgres_db


@contextmanager
def asked(db: Db) -> Iterator[list[tuple[str, Any]]]:
    """Every SELECT that is sent while inside, with its values."""
    found: list[tuple[str, Any]] = []

    def note(conn, cursor, statement, values, context, many) -> None:  # type: ignore[no-untyped-def]
        if statement.lstrip().startswith("SELECT"):
            found.append((statement, values))

    rows = Prepared.rows

    def noted(self: Prepared, conn: sa.Connection, **values: str | int) -> Any:
        made = rows(self, conn, **values)
        plan = self._plans[conn.dialect.name]
        found.append((plan.sql, plan.given(values)))
        return made

    arrays = Db._postgres_arrays

    def read(self: Db, sql: str) -> Any:
        found.append((sql.replace("%%", "%"), None))
        return arrays(self, sql)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    Db._postgres_arrays = read  # type: ignore[method-assign]
    Prepared.rows = noted  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Prepared.rows = rows  # type: ignore[method-assign]
        Db._postgres_arrays = arrays  # type: ignore[method-assign]
        sa.event.remove(db.engine, "before_cursor_execute", note)


def scans(plan: dict[str, Any], is_cut: bool = False) -> Iterator[str]:
    """Large tables that a plan goes through from one end to the other.

    is_cut: whoever is above takes the first few rows in the order of an index.
    """
    kind, name = plan["Node Type"], plan.get("Relation Name")
    has_condition = "Index Cond" in plan or "Recheck Cond" in plan
    if name in MANY and "Scan" in kind and not has_condition and not (is_cut and "Index" in kind):
        yield f"{kind} on {name}"
    for part in plan.get("Plans", ()):
        yield from scans(part, kind == "Limit" or (is_cut and kind != "Sort"))


def whole(db: Db, said: list[tuple[str, Any]]) -> dict[str, list[str]]:
    """By statement, the large tables that PostgreSQL can only go through as a whole."""
    found = {}
    with db.engine.connect() as conn:
        cursor = conn.connection.cursor()
        for statement, values in said:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
            if bad := sorted(set(scans(cursor.fetchone()[0][0]["Plan"]))):
                found[" ".join(statement.split())[-300:]] = bad
        cursor.close()
    return found


def test_what_a_page_takes_a_few_rows_of_is_found_by_an_index(
    county: Db, new_case: Callable[..., NewCase], clock: Clock
) -> None:
    made = record.register(county, DESK, new_case())
    assert made.slip is not None
    asker = Scope(who=made.case_id, role="resident")
    with county.write() as conn:
        account = sessions.insert_account(county, conn, "clerk", "-", "department_clerk", "b01")
        token = sessions.open_session(county, conn, account, "")
    reads: dict[str, Callable[[], object]] = {
        "the version every page asks for": county.version,
        "who looks": lambda: sessions.session_of(county, token),
        "a code": lambda: receipts.find(county, made.slip.code),
        "a case": lambda: read_case(county, LABOUR, made.case_id),
        "an asker's case": lambda: (read_case(county, asker, made.case_id),
                                    read_summary(county, asker, made.case_id)),
        "a text": lambda: openings.open_texts(county, LABOUR, made.case_id),
        "a day's filings": lambda: filings.read_filings(
            county, DESK, clock.at.date(), clock.at.date(), clock.at),
        "refused rows": lambda: quarantine.waiting(county, DESK),
        "an issued report": lambda: issues.read(
            county, SUPERVISOR, "daily", clock.at.date(), clock.at.date()),
    }  # fmt: skip
    found = {}
    for name, read in reads.items():
        with asked(county) as said:
            read()
        assert said, name
        if bad := whole(county, said):
            found[name] = bad
    assert found == {}


def test_what_is_new_of_a_work_list_is_found_by_an_index(
    county: Db, new_case: Callable[..., NewCase], clock: Clock
) -> None:
    seen = seen_at(county, clock.at)
    with asked(county) as said:
        kept = set(read_worklist(county, LABOUR, clock.at).cases["case_id"])
    assert len(kept) == 6
    mine = [one for one in said if "to_body_id IN" in one[0]]
    assert mine
    assert whole(county, mine) == {}
    clock.go(minutes=5)
    record.register(county, DESK, new_case())
    with asked(county) as said:
        changes = read_changes(county, LABOUR, clock.at, seen, kept)
    assert changes.table is not None
    assert len(changes.table.cases) == 1
    assert whole(county, said) == {}


def test_the_check_sees_a_table_that_is_gone_through(county: Db) -> None:
    with county.engine.connect() as conn:
        query = "SELECT case_id FROM case_version WHERE amount_band = 'x'"
        conn.execute(sa.text(query))
    assert list(whole(county, [(query, None)]).values()) == [["Seq Scan on case_version"]]
    ordered = "SELECT case_id FROM case_version WHERE amount_band = 'x' ORDER BY id"
    assert len(whole(county, [(ordered, None)])) == 1
