"""Windows in which something may be asked or objected, judged at the moment it was."""

from __future__ import annotations

import datetime as dt

from data.errors import RuleError

from .counting import Counting
from .history import CaseEvent
from .limits import span_end


def check_rights(counting: Counting) -> None:
    """Refuse what came outside its window.

    Raises:
        RuleError: `right_lapsed`, a review or recheck asked for too late (DOMAIN.md §2.9);
            `nothing_to_object`, `objection_late`, of a body that says it is the wrong one.
    """
    history = counting.history
    for name, asked_by in (
        ("review_request", "review_requested"),
        ("recheck_request", "recheck_requested"),
    ):
        rule, asked = counting.pack.rule(counting.procedure, name), history.first.get(asked_by)
        start = None if rule is None else counting.right_begins(rule)
        if rule is None or start is None or asked is None:
            continue
        due_on = counting.last_day(rule, start, asked.known)
        if due_on is not None and counting.day(asked.at) > due_on:
            _refuse(counting, "right_lapsed", asked)
    for event in history.events:
        broken = broken_objection(counting, event) if event.event == "objected" else None
        if broken:
            _refuse(counting, broken, event)


def broken_objection(counting: Counting, event: CaseEvent) -> str | None:
    """The rule an objection breaks; None where it may be made, or the pack has no window."""
    window = counting.pack.objection
    if window is None:
        return None
    earlier = [one for one in counting.history.events if one.at <= event.at and one is not event]
    if any(one is event for one in counting.history.events):
        earlier = counting.history.events[: counting.history.place(event)]
    passed_on = next((one for one in reversed(earlier) if _passed_to(one, event)), None)
    if passed_on is None:
        return "nothing_to_object"
    due_on = objection_until(counting, passed_on, event.known)
    return "objection_late" if due_on and counting.day(event.at) > due_on else None


def objection_until(counting: Counting, passed_on: CaseEvent, known: dt.datetime) -> dt.date | None:
    """Last local day to object to a transfer, by the calendar known then."""
    window = counting.pack.objection
    if window is None:
        return None
    return span_end(window, counting.day(passed_on.at), counting.calendar.as_known(known))


def _passed_to(event: CaseEvent, objection: CaseEvent) -> bool:
    if event.event != "transferred":
        return False
    names = (event.to_body_id, objection.body_id)
    return None in names or names[0] == names[1]


def _refuse(counting: Counting, rule: str, event: CaseEvent) -> None:
    place, day = counting.history.place(event) + 1, counting.day(event.at)
    raise RuleError(rule, number=place, day=day.isoformat())
