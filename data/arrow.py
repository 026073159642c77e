"""Between a database's Arrow columns and pandas: types stay those of the query, gaps stay gaps."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from .instant import Instant

_NO_NUMBER = -(2**62)


def filled(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column with a stand-in for NULL, so that a column of NULLs alone keeps its type."""
    if isinstance(column.type, sa.Float):
        return column  # never missing in the record, and nothing to guess
    empty = "''" if isinstance(column.type, sa.String) else str(_NO_NUMBER)
    if isinstance(column.type, sa.Boolean):
        column = sa.cast(column, sa.Integer)
    elif isinstance(column.type, sa.Date):
        column, empty = sa.cast(column, sa.String), "''"
    return sa.func.coalesce(column, sa.literal_column(empty))


def series(column: sa.ColumnElement[Any], values: pa.Array) -> pd.Series:
    """The values of a column that was read filled, in its own type, NA where there was nothing."""
    if isinstance(column.type, (sa.String, sa.Date)):
        values = values.cast(pa.string())  # a result without rows comes as numbers
        values = pc.replace_with_mask(values, pc.equal(values, ""), pa.scalar(None, values.type))
        texts = values.to_pandas()
        if isinstance(column.type, sa.Date):
            return pd.to_datetime(texts, format="%Y-%m-%d").astype("datetime64[us]")
        return texts.astype("str")
    if isinstance(column.type, sa.Float):
        return values.cast(pa.float64()).to_pandas()
    numbers = values.cast(pa.int64())
    gaps = pc.equal(numbers, _NO_NUMBER)
    if isinstance(column.type, sa.Boolean):
        return numbers.to_pandas().astype(bool)
    numbers = pc.replace_with_mask(numbers, gaps, pa.scalar(None, pa.int64()))
    if isinstance(column.type, Instant):
        return numbers.cast(pa.timestamp("us", tz="UTC")).to_pandas()
    return numbers.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
