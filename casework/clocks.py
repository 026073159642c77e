"""The clocks of one case: a pure function of its events and the rules, kept obvious.

`casework/clock_table.py` does the same for whole tables; a property test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from data.errors import RuleError

from .calendar import WorkingCalendar
from .clock import Clock, Limit
from .counting import DAY, Counting
from .history import CaseEvent, History, broken_rule, extendable, read
from .pack import CLOCKS, Pack
from .rights import broken_objection, check_rights

__all__ = [
    "DAY",
    "CaseEvent",
    "Clock",
    "Limit",
    "allowed_next",
    "clocks",
    "clocks_of",
    "validate_next",
]


def clocks(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> list[Clock]:
    """Every clock the pack has for this procedure, in the order of `pack.CLOCKS`.

    Args:
        pack: the version that rules this case (`pack.pack_for`).
        events: in order of time, aware; those after `as_of` or not known by then are ignored.
        calendar: with its history (`calendar.with_history`), if it was ever corrected.
        as_of: aware moment. zone: the county's IANA zone, in which days are counted.
        limit_at: the limit given with this case, for packs whose rule is `per_case`; without it
            such a clock stands as `no_rule`.

    Returns:
        One `Clock` per clock, one per round for `answer`, the latest last.

    Raises:
        RuleError: an impossible sequence, with the rule's name.

    Source: DOMAIN.md §5.
    """
    history = read(pack, procedure, events, as_of, ZoneInfo(zone))
    return clocks_of(pack, procedure, history, calendar, limit_at)


def clocks_of(
    pack: Pack,
    procedure: str,
    history: History,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> list[Clock]:
    """As `clocks`, of events that were read already; the history is not changed."""
    counting = Counting(pack, procedure, history, history.zone, calendar, limit_at)
    check_rights(counting)
    return [
        clock
        for name in CLOCKS
        if name in pack.rules[procedure]
        for clock in counting.of(pack.rules[procedure][name])
    ]


def validate_next(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    new_event: CaseEvent,
    now: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> None:
    """Refuse an event that may not come next, before anything is written.

    Raises:
        RuleError: as `clocks`; `in_the_future` for an event later than `now`.
    """
    if new_event.at > now:
        day = new_event.at.astimezone(ZoneInfo(zone)).date().isoformat()
        raise RuleError("in_the_future", number=len(events) + 1, day=day)
    as_known = replace(new_event, known_at=new_event.known_at or now)
    # it takes its place in time: a visit of Monday may be written down on Tuesday
    earlier = [event for event in events if event.at <= new_event.at]
    sequence = [*earlier, as_known, *events[len(earlier) :]]
    clocks(pack, procedure, sequence, max(now, as_known.known), zone, calendar, limit_at)


OFFERED = (
    "acknowledged", "accepted", "declined", "transferred", "objected", "contacted", "mediated",
    "met", "received", "aided", "funded", "extended", "answered", "no_remedy", "referred",
    "delivered", "notified", "reviewed", "rechecked", "hearing_opened", "hearing_closed",
    "policy_changed",
)  # fmt: skip
"""What an office page may offer, in the order of the work (DOMAIN.md §2.6)."""


def allowed_next(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    as_of: dt.datetime,
    zone: str,
    calendar: WorkingCalendar,
    limit_at: dt.datetime | None = None,
) -> tuple[str, ...]:
    """The office's events that may be recorded next, in the order of the work.

    Raises:
        RuleError: where the events so far are impossible already.
    """
    history = read(pack, procedure, events, as_of, ZoneInfo(zone))
    counting = Counting(pack, procedure, history, ZoneInfo(zone), calendar, limit_at)
    now = clocks(pack, procedure, events, as_of, zone, calendar, limit_at)
    found = []
    for name in OFFERED:
        new = CaseEvent(name, as_of, days=1 if name == "extended" else None)
        if broken_rule(pack, procedure, history, new):
            continue
        if name == "objected" and broken_objection(counting, new):
            continue
        if name == "acknowledged" and not _is_awaited(now, pack, procedure):
            continue
        if name == "extended":
            rule = extendable(pack, procedure, history.phase)
            if any(rule and c.clock == rule.clock and c.state == "overdue" for c in now):
                continue
        found.append(name)
    return tuple(found)


def _is_awaited(now: Sequence[Clock], pack: Pack, procedure: str) -> bool:
    """Whether a running clock ends with an acknowledgement; else it is no step of its own."""
    return any(
        "acknowledged" in pack.rules[procedure][clock.clock].ends_on
        and clock.state in ("running", "overdue", "paused")
        for clock in now
    )
