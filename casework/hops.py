"""Which body had a case for how long: the days of all of them add up to the case's whole time.

A transfer moves no clock of the asker (DOMAIN.md §5); it is shown as time used by each body.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .calendar import WorkingCalendar
from .history import CaseEvent, History, read
from .limits import span_end
from .pack import Pack

RECEIVES = ("transferred", "review_requested", "recheck_requested")
"""Events whose receiver has the case from then on."""
_CLOSES = ("answered", "no_remedy", "declined", "referred", "reviewed", "rechecked")


@dataclass(frozen=True)
class Hop:
    """One body's turn with a case.

    body_id: None where the record does not name it. from_on, to_on: local days; a turn ends on the
    day the next begins, or on the day the case's time ends. days: whole local days between them.
    is_open: the body has the case now. object_until: last day to say that it is the wrong body;
    None = it did not come by a transfer, or the pack names no window. objected: it said so.
    """

    body_id: str | None
    from_on: dt.date
    to_on: dt.date
    days: int
    is_open: bool
    object_until: dt.date | None
    objected: bool


def hops(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    body_id: str | None,
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
) -> list[Hop]:
    """The turns of the bodies of one case, in order; their days add up to its whole time.

    The whole time runs from registration to the event that last ended the case (answer, other end,
    review), or to `as_of` while something is owed.

    Args:
        events: with `body_id` and `to_body_id`, in order of time; what is not known by `as_of` is
            ignored. body_id: body named at registration.

    Returns:
        [] before registration.

    Raises:
        RuleError: an impossible sequence, as `casework.clocks.clocks`.
    """
    return hops_of(pack, read(pack, procedure, events, as_of, ZoneInfo(zone)), body_id, calendar)


def hops_of(
    pack: Pack, history: History, body_id: str | None, calendar: WorkingCalendar
) -> list[Hop]:
    """As `hops`, of events that were read already; the history is not changed."""
    tz = history.zone
    if not history.events:
        return []
    end, is_open = _end(history)
    last = max(end.astimezone(tz).date(), history.events[0].at.astimezone(tz).date())
    turns: list[tuple[CaseEvent, str | None]] = [(history.events[0], body_id)]
    for event in history.events[1:]:
        if event.event in RECEIVES and (event.to_body_id or event.event == "transferred"):
            turns.append((event, event.to_body_id))
    days = [min(event.at.astimezone(tz).date(), last) for event, _ in turns] + [last]
    found = []
    for number, (event, body) in enumerate(turns):
        until = None
        if pack.objection is not None and event.event == "transferred":
            start, known = event.at.astimezone(tz).date(), calendar.as_known(history.as_of)
            until = span_end(pack.objection, start, known)
        found.append(
            Hop(
                body_id=body,
                from_on=days[number],
                to_on=days[number + 1],
                days=(days[number + 1] - days[number]).days,
                is_open=is_open and number == len(turns) - 1,
                object_until=until,
                objected=_objected(history, turns, number),
            )
        )
    return found


def _end(history: History) -> tuple[dt.datetime, bool]:
    """When the case's time ended, and whether it runs still."""
    if history.can_run and history.phase != "withdrawn":
        return history.as_of, True
    if history.phase == "withdrawn" and history.void_at is not None:
        return history.void_at, False
    ends = [event for event in history.events if event.event in _CLOSES]
    return (ends[-1].at, False) if ends else (history.as_of, True)


def _objected(history: History, turns: Sequence[tuple[CaseEvent, str | None]], number: int) -> bool:
    """Whether the body of a turn said during it that it is the wrong one."""
    event, body = turns[number]
    if event.event != "transferred":
        return False
    start = history.place(event)
    is_last = number + 1 == len(turns)
    stop = len(history.events) if is_last else history.place(turns[number + 1][0])
    return any(
        one.event == "objected" and (None in (one.body_id, body) or one.body_id == body)
        for one in history.events[start:stop]
    )
