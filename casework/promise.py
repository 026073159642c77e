"""What the one who asks is promised at the start, and the last day of a review: dates ahead.

Both put events that have not happened yet behind those that have and ask the clocks, so that a
promise and the clock it becomes cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from .calendar import WorkingCalendar
from .clock import Clock
from .clocks import CaseEvent, clocks
from .pack import Pack

_STEPS = (
    ("acknowledge", "acknowledged"), ("forward", "transferred"), ("acceptance", "accepted"),
)  # fmt: skip
"""Clocks that stand before the answer's, and the event that ends each."""


@dataclass(frozen=True)
class Promise:
    """The last days of a new case when every office takes all of its time.

    forward_by: passed on to the body in charge; None where it is with that body already.
    decided_by: told whether it is taken up; None where nothing is decided.
    answer_by: the written answer; None without a rule. limit, unit: of the answer clock.
    source: article of the answer's limit. provisional: a day lies in a year not yet published.
    review_days: calendar days to ask for a review after receiving the answer; None = no review.
    acknowledged_by: told that it was received; None where the pack sets no limit for that.
    """

    forward_by: dt.date | None
    decided_by: dt.date | None
    answer_by: dt.date | None
    limit: int | None
    unit: str | None
    source: str
    provisional: bool
    review_days: int | None
    acknowledged_by: dt.date | None = None


def promise(
    pack: Pack,
    procedure: str,
    opened_at: dt.datetime,
    calendar: WorkingCalendar,
    zone: str,
    *,
    is_with_body: bool,
    limit_at: dt.datetime | None = None,
) -> Promise:
    """The promise of a case registered now.

    Args:
        opened_at: aware; when it was asked. zone: the county's IANA zone.
        is_with_body: the desk that registers is the body that owes the answer.
        limit_at: the limit given with this very case.
    """
    events = [CaseEvent("registered", opened_at)]
    last_days: dict[str, dt.date] = {}
    provisional = False

    def running(name: str) -> Clock | None:
        as_of = events[-1].at
        found = clocks(pack, procedure, events, as_of, zone, calendar, limit_at)
        return next((c for c in found if c.clock == name and c.due_on is not None), None)

    for name, ending in _STEPS:
        if name == "forward" and is_with_body:
            continue
        clock = running(name)
        if clock is None or clock.due_on is None:
            continue
        last_days[name] = clock.due_on
        provisional |= bool(clock.provisional)
        # the same hour on the last day, counted by whole local days
        started = clock.started_at or opened_at
        since = clock.due_on - (clock.length.start if clock.length else clock.due_on)
        events.append(CaseEvent(ending, max(events[-1].at, started + since)))
    answer = running("answer")
    rule = pack.rule(procedure, "answer")
    review = pack.rule(procedure, "review_request")
    return Promise(
        forward_by=last_days.get("forward"),
        decided_by=last_days.get("acceptance"),
        answer_by=answer.due_on if answer else None,
        limit=answer.limit if answer else None,
        unit=answer.unit if answer else None,
        source=rule.source if rule else "",
        provisional=provisional or bool(answer and answer.provisional),
        review_days=review.limit if review else None,
        acknowledged_by=last_days.get("acknowledge"),
    )


def review_ahead(
    pack: Pack,
    procedure: str,
    events: Sequence[CaseEvent],
    now: dt.datetime,
    calendar: WorkingCalendar,
    zone: str,
    limit_at: dt.datetime | None = None,
) -> tuple[int, dt.date] | None:
    """Days to ask for a review, and the last of them if the answer is given and received now.

    Args:
        events: the case so far, in order of time; an answer may be given now.

    Returns:
        None where the procedure has no review.

    Raises:
        RuleError: an answer cannot be given now.
    """
    rule = pack.rule(procedure, "review_request")
    if rule is None or rule.limit is None:
        return None
    ahead = [*events, CaseEvent("answered", now), CaseEvent("delivered", now)]
    found = clocks(pack, procedure, ahead, now, zone, calendar, limit_at)
    due_on = next((c.due_on for c in found if c.clock == "review_request"), None)
    return None if due_on is None else (rule.limit, due_on)
