"""Where a step said outside takes its place in a record that went on without it.

It counts from the moment at which the asker said it. Where the office did something meanwhile that
makes it impossible there, it takes the next place at which it is possible, if any code of the case
may say it: what was said in time can only help (DOMAIN.md §2.9).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

from data.asker import NEEDS_WORD
from data.errors import RuleError
from data.history import CaseHistory, RecordedEvent

from . import adapter
from .calendar import WorkingCalendar
from .clocks import clocks
from .pack import Pack

_NEXT = dt.timedelta(microseconds=1)


class Placed(NamedTuple):
    """A step at its place; `broken` is the rule that kept it from its own, None where it has it."""

    event: RecordedEvent
    broken: RuleError | None


def place(
    pack: Pack,
    calendar: WorkingCalendar,
    zone: str,
    history: CaseHistory,
    said: RecordedEvent,
    now: dt.datetime,
) -> Placed:
    """Where a step of the asker goes, so that the whole log stays possible.

    Args:
        history: as known inside now. said: with the moment outside as both of its times.
        now: of taking in; not before `said`.

    Raises:
        RuleError: it was not possible when it was said, as far as is known now; or it needs the
            asker's word and is not possible any more; or no later place is left.
    """

    def broken_by(event: RecordedEvent | None) -> RuleError | None:
        events = history.events
        if event is not None:
            earlier = [one for one in events if one.occurred_at <= event.occurred_at]
            events = (*earlier, event, *events[len(earlier) :])
        plain = adapter.events_of(replace(history, events=events))
        try:
            clocks(pack, history.procedure, plain, now, zone, calendar, history.limit_at)
        except RuleError as err:
            return err
        return None

    broken = broken_by(said)
    if broken is None or broken_by(None) is not None:
        return Placed(said, None)  # where the log was impossible before, its asker is heard anyway
    adapter.allow(pack, calendar, zone)(history, said)
    if said.event in NEEDS_WORD:
        raise broken
    later = [
        one.occurred_at + _NEXT for one in history.events if one.occurred_at > said.occurred_at
    ]
    for at in [*later, now]:
        moved = replace(said, occurred_at=at, known_at=at)
        if at <= now and broken_by(moved) is None:
            return Placed(moved, broken)
    raise broken
