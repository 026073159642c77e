"""Storing whole tables: columns bound at once, in a thread that stores while the next are made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from .instant import Instant

MOST_VALUES = 32_000
"""Values of one statement (SQLite takes 32,766 where nobody raised it); what is reported as done in
between."""
BULK_CACHE_KB, USUAL_CACHE_KB = 262_144, 2_000
"""SQLite's memory for pages while many rows are stored, and what it has by itself."""
QUICK_SWITCH, USUAL_SWITCH = 0.000_5, sys.getswitchinterval()
"""Seconds after which Python lets another thread go on: while tables are stored, and else. The
thread that stores asks for its turn after every statement."""
FEW_DIFFERENT = 1_000
"""Of so many values in a row, those of a code list repeat."""
Columns: TypeAlias = pd.DataFrame | Mapping[str, list[Any] | pd.Series]
"""A table's columns, of one length; lists hold Python's own values, None for missing."""
Progress = Callable[[str, int, int], None]
"""Called with (what, done, of)."""


def make_room(conn: sa.Connection, kb: int) -> None:
    """Memory for the pages of this connection: random keys touch every page of their index."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"PRAGMA cache_size={-kb}")


class Inserting:
    """Stores tables in the order in which they are given, in a thread of its own: while the
    database works, the caller makes the next ones. At the end all are stored, or it raises."""

    def __init__(self, conn: sa.Connection, progress: Progress) -> None:
        self._conn, self._progress = conn, progress
        self._thread = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []

    def __enter__(self) -> Callable[[sa.Table, Columns], None]:
        sys.setswitchinterval(QUICK_SWITCH)
        return self._begin

    def _begin(self, table: sa.Table, rows: Columns) -> None:
        if len(rows[next(iter(rows))]):
            # bound here: what is left to the thread is the database's own work
            made = Bound(table, rows, self._conn.dialect)
            self._begun.append(self._thread.submit(made.insert, self._conn, self._progress))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=kind is not None)
        sys.setswitchinterval(USUAL_SWITCH)
        if kind is None:
            for one in self._begun:
                one.result()


class Bound:
    """A table's rows as the driver takes them: whole columns bound at once, not cell by cell."""

    def __init__(self, table: sa.Table, rows: Columns, dialect: sa.Dialect) -> None:
        # compiled once: the same statement as for one row, without its cost for each of many
        made = table.insert().compile(dialect=dialect, column_keys=list(rows))
        self._table, self._sql, self._is_positional = table.name, str(made), made.positional
        self._names = made.positiontup or list(rows)
        columns = (_bound(rows[name], table.c[name], dialect) for name in self._names)
        self._rows = list(zip(*columns, strict=True))

    def insert(self, conn: sa.Connection, progress: Progress) -> None:
        """Store them."""
        many = MOST_VALUES // len(self._names)
        for start in range(0, len(self._rows), many):
            part = self._rows[start : start + many]
            if not self._is_positional:
                named = [dict(zip(self._names, row, strict=True)) for row in part]
                conn.exec_driver_sql(self._sql, named)
            elif len(part) == many:
                # one statement of many rows: no other thread is waited for between them
                head, marks = self._sql.split(" VALUES ")
                whole = f"{head} VALUES {', '.join([marks] * many)}"
                conn.exec_driver_sql(whole, tuple(chain.from_iterable(part)))
            else:
                conn.exec_driver_sql(self._sql, part)
            progress(self._table, start + len(part), len(self._rows))


def _bound(
    values: list[Any] | pd.Series, column: sa.Column[Any], dialect: sa.Dialect
) -> list[object]:
    """A column's values as the driver takes them; None for missing, whatever the type."""
    kind = column.type
    if isinstance(values, pd.Series):
        if values.dtype.kind == "M" and isinstance(kind, Instant):
            moments = values.dt.as_unit("us")
            if moments.notna().all():
                return list(moments.astype("int64").tolist())
            return list(moments.astype("int64").astype(object).where(moments.notna(), None))
        values = _plain(values)
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    if bind is None or isinstance(kind, sa.LargeBinary):  # bytes are taken as they are
        return values
    return [bind(value) for value in values]


def _plain(values: pd.Series) -> list[object]:
    """Python's own values, None for missing."""
    if values.dtype != "str":
        return list(values.astype(object).where(values.notna(), None))
    texts = pa.array(values, from_pandas=True)
    if len(texts[:FEW_DIFFERENT].unique()) < min(len(texts), FEW_DIFFERENT) / 2:
        # codes: each becomes one object, which its many rows share
        coded = texts.dictionary_encode(null_encoding="encode")
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.combine_chunks()
        words = np.array(coded.dictionary.to_pylist(), dtype=object)
        return list(words[coded.indices.to_numpy()].tolist())
    return list(texts.to_numpy(zero_copy_only=False))
