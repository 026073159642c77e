"""The last day of a limit from its first day alone, for many at once: no events, no rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .calendar import WorkingCalendar
from .pack import Pack

Days = NDArray[np.datetime64]


def last_days(
    pack: Pack,
    calendar: WorkingCalendar,
    clock: str,
    starts: Days,
    procedures: NDArray[np.object_],
    added_days: NDArray[np.int64],
) -> Days:
    """Local last days of a clock that started on `starts`.

    Args:
        clock: a clock that the pack has, in days, for every procedure that occurs.
        starts: local days, no missing values. procedures: of the same length.
        added_days: calendar days an extension adds to the limit (0 = none).

    Returns:
        datetime64[D] of the same length.

    Raises:
        ValueError: a procedure without this clock, or a unit other than days.
    """
    due = np.full(len(starts), np.datetime64("NaT", "D"))
    for procedure in np.unique(procedures.astype(str)):
        rule = pack.rule(procedure, clock)
        if rule is None or rule.limit is None:
            raise ValueError(f"{pack.id} has no limit in days for {clock} in {procedure}")
        mine = procedures == procedure
        days, added = starts[mine].astype("datetime64[D]"), added_days[mine]
        if rule.unit == "working_days":
            due[mine] = calendar.add_working(days, rule.limit)
        elif rule.unit == "calendar_days":
            last = days + (rule.limit + added).astype("timedelta64[D]")
            due[mine] = calendar.roll(last) if rule.moves else last
        else:
            raise ValueError(f"{clock} of {pack.id} is not counted in days")
    return due
