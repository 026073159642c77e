"""Which desks filed, from the record; and a desk's own filing, by the rules of its day."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from data import filings, places
from data.db import Db
from data.errors import NotAllowed
from data.reading import read_figures
from data.scope import Scope
from data.vocabulary import CORRECTION_REASONS, FILING_REASONS
from reports.filing import asked_days, deadline_at, filing_matrix

from .daily import cut_off
from .figures import working_days
from .rules import rules_of


def asked(db: Db, first: dt.date, last: dt.date) -> dict[dt.time, pd.DatetimeIndex]:
    """The days `first`..`last` for which a filing is asked, by deadline: each day by the rules in
    force on it. Empty where none is asked."""
    county, rules = db.county(), rules_of(db)
    days: dict[tuple[dt.time, str], list[dt.date]] = {}
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        pack = rules.pack(county.pack, day)
        if pack.daily_filing:
            days.setdefault((pack.filing_deadline, pack.calendar), []).append(day)
    found: dict[dt.time, pd.DatetimeIndex] = {}
    for (deadline, name), some in days.items():
        working = working_days(rules.calendar(name), some[0], some[-1])
        periods = asked_days(first, last, working).intersection(pd.DatetimeIndex(some))
        if len(periods):
            found[deadline] = found.get(deadline, periods).union(periods)
    return found


def span_matrix(
    db: Db,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    as_of: dt.datetime,
    cases: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """`reports.filing.filing_matrix` of the asked days `first`..`last`, as known at `as_of`; a
    clerk's own desk only. No rows where nothing was asked.

    Args:
        cases: every case known at `as_of`, where the caller has them already.

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    townships = places.read_townships(db, scope)
    if not scope.sees_county_figures:
        townships = townships[townships["township_code"].isin(scope.townships)]
        cases = filings.desk_register(db, scope, first, last, as_of)
    elif cases is None:
        cases = read_figures(db, scope, as_of).cases
    filed = filings.read_filings(db, scope, first, last, as_of)
    excused = filings.read_excused(db, scope, first, last, as_of)
    bodies, zone = places.read_bodies(db, scope), db.county().zone
    none = {dt.time(): pd.DatetimeIndex([], dtype="datetime64[us]")}
    made = [
        filing_matrix(filed, townships, cases, bodies, days, as_of, zone, deadline, excused)
        for deadline, days in (asked(db, first, last) or none).items()
    ]
    if len(made) == 1:
        return made[0]
    return pd.concat(made).sort_values(["township_code", "period"], ignore_index=True)


def day_matrix(db: Db, day: dt.date) -> pd.DataFrame:
    """`span_matrix` of one local day, as known at its end or now."""
    return span_matrix(db, Scope.operator(), day, day, cut_off(db, day))


def limit_of(db: Db, day: dt.date) -> dt.datetime | None:
    """The deadline of a local day as an instant (UTC); None = no filing is asked for it."""
    for deadline in asked(db, day, day):
        return deadline_at(day, db.county().zone, deadline)
    return None


def file(
    db: Db, scope: Scope, township_code: str, day: dt.date, kind: str, reason: str | None = None
) -> int:
    """File a desk's day: in time without a reason, late with one of `FILING_REASONS`, the other
    kind than what stands with one of `CORRECTION_REASONS`. Returns the revision's number.

    Raises:
        NotAllowed: no filing is asked of this desk for the day, or not the reason it needs;
            otherwise as `data.filings.file_day`.
    """
    now = db.now()
    limit = limit_of(db, day)
    if limit is None or not _is_active(places.read_townships(db, scope), township_code, day):
        raise NotAllowed("desks.error.not_asked")
    before = filings.read_filings(db, scope, day, day, now)
    before = before[before["township_code"] == township_code]
    if before.empty:
        if now > limit and reason not in FILING_REASONS:
            raise NotAllowed("desks.error.late_needs_reason")
        if now <= limit and reason is not None:
            raise NotAllowed("desks.error.no_reason_needed")
    elif kind != before["kind"].iloc[-1] and reason not in CORRECTION_REASONS:
        raise NotAllowed("desks.error.correction_needs_reason")
    return filings.file_day(db, scope, township_code, day, kind, reason)


def file_by_sheet(db: Db, scope: Scope) -> bool:
    """What a desk's spreadsheet that was taken in says besides: the desk is open and reports.

    It counts as a report of the day on which it was taken in (DOMAIN.md §6): late without a reason
    where the deadline has passed, the same again where the desk has reported. Nothing on a day for
    which none is asked, nor from a grid worker, who is not the desk.

    Returns:
        Whether today stands as reported by it.
    """
    if scope.role != "township_clerk":
        return False
    today = pd.Timestamp(db.now()).tz_convert(db.county().zone).date()
    townships = places.read_townships(db, scope)
    asked_here = [code for code in sorted(scope.townships) if _is_active(townships, code, today)]
    if limit_of(db, today) is None:
        return False
    for code in asked_here:
        filings.file_day(db, scope, code, today, "report")
    return bool(asked_here)


def excuse(db: Db, scope: Scope, township_code: str, day: dt.date, reason: str | None) -> None:
    """Excuse a desk's day, or take that back (reason None); days to come may be excused.

    Raises:
        NotAllowed: no filing is asked of this desk for the day; otherwise as
            `data.filings.excuse_day`.
    """
    scope.need("supervisor")
    active = _is_active(places.read_townships(db, scope), township_code, day)
    if not active or limit_of(db, day) is None:
        raise NotAllowed("desks.error.not_asked")
    filings.excuse_day(db, scope, township_code, day, reason)


def _is_active(townships: pd.DataFrame, code: str, day: dt.date) -> bool:
    of_it = townships[townships["township_code"] == code]
    moment = pd.Timestamp(day)
    alive = (of_it["valid_from"] <= moment) & (
        of_it["valid_to"].isna() | (of_it["valid_to"] >= moment)
    )
    return bool(alive.any())
