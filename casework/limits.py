"""The last day of a limit in days, for many starts at once: the one place where days are added."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .calendar import WorkingCalendar
from .pack import Rule

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
