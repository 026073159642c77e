"""What a clock is, for one case: its limit, its state and where its dates come from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """How long one run of a clock has.

    start: local day of the event it is counted from. count: number of the rule's unit, None for
    `per_case`. added: calendar days on top (time between answers and objections).
    paused: days a pause added, in the rule's unit. stops: (local day on, local day off) of each;
    the days after the first, up to the second, are not counted.
    unmoved: last day before any move. due_on: last day. due_at: instant, for `per_case`.
    floor_from: local day of the objection from which the pack's least time is counted.
    """

    start: dt.date
    count: int | None
    added: int
    unmoved: dt.date
    due_on: dt.date
    due_at: dt.datetime | None
    provisional: bool
    floor_from: dt.date | None = None
    paused: int = 0
    stops: tuple[tuple[dt.date, dt.date], ...] = ()


@dataclass(frozen=True)
class Clock:
    """One clock (one round of it), as of a moment. Every value is None until it starts.

    limit: number of `unit`, extension not included. extended_by: days. due_on: last local day.
    due_at: the instant, for limits given with the case. ended_at: the moment that counts.
    promised_on: last day as told when it (or this round) started: by the calendar and the version
    of the rules known then, without extension or pause. extended_on: the promise and the extension,
    by the calendar known when it was granted; None = not extended. due_on is the one in force.
    moved_from: the last day it would have by the calendar and rules as last told, where a later
    correction moved it; None = never moved.
    limit_days: the rule's own calendar days; for other units the days from the start of the round
    to its last day, at least 1: what `lateness` measures by.
    days_used, days_left: in the rule's unit; `days_left` is negative past the last day.
    state: one of `vocabulary.STATES`. rule: its name in the pack. second_hand: the source was read
    at second hand.
    """

    clock: str
    round: int
    rule: str
    source: str
    second_hand: bool
    state: str
    limit: int | None = None
    unit: str | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    extended_by: int | None = None
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    promised_on: dt.date | None = None
    extended_on: dt.date | None = None
    moved_from: dt.date | None = None
    provisional: bool | None = None
    limit_days: int | None = None
    days_used: int | None = None
    days_left: int | None = None
    length: Limit | None = None
