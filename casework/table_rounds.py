"""The rounds of one clock in many cases: what was promised, extended and is in force.

The table form of `counting.Counting.grow`: the changes of all cases are taken together, the first
of each, then the second of each; each is judged by the limit in force just before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .milestones import Ints, Mask, Milestones, Times
from .table_changes import EXTENSION, OBJECTION, STOP, Changes
from .table_limits import NO_DAY, Counter, Lengths, Limits


@dataclass
class Round:
    """One round of each run; one element per run.

    promised_on: last local day as told when the round began. extended_on: as told with its latest
    extension, NaT = none. told_at: when the last of the two was told (UTC). is_stopped: a pause
    that counts goes on. Filled at the end: limits in force, and moved_from (local day, NaT = a
    correction never moved it).
    """

    lengths: Lengths
    promised_on: Times
    extended_on: Times
    told_at: Times
    is_stopped: Mask
    limits: Limits
    moved_from: Times


class Rounds:
    """Takes the changes of many runs one after the other.

    Args:
        start: per run, position of the event that starts it, -1 = not started.
        until: per run and for the first and the latest round, the moment (UTC) by which the round
            is judged: its end, or now.
    """

    def __init__(self, stones: Milestones, counter: Counter, start: Ints) -> None:
        self.stones, self.counter = stones, counter
        self.every = np.arange(len(start), dtype=np.int64)
        self.told_at = np.where(start >= 0, stones.known_at(start), stones.as_of)
        self.lengths = Lengths.plain(stones.day(stones.occurred_at(start)))
        self.promised = counter.limits(self.lengths, self.every, self.told_at, None)
        self.promised_on = self.promised.due_on.copy()
        size = len(start)
        self.extended_on = np.full(size, NO_DAY)
        self.is_stopped = np.zeros(size, dtype=bool)
        # the limit in force is the one the round was opened with; its extension is the limit in
        # force: both spare counting the same days again
        self.is_as_opened = np.ones(size, dtype=bool)
        self.is_as_extended = np.zeros(size, dtype=bool)
        self.has_stop = np.zeros(size, dtype=bool)
        self.reopened = np.zeros(size, dtype=bool)
        self.needs_promise = np.zeros(size, dtype=bool)
        self.kept: dict[str, np.ndarray] = {}

    def take(self, changes: Changes) -> None:
        """Take all changes."""
        number = changes.number
        for turn in range(int(number.max(initial=-1)) + 1):
            now = np.flatnonzero(number == turn)
            self.reopen(changes, now[changes.kind[now] == OBJECTION])
            self.lengthen(changes, now[changes.kind[now] != OBJECTION])

    def reopen(self, changes: Changes, which: Ints) -> None:
        """A new round: the days since the answer on top."""
        if not len(which):
            return
        run = changes.run[which]
        first = run[~self.reopened[run]]
        if not self.kept:
            self.kept = {name: getattr(self, name).copy() for name in _KEPT}
            self.kept |= {name: getattr(self.lengths, name).copy() for name in _OF_LENGTH}
            self.kept["stops"] = np.zeros(len(self.every), dtype=np.int64)
        for name in _KEPT:
            self.kept[name][first] = getattr(self, name)[first]
        for name in _OF_LENGTH:
            self.kept[name][first] = getattr(self.lengths, name)[first]
        self.reopened[run] = True
        self.lengths.added[run] += changes.days[which]
        self.lengths.objected[run] = changes.on[which]
        self.told_at[run] = self.stones.known_at(changes.at[which])
        self.extended_on[run] = NO_DAY
        self.is_stopped[run] = self.is_as_extended[run] = False
        self.is_as_opened[run] = self.needs_promise[run] = True

    def promise(self, runs: Ints) -> None:
        """Count what was told when the present round began, where it has not been yet."""
        some = runs[self.needs_promise[runs]]
        if len(some):
            told = self.told_at[some]
            found = self.counter.limits(self.lengths, some, told, None)
            self.promised_on[some] = found.due_on
            self.needs_promise[some] = False

    def lengthen(self, changes: Changes, which: Ints) -> None:
        """Extensions and pauses, if they came before the limit ended."""
        if not len(which):
            return
        run, at = changes.run[which], changes.at[which]
        self.promise(run)
        known, day = self.stones.known_at(at), self.stones.day(self.stones.occurred_at(at))
        due = self.promised_on[run].copy()
        count = np.flatnonzero(~self.is_as_opened[run] | (not self.counter.is_steady))
        if len(count):
            found = self.counter.limits(self.lengths, run[count], known[count], day[count])
            due[count] = found.due_on
        kind, on = changes.kind[which], changes.on[which]
        stops = (kind == STOP) & (np.isnat(due) | (on <= due))
        self.stop(run[stops], due[stops], changes, which[stops])
        adds = (kind == EXTENSION) & (changes.days[which] > 0) & (on <= due)
        self.extend(run[adds], changes.days[which[adds]], known[adds], day[adds])

    def stop(self, run: Ints, due: Times, changes: Changes, which: Ints) -> None:
        told = self.is_as_extended[run]
        # a pause does not change what the extension promised
        self.extended_on[run[told]] = due[told]
        self.is_as_extended[run] = self.is_as_opened[run] = False
        self.has_stop[run] = True
        self.is_stopped[run] |= changes.goes_on[which]
        self.lengths.stop(run, changes.on[which], changes.off[which], self.reopened[run])

    def extend(self, run: Ints, days: Ints, known: Times, day: Times) -> None:
        self.lengths.extended[run] += days
        self.told_at[run] = known
        self.is_as_opened[run] = False
        spared = self.counter.is_steady & ~self.has_stop[run]
        self.is_as_extended[run] = spared
        some = np.flatnonzero(~spared)
        if len(some):
            found = self.counter.limits(self.lengths, run[some], known[some], day[some])
            self.extended_on[run[some]] = found.due_on

    def first_and_latest(self, first_until: Times, until: Times) -> tuple[Round, Round]:
        """Both rounds, judged at the moments given; the same where none was reopened."""
        again = np.flatnonzero(self.reopened)
        latest = self.round(until)
        if not len(again):
            return latest, latest
        now = {name: getattr(self, name) for name in _KEPT}
        lengths = self.lengths
        for name in _KEPT:
            setattr(self, name, np.where(self.reopened, self.kept[name], now[name]))
        own = {
            name: np.where(self.reopened, self.kept[name], getattr(lengths, name))
            for name in _OF_LENGTH
        }
        in_first = ~lengths.stop_again
        self.lengths = Lengths(
            lengths.start, **own, stop_run=lengths.stop_run[in_first],
            stop_on=lengths.stop_on[in_first], stop_off=lengths.stop_off[in_first],
            stop_again=lengths.stop_again[in_first],
        )  # fmt: skip
        first = self.round(first_until, None if not self.counter.is_steady else latest.limits)
        return first, latest

    def round(self, until: Times, like: Limits | None = None) -> Round:
        """The present round. like: limits that hold where no objection was made."""
        counter = self.counter
        limits = self.promised.copy() if like is None else like.copy()
        if like is None:
            count = ~self.is_as_opened | self.reopened | (not counter.is_steady)
        else:
            count = ~self.is_as_opened & self.reopened
            opened = np.flatnonzero(self.is_as_opened & self.reopened)
            limits.put(opened, self.promised.at(opened))
        some = np.flatnonzero(count)
        if len(some):
            limits.put(some, counter.limits(self.lengths, some, until[some], None))
        promised, extended = self.promised_on.copy(), self.extended_on.copy()
        some = np.flatnonzero(self.needs_promise)
        if counter.is_steady:
            promised[some] = limits.due_on[some]
        else:
            promised[some] = counter.limits(self.lengths, some, self.told_at[some], None).due_on
        extended[self.is_as_extended] = limits.due_on[self.is_as_extended]
        moved = np.full(len(promised), NO_DAY)
        if not counter.is_steady:
            told = counter.limits(self.lengths, self.every, self.told_at, None).due_on
            differs = told != limits.due_on
            moved[differs] = told[differs]
        return Round(self.lengths, promised, extended, self.told_at, self.is_stopped, limits, moved)


_KEPT = (
    "promised_on", "extended_on", "told_at", "is_stopped", "is_as_opened", "is_as_extended",
    "needs_promise",
)  # fmt: skip
"""What a round keeps of itself when the next one begins."""
_OF_LENGTH = ("extended", "added", "objected")
