"""Which desks filed on a day, from the record."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from data import filings, places
from data.db import Db
from data.scope import Scope
from reports.filing import asked_days, filing_matrix

from .daily import cut_off
from .figures import county_figures, working_days
from .rules import county_rules


def day_matrix(db: Db, day: dt.date) -> pd.DataFrame:
    """`reports.filing.filing_matrix` of one local day, as known at its end or now.

    No rows where nothing was expected: no working day, or a pack that asks for no filing.
    """
    scope = Scope.operator()
    pack, calendar = county_rules(db)
    asked = asked_days(day, day, working_days(calendar, day, day))
    if not pack.daily_filing:
        asked = asked[:0]
    as_of = cut_off(db, day)
    figures = county_figures(db, scope, as_of)
    return filing_matrix(
        filings.read_filings(db, scope, day, day, as_of),
        places.read_townships(db, scope),
        figures.table.cases,
        places.read_bodies(db, scope),
        asked,
        as_of,
        db.county().zone,
        excused=filings.read_excused(db, scope, day, day, as_of),
        deadline=pack.filing_deadline,
    )
