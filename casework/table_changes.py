"""What lengthened the runs of one clock, in the order it happened: extensions, pauses, objections.

The table form of `counting.Counting.grow`: the changes of all cases are taken together, the first
of each, then the second of each; a change is judged by the limit in force just before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .milestones import Ints, Mask, Milestones, Times
from .table_limits import NO_DAY, Counter
from .table_stops import Stops

EXTENSION, STOP, OBJECTION = 0, 1, 2


@dataclass
class Changes:
    """One element per change, sorted by run and position. run: number of the run in its group.

    at: position of the event. kind: one of the three. days: of an extension (0 = it adds none),
    between answer and objection. on: local day the extension counts on, a pause begins, or an
    objection was made. off: local day a pause ends. goes_on: it has not ended.
    """

    run: Ints
    at: Ints
    kind: Ints
    days: Ints
    on: Times
    off: Times
    goes_on: Mask

    @classmethod
    def none(cls) -> Changes:
        nothing = np.empty(0, dtype=np.int64)
        day = np.empty(0, dtype="datetime64[D]")
        return cls(nothing, nothing, nothing, nothing, day, day, np.empty(0, dtype=bool))

    def __add__(self, other: Changes) -> Changes:
        joined = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in self.__dataclass_fields__
        }
        order = np.lexsort((joined["at"], joined["run"]))
        return Changes(**{name: values[order] for name, values in joined.items()})

    @property
    def number(self) -> Ints:
        """The number of each change within its run, from 0."""
        if not len(self.run):
            return self.run
        starts = np.flatnonzero(np.r_[True, self.run[1:] != self.run[:-1]])
        return np.arange(len(self.run)) - np.repeat(starts, np.diff(np.r_[starts, len(self.run)]))


def extensions(
    stones: Milestones, counter: Counter, place: Ints, start: Ints, before: Ints
) -> Changes:
    """The extensions of an answer clock.

    Args:
        place: number of the run per row of the table, -1 = another group's.
        start, before: per run, positions between which they count; before -1 = no end.
    """
    at = stones.where("extended")
    run = place[stones.row[at]]
    kept = run >= 0
    at, run = at[kept], run[kept]
    kept = (start[run] >= 0) & (at > start[run]) & ((before[run] < 0) | (at < before[run]))
    at, run = at[kept], run[kept]
    days = counter.extension_days(stones.days[at], stones.known[at])
    most = counter.rule.extension_times
    changes = _made(stones, run, at, EXTENSION, days, stones.day(stones.counted[at]))
    if most is None:
        return changes
    return _some(changes, changes.number < most)


def objections(stones: Milestones, place: Ints) -> Changes:
    """The objections that began a new round, with the days since the answer."""
    rounds = stones.rounds
    run = place[rounds.case]
    kept = run >= 0
    days = np.maximum((rounds.objected_day - rounds.answered_day).astype(np.int64), 0)[kept]
    on = rounds.objected_day[kept]
    return _made(stones, run[kept], rounds.objected[kept], OBJECTION, days, on)


def pauses(
    stones: Milestones, stops: Stops, place: Ints, start: Ints, end: Ints, until: Times
) -> Changes:
    """Pauses that touch the runs.

    Args:
        start, end: per run, positions of the events that start and end it; end -1 = none does.
        until: per run, the moment (UTC) at which pauses are cut: its end, or now.
    """
    run = place[stops.row]
    kept = (run >= 0) & (start[run] >= 0) & ((stops.off < 0) | (stops.off > start[run]))
    kept &= (end[run] < 0) | (stops.on < end[run])
    run, on, off = run[kept], stops.on[kept], stops.off[kept]
    began = np.maximum(stones.occurred[on], stones.occurred[start[run]])
    goes_on = off < 0
    ended = np.where(goes_on, until[run], np.minimum(stones.occurred[off], until[run]))
    nothing = np.zeros(len(run), dtype=np.int64)
    changes = _made(stones, run, on, STOP, nothing, stones.day(began))
    changes.off, changes.goes_on = stones.day(ended), goes_on
    return _some(changes, began < ended)


def _made(stones: Milestones, run: Ints, at: Ints, kind: int, days: Ints, on: Times) -> Changes:
    size = len(run)
    none = np.full(size, NO_DAY)
    kinds = np.full(size, kind, dtype=np.int64)
    return Changes(run, at, kinds, days, on, none, np.zeros(size, dtype=bool))


def _some(changes: Changes, kept: Mask) -> Changes:
    return Changes(**{name: getattr(changes, name)[kept] for name in changes.__dataclass_fields__})
