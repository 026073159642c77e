"""The record's history of one case as this room's events, and the judge the record asks.

Both doors that write steps (the staff pages, the resident's pages) use the same one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from data.errors import RuleError
from data.history import Allow, CaseHistory, RecordedEvent

from .calendar import WorkingCalendar
from .clocks import CaseEvent, clocks, validate_next
from .history import broken_rule, read
from .pack import Pack

WINDOWED = ("review_requested", "recheck_requested")
"""What an asker may say within a window only, so that the clocks have to be asked as well."""


def events_of(history: CaseHistory) -> list[CaseEvent]:
    """The events of a case in order of time, as the clocks read them."""
    return [_plain(event) for event in history.events]


def allow(pack: Pack, calendar: WorkingCalendar, zone: str) -> Allow:
    """Who judges a new step of a case under its pack, inside the transaction that writes it.

    A step is judged at its own place in time, so that the asker's opening of the page this morning
    does not keep the office from recording yesterday's call. Where the log itself is impossible
    already (an old import), the office has to mend it first; the asker is heard all the same.

    Returns:
        A function that raises `RuleError` with the first rule the log would break.
    """

    known: list[tuple[CaseHistory, bool]] = []  # of the history asked about last

    def judge(history: CaseHistory, new: RecordedEvent) -> None:
        before = events_of(history)
        given = (zone, calendar, history.limit_at)
        try:
            validate_next(pack, history.procedure, before, _plain(new), new.known_at, *given)
        except RuleError:
            if new.actor != "asker" or is_possible(history, before):
                raise

    def is_possible(history: CaseHistory, events: list[CaseEvent]) -> bool:
        if not known or known[0][0] is not history:
            known[:] = [(history, is_log_possible(history, events))]
        return known[0][1]

    def is_log_possible(history: CaseHistory, events: list[CaseEvent]) -> bool:
        as_of = max((event.known for event in events), default=history.known_at)
        try:
            clocks(pack, history.procedure, events, as_of, zone, calendar, history.limit_at)
        except RuleError:
            return False
        return True

    return judge


def askers_next(
    pack: Pack,
    calendar: WorkingCalendar,
    zone: str,
    history: CaseHistory,
    names: Iterable[str],
    now: dt.datetime,
    holds: bool | None = None,
) -> frozenset[str]:
    """Which of these steps the asker may take now: what `allow` would let through, at a fraction
    of its cost. The log is read once and each step put to the grammar; only what has a window is
    counted anew, because no other step of an asker changes whether the clocks before it hold.

    Args:
        names: steps of an asker without days or a code. now: aware, not before any event.
        holds: whether `clocks` takes this log at `now`; None = not asked yet.
    """
    before, given = events_of(history), (zone, calendar, history.limit_at)
    if holds is False:  # the office has to mend it; the asker is heard all the same
        return frozenset(names)
    try:
        if holds is None:
            clocks(pack, history.procedure, before, now, *given)
        found = read(pack, history.procedure, before, now, ZoneInfo(zone))
    except RuleError:
        return frozenset(names)
    possible = set()
    for name in names:
        new = CaseEvent(name, now, now)
        if broken_rule(pack, history.procedure, found, new) is not None:
            continue
        if name in WINDOWED:
            try:
                validate_next(pack, history.procedure, before, new, now, *given)
            except RuleError:
                continue
        possible.add(name)
    return frozenset(possible)


def _plain(event: RecordedEvent) -> CaseEvent:
    return CaseEvent(
        event.event, event.occurred_at, event.known_at, event.days, event.body_id,
        event.to_body_id, event.code if event.event == "not_told" else None,
    )  # fmt: skip
