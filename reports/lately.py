"""What the first page draws: answers on time by week, and answers owed by days to their limit."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from .indicators import Window, case_cells
from .rates import Rate, wilson

WEEKS = 13
BANDS = ("very_late", "overdue", "to_3", "to_7", "to_14", "to_30", "later")
_ENDS = (-31, -1, 3, 7, 14, 30)
"""Last day of each band but the last, counted from today to the limit's last day."""


class Week(NamedTuple):
    """A week's answers due: its first and last day, how many were on time."""

    first: dt.date
    last: dt.date
    rate: Rate

    @property
    def is_said(self) -> bool:
        """Whether ten or more were due."""
        return not self.rate.is_small

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, None where the share is not said."""
        return wilson(self.rate.numerator, self.rate.denominator) if self.is_said else None


def on_time_weeks(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    as_of: dt.datetime,
    zone: str,
) -> tuple[Week, ...]:
    """First answers due in each of the last 13 weeks whose figures are settled, and on time.

    Args:
        cases, events, standing: as in `indicators.case_cells`; at least what was due since the
            first of these weeks.

    Returns:
        Oldest first; blocks of seven local days, the last ends on the last day that is settled.
    """
    last = as_of.astimezone(ZoneInfo(zone)).date()
    while Window(last, last).known_at(zone) > as_of:
        last -= dt.timedelta(days=1)
    whole = Window(last - dt.timedelta(days=7 * WEEKS - 1), last)
    near = whole.holds(standing["answer_due_on"])
    cases, standing = cases[near], standing[near]
    events = events[events["case"].isin(cases.index)]
    cells = case_cells(cases, events, standing, whole, as_of, zone)[["on_time", "due"]]
    back = (pd.Timestamp(last) - standing["answer_due_on"]).dt.days // 7
    table = cells.astype("int64").groupby(back).sum().reindex(range(WEEKS), fill_value=0)
    weeks = []
    for ago in range(WEEKS - 1, -1, -1):
        end = last - dt.timedelta(days=7 * ago)
        rate = Rate(int(table["on_time"][ago]), int(table["due"][ago]))
        weeks.append(Week(end - dt.timedelta(days=6), end, rate))
    return tuple(weeks)


def owed_by_days(standing: pd.DataFrame, clocks: pd.DataFrame, today: dt.date) -> pd.Series:
    """Open cases that are owed an answer, by days to its last day: int64 on `BANDS`.

    Args:
        standing, clocks: as in `workload.workload`; answers of every round count.
    """
    open_now = standing["is_counted"].astype(bool) & standing["is_open"].astype(bool)
    state, day = clocks["answer_state"].astype("object"), clocks["answer_due_on"]
    runs = open_now & state.isin(["running", "paused", "overdue"]) & day.notna()
    left = (day[runs] - pd.Timestamp(today)).dt.days
    bands = pd.cut(left, [-(10**6), *_ENDS, 10**6], labels=list(BANDS))
    return bands.value_counts().reindex(list(BANDS), fill_value=0).astype("int64")
