"""The desks' daily filings: report or zero, with no free text about anything."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa

from . import audit, frames
from .db import Db
from .errors import NotAllowed
from .schema import case_version, excused_day, filing
from .scope import Scope
from .vocabulary import FILING_KINDS, FILING_REASONS


def file_day(
    db: Db,
    scope: Scope,
    township_code: str,
    period: dt.date,
    kind: str,
    reason: str | None = None,
) -> int:
    """File a desk's day; a second filing of the same day is a revision. Returns its number.

    Raises:
        NotAllowed: another township's desk, a kind or reason outside the list, a day to come.
    """
    scope.need("township_clerk")
    if township_code not in scope.townships:
        raise NotAllowed("data.error.other_township")
    if kind not in FILING_KINDS or (reason is not None and reason not in FILING_REASONS):
        raise NotAllowed("data.error.not_in_list")
    zone = db.county().zone
    with db.write() as conn:
        at = db.stamp(conn)
        if period > _local_day(at, zone):
            raise NotAllowed("data.error.day_to_come")
        revision = 1 + int(
            conn.execute(
                sa.select(sa.func.count())
                .select_from(filing)
                .where(filing.c.township_code == township_code, filing.c.period == period)
            ).scalar_one()
        )
        conn.execute(
            filing.insert().values(
                township_code=township_code,
                period=period,
                kind=kind,
                filed_at=at,
                recorded_at=at,
                revision=revision,
                reason=reason,
            )
        )
        audit.write(db, conn, scope, "day_filed", f"{township_code} {period}")
    return revision


def read_filings(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """`frames.Filings` of `first`..`last`, as known at `as_of`; a clerk's own desk only."""
    known = sa.func.coalesce(filing.c.source_recorded_at, filing.c.recorded_at)
    query = (
        sa.select(
            filing.c.township_code, filing.c.period, filing.c.kind, filing.c.filed_at,
            filing.c.reason,
        )
        .where(filing.c.period.between(first, last), known <= as_of)
        .where(_reached(scope, filing))
        .order_by(filing.c.filed_at, filing.c.id)
    )  # fmt: skip
    found = db.frame(query)
    shape = frames.empty(frames.Filings)
    return frames.check(frames.Filings, found.astype(dict(shape.dtypes)))


def read_excused(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """Days excused by the county: township_code, period (naive day), reason."""
    query = (
        sa.select(excused_day.c.township_code, excused_day.c.period, excused_day.c.reason)
        .where(excused_day.c.period.between(first, last), excused_day.c.recorded_at <= as_of)
        .where(_reached(scope, excused_day))
        .order_by(excused_day.c.period, excused_day.c.township_code)
    )
    return db.frame(query)


def desk_cases(db: Db, scope: Scope, period: dt.date) -> int:
    """How many cases the clerk's own desk has in its register for a local day: what contradicts
    a zero filing. A number only.

    Raises:
        NotAllowed: not a township clerk.
    """
    scope.need("township_clerk")
    zone = db.county().zone
    first = pd.Timestamp(period, tz=zone)
    after = first + pd.DateOffset(days=1)
    v = case_version.c
    query = sa.select(sa.func.count(sa.distinct(v.case_id))).where(
        v.desk == scope.desk,
        v.opened_at >= first.to_pydatetime(),
        v.opened_at < after.to_pydatetime(),
    )
    with db.read() as conn:
        return int(conn.execute(query).scalar_one())


def _reached(scope: Scope, table: sa.Table) -> sa.ColumnElement[bool]:
    if scope.sees_county_figures:
        return sa.true()
    scope.need("township_clerk")
    return table.c.township_code.in_(sorted(scope.townships))


def _local_day(at: dt.datetime, zone: str) -> dt.date:
    return pd.Timestamp(at).tz_convert(zone).date()
