"""Which version of the rules counts one case, from its own events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from .history import CaseEvent, read
from .pack import Pack, Series, pack_for


def version_for(
    rules: Series,
    procedure: str,
    events: Sequence[CaseEvent],
    opened_at: dt.datetime,
    as_of: dt.datetime,
    zone: str,
) -> Pack:
    """The version that rules one case, as known at a moment (`pack.pack_for`).

    Args:
        events: of the case, in order of time. opened_at: when it began (aware).
        zone: the county's IANA zone, in whose days versions take effect.

    Raises:
        RuleError: an impossible sequence, where it matters when the case first ended.
    """
    tz = ZoneInfo(zone)
    opened_on, today = opened_at.astimezone(tz).date(), as_of.astimezone(tz).date()
    if all(version.governs == "new" for version in rules.versions):
        return rules.at(opened_on)
    history = read(rules.at(opened_on), procedure, events, as_of, tz)
    answers = [turn.closed_by.counted_at for turn in history.rounds[:1] if turn.closed_by]
    ends = [*answers, *([history.void_at] if history.void_at else [])]
    first_end_on = min(ends).astimezone(tz).date() if ends else None
    return pack_for(rules, opened_on, today, first_end_on)
