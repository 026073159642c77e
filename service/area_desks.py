"""What the map shows of offices: read once, for the page and for its files alike."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from data import roster
from data.db import Db
from data.places import read_bodies, read_townships
from data.roster import Line
from data.scope import Scope
from reports.area_desks import RECEPTION_DAYS, filing_states, longer_waits, reception_states

from .figures import CaseFigures
from .filing import span_matrix

FILING_DAYS = 14
"""A desk's newest asked day is looked for so many days back: longer than any run of holidays."""
WITHOUT = {"longer_wait": "too_few", "filing": "unknown", "receptions": "none_planned"}
"""State of an area that is in no row of `of_offices`, by layer."""


def of_offices(
    db: Db, scope: Scope, layer: str, as_of: dt.datetime, found: CaseFigures, last: dt.date
) -> pd.DataFrame:
    """What each township's office shows of a layer of `reports.area_desks.DESK_LAYERS`.

    Args:
        as_of: aware; of filings and receptions. found: the county's cases as known then, or at the
            end of the last whole week. last: local day on which the year of `longer_wait` ends.

    Returns:
        On township_code: state, and value, amount, base where there are such.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    if layer == "longer_wait":
        return longer_waits(found.table.cases, found.standing, last)
    if layer == "filing":
        return filing_states(desk_days(db, scope, as_of, found.table.cases))
    codes = sorted(read_townships(db, scope)["township_code"])
    ahead = receptions(db, scope, _local(db, as_of))
    return reception_states(codes, {code: len(lines) for code, lines in ahead.items()})


def desk_days(db: Db, scope: Scope, as_of: dt.datetime, cases: pd.DataFrame) -> pd.DataFrame:
    """What desks did on the asked days of the last two weeks (`service.filing.span_matrix`).

    Args:
        cases: as known at `as_of`. Only confirmed ones contradict a zero here: a case whose code
            was never used enters no map (DOMAIN.md §2.1).
    """
    today = _local(db, as_of)
    first = today - dt.timedelta(days=FILING_DAYS)
    confirmed = cases[cases["is_confirmed"].to_numpy(dtype=bool)]
    return span_matrix(db, scope, first, today, as_of, confirmed)


def receptions(db: Db, scope: Scope, today: dt.date) -> dict[str, list[Line]]:
    """The receptions of the days ahead by township of the office; the county's own under ""."""
    last = today + dt.timedelta(days=RECEPTION_DAYS)
    towns = read_bodies(db, scope).set_index("body_id")["township_code"].dropna()
    found: dict[str, list[Line]] = {}
    for line in roster.read(db, scope, today, last):
        found.setdefault(str(towns.get(line.body_id or "", "")), []).append(line)
    return found


def _local(db: Db, moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(db.county().zone)).date()
