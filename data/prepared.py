"""Statements prepared once, for pages that read many short ones and for steps recorded one by one.

SQLAlchemy works out anew for every execution how parameters go in and columns come out: five times
what SQLite itself needs for a case's few rows. Here it is worked out once per statement and
database; types stay those of the columns. What the driver raises comes as SQLAlchemy's own error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

Turned = Callable[[Any], Any]


@dataclass(frozen=True)
class _Plan:
    """A statement as one database takes it; `order`: of its parameters, None = by their names.

    writes, reads: what turns a parameter into the driver's value, a column's value into ours.
    """

    sql: str
    fixed: Mapping[str, Any]
    order: Sequence[str] | None
    writes: tuple[tuple[str, Turned], ...]
    names: tuple[str, ...] = ()
    reads: tuple[tuple[str, Turned], ...] = ()

    def given(self, values: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        found = {**self.fixed, **values}
        for name, write in self.writes:
            found[name] = write(found[name])
        return found if self.order is None else [found[name] for name in self.order]


class Prepared:
    """One SELECT with named parameters; sees what its transaction sees."""

    def __init__(self, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        self._query = query
        self._plans: dict[str, _Plan] = {}

    def rows(self, conn: sa.Connection, **values: Any) -> list[dict[str, Any]]:
        """Every row by the names of its columns, values in the types of the query."""
        plan = self._plans.get(conn.dialect.name)
        if plan is None:
            plan = self._plans[conn.dialect.name] = self._planned(conn.dialect, values)
        if not conn.in_transaction():
            conn.begin()  # else SQLAlchemy would not know that reading has begun, nor end it
        with _cursor(conn, plan.sql) as cursor:
            cursor.execute(plan.sql, plan.given(values))
            found = [dict(zip(plan.names, row, strict=True)) for row in cursor.fetchall()]
        for row in found:
            for name, read in plan.reads:
                row[name] = read(row[name])
        return found

    def _planned(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> _Plan:
        columns = list(self._query.selected_columns)
        reads = [
            (str(column.key), column.type.dialect_impl(dialect).result_processor(dialect, None))
            for column in columns
        ]
        return replace(
            _planned(self._query, dialect, values),
            names=tuple(str(column.key) for column in columns),
            reads=tuple((name, read) for name, read in reads if read is not None),
        )


class Change:
    """One INSERT or UPDATE with named parameters, inside the caller's write transaction."""

    def __init__(self, statement: sa.Insert | sa.Update) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    @classmethod
    def row(cls, table: sa.Table, *names: str) -> Change:
        """A new row; its parameters are the named columns, the others stay empty."""
        given = {name: sa.bindparam(name, type_=table.c[name].type) for name in names}
        return cls(table.insert().inline().values(given))

    def run(self, conn: sa.Connection, *rows: Mapping[str, Any]) -> None:
        """Once for each of the rows (at least one), in their order."""
        plan = self._plans.get(conn.dialect.name)
        if plan is None:
            plan = self._plans[conn.dialect.name] = _planned(self._statement, conn.dialect, rows[0])
        with _cursor(conn, plan.sql) as cursor:
            if len(rows) == 1:
                cursor.execute(plan.sql, plan.given(rows[0]))
            else:
                cursor.executemany(plan.sql, [plan.given(row) for row in rows])


def _planned(statement: Any, dialect: sa.Dialect, values: Mapping[str, Any]) -> _Plan:
    made = statement.compile(dialect=dialect)
    state = made.construct_expanded_state(values)
    writes = [
        (name, made.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in values
    ]
    return _Plan(
        sql=state.statement,
        fixed=state.parameters,
        order=state.positiontup if dialect.positional else None,
        writes=tuple((name, write) for name, write in writes if write is not None),
    )


@contextmanager
def _cursor(conn: sa.Connection, sql: str) -> Iterator[Any]:
    error = conn.dialect.loaded_dbapi.Error
    cursor = conn.connection.cursor()
    try:
        yield cursor
    except error as err:
        raise sa.exc.DBAPIError.instance(
            sql, None, err, error, hide_parameters=True, dialect=conn.dialect
        ) from err
    finally:
        cursor.close()
