"""When a case's texts die: 90 days after the last thing its asker could still do has ended.

Source: DOMAIN.md §2.13; the windows are those of §5 and of the case's pack.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from .calendar import WorkingCalendar
from .clocks import clocks
from .history import ANSWERS, CaseEvent, read
from .pack import Pack
from .rule import OPEN_PHASES

KEPT_DAYS = 90
"""From the end of the last remedy to the end of the texts."""
HOLDS_AFTER_DAYS = 60
"""An answer holds when it was not objected to for so long (DOMAIN.md §5); any other end of a case
is given the same time."""
RUNNING = ("running", "paused", "overdue")


def texts_end_on(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> dt.date | None:
    """The last local day of a case's texts; None while nobody can name it.

    None while the case is open, while a body or its asker has a clock that runs, and while a right
    to review or recheck has not begun to run out because the answer was never delivered.

    Args and errors: as `casework.clocks.clocks`.
    """
    tz = ZoneInfo(zone)
    history = read(pack, procedure, events, as_of, tz)
    if history.phase in (*OPEN_PHASES, "new") or (history.withdrawal_asked and not history.void_at):
        return None
    now = clocks(pack, procedure, events, as_of, zone, calendar, limit_at)
    waits = {"answered": "review_request", "reviewed": "recheck_request"}.get(history.phase)
    if any(clock.state in RUNNING for clock in now) or any(
        clock.clock == waits and clock.state == "not_started" for clock in now
    ):
        return None
    ends = [clock.due_on for clock in now if clock.state == "lapsed" and clock.due_on]
    last = [event for event in history.events if event.event in (*ANSWERS, "not_solved")]
    moments = [event.at for event in last[-1:]]
    moments += [] if history.void_at is None else [history.void_at]
    for name in ("reviewed", "rechecked"):
        moments += [event.at for event in history.events if event.event == name][-1:]
    if history.withdrawal_asked is not None:
        undone = history.withdrawal_asked.at.astimezone(tz).date()
        ends.append(undone + dt.timedelta(days=pack.withdrawal_undone_within_days))
    ends += [at.astimezone(tz).date() + dt.timedelta(days=HOLDS_AFTER_DAYS) for at in moments]
    return max(ends) + dt.timedelta(days=KEPT_DAYS) if ends else None
