"""The coarsened event log of a quarter, known at a fixed moment so that no two files differ."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from data.db import Db
from data.errors import NotAllowed
from data.event_log import read_for_event_log
from data.scope import Scope
from reports.event_log import EventLog, coarsen
from wording import t

from .figures import only

KNOWN_AFTER = dt.timedelta(weeks=26)
"""A quarter is exported as it was known so long after its end, whenever it is exported: two files
of one quarter hold the same steps, so that nothing is learnt from their difference."""
MOST_QUARTERS = 12
FORMATS = ("xes", "csv")


def quarters(db: Db) -> list[str]:
    """The quarters that can be exported now, the newest first: `2026-Q1`."""
    found, (year, quarter) = [], _quarter_of(db.now())
    for _ in range(MOST_QUARTERS + 4):
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
        if _span(db, f"{year}-Q{quarter}")[1] + KNOWN_AFTER <= db.now():
            found.append(f"{year}-Q{quarter}")
    return found[:MOST_QUARTERS]


def write_export(db: Db, scope: Scope, quarter: str, *, is_on: bool) -> EventLog:
    """The log of the cases that were opened in a quarter.

    Args:
        is_on: the setting ZAOJIE_EVENT_LOG; off by default.

    Raises:
        NotAllowed: it is off, the quarter is not of `quarters`, not a supervisor, or no second
            account has granted it; nothing was read.
    """
    if not is_on:
        raise NotAllowed("access.error.event_log_off")
    if quarter not in quarters(db):
        raise NotAllowed("access.error.event_log_quarter", quarter=quarter[:10])
    start, end = _span(db, quarter)
    table = read_for_event_log(db, scope, end + KNOWN_AFTER, quarter)
    opened = table.cases["opened_at"]
    table = only(table, ((opened >= start) & (opened < end)).to_numpy())
    return coarsen(table.cases, table.events, db.county().zone)


def notes(db: Db, log: EventLog, language: str) -> list[str]:
    """What belongs with the file: how it was made coarse, what is left out, a demo's mark."""
    said = [
        t("access.event_log.how", language),
        t("access.event_log.left_out", language, weeks=log.left_out_weeks,
          steps=log.left_out_steps),
    ]  # fmt: skip
    return [*said, t("access.event_log.demo", language)] if db.county().is_demo else said


def _quarter_of(moment: dt.datetime) -> tuple[int, int]:
    return moment.year, (moment.month + 2) // 3


def _span(db: Db, quarter: str) -> tuple[dt.datetime, dt.datetime]:
    """First moment of a quarter and of the next one, local."""
    year, number = int(quarter[:4]), int(quarter[-1])
    zone = ZoneInfo(db.county().zone)
    start = dt.datetime(year, number * 3 - 2, 1, tzinfo=zone)
    next_year, next_month = (year, number * 3 + 1) if number < 4 else (year + 1, 1)
    return start, dt.datetime(next_year, next_month, 1, tzinfo=zone)
