"""The last day of a limit, for many starts at once, and of the law's other spans."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .calendar import WorkingCalendar
from .rule import Rule, Span

Days = NDArray[np.datetime64]


class LastDays(NamedTuple):
    """`due_on`: local last days. `counted_from`: the first day whose kind could move them (a
    limit in working days looks at every day, one in calendar days only at its end)."""

    due_on: Days
    counted_from: Days


def last_days(
    rule: Rule,
    calendar: WorkingCalendar,
    starts: Days,
    extended: NDArray[np.int64],
    more: NDArray[np.int64] | int = 0,
) -> LastDays:
    """Last days of a rule's clock that started on `starts`.

    Args:
        starts: local days (datetime64[D]), no missing values; the start itself is not counted.
        extended: days an extension adds to the limit, in the rule's own unit (0 = none).
        more: calendar days added after the limit (rounds after "not solved").

    Raises:
        ValueError: for a rule whose limit is not a number of days.
    """
    if rule.limit is None or rule.unit not in {"working_days", "calendar_days"}:
        raise ValueError(f"{rule.id} has no limit in days")
    after = np.asarray(more).astype("timedelta64[D]")
    if rule.unit == "working_days":
        due = calendar.roll(calendar.add_working(starts, rule.limit + extended) + after)
        return LastDays(due, starts + 1)
    unmoved = starts + (rule.limit + extended).astype("timedelta64[D]") + after
    return LastDays(calendar.roll(unmoved) if rule.moves else unmoved, unmoved)


def span_end(span: Span, start: dt.date, calendar: WorkingCalendar) -> dt.date:
    """Last local day of a span in law that began on a day; calendar months end on the same date or
    the last of a shorter month (31 January + 3 months = 30 April)."""
    if span.unit == "working_days":
        return calendar.plus_working(start, span.limit)
    if span.unit == "calendar_days":
        return start + dt.timedelta(days=span.limit)
    months = start.year * 12 + start.month - 1 + span.limit
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(start.day, last))
