"""Which days are working days: by the jurisdiction's public calendar, provisional beyond it.

Days are local calendar days. The single-day methods are plain loops; the array methods do the
same on `datetime64[D]` arrays by a cumulative count of working days.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import chinese_calendar
import numpy as np
from chinese_calendar import constants
from numpy.typing import NDArray

from data.errors import ConfigError

CALENDARS = ("cn", "england", "every_day")
"""Calendars a pack may name: China's, England's, and one on which every day counts."""

Days = NDArray[np.datetime64]

_FIRST = dt.date(1990, 1, 1)
_LAST = dt.date(2100, 12, 31)
_ONE = dt.timedelta(days=1)
_PROVISIONAL_FREE = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Month and day that are free in every year not yet published (DOMAIN.md §5)."""


@dataclass(frozen=True)
class PublishedYear:
    """One year's arrangement as published, loaded by an administrator.

    free: weekdays that are free. working: weekend days that are worked (make-up days).
    """

    free: frozenset[dt.date]
    working: frozenset[dt.date]


class WorkingCalendar:
    """Working days from 1990 to 2100; days of years nobody has published are provisional.

    versions: (known from, the calendar as known from then until the next), oldest first, where
    the calendar was corrected over time; empty = it was always known as it is.
    """

    versions: tuple[tuple[dt.datetime, WorkingCalendar], ...] = ()

    def __init__(self, name: str, working: NDArray[np.bool_], known: NDArray[np.bool_]) -> None:
        self.name = name
        self._working = working
        self._known = known
        self._is_working, self._is_known = working.tolist(), known.tolist()
        self._count = np.cumsum(working)
        self._unknown = np.cumsum(~known)

    def as_known(self, moment: dt.datetime) -> WorkingCalendar:
        """The calendar as it was known at an aware moment; before the first version, as in it."""
        found = self
        for known_from, calendar in reversed(self.versions):
            found = calendar
            if known_from <= moment:
                break
        return found

    def _at(self, day: dt.date) -> int:
        if not _FIRST <= day <= _LAST:
            raise ConfigError("casework.calendar.out_of_range", day=day, first=_FIRST, last=_LAST)
        return (day - _FIRST).days

    def is_working(self, day: dt.date) -> bool:
        """Whether offices work on that day, make-up working days included."""
        return self._is_working[self._at(day)]

    def is_known(self, day: dt.date) -> bool:
        """Whether that day's year has been published; else its kind is provisional."""
        return self._is_known[self._at(day)]

    def kind(self, day: dt.date) -> str:
        """`working`, `make_up` (a worked weekend day), `weekend` or `holiday` (a free weekday)."""
        weekend = day.weekday() >= 5 and self.name != "every_day"
        if self._is_working[self._at(day)]:
            return "make_up" if weekend else "working"
        return "weekend" if weekend else "holiday"

    def next_working(self, day: dt.date) -> dt.date:
        """The day itself if it is a working day, else the next one that is."""
        while not self.is_working(day):
            day += _ONE
        return day

    def plus_working(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day` (count >= 1; the day itself is not counted)."""
        while count > 0:
            day += _ONE
            count -= self.is_working(day)
        return day

    def working_between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start` up to and including `end`; 0 where `end` is not later."""
        count = 0
        while start < end:
            start += _ONE
            count += self.is_working(start)
        return count

    def is_provisional(self, start: dt.date, end: dt.date) -> bool:
        """Whether any day from `start` to `end`, both included, is of an unpublished year."""
        while start <= end:
            if not self.is_known(start):
                return True
            start += _ONE
        return False

    def _index(self, days: Days) -> NDArray[np.int64]:
        index = (days.astype("datetime64[D]") - np.datetime64(_FIRST)).astype(np.int64)
        if len(index) and (index.min() < 1 or index.max() >= len(self._working)):
            bad = days[(index < 1) | (index >= len(self._working))][0]
            raise ConfigError("casework.calendar.out_of_range", day=bad, first=_FIRST, last=_LAST)
        return index

    def _day(self, index: NDArray[np.int64]) -> Days:
        return np.datetime64(_FIRST) + index.astype("timedelta64[D]")

    def roll(self, days: Days) -> Days:
        """`next_working` of each day; no missing values allowed."""
        before = self._count[self._index(days) - 1]
        return self._day(np.searchsorted(self._count, before + 1, side="left"))

    def add_working(self, days: Days, counts: NDArray[np.int64] | int) -> Days:
        """`plus_working` of each day; counts >= 1; no missing values allowed."""
        return self._day(np.searchsorted(self._count, self._count[self._index(days)] + counts))

    def count_working(self, starts: Days, ends: Days) -> NDArray[np.int64]:
        """`working_between` of each pair; no missing values allowed."""
        found: NDArray[np.int64] = self._count[self._index(ends)] - self._count[self._index(starts)]
        return np.maximum(found, 0)

    def any_unknown(self, starts: Days, ends: Days) -> NDArray[np.bool_]:
        """`is_provisional` of each pair; no missing values allowed."""
        last, before = self._index(ends), self._index(starts) - 1
        return self._unknown[last] > self._unknown[before]


def with_history(versions: Sequence[tuple[dt.datetime, WorkingCalendar]]) -> WorkingCalendar:
    """A calendar that was corrected over time.

    Args:
        versions: (aware moment from which it was known, the whole calendar as known from then),
            oldest first, at least one; the first also stands for all time before it.

    Returns:
        The newest version, which answers `as_known` from all of them.
    """
    newest = versions[-1][1]
    whole = WorkingCalendar(newest.name, newest._working, newest._known)
    whole.versions = tuple(versions)
    return whole


def _all_days() -> list[dt.date]:
    return [_FIRST + dt.timedelta(days=n) for n in range((_LAST - _FIRST).days + 1)]


def china(extra: Mapping[int, PublishedYear] | None = None) -> WorkingCalendar:
    """China's working days: published years from chinesecalendar, then `extra`, then provisional.

    Args:
        extra: arrangement of further years, as an administrator loaded them; they outrank
            chinesecalendar's own for the same year.
    """
    extra = extra or {}
    first, last = min(constants.holidays).year, max(constants.holidays).year
    working, known = [], []
    for day in _all_days():
        weekday = day.weekday() < 5
        year = extra.get(day.year)
        if year is not None:
            working.append(day in year.working or (weekday and day not in year.free))
        elif first <= day.year <= last:
            working.append(chinese_calendar.is_workday(day))
        else:
            working.append(weekday and (day.month, day.day) not in _PROVISIONAL_FREE)
        known.append(year is not None or first <= day.year <= last)
    return WorkingCalendar("cn", np.array(working), np.array(known))


def england(extra: Mapping[int, PublishedYear] | None = None) -> WorkingCalendar:
    """England's working days: what gov.uk has published, then `extra`, then provisional.

    Args:
        extra: as in `china`.
    """
    file = tomllib.loads((Path(__file__).parent / "calendars" / "england.toml").read_text("utf-8"))
    years = {
        int(year): PublishedYear(frozenset(days), frozenset())
        for year, days in file["years"].items()
    } | dict(extra or {})
    working, known = [], []
    for day in _all_days():
        weekday, year = day.weekday() < 5, years.get(day.year)
        if year is None:
            working.append(weekday and f"{day:%m-%d}" not in file["always_free"])
        else:
            working.append(day in year.working or (weekday and day not in year.free))
        known.append(year is not None)
    return WorkingCalendar("england", np.array(working), np.array(known))


@cache
def load_calendar(name: str) -> WorkingCalendar:
    """The calendar a pack names, as shipped (without years an administrator loaded).

    Raises:
        ConfigError: for a name that is not in `CALENDARS`.
    """
    if name == "cn":
        return china()
    if name == "england":
        return england()
    if name == "every_day":
        always = np.ones(len(_all_days()), dtype=bool)
        return WorkingCalendar(name, always, always)
    raise ConfigError("casework.calendar.unknown", name=name, known=", ".join(CALENDARS))
