"""Days and moments of the simulation: local time as float days since 1970, working days numbered.

A float holds a microsecond or so at this size; what leaves the package is rounded to seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
IsWorking = Callable[[Days], Bools]
"""Local days (datetime64[D]) -> whether each is a working day."""

OPENS, NOON, AFTERNOON, CLOSES = 8.5, 12.0, 13.5, 17.5
"""Office hours, local: 8:30 to 12:00 and 13:30 to 17:30."""
_MORNING = NOON - OPENS
_HOURS = _MORNING + CLOSES - AFTERNOON


def office_time(part: Floats) -> Floats:
    """The moment (fraction of a day) at which a share `part` (0-1) of the office hours is over."""
    hours = part * _HOURS
    return np.where(hours < _MORNING, OPENS + hours, AFTERNOON + hours - _MORNING) / 24


def office_part(at: Floats) -> Floats:
    """The share (0-1) of its day's office hours that is over at a moment: undoes `office_time`."""
    hour = (at % 1) * 24
    morning = np.clip(hour - OPENS, 0, _MORNING)
    return (morning + np.clip(hour - AFTERNOON, 0, CLOSES - AFTERNOON)) / _HOURS


class WorkDays:
    """Working days numbered 0, 1, 2 ... over a span of local days."""

    def __init__(self, first: int, last: int, is_working: IsWorking) -> None:
        """first, last: days since 1970, both included."""
        days = np.arange(first, last + 1)
        working = np.asarray(is_working(days.astype("datetime64[D]")), dtype=bool)
        self._first = first
        self._before = np.concatenate([[0], np.cumsum(working)])
        self.days: Ints = days[working]

    def upto(self, day: npt.ArrayLike) -> Ints:
        """Number of working days on or before each day (days since 1970, floats cut down)."""
        index = np.floor(np.asarray(day, dtype=float)).astype(np.int64) - self._first + 1
        return self._before[np.clip(index, 0, len(self._before) - 1)]

    def number(self, day: npt.ArrayLike) -> Ints:
        """Number of the first working day on or after each day."""
        return self.upto(np.asarray(day, dtype=float) - 1)

    def day(self, number: npt.ArrayLike) -> Floats:
        """The day of a working day's number; numbers past the span go on five to a week."""
        index = np.asarray(number, dtype=np.int64)
        inside = np.clip(index, 0, len(self.days) - 1)
        return self.days[inside] + np.maximum(index - inside, 0) * 1.4

    def snap(self, at: Floats) -> Floats:
        """Each moment, or the same time of day on the next working day if its day is free."""
        return self.day(self.number(at)) + at % 1

    def add(self, at: Floats, working_days: npt.ArrayLike) -> Floats:
        """The day that many working days after the day of each moment (0 = that day or next)."""
        return self.day(self.number(at) + np.asarray(working_days, dtype=np.int64))


def days_of(at: Floats) -> Days:
    """Local days (datetime64[D]) of moments."""
    return np.floor(at).astype("datetime64[D]")


def to_utc(at: Floats, zone: str) -> pd.Series:
    """Moments as instants (`datetime64[us, UTC]`, whole seconds), NaN as NaT."""
    seconds = np.round(np.nan_to_num(at) * 86400).astype(np.int64)
    local = pd.Series(seconds.astype("datetime64[s]").astype("datetime64[us]"))
    local[np.isnan(at)] = pd.NaT
    aware = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    twice = local.notna() & aware.isna()
    if twice.any():  # the hour that a zone with summer time has twice: take the first
        first = np.ones(int(twice.sum()), dtype=bool)
        aware[twice] = local[twice].dt.tz_localize(zone, ambiguous=first)
    return aware.dt.tz_convert("UTC")
