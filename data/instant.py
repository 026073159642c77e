"""How the record keeps a moment: whole microseconds since 1970 in UTC, in both databases alike."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """An aware datetime, kept as whole microseconds since 1970 UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_literal_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> str:
        return "NULL" if value is None else str((value - EPOCH) // _MICROSECOND)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> dt.datetime | None:
        return None if value is None else EPOCH + value * _MICROSECOND
