"""The run that ends texts: which cases are due, and their keys destroyed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from casework.adapter import events_of
from casework.retention import HOLDS_AFTER_DAYS, KEPT_DAYS, texts_end_on
from casework.standing import DISOWNED_LEAVES_AFTER_DAYS
from data import ending
from data.db import Db
from data.errors import RuleError
from data.history import CaseHistory
from data.scope import Scope

from .rules import Rules, rules_of


@dataclass(frozen=True)
class Due:
    """Cases whose texts end by a moment.

    ended: 90 days after the last remedy. disowned: not asked for, not undone for 15 days.
    undelivered: quiet for as long, but their answer was never delivered, so that a right has not
    begun to run out: kept. broken: a history that breaks its pack: kept, for the administrator.
    """

    ended: tuple[str, ...]
    disowned: tuple[str, ...]
    undelivered: int
    broken: int


def due(db: Db, scope: Scope, now: dt.datetime) -> Due:
    """Which texts end by `now` (aware).

    Raises:
        NotAllowed: not the operator.
    """
    zone, rules = db.county().zone, rules_of(db)
    today = now.astimezone(ZoneInfo(zone)).date()
    # no case can be due sooner: the shorter of the two waits every end of a case begins with
    since = now - dt.timedelta(days=KEPT_DAYS)
    ended, disowned, undelivered, broken = [], [], 0, 0
    for history in ending.histories(db, scope, ending.quiet(db, scope, since)):
        if history.is_disowned:
            if _disowned_at(history) + dt.timedelta(days=DISOWNED_LEAVES_AFTER_DAYS) <= now:
                disowned.append(history.case_id)
            continue
        try:
            last = _last_day(rules, history, now, zone)
        except RuleError:
            broken += 1
            continue
        if last is not None and last < today:
            ended.append(history.case_id)
        elif last is None and _waits_for_delivery(history, now):
            undelivered += 1
    return Due(tuple(ended), tuple(disowned), undelivered, broken)


def end_texts(db: Db, scope: Scope, found: Due) -> int:
    """End the texts found; the number of cases whose key was destroyed now.

    Raises:
        NotAllowed: not the operator.
    """
    done = ending.end(db, scope, found.disowned, disowned=True)
    return done + ending.end(db, scope, found.ended)


def _last_day(rules: Rules, history: CaseHistory, now: dt.datetime, zone: str) -> dt.date | None:
    pack, calendar = rules.for_case(history, zone)
    return texts_end_on(
        pack, history.procedure, events_of(history), now, zone, calendar, history.limit_at
    )


def _disowned_at(history: CaseHistory) -> dt.datetime:
    return max(e.occurred_at for e in history.events if e.event == "disowned")


def _waits_for_delivery(history: CaseHistory, now: dt.datetime) -> bool:
    steps = [e for e in history.events if e.event in ("answered", "delivered", "reviewed")]
    wait = dt.timedelta(days=KEPT_DAYS + HOLDS_AFTER_DAYS)
    return bool(steps) and steps[-1].event != "delivered" and steps[-1].occurred_at + wait <= now
