"""How long an answer takes: the line before each body, the case's own handling, and the truth.

A case that is accepted joins its body's line (first in, first out, in units of work; the body works
off what it can on each working day, less when people are away). When its turn has come its own
handling begins: on working day i after that the chance of an answer, given none yet, follows

    S(i) = exp(-G(i)),  G(i) = ((i - turn) / scale)^SHAPE   talks, papers
                               + hurry * (days of i in the last days before the limit)
                               + PUSH  * (days of i past the limit)

so that the probability of a late answer is S(last working day of the limit), exactly, given what
the process knows at acceptance: the line and the roster. docs/demo.md says it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .arrivals import CATEGORY_IDS, Arrivals
from .moments import Bools, Days, Floats, Ints, WorkDays, days_of, office_part, office_time
from .process import (
    CATEGORIES,
    EXTENDS,
    EXTENSION_DAYS,
    GROWTH,
    HURRY,
    HURRY_DAYS,
    LINE_START_DAYS,
    LINE_USE,
    PACE,
    PUSH,
    SHAPE,
    SIMPLE_LINE,
    SIMPLE_SCALE,
)

DueOf = Callable[[str, Days, np.ndarray, np.ndarray], Days]
"""(clock, local start days, procedures, days of extension) -> local last days of the limit."""
CHECKPOINTS = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Bodies:
    """What makes bodies differ, one entry per body; see process.py for the draws."""

    pace: Floats
    hurry: Floats
    extends: Floats
    line_use: Floats
    opens: Ints

    @classmethod
    def draw(cls, kinds: Sequence[str], opens: Ints, rng: np.random.Generator) -> Bodies:
        """Bodies of these kinds (as in `frames.Bodies`), with their first working day's number."""
        count = len(kinds)
        low, high = np.array([LINE_USE[kind] for kind in kinds]).T
        return cls(
            PACE[0] * np.exp(rng.normal(0, PACE[1], count)),
            rng.uniform(*HURRY, count),
            rng.uniform(*EXTENDS, count),
            rng.uniform(low, high),
            opens,
        )


@dataclass(frozen=True)
class Plan:
    """What the process knows of each accepted case, and what chance then did. One entry per case.

    accepted: moment. turn: number of the working day its handling begins. scale: working days.
    due, due_extended: number of the last working day of the limit as promised, and with the
    extension. due_day, due_day_extended: their local last days (days since 1970).
    extension: whether the body extends if it comes to that; extension_on: number of that working
    day; extension_days. answered_on: number of the working day of the answer; answered: moment.
    """

    accepted: Floats
    simple: Bools
    owner: Ints
    turn: Ints
    scale: Floats
    hurry: Floats
    due: Ints
    due_day: Floats
    due_extended: Ints
    due_day_extended: Floats
    extends: Floats
    extension: Bools
    extension_on: Ints
    extension_days: Ints
    answered_on: Ints
    answered: Floats

    @property
    def is_extended(self) -> Bools:
        """Whether the extension was granted: meant, and not answered by its day."""
        return self.extension & (self.answered_on > self.extension_on)

    @property
    def is_hurried(self) -> Bools:
        """Whether the answer fell into the last days before the limit in force."""
        due = np.where(self.is_extended, self.due_extended, self.due)
        days = np.where(self.simple, HURRY_DAYS["simple"], HURRY_DAYS["ordinary"])
        return (self.answered_on > due - days) & (self.answered_on <= due)


def absences(length: int, rng: np.random.Generator) -> Floats:
    """Share of its people a body has on each of `length` working days: spells of leave and illness,
    about three a year, of 4 to 25 working days, that take 20 to 55 % away."""
    there = np.ones(length)
    for start in np.flatnonzero(rng.random(length) < 3 / 250):
        there[start : start + rng.integers(4, 26)] *= rng.uniform(0.45, 0.8)
    return there


def turns(
    joins: Ints, work: Floats, owner: Ints, bodies: Bodies, span: tuple[int, int], length: int,
    rng: np.random.Generator,
) -> Ints:  # fmt: skip
    """The working day on which each case's turn comes.

    Args:
        joins: number of the working day on which each joins its body's line; cases are in the
            order in which they joined.
        work, owner: work and body of each.
        bodies: what they can do; a body is there from its first day on.
        span: numbers of the first and last working day of the history.
        length: working days known, past `last` by far.
    """
    turn = joins.copy()
    first, last = span
    growth = (1 + GROWTH) ** (np.maximum(np.arange(length) - first, 0) / 250)
    for body, use in enumerate(bodies.line_use):
        there = growth * absences(length, rng)
        mine = np.flatnonzero(owner == body)
        if not len(mine):
            continue
        capacity = there * work[mine].sum() / (use * there[bodies.opens[body] : last + 1].sum())
        done = np.cumsum(capacity)  # all the work that could be done up to the end of each day
        since = done[joins[mine]] - capacity[joins[mine]]
        opens = bodies.opens[body]
        lying = done[opens] + LINE_START_DAYS * capacity[opens]
        ahead = np.cumsum(work[mine]) - work[mine]
        begins = ahead + np.maximum(np.maximum.accumulate(since - ahead), lying)
        turn[mine] = np.maximum(np.searchsorted(done, begins, side="right"), joins[mine])
    return turn


