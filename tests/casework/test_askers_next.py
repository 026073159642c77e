"""What the asker's page offers is what a trial of each step by the record's judge would let in."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from casework.adapter import allow
from casework.clocks import CaseEvent
from casework.log import askers_next, log_of
from data.errors import RuleError
from data.history import CaseHistory, RecordedEvent
from data.vocabulary import ASKER_EVENTS

from .table_cases import CALENDARS, HOUR, NAMES, PACKS, ZONES, History, deep_history

AS_OF = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)
CASES = 24
NAMED = tuple(sorted(ASKER_EVENTS))


def recorded(case: History) -> CaseHistory:
    """The case as the record would give it."""
    events = tuple(
        RecordedEvent(
            e.event, e.at, e.known, "asker" if e.event in ASKER_EVENTS else "office", days=e.days
        )
        for e in case.events
    )
    first = case.events[0].at
    return CaseHistory(
        case_id="c", opened_at=first, known_at=first, township_code="330102001", grid_code=None,
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        amount_band=None, procedure=case.procedure, pack=case.pack.id, body_id="b01",
        desk="t330102001", limit_at=case.limit_at, needs_confirmation=False, events=events,
        named_body_id="b01",
    )  # fmt: skip


def spoiled(rng: random.Random, case: History) -> History:
    """The same log with a step somewhere that may be impossible, as old imports have them."""
    place = rng.randrange(len(case.events))
    before = case.events[place]
    wrong = CaseEvent(rng.choice(NAMES), before.at, before.known)
    return History(
        case.pack, case.procedure, case.limit_at,
        [*case.events[: place + 1], wrong, *case.events[place + 1 :]],
    )  # fmt: skip


def tried(case: History, history: CaseHistory, now: dt.datetime) -> frozenset[str]:
    """Each step put to the judge, one by one."""
    judge = allow(case.pack, CALENDARS[case.pack.calendar], ZONES[case.pack.id])
    possible = set()
    for name in NAMED:
        try:
            judge(history, RecordedEvent(name, now, now, "asker"))
        except RuleError:
            continue
        possible.add(name)
    return frozenset(possible)


@pytest.mark.parametrize("pack_id", sorted(ZONES))
def test_what_is_offered_is_what_would_be_taken(pack_id: str) -> None:
    rng = random.Random(pack_id)
    seen: set[frozenset[str]] = set()
    for seed in range(CASES):
        case = deep_history(seed, PACKS[pack_id], AS_OF)
        if seed % 4 == 3:
            case = spoiled(rng, case)
        history = recorded(case)
        latest = max(event.known for event in case.events)
        for later in (0, rng.randint(1, 400), rng.randint(400, 3_000)):
            now = latest + later * HOUR
            calendar, zone = CALENDARS[case.pack.calendar], ZONES[pack_id]
            log = log_of((case.pack, calendar), history, now, zone)
            offered = askers_next(log, history, NAMED)
            assert offered == tried(case, history, now), (seed, later)
            seen.add(offered)
    assert len(seen) > 3
