"""One case's log under its rules as of a moment: read and counted once for everybody who asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.errors import RuleError
from data.history import CaseHistory

from .adapter import events_of
from .calendar import WorkingCalendar
from .clock import Clock
from .clocks import clocks_of, validate_next
from .history import CaseEvent, History, broken_rule, read
from .pack import Pack

WINDOWED = ("review_requested", "recheck_requested")
"""What an asker may say within a window only, so that the clocks have to be asked as well."""


@dataclass(frozen=True)
class Log:
    """What the events of a case come to.

    read: nobody changes it; None where the grammar forbids an event. clocks: none where the log
    breaks a rule. broken: that rule, the grammar's or a clock's; None = none.
    """

    pack: Pack
    calendar: WorkingCalendar
    zone: str
    as_of: dt.datetime
    events: tuple[CaseEvent, ...]
    read: History | None
    clocks: tuple[Clock, ...]
    broken: RuleError | None

    @property
    def phase(self) -> str | None:
        """One of `casework.pack.PHASES`; None where the log breaks a rule."""
        return None if self.broken or self.read is None else self.read.phase


def log_of(
    rules: tuple[Pack, WorkingCalendar], history: CaseHistory, now: dt.datetime, zone: str
) -> Log:
    """The log of a case.

    Args:
        rules: those the case is counted by (`service.rules.Rules.for_case`). now: aware.
        zone: the county's, IANA.
    """
    (pack, calendar), events = rules, tuple(events_of(history))
    given, found = (pack, calendar, zone, now, events), None
    try:
        found = read(pack, history.procedure, events, now, ZoneInfo(zone))
        counted = clocks_of(pack, history.procedure, found, calendar, history.limit_at)
    except RuleError as err:
        return Log(*given, found, (), err)
    return Log(*given, found, tuple(counted), None)


def askers_next(log: Log, history: CaseHistory, names: Iterable[str]) -> frozenset[str]:
    """Which of these steps the asker may take now: what `adapter.allow` would let through, at a
    fraction of its cost. Each step is put to the grammar; only what has a window is counted anew,
    because no other step of an asker changes whether the clocks before it hold.

    Args:
        log: of this history. names: steps of an asker without days or a code.
    """
    if log.broken or log.read is None:  # the office has to mend it; the asker is heard all the same
        return frozenset(names)
    given, now = (log.zone, log.calendar, history.limit_at), log.as_of
    possible = set()
    for name in names:
        new = CaseEvent(name, now, now)
        if broken_rule(log.pack, history.procedure, log.read, new) is not None:
            continue
        if name in WINDOWED:
            try:
                validate_next(log.pack, history.procedure, log.events, new, now, *given)
            except RuleError:
                continue
        possible.add(name)
    return frozenset(possible)
