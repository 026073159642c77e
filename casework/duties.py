"""What the asker must have been told by now and has not been: the duties beside the clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.vocabulary import NOT_TOLD_OF

from .calendar import WorkingCalendar
from .history import CaseEvent, known_by
from .pack import Pack, Tell


@dataclass(frozen=True)
class Duty:
    """One thing the asker has not been told.

    event: what happened. must: `notified` or `delivered`, whichever the pack asks for.
    since: when it happened. due_on: last local day to tell it; None = the text names no limit.
    is_late: that day has passed. said_not_told: the asker said so.
    """

    event: str
    must: str
    since: dt.datetime
    due_on: dt.date | None
    is_late: bool
    said_not_told: bool
    source: str
    second_hand: bool


def duties(
    pack: Pack,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
) -> list[Duty]:
    """What the asker has not been told yet, in order of time; the latest event of a kind counts.

    A later `notified` or `delivered` settles it (where the pack asks for `delivered`, only that
    does). "I was not told" opens again what it is about, or what was settled last where it does not
    say so, until it is told once more.

    Args:
        events: in order of time; those not known by `as_of` are ignored. as_of: aware.
        zone: the county's IANA zone, in which days are counted.
    """
    tz = ZoneInfo(zone)
    known = known_by(events, as_of)
    latest = {event.event: place for place, event in enumerate(known)}
    objected = latest.get("not_told", -1)
    told_before = {
        tell.event: place
        for tell in pack.tells
        if -1 < (place := latest.get(tell.event, -1)) < objected
    }
    about = known[objected].about if objected >= 0 else None
    again = told_before.get(about or "", max(told_before.values(), default=None))
    found = []
    for tell in pack.tells:
        place = latest.get(tell.event, -1)
        if place < 0:
            continue
        said = place == again
        if _is_settled(tell, known, max(place, objected) if said else place):
            continue
        found.append(_duty(tell, known[place], said, as_of, tz, calendar))
    return sorted(found, key=lambda duty: duty.since)


def told_of(pack: Pack, events: Sequence[CaseEvent], as_of: dt.datetime) -> tuple[str, ...]:
    """What happened by `as_of` and had to be told to the asker, told or not."""
    happened = {event.event for event in known_by(events, as_of)}
    return tuple(tell.event for tell in pack.tells if tell.event in happened & set(NOT_TOLD_OF))


def _is_settled(tell: Tell, known: Sequence[CaseEvent], after: int) -> bool:
    by = ("delivered",) if tell.must == "delivered" else ("notified", "delivered")
    return any(event.event in by for event in known[after + 1 :])


def _duty(
    tell: Tell,
    event: CaseEvent,
    said: bool,
    as_of: dt.datetime,
    zone: ZoneInfo,
    calendar: WorkingCalendar,
) -> Duty:
    due_on = None
    if tell.limit is not None:
        start, days = event.at.astimezone(zone).date(), calendar.as_known(as_of)
        if tell.unit == "working_days":
            due_on = days.plus_working(start, tell.limit)
        else:
            due_on = start + dt.timedelta(days=tell.limit)
    is_late = due_on is not None and as_of.astimezone(zone).date() > due_on
    return Duty(
        tell.event, tell.must, event.at, due_on, is_late, said, tell.source, tell.second_hand
    )
