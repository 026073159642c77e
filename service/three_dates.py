"""The last day of a clock as promised, as lawfully extended, as recomputed: kept apart, in words.

For every page that shows a clock. Where only one of the three exists nothing is said: it is the
last day shown anyway.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.clock import Clock
from casework.pack import Pack


@dataclass(frozen=True)
class Told:
    """A sentence about one of the three dates: a catalogue key, the days and other values in it."""

    key: str
    days: dict[str, dt.date]
    values: dict[str, int]


def three_dates(clock: Clock, pack: Pack) -> tuple[Told, ...]:
    """What is to be said beside a last day that was extended or has moved; nothing otherwise.

    Args:
        pack: the version that rules the case, as `Rules.for_case` gives it.
    """
    due, promised = clock.due_on, clock.promised_on
    if due is None or promised is None or (clock.extended_on is None and clock.moved_from is None):
        return ()
    found = [Told("steering.dates.promised", {"day": promised}, {})]
    if clock.extended_on is not None:
        found.append(Told("steering.dates.extended", {"day": clock.extended_on}, {}))
    if clock.moved_from is not None:
        days = {"old": clock.moved_from, "new": due}
        if pack.before is None:
            year = {"year": max(clock.moved_from, due).year}
            found.append(Told("steering.dates.moved_calendar", days, year))
        else:
            days |= {"since": pack.effective_from}
            found.append(Told("steering.dates.moved_rules", days, {}))
    return tuple(found)
