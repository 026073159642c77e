"""Working time between two moments, learnt from the weekdays on which the office answers."""

from __future__ import annotations

import numpy as np

from .snapshots import NEVER
from .streams import Stream

DAY = 86_400
_YEAR = 365 * DAY
_PRIOR = 70.0
"""Closings spread evenly over the week that the profile begins with."""


def weekday(at: np.ndarray) -> np.ndarray:
    """0 = Monday .. 6 = Sunday, of seconds since 1970 (a Thursday)."""
    return (at // DAY + 3) % 7


class WorkTime:
    """Weights of days, as the year before each row's moment shows them; an average day is 1.

    Args:
        closed: closings of all cases, seconds; `NEVER` = none.
        at, due: the rows' moments and limits, seconds; they bound the days looked at.
        days_off: extra local days without work (`datetime64[D]`), as known to everybody before.
    """

    def __init__(
        self,
        closed: np.ndarray,
        at: np.ndarray,
        due: np.ndarray,
        days_off: np.ndarray | None = None,
    ) -> None:
        closed = closed[closed < NEVER]
        stream = Stream(weekday(closed), closed)
        day_start = at // DAY * DAY
        days, row_day = np.unique(day_start, return_inverse=True)
        counts = np.stack(
            [
                stream.before(np.full(len(days), d), days)
                - stream.before(np.full(len(days), d), days - _YEAR)
                for d in range(7)
            ],
            axis=1,
        )
        share = (counts + _PRIOR / 7) / (counts.sum(axis=1, keepdims=True) + _PRIOR)
        self._weights, self._row_day = share * 7, row_day
        self._first = int(min(at.min(), due.min())) // DAY if len(at) else 0
        last = int(max(at.max(), due.max())) // DAY if len(at) else 0
        all_days = np.arange(self._first, last + 2)
        off = np.zeros(len(all_days), dtype=bool)
        if days_off is not None:
            off = np.isin(all_days, days_off.astype("datetime64[D]").astype("int64"))
        self._off = off
        is_day = ((all_days + 3) % 7)[:, None] == np.arange(7)
        working = is_day & ~off[:, None]
        self._before = np.vstack([np.zeros(7), np.cumsum(working, axis=0)])

    def of_day(self, moment: np.ndarray) -> np.ndarray:
        """Weight of the day of each row's moment."""
        weight = self._weights[self._row_day, weekday(moment)]
        return np.where(self._off[moment // DAY - self._first], 0.0, weight)

    def between(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Working days from start to end, in proportion; negative if the end is earlier."""
        first, last = start // DAY - self._first, end // DAY - self._first
        days = self._before[last] - self._before[first]
        whole = (days * self._weights[self._row_day]).sum(axis=1)
        begun = (start % DAY) / DAY * self.of_day(start)
        ended = (end % DAY) / DAY * self.of_day(end)
        return whole - begun + ended
