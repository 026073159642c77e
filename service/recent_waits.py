"""What a receipt says of answers of the same kind, and where such cases usually go.

A grid worker or clerk may not read the county's figures. These few aggregates are computed over
every case inside this room, rest on at least ten cases each, and carry nothing else out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from data.db import Db
from data.scope import Scope
from geo.tree import MINIMUM
from reports.waiting import quantile_days

from .figures import county_figures

WINDOW = dt.timedelta(days=365)
"""Cases opened in this span before the moment count."""


class Recent(NamedTuple):
    """One category in the last year.

    median_days, nine_in_ten_days: to the first answer, open cases counted (Kaplan-Meier); None
        below ten cases, or while so many still wait that it cannot be said.
    usual_body_id: the body most such cases were named for; None below ten of them.
    """

    median_days: float | None
    nine_in_ten_days: float | None
    usual_body_id: str | None


UNKNOWN = Recent(None, None, None)


def recent(db: Db, as_of: dt.datetime) -> Mapping[str, Recent]:
    """Every category of which cases were opened in the year before `as_of`, by its id."""
    found = county_figures(db, Scope.operator(), as_of)
    cases, stand = found.table.cases, found.standing
    counted = stand["is_counted"].astype(bool) & (cases["opened_at"] >= as_of - WINDOW)
    table = cases.loc[counted, ["category", "body_id"]].join(stand[["wait_days", "wait_observed"]])
    return {str(name): _of(rows) for name, rows in table.groupby("category", observed=True)}


_background = ThreadPoolExecutor(1, "recent")
_readings: dict[tuple[str, dt.datetime], Future[Mapping[str, Recent]]] = {}
"""The reading of this morning, by database; at most one is kept."""


def read_ahead(db: Db) -> Future[Mapping[str, Recent]]:
    """`recent` as of this morning, begun in the background: once a day, so a form need not wait."""
    zone = ZoneInfo(db.county().zone)
    today = db.now().astimezone(zone).date()
    morning = dt.datetime.combine(today, dt.time(0), zone).astimezone(dt.UTC)
    key = (str(db.engine.url), morning)
    if key not in _readings or (_readings[key].done() and _readings[key].exception()):
        _readings.clear()
        _readings[key] = _background.submit(recent, db, morning)
    return _readings[key]


def recent_waits(db: Db, category: str, as_of: dt.datetime) -> tuple[float | None, float | None]:
    """Median and nine-in-ten days to the answer of one category; None below ten cases."""
    one = recent(db, as_of).get(category, UNKNOWN)
    return one.median_days, one.nine_in_ten_days


def _of(rows: pd.DataFrame) -> Recent:
    valid = rows["wait_days"].notna()
    waits, observed = rows.loc[valid, "wait_days"], rows.loc[valid, "wait_observed"]
    is_enough = len(waits) >= MINIMUM
    named = rows["body_id"].value_counts()
    return Recent(
        quantile_days(waits, observed, 0.5) if is_enough else None,
        quantile_days(waits, observed, 0.9) if is_enough else None,
        str(named.index[0]) if len(named) and named.iloc[0] >= MINIMUM else None,
    )
