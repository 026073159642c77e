"""What came of bodies' own sweeps (自查): coverage, findings, promised steps kept. No case."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from casework.sweeps import Step, has_left, state

from .rates import FEWEST, Rate


@dataclass(frozen=True)
class Looked:
    """One case on a list. finding: None = not looked at yet. step, due_on, at: of the finding."""

    finding: str | None
    step: str | None
    due_on: dt.date | None
    at: dt.datetime | None
    steps: Sequence[Step]


@dataclass(frozen=True)
class SweepLine:
    """A sweep's figures.

    coverage: looked at, of all on the list (less those that have left every figure). found: how
    many of each finding; empty where fewer than ten were looked at. kept: promised steps taken by
    their day, of those whose day is over or that were taken.
    """

    body_id: str
    kind: str
    begun_on: dt.date
    until: dt.date
    coverage: Rate
    kept: Rate
    found: dict[str, int] = field(default_factory=dict)

    @property
    def is_covered(self) -> bool:
        """Whether too few were looked at to say what was found."""
        return self.coverage.numerator < FEWEST


def sweep_line(
    body_id: str, kind: str, begun_on: dt.date, until: dt.date, cases: Iterable[Looked],
    as_of: dt.datetime, zone: str,
) -> SweepLine:  # fmt: skip
    """The figures of one sweep as of a moment; begun_on, until: local days."""
    here = [case for case in cases if not has_left(case.steps, as_of)]
    looked = [case for case in here if case.finding is not None]
    states = Counter(
        state(case.step, case.due_on, case.at, case.steps, as_of, zone)
        for case in looked
        if case.at is not None
    )
    over = states["done"] + states["done_late"] + states["past"]
    counts = Counter(str(case.finding) for case in looked)
    found = dict(counts) if len(looked) >= FEWEST else {}
    return SweepLine(
        body_id, kind, begun_on, until, Rate(len(looked), len(here)),
        Rate(states["done"], over), found,
    )  # fmt: skip
