"""What a receipt says of answers of the same kind, and where such cases usually go.

A grid worker or clerk may not read the county's figures. These few aggregates are computed over
every case inside this room, rest on at least ten cases each, and carry nothing else out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

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
