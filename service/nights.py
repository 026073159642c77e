"""The nightly runs as they are looked at: by day and step, what came of each, how long it took."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from data import running
from data.db import Db
from data.running import StepLine
from data.scope import Scope
from data.vocabulary import RUN_STEPS

SHOWN_DAYS = 14
STALE = dt.timedelta(hours=36)
"""A night is missed when the last run began longer ago."""


@dataclass(frozen=True)
class StepSeen:
    """The newest state of a step on a day. outcome: done, failed, begun (goes on) or broken (it
    was broken off). began: of its last begin. seconds: None while it has no end."""

    step: str
    outcome: str
    began: dt.datetime
    seconds: float | None
    counts: Mapping[str, int]
    problem: str | None


@dataclass(frozen=True)
class NightSeen:
    """The runs of one day taken together."""

    day: dt.date
    steps: tuple[StepSeen, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Steps that failed or were broken off, and were not done since."""
        return tuple(one.step for one in self.steps if one.outcome in ("failed", "broken"))

    @property
    def is_whole(self) -> bool:
        """Whether every step is done."""
        return {one.step for one in self.steps if one.outcome == "done"} == set(RUN_STEPS)


@dataclass(frozen=True)
class Nights:
    """The newest days first. goes_on: a run holds the lock now. last: when a run began last."""

    nights: tuple[NightSeen, ...]
    goes_on: bool
    last: dt.datetime | None

    def is_stale(self, now: dt.datetime) -> bool:
        """Whether a night was missed; not where none ever ran."""
        return self.last is not None and now - self.last > STALE


def read_nights(db: Db, scope: Scope, days: int = SHOWN_DAYS) -> Nights:
    """The last days on which something ran.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    newest = running.newest_run(db, scope)
    if newest is None:
        return Nights((), False, None)
    goes_on = running.goes_on(db, scope)
    last_day = max(one.day for one in running.runs(db, scope, 5))
    lines = running.steps(db, scope, last_day - dt.timedelta(days=days - 1), last_day)
    by_day: dict[dt.date, dict[str, list[StepLine]]] = {}
    for line in lines:
        by_day.setdefault(line.day, {}).setdefault(line.step, []).append(line)
    nights = [
        NightSeen(
            day,
            tuple(
                _seen(found[step], goes_on and found[step][-1].run_id == newest.id)
                for step in RUN_STEPS
                if step in found
            ),
        )
        for day, found in sorted(by_day.items(), reverse=True)
    ]
    return Nights(tuple(nights), goes_on, newest.at)


def _seen(lines: list[StepLine], goes_on: bool) -> StepSeen:
    last = lines[-1]
    began = next(line.at for line in reversed(lines) if line.event == "begun")
    if last.event == "begun":
        return StepSeen(last.step, "begun" if goes_on else "broken", began, None, {}, None)
    seconds = (last.at - began).total_seconds()
    return StepSeen(last.step, last.event, began, seconds, last.counts, last.problem)
