"""The clocks a second time, slow and obvious: written from DOMAIN.md §5 and the pack file alone.

Nothing of `casework` is imported. The pack is read as TOML, the calendar day by day; every limit is
found by walking from one day to the next. It judges nothing: give it sequences that are possible.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar import constants

HOME = Path(__file__).parents[2] / "casework"
DAY = dt.timedelta(days=1)
CLOSES = ("answered", "no_remedy")


@dataclass(frozen=True)
class Happened:
    """One event: when it happened, when it became known, days of an extension."""

    event: str
    at: dt.datetime
    known: dt.datetime
    days: int | None = None

    @property
    def counts_at(self) -> dt.datetime:
        """§4: on the day it occurred if known within one day of it, else when it was known."""
        return self.at if self.known <= self.at + DAY else self.known


@dataclass(frozen=True)
class Learnt:
    """A year's arrangement, and the moment at which the county learnt it."""

    year: int
    known_at: dt.datetime
    free: frozenset[dt.date] = frozenset()
    worked: frozenset[dt.date] = frozenset()


@dataclass(frozen=True)
class Days:
    """A calendar as known at a moment."""

    name: str
    as_of: dt.datetime
    learnt: tuple[Learnt, ...] = ()

    def arrangement(self, day: dt.date) -> Learnt | None:
        known = [one for one in self.learnt if one.year == day.year and one.known_at <= self.as_of]
        return max(known, key=lambda one: one.known_at) if known else None

    def works(self, day: dt.date) -> bool:
        told, weekday = self.arrangement(day), day.weekday() < 5
        if self.name == "every_day":
            return True
        if told:
            return day in told.worked or (weekday and day not in told.free)
        if self.name == "england":
            years, always = bank_holidays()
            if day.year in years:
                return weekday and day not in years[day.year]
            return weekday and day.strftime("%m-%d") not in always
        if self.is_known(day):
            return chinese_calendar.is_workday(day)
        holiday = (day.month, day.day) in {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
        return weekday and not holiday

    def is_known(self, day: dt.date) -> bool:
        if self.name == "every_day" or self.arrangement(day):
            return True
        if self.name == "england":
            return day.year in bank_holidays()[0]
        return min(constants.holidays).year <= day.year <= max(constants.holidays).year


@cache
def bank_holidays() -> tuple[dict[int, list[dt.date]], list[str]]:
    table = tomllib.loads((HOME / "calendars" / "england.toml").read_text("utf-8"))
    return {int(year): days for year, days in table["years"].items()}, table["always_free"]


@cache
def pack_file(name: str) -> dict[str, Any]:
    return tomllib.loads((HOME / "packs" / f"{name}.toml").read_text("utf-8"))


@dataclass
class Run:
    """What is said of one clock; the names are those of the contract of `zaojie clock`."""

    clock: str
    round: int
    state: str
    started_at: dt.datetime | None = None
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    extended_by: int | None = None
    provisional: bool | None = None
    days_used: int | None = None
    days_left: int | None = None


@dataclass
class Turn:
    """A round of the answer clock."""

    opened: Happened
    closed: Happened | None = None
    extensions: list[Happened] = field(default_factory=list)


class Slow:
    """One case under one pack, as of a moment."""

    def __init__(
        self,
        pack: str,
        procedure: str,
        events: Sequence[Happened],
        as_of: dt.datetime,
        zone: str,
        limit_at: dt.datetime | None = None,
        learnt: Sequence[Learnt] = (),
    ) -> None:
        self.pack, self.as_of, self.zone = pack_file(pack), as_of, ZoneInfo(zone)
        self.limit_at = limit_at
        self.days = Days(self.pack["calendar"], as_of, tuple(learnt))
        self.events = [one for one in events if one.at <= as_of and one.known <= as_of]
        self.rules = {
            rule["clock"]: rule
            for rule in self.pack["rule"]
            if rule["procedure"] in (procedure, "both")
        }
        self.void_at = self.other_way_out()
        self.turns = self.answer_turns()

    def day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self.zone).date()

    def first(self, *names: str, after: Happened | None = None) -> Happened | None:
        """The first event of these kinds, behind `after` in the log if it is given."""
        start = 0 if after is None else self.place(after) + 1
        return next((one for one in self.events[start:] if one.event in names), None)

    def place(self, event: Happened) -> int:
        return next(n for n, one in enumerate(self.events) if one is event)

    # what the log comes to

    def answer_turns(self) -> list[Turn]:
        """Rounds: answered, called not solved (before a review is asked for), answered again …"""
        turns: list[Turn] = []
        for one in self.events:
            if one.event in self.rules["answer"]["starts_on"] and not turns:
                turns.append(Turn(one))
            elif one.event in CLOSES and turns and turns[-1].closed is None:
                turns[-1].closed = one
            elif one.event == "review_requested":
                break
            elif one.event == "not_solved" and turns and turns[-1].closed is not None:
                turns.append(Turn(one))
            elif one.event == "extended" and turns:
                turns[-1].extensions.append(one)
        return turns

    def other_way_out(self) -> dt.datetime | None:
        """When declining, the court or a withdrawal that stands ended the case; None = none did."""
        exits = [one.counts_at for one in self.events if one.event in ("declined", "referred")]
        asked: Happened | None = None
        recorded: Happened | None = None
        for one in self.events:
            if one.event in (*CLOSES, "declined", "referred", "withdrawal_undone"):
                asked = recorded = None  # an answer came first, or it was taken back
            elif one.event == "withdrawal_asked":
                asked = one
            elif one.event == "withdrawn":
                recorded = one
        effects = []
        if asked is not None:
            effect = asked.at + self.pack["withdrawal_takes_effect_days"] * DAY
            effects += [effect] if effect <= self.as_of else []
        if recorded is not None:
            effects.append(recorded.counts_at)
        return min([*exits, *effects], default=None)

    def received_answer(self) -> Happened | None:
        """The first delivery of the latest answer; a round opened since makes it an old one."""
        found, answered = None, False
        for one in self.events:
            if one.event == "review_requested":
                break
            if one.event in CLOSES:
                answered = True
            elif one.event == "not_solved" and answered:
                found, answered = None, False
            elif one.event == "delivered" and answered and found is None:
                found = one
        return found

    def received_review(self) -> Happened | None:
        """The first delivery after the review, before a recheck is asked for."""
        reviewed = self.first("reviewed")
        if reviewed is None:
            return None
        found = self.first("delivered", "recheck_requested", after=reviewed)
        return found if found is not None and found.event == "delivered" else None

    # the clocks

    def clocks(self) -> list[Run]:
        """Every clock of the procedure, one per round of the answer."""
        found: list[Run] = []
        for name, rule in self.rules.items():
            found += self.answers(rule) if name == "answer" else [self.plain(name, rule)]
        return found

    def plain(self, name: str, rule: dict[str, Any]) -> Run:
        first = self.first
        if name == "acceptance":
            decided = first(*rule["ends_on"], "referred", "answered")
            passed_on = first("transferred")
            before = passed_on and (not decided or self.place(passed_on) < self.place(decided))
            return self.run(
                rule, passed_on if before else first("registered"), first(*rule["ends_on"])
            )
        if name == "review_request":
            start = self.received_answer()
        elif name == "recheck_request":
            start = self.received_review()
        else:
            start = first(*rule["starts_on"])
        return self.run(rule, start, first(*rule["ends_on"]))

    def answers(self, rule: dict[str, Any]) -> list[Run]:
        if not self.turns:
            return [self.run(rule, None, None)]
        found, extended, between = [], 0, 0
        start = self.turns[0].opened
        for number, turn in enumerate(self.turns, start=1):
            objected = None
            if number > 1:
                closed = self.turns[number - 2].closed
                assert closed is not None
                objected = self.day(turn.opened.at)
                between += max(0, (objected - self.day(closed.counts_at)).days)
            for one in turn.extensions:
                extended += rule["extension_days"] if one.days is None else one.days
            run = self.run(rule, start, turn.closed, extended, between, objected)
            if run.started_at is not None:
                run.started_at = turn.opened.at
                self.count_used(rule, run)
            run.round = number
            found.append(run)
        return found

    def run(
        self,
        rule: dict[str, Any],
        start: Happened | None,
        end: Happened | None,
        extended: int = 0,
        between: int = 0,
        objected: dt.date | None = None,
    ) -> Run:
        run = Run(rule["clock"], 1, "not_started")
        if start is None:
            if end is not None and rule["whose"] == "asker":
                run.state = "met"
            elif self.void_at is not None and rule["clock"] == "answer":
                run.state = "ended"
            return run
        paused, is_paused = self.pause(rule)
        if not self.count_limit(run, rule, start, extended, between + paused, objected):
            run.state = "no_rule"
            return run
        run.started_at, run.extended_by = start.at, extended
        if end is not None:
            run.ended_at = end.counts_at
            if end.event not in rule["ends_on"]:
                run.state = "ended"
            else:
                run.state = "late" if self.is_over(run, end.counts_at) else "met"
        elif self.void_at is not None and rule["clock"] in ("forward", "acceptance", "answer"):
            run.state, run.ended_at = "ended", self.void_at
        elif is_paused:
            run.state = "paused"
        elif self.is_over(run, self.as_of):
            run.state = "lapsed" if rule["whose"] == "asker" else "overdue"
        else:
            run.state = "running"
        self.count_used(rule, run)
        return run

    def is_over(self, run: Run, moment: dt.datetime) -> bool:
        if run.due_at is not None:
            return moment > run.due_at
        assert run.due_on is not None
        return self.day(moment) > run.due_on

    def pause(self, rule: dict[str, Any]) -> tuple[int, bool]:
        """Days to put on top for pauses, and whether one is open."""
        if "pauses_on" not in rule:
            return 0, False
        days, opened = 0, None
        for one in self.events[self.place(self.first(*rule["starts_on"])) :]:  # type: ignore[arg-type]
            if one.event == rule["pauses_on"]:
                opened = one
            elif one.event == rule["resumes_on"] and opened is not None:
                days += (self.day(one.at) - self.day(opened.at)).days
                opened = None
        if opened is not None:
            days += (self.day(self.as_of) - self.day(opened.at)).days
        return days, opened is not None

    # walking

    def count_limit(
        self,
        run: Run,
        rule: dict[str, Any],
        start: Happened,
        extended: int,
        on_top: int,
        objected: dt.date | None,
    ) -> bool:
        """Put the last day into the run; False where there is no limit to count."""
        works, looked_at = self.days.works, []
        if rule["unit"] == "per_case":
            if self.limit_at is None:
                return False
            run.due_at = self.limit_at + on_top * DAY
            day = self.day(run.due_at)
            looked_at = [day]
        else:
            day, left = self.day(start.at), rule["limit"] + extended
            while left > 0:
                day += DAY
                if rule["unit"] == "working_days":
                    looked_at.append(day)
                    left -= works(day)
                else:
                    left -= 1
            for _ in range(on_top):
                day += DAY
                looked_at += [day] if rule["unit"] == "working_days" else []
            looked_at.append(day)
            while (rule["unit"] == "working_days" or rule.get("moves")) and not works(day):
                day += DAY
                looked_at.append(day)
        if objected is not None:
            least, seen, left = objected, [], self.pack["round"]["limit"]
            while left > 0:
                least += DAY
                seen.append(least)
                left -= self.pack["round"]["unit"] == "calendar_days" or works(least)
            if least > day:
                day, looked_at = least, seen
                if run.due_at is not None:
                    run.due_at = dt.datetime.combine(day, dt.time(23, 59, 59), self.zone)
        run.due_on = day
        run.provisional = not all(self.days.is_known(one) for one in looked_at)
        return True

    def count_used(self, rule: dict[str, Any], run: Run) -> None:
        """Days used until the end or now, and days left (below 0 past the last day)."""
        assert run.started_at is not None
        assert run.due_on is not None
        now = self.day(run.ended_at or self.as_of)
        used = self.counted(rule, self.day(run.started_at), now)
        left = self.counted(rule, now, run.due_on)
        if now > run.due_on:
            left = -self.counted(rule, run.due_on, now)
            # late on a free day is late all the same
            left = min(left, -1)
        run.days_used, run.days_left = used, left

    def counted(self, rule: dict[str, Any], start: dt.date, end: dt.date) -> int:
        """Days after `start` up to `end`, in the rule's unit."""
        found = 0
        while start < end:
            start += DAY
            found += rule["unit"] != "working_days" or self.days.works(start)
        return found
