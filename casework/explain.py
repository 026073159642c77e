"""Why this date: every day from the start of a clock to its last day, counted or skipped."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from .calendar import WorkingCalendar
from .clocks import DAY, Clock, Limit
from .pack import Pack


class DayCounted(NamedTuple):
    """One day on the way to a limit.

    number: its number in the count; None where it is not counted.
    why: the end of a catalogue key, `casework.day.<why>`. provisional: of an unpublished year.
    """

    day: dt.date
    number: int | None
    why: str
    provisional: bool


def explain(pack: Pack, clock: Clock, calendar: WorkingCalendar) -> list[DayCounted]:
    """Each day from the event a clock is counted from to its last day, in order.

    A round after "not solved" unfolds from the first start, because that is what it continues,
    unless the pack's least time after an objection decides: then it unfolds from the objection.

    Args:
        calendar: with its history, if it was ever corrected: the one known when the clock ended,
            or the newest, is unfolded.

    Returns:
        [] for a clock that has not started or has no rule; otherwise the last entry is the due
        date, and the rule's article is `clock.source`.
    """
    limit = clock.length
    if limit is None or clock.due_on is None:
        return []
    calendar = calendar if clock.ended_at is None else calendar.as_known(clock.ended_at)
    if limit.floor_from is not None:
        return _floor(pack, limit.floor_from, limit.due_on, calendar)
    if limit.count is None:
        return [DayCounted(limit.due_on, None, "given", False)]
    days = [_day(limit.start, None, "event", calendar)]
    days += _counted(clock.unit or "", clock.limit or 0, limit, limit.count, calendar)
    return days + _added_and_moved(days[-1], limit, calendar)


def _day(day: dt.date, number: int | None, why: str, calendar: WorkingCalendar) -> DayCounted:
    return DayCounted(day, number, why, not calendar.is_known(day))


def _counted(
    unit: str, plain: int, limit: Limit, count: int, calendar: WorkingCalendar
) -> list[DayCounted]:
    """The days of the limit itself, those between pausing and resuming left out."""
    days, number, day = [], 0, limit.start
    in_working_days, kind = unit == "working_days", ""
    while number < count:
        day += DAY
        if in_working_days:
            kind = calendar.kind(day)
        if in_working_days and not calendar.is_working(day):
            days.append(_day(day, None, kind, calendar))
        elif limit.stops and any(on < day <= off for on, off in limit.stops):
            days.append(_day(day, None, "paused", calendar))
        else:
            number += 1
            why = "counted" if number <= plain else "extended"
            if kind == "make_up" and why == "counted":
                why = "make_up"
            days.append(_day(day, number, why, calendar))
    return days


def _added_and_moved(last: DayCounted, limit: Limit, calendar: WorkingCalendar) -> list[DayCounted]:
    """The days put on top, and those by which a limit that ended on a free day was moved.

    A pause that began on the last day itself comes on top of the limit.
    """
    days: list[DayCounted] = []
    counted = limit.unmoved - limit.added * DAY
    while last.day + len(days) * DAY < counted:
        days.append(_day(last.day + (len(days) + 1) * DAY, None, "paused", calendar))
    for number in range(1, limit.added + 1):
        days.append(_day(counted + number * DAY, number, "added", calendar))
    end = limit.unmoved
    while end < limit.due_on:
        # the free day itself is already listed as counted; what follows is the way past it
        why = f"moved_{calendar.kind(end)}"
        end += DAY
        days.append(_day(end, None, why if end < limit.due_on else "last", calendar))
    return days


def _floor(
    pack: Pack, objected: dt.date, due: dt.date, calendar: WorkingCalendar
) -> list[DayCounted]:
    days = [_day(objected, None, "event", calendar)]
    number, day = 0, objected
    while day < due:
        day += DAY
        if pack.round_unit == "calendar_days" or calendar.is_working(day):
            number += 1
            days.append(_day(day, number, "floor", calendar))
        else:
            days.append(_day(day, None, calendar.kind(day), calendar))
    return days
