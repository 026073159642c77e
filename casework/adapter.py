"""The record's history of one case as this room's events, and the judge the record asks.

Both doors that write steps (the staff pages, the resident's pages) use the same one.
"""

from __future__ import annotations

from data.errors import RuleError
from data.history import Allow, CaseHistory, RecordedEvent

from .calendar import WorkingCalendar
from .clocks import CaseEvent, clocks, validate_next
from .pack import Pack


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


def _plain(event: RecordedEvent) -> CaseEvent:
    return CaseEvent(
        event.event, event.occurred_at, event.known_at, event.days, event.body_id,
        event.to_body_id, event.code if event.event == "not_told" else None,
    )  # fmt: skip