def growth_of_chance(
    day: Ints, turn: Ints, scale: Floats, hurry: Floats, due: Ints, simple: Bools
) -> Floats:
    """G(i) of the module's docstring, for working day `day` and the limit `due`."""
    in_hand = np.maximum(day - turn, 0)
    hurry_days = np.where(simple, HURRY_DAYS["simple"], HURRY_DAYS["ordinary"])
    hurried = np.maximum(np.minimum(day, due) - np.maximum(due - hurry_days, turn), 0)
    past = np.maximum(day - np.maximum(due, turn), 0)
    return (in_hand / scale) ** SHAPE + hurry * hurried + PUSH * past


def make_plan(
    cases: Arrivals, accepted: Floats, bodies: Bodies, work_days: WorkDays,
    span: tuple[int, int], due_of: DueOf, rng: np.random.Generator,
) -> Plan:  # fmt: skip
    """The lines, limits and answers of accepted cases.

    Args:
        cases: the accepted ones. accepted: the moment of each, in any order.
        bodies: of all owners.
        span: numbers of the first and last working day of the history.
        due_of: the rules' last day of a limit.
    """
    size = len(cases)
    joins = work_days.number(accepted)
    specs = [CATEGORIES[name] for name in CATEGORY_IDS]
    work = rng.gamma(2.0, np.array([c.work for c in specs])[cases.category] / 2)
    order = np.flatnonzero(~cases.simple)
    order = order[np.argsort(accepted[order], kind="stable")]
    turn = joins.copy()
    turn[order] = turns(
        joins[order], work[order], cases.owner[order], bodies, span, len(work_days.days), rng,
    )  # fmt: skip
    line = _line_lengths(joins, turn, cases)
    scale = np.array([c.scale for c in specs])[cases.category] * bodies.pace[cases.owner]
    scale = np.where(cases.simple, scale * SIMPLE_SCALE * (1 + SIMPLE_LINE * line), scale)
    hurry = bodies.hurry[cases.owner] / (1 + line / 10)

    procedure = np.where(cases.simple, "simple", "ordinary")
    granted = np.where(cases.simple, 0, rng.choice(EXTENSION_DAYS, size))
    nothing = np.zeros(size, dtype=np.int64)
    due_day = due_of("answer", days_of(accepted), procedure, nothing).astype(np.int64)
    later_day = due_of("answer", days_of(accepted), procedure, granted).astype(np.int64)
    due, later = work_days.upto(due_day) - 1, work_days.upto(later_day) - 1
    extends = np.where(cases.simple, 0.0, bodies.extends[cases.owner])
    extension = rng.random(size) < extends
    answered_on = first_day(
        rng.exponential(size=size), turn, scale, hurry, np.where(extension, later, due),
        cases.simple,
    )  # fmt: skip
    return Plan(
        accepted, cases.simple, cases.owner, turn, scale, hurry, due, due_day.astype(float), later,
        later_day.astype(float), extends, extension, due - rng.integers(1, 6, size), granted,
        answered_on, work_days.day(answered_on) + office_time(rng.random(size)),
    )  # fmt: skip


def _line_lengths(joins: Ints, turn: Ints, cases: Arrivals) -> Floats:
    """Working days of line before each case's body when it was accepted; a simple case sees that of
    the ordinary case accepted last."""
    line = (turn - joins).astype(float)
    order = np.lexsort((joins, cases.owner))
    ordinary = ~cases.simple[order]
    last = np.maximum.accumulate(np.where(ordinary, np.arange(len(order)), 0))
    same_body = cases.owner[order][last] == cases.owner[order]
    line[order] = np.where(same_body & ordinary[last], line[order][last], 0.0)
    return line


def first_day(
    chance: Floats, turn: Ints, scale: Floats, hurry: Floats, due: Ints, simple: Bools
) -> Ints:
    """The first working day on which G has reached each case's exponential draw (bisection)."""
    low, high = turn.copy(), turn + 4096
    while (high - low).max(initial=0) > 1:
        middle = (low + high) // 2
        reached = growth_of_chance(middle, turn, scale, hurry, due, simple) >= chance
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return high


def late_probability(plan: Plan, at: Floats, work_days: WorkDays) -> Floats:
    """P(first answer after the limit as promised | not answered by `at`, before any extension).

    Args:
        at: a moment per case, from acceptance to the limit.

    Returns:
        in [0, 1]: over the body's choice to extend, which is not known before it is made.
    """
    today = work_days.upto(at) - 1
    is_work_day = work_days.days[np.clip(today, 0, len(work_days.days) - 1)] == np.floor(at)
    part = np.where(is_work_day, office_part(at), 1.0)

    def alive(day: Ints, due: Ints) -> Floats:
        return np.exp(-growth_of_chance(day, plan.turn, plan.scale, plan.hurry, due, plan.simple))

    late, here = np.zeros(len(at)), np.zeros(len(at))
    for share, due in ((plan.extends, plan.due_extended), (1 - plan.extends, plan.due)):
        late += share * alive(plan.due, due)
        here += share * ((1 - part) * alive(today - 1, due) + part * alive(today, due))
    return np.minimum(late / here, 1.0)
