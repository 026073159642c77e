"""When late is very late: one definition for lists, figures and the asker's page."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from .clock import Clock

VERY_LATE_DAYS = 30
"""Past the limit by the limit itself or this many days, whichever is shorter (DOMAIN.md §5)."""


def very_late(days_over: NDArray[np.int64], limit_days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether running clocks are very late: past their last day by as long as the limit itself or
    30 days, whichever is shorter; the day on which that many have passed counts.

    Args:
        days_over: calendar days past the last day, below 1 = not past it.
        limit_days: `Clock.limit_days` of each.
    """
    found: NDArray[np.bool_] = days_over >= np.maximum(1, np.minimum(limit_days, VERY_LATE_DAYS))
    return found


def is_very_late(clock: Clock, today: dt.date) -> bool:
    """Whether a clock is overdue and very late on a local day."""
    if clock.state != "overdue" or clock.due_on is None or clock.limit_days is None:
        return False
    over = np.array([(today - clock.due_on).days])
    return bool(very_late(over, np.array([clock.limit_days]))[0])
