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
ENDS_A_PAUSE = (*CLOSES, "declined", "referred", "review_requested", "reviewed", "rechecked")


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
    """What the shipped file of a pack says."""
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
    promised_on: dt.date | None = None
    moved_from: dt.date | None = None
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


@dataclass
class Length:
    """What makes a limit longer than the rule says."""

    extended: int = 0
    between: int = 0
    objected: dt.date | None = None
    pauses: list[tuple[dt.date, dt.date]] = field(default_factory=list)


@dataclass
class Limit:
    """A last day, the instant where one was given with the case, and whether it is sure."""

    due_on: dt.date
    due_at: dt.datetime | None
    provisional: bool


class Slow:
    """One case under one pack, as of a moment."""

    def __init__(
        self,
        pack: dict[str, Any],
        procedure: str,
        events: Sequence[Happened],
        as_of: dt.datetime,
        zone: str,
        limit_at: dt.datetime | None = None,
        learnt: Sequence[Learnt] = (),
    ) -> None:
        self.pack, self.as_of, self.zone = pack, as_of, ZoneInfo(zone)
        self.limit_at, self.learnt = limit_at, tuple(learnt)
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

    def calendar(self, moment: dt.datetime) -> Days:
        """The calendar as the county knew it at a moment."""
        return Days(self.pack["calendar"], moment, self.learnt)

    def place(self, event: Happened) -> int:
        return next(n for n, one in enumerate(self.events) if one is event)

    def first(self, *names: str, after: Happened | None = None) -> Happened | None:
        """The first event of these kinds, behind `after` in the log if it is given."""
        start = 0 if after is None else self.place(after) + 1
        return next((one for one in self.events[start:] if one.event in names), None)

    # what the log comes to

    def answer_turns(self) -> list[Turn]:
        """Rounds: answered, called not solved (before a review is asked for), answered again …"""
        turns: list[Turn] = []
        for one in self.events:
            if one.event in self.rules["answer"]["starts_on"] and not turns:
                turns.append(Turn(one))
            elif one.event == "review_requested":
                if turns and turns[-1].closed is None:
                    turns[-1].closed = one  # the review goes on with it
                break
            elif one.event in CLOSES and turns and turns[-1].closed is None:
                turns[-1].closed = one
            elif one.event == "not_solved" and turns and turns[-1].closed is not None:
                turns.append(Turn(one))
        return turns

    def other_way_out(self) -> dt.datetime | None:
        """When declining, the court or a withdrawal that stands ended the case; None = none did."""
        exits = [one.counts_at for one in self.events if one.event in ("declined", "referred")]
        asked: Happened | None = None
        recorded: Happened | None = None
        for one in self.events:
            if one.event in (
                *CLOSES,
                "declined",
                "referred",
                "withdrawal_undone",
                "review_requested",
            ):
                asked = recorded = None  # another end came first, or it was taken back
            elif one.event == "withdrawal_asked":
                asked = one
            elif one.event == "withdrawn":
                recorded = one
        effects = []
        if asked is not None:
            local = asked.at.astimezone(self.zone)
            effect = local + self.pack["withdrawal_takes_effect_days"] * DAY
            effects += [effect] if effect <= self.as_of else []
        if recorded is not None:
            effects.append(recorded.counts_at)
        return min([*exits, *effects], default=None)

    def received_answer(self) -> Happened | None:
        """The first delivery of the latest answer, before a review is asked for."""
        found, answered = None, False
        for one in self.events:
            if one.event == "review_requested":
                break
            if one.event in CLOSES:
                found, answered = None, True
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
            decided = first("accepted", "declined", "referred", "answered")
            passed_on = first("transferred")
            before = passed_on and (not decided or self.place(passed_on) < self.place(decided))
            start = passed_on if before else first("registered")
        elif name == "review_request":
            start = self.received_answer()
        elif name == "recheck_request":
            start = self.received_review()
        elif "after" in rule:
            since = first(rule["after"])
            start = None
            if since is not None:
                start = since if since.event in rule["starts_on"] else None
                start = start or first(*rule["starts_on"], after=since)
        else:
            start = first(*rule["starts_on"])
        after = None if rule["whose"] == "asker" else start
        end = first(*rule["ends_on"], after=after) if after or rule["whose"] == "asker" else None
        return self.run(rule, start, end, start, Length())

    def answers(self, rule: dict[str, Any]) -> list[Run]:
        if not self.turns:
            return [self.run(rule, None, None, None, Length())]
        found: list[Run] = []
        length = Length()
        for number, turn in enumerate(self.turns, start=1):
            if number > 1:
                closed = self.turns[number - 2].closed
                assert closed is not None
                length.objected = self.day(turn.opened.at)
                length.between += max(0, (length.objected - self.day(closed.counts_at)).days)
            run = self.run(rule, self.turns[0].opened, turn.closed, turn.opened, length)
            run.round = number
            found.append(run)
        return found

    def run(
        self,
        rule: dict[str, Any],
        start: Happened | None,
        end: Happened | None,
        opened: Happened | None,
        length: Length,
    ) -> Run:
        """One run: counted from `start`, opened by `opened` (the objection, in a later round)."""
        name = rule["clock"]
        run = Run(name, 1, "not_started")
        if start is None or opened is None:
            if end is not None and rule["whose"] == "asker":
                run.state = "met"
            elif self.void_at is not None and name == "answer":
                run.state = "ended"
            return run
        is_void = self.void_at is not None and end is None
        is_void &= name in ("acknowledge", "forward", "acceptance", "answer")
        run.ended_at = end.counts_at if end else self.void_at if is_void else None
        until = run.ended_at or self.as_of

        promised = self.limit(rule, start, length, opened.known)
        if promised is None:
            run.state, run.ended_at = "no_rule", None
            return run
        told_at, is_paused = opened.known, self.lengthen(rule, start, opened, end, until, length)
        for one in self.extensions(name, opened, end):
            told_at = one.known
        limit, told = (self.limit(rule, start, length, m) for m in (until, told_at))
        assert limit is not None
        assert told is not None
        run.started_at, run.extended_by = opened.at, length.extended
        run.due_on, run.due_at, run.provisional = limit.due_on, limit.due_at, limit.provisional
        run.promised_on = promised.due_on
        run.moved_from = told.due_on if told.due_on != limit.due_on else None
        if end is not None and end.event not in rule["ends_on"]:
            run.state = "ended"
        elif end is not None:
            run.state = "late" if self.is_over(limit, end.counts_at) else "met"
        elif is_void:
            run.state = "ended"
        elif is_paused:
            run.state = "paused"
        elif self.is_over(limit, self.as_of):
            run.state = "lapsed" if rule["whose"] == "asker" else "overdue"
        else:
            run.state = "running"
        self.count_used(rule, run, until)
        return run

    def is_over(self, limit: Limit, moment: dt.datetime) -> bool:
        if limit.due_at is not None:
            return moment > limit.due_at
        return self.day(moment) > limit.due_on

    def extensions(self, clock: str, opened: Happened, end: Happened | None) -> list[Happened]:
        """The extensions of one run: those of a review stand behind its request."""
        last = len(self.events) if end is None else self.place(end)
        first = self.place(opened)
        if clock == "answer":
            # an extension of the review is none of an answer that was closed before
            asked = self.first("review_requested")
            last = min(last, len(self.events) if asked is None else self.place(asked))
        elif clock not in ("review", "recheck"):
            return []
        elif clock == "review":
            asked = self.first("review_requested")
            first = first if asked is None else min(first, self.place(asked))
        return [one for one in self.events[first:last] if one.event == "extended"]

    def lengthen(
        self,
        rule: dict[str, Any],
        start: Happened,
        opened: Happened,
        end: Happened | None,
        until: dt.datetime,
        length: Length,
    ) -> bool:
        """Add extensions and pauses to the length as they happened; True = a pause goes on."""
        extensions = self.extensions(rule["clock"], opened, end)
        goes_on = False
        for one in self.events:
            if any(one is extension for extension in extensions):
                length.extended += rule.get("extension_days", 0) if one.days is None else one.days
            for pause in self.pack.get("pause", []):
                if rule["clock"] not in pause["clocks"] or one.event != pause["on"]:
                    continue
                # a pause ends when it is ended, or with the clocks it stops
                over = self.first(pause["off"], *ENDS_A_PAUSE, after=one)
                if one.at >= until or (over is not None and over.at <= opened.at):
                    continue
                on = self.day(max(one.at, opened.at))
                off = self.day(until if over is None else min(over.at, until))
                # what was open is as long as it was then; past the last day nothing is made good
                cut = [(a, min(b, self.day(one.at))) for a, b in length.pauses]
                so_far = Length(length.extended, length.between, length.objected, cut)
                limit = self.limit(rule, start, so_far, one.known)
                if limit is not None and on <= limit.due_on:
                    length.pauses.append((on, off))
                    goes_on |= over is None and end is None
        return goes_on

    # walking

    def limit(
        self, rule: dict[str, Any], start: Happened, length: Length, known: dt.datetime
    ) -> Limit | None:
        """The last day by the calendar known at a moment; None where there is no limit."""
        days, looked_at, due_at = self.calendar(known), [], None
        in_working_days = rule["unit"] == "working_days"
        paused = sum(self.counted(days, rule, on, off) for on, off in length.pauses)
        if rule["unit"] == "per_case":
            if self.limit_at is None:
                return None
            due_at = self.limit_at.astimezone(self.zone)
            if length.between + paused:  # adding nothing would lose which of two like hours it is
                due_at += (length.between + paused) * DAY
            day = due_at.date()
            looked_at = [day]
        else:
            day, left = self.day(start.at), rule["limit"] + length.extended + paused
            while left > 0:
                day += DAY
                if in_working_days:
                    looked_at.append(day)
                    left -= days.works(day)
                else:
                    left -= 1
            for _ in range(length.between):
                day += DAY
                looked_at += [day] if in_working_days else []
            looked_at.append(day)
            while (in_working_days or rule.get("moves")) and not days.works(day):
                day += DAY
                looked_at.append(day)
        if length.objected is not None:
            least, seen, left = length.objected, [], self.pack["round"]["limit"]
            while left > 0:
                least += DAY
                seen.append(least)
                left -= self.pack["round"]["unit"] == "calendar_days" or days.works(least)
            if least > day:
                day, looked_at = least, seen
                if due_at is not None:
                    due_at = dt.datetime.combine(day, dt.time(23, 59, 59), self.zone)
        return Limit(day, due_at, not all(days.is_known(one) for one in looked_at))

    def count_used(self, rule: dict[str, Any], run: Run, until: dt.datetime) -> None:
        """Days used until the end or now, and days left (below 0 past the last day)."""
        assert run.started_at is not None
        assert run.due_on is not None
        days, now = self.calendar(until), self.day(until)
        run.days_used = self.counted(days, rule, self.day(run.started_at), now)
        run.days_left = self.counted(days, rule, now, run.due_on)
        if now > run.due_on:
            # late on a free day is late all the same
            run.days_left = min(-1, -self.counted(days, rule, run.due_on, now))

    def counted(self, days: Days, rule: dict[str, Any], start: dt.date, end: dt.date) -> int:
        """Days after `start` up to `end`, in the rule's unit."""
        found = 0
        while start < end:
            start += DAY
            found += rule["unit"] != "working_days" or days.works(start)
        return found
