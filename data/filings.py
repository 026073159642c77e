"""The desks' daily filings: report or zero, with no free text about anything."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa

from . import audit, frames
from .db import Db
from .errors import NotAllowed
from .reading import known_at
from .schema import case_version, excused_day, filing
from .scope import Scope
from .vocabulary import CORRECTION_REASONS, EXCUSE_REASONS, FILING_KINDS, FILING_REASONS

TAKEN_BACK = "taken_back"
"""Stands for the reason where an excuse was taken back: the table is append-only."""


def file_day(
    db: Db,
    scope: Scope,
    township_code: str,
    period: dt.date,
    kind: str,
    reason: str | None = None,
) -> int:
    """File a desk's day; a second filing of the same day is a revision. Returns its number.

    The kind that stands already, sent again (a double press, a second sheet), adds nothing: the
    number is that of the filing that stands. Deadline and working days are asked by
    `service.filing.file`.

    Raises:
        NotAllowed: another township's desk, a kind or reason outside the lists, a day to come.
    """
    scope.need("township_clerk")
    if township_code not in scope.townships:
        raise NotAllowed("data.error.other_township")
    reasons = (None, *FILING_REASONS, *CORRECTION_REASONS)
    if kind not in FILING_KINDS or reason not in reasons:
        raise NotAllowed("data.error.not_in_list")
    zone = db.county().zone
    with db.write() as conn:
        at = db.stamp(conn)
        if period > _local_day(at, zone):
            raise NotAllowed("data.error.day_to_come")
        of_day = (filing.c.township_code == township_code) & (filing.c.period == period)
        standing = sa.select(filing.c.kind).where(of_day)
        kinds = conn.execute(standing.order_by(filing.c.filed_at, filing.c.id)).scalars().all()
        if kinds and kinds[-1] == kind:
            return len(kinds)
        revision = 1 + len(kinds)
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


def excuse_day(
    db: Db, scope: Scope, township_code: str, period: dt.date, reason: str | None
) -> None:
    """Excuse a desk's day, or take that back (reason None): the newest word counts.

    Raises:
        NotAllowed: not a supervisor, or a reason outside `EXCUSE_REASONS`.
    """
    scope.need("supervisor")
    if reason is not None and reason not in EXCUSE_REASONS:
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        conn.execute(
            excused_day.insert().values(
                township_code=township_code,
                period=period,
                reason=reason or TAKEN_BACK,
                recorded_at=at,
            )
        )
        done = "day_excused" if reason else "day_excuse_taken_back"
        audit.write(db, conn, scope, done, f"{township_code} {period}")


def read_filings(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """`frames.Filings` of `first`..`last`, as known at `as_of`; a clerk's own desk only."""
    found = read_revisions(db, scope, first, last, as_of).drop(columns="is_imported")
    return frames.check(frames.Filings, found)


def read_revisions(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """`frames.Filings` and, beside, is_imported: taken over from an older system, not pressed by
    the desk's clerk here. Every revision, in order of arrival."""
    known = sa.func.coalesce(filing.c.source_recorded_at, filing.c.recorded_at)
    query = (
        sa.select(
            filing.c.township_code, filing.c.period, filing.c.kind, filing.c.filed_at,
            filing.c.reason, filing.c.source_recorded_at.is_not(None).label("is_imported"),
        )
        .where(filing.c.period.between(first, last), known <= as_of)
        .where(_reached(scope, filing))
        .order_by(filing.c.filed_at, filing.c.id)
    )  # fmt: skip
    types = dict(frames.empty(frames.Filings).dtypes) | {"is_imported": "bool"}
    return db.frame(query).astype(types)


def read_excused(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """Days excused by the county, those taken back left out: township_code, period, reason."""
    said = read_excuses(db, scope, first, last, as_of)
    newest = said.drop_duplicates(["township_code", "period"], keep="last")
    standing = newest[newest["reason"] != TAKEN_BACK]
    return standing[["township_code", "period", "reason"]].reset_index(drop=True)


def read_excuses(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """Every excuse and every one taken back (reason `TAKEN_BACK`), in order of recording:
    township_code, period, reason, recorded_at (UTC)."""
    e = excused_day.c
    query = (
        sa.select(e.township_code, e.period, e.reason, e.recorded_at)
        .where(e.period.between(first, last), e.recorded_at <= as_of)
        .where(_reached(scope, excused_day))
        .order_by(e.recorded_at, e.id)
    )
    return db.frame(query)


def desk_version(db: Db, scope: Scope) -> tuple[object, ...]:
    """A value that changes with whatever is read here of a clerk's own desk: the newest rows of
    its filings, its excuses and its cases.

    Raises:
        NotAllowed: not a township clerk.
    """
    scope.need("township_clerk")
    newest = [
        sa.select(sa.func.max(table.c.id)).where(_reached(scope, table)).scalar_subquery()
        for table in (filing, excused_day)
    ]
    v = case_version.c
    newest.append(sa.select(sa.func.max(v.id)).where(v.desk == scope.desk).scalar_subquery())
    with db.read() as conn:
        return tuple(conn.execute(sa.select(*newest)).one())


def desk_register(
    db: Db, scope: Scope, first: dt.date, last: dt.date, as_of: dt.datetime
) -> pd.DataFrame:
    """When the clerk's own desk's cases of the local days `first`..`last` were opened and known:
    what contradicts a zero filing, and nothing else of them.

    Returns:
        desk, opened_at, known_at (of the first version), as in `frames.Cases`; by the version
        known at `as_of`.

    Raises:
        NotAllowed: not a township clerk.
    """
    scope.need("township_clerk")
    zone = db.county().zone
    begins = pd.Timestamp(first, tz=zone)
    ends = pd.Timestamp(last, tz=zone) + pd.DateOffset(days=1)
    v = case_version.c
    inside = v.opened_at.between(begins.to_pydatetime(), ends.to_pydatetime())
    query = (
        sa.select(v.case_id, v.desk, v.opened_at, known_at(case_version).label("known_at"))
        .where(v.case_id.in_(sa.select(v.case_id).where(v.desk == scope.desk, inside)))
        .where(known_at(case_version) <= as_of)
        .order_by(v.id)
    )
    rows = db.frame(query)
    newest = rows.drop_duplicates("case_id", keep="last").set_index("case_id")
    newest["known_at"] = rows.groupby("case_id")["known_at"].first()
    ours = newest["desk"] == scope.desk
    ours &= (newest["opened_at"] >= begins) & (newest["opened_at"] < ends)
    columns = ["desk", "opened_at", "known_at"]
    types = dict(frames.empty(frames.Cases)[columns].dtypes)
    return newest.loc[ours, columns].reset_index(drop=True).astype(types)


def _reached(scope: Scope, table: sa.Table) -> sa.ColumnElement[bool]:
    if scope.sees_county_figures:
        return sa.true()
    scope.need("township_clerk")
    return table.c.township_code.in_(sorted(scope.townships))


def _local_day(at: dt.datetime, zone: str) -> dt.date:
    return pd.Timestamp(at).tz_convert(zone).date()
