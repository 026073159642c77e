"""Statements prepared once, for pages that read many short ones.

SQLAlchemy works out anew for every execution how parameters go in and columns come out: five times
what SQLite itself needs for a case's few rows. Here it is worked out once per statement and
database; types stay those of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Read = Callable[[Any], Any]


@dataclass(frozen=True)
class _Plan:
    """A statement as one database takes it; `order`: of its parameters, None = by their names."""

    sql: str
    fixed: Mapping[str, Any]
    order: Sequence[str] | None
    names: tuple[str, ...]
    reads: tuple[tuple[str, Read], ...]


class Prepared:
    """One SELECT with named parameters, each a text or a number; sees what its transaction sees."""

    def __init__(self, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        self._query = query
        self._plans: dict[str, _Plan] = {}

    def rows(self, conn: sa.Connection, **values: str | int) -> list[dict[str, Any]]:
        """Every row by the names of its columns, values in the types of the query."""
        plan = self._plans.get(conn.dialect.name)
        if plan is None:
            plan = self._plans[conn.dialect.name] = self._planned(conn.dialect, values)
        if not conn.in_transaction():
            conn.begin()  # else SQLAlchemy would not know that reading has begun, nor end it
        given = {**plan.fixed, **values}
        cursor = conn.connection.cursor()
        try:
            cursor.execute(
                plan.sql, given if plan.order is None else [given[n] for n in plan.order]
            )
            found = [dict(zip(plan.names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()
        for row in found:
            for name, read in plan.reads:
                row[name] = read(row[name])
        return found

    def _planned(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> _Plan:
        made = self._query.compile(dialect=dialect)
        state = made.construct_expanded_state(values)
        columns = list(self._query.selected_columns)
        reads = [
            (str(column.key), column.type.dialect_impl(dialect).result_processor(dialect, None))
            for column in columns
        ]
        return _Plan(
            sql=state.statement,
            fixed=state.parameters,
            order=state.positiontup if dialect.positional else None,
            names=tuple(str(column.key) for column in columns),
            reads=tuple((name, read) for name, read in reads if read is not None),
        )
