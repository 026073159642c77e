"""After an answer: delivery, rating, "not solved" and its rounds, review and recheck."""

from __future__ import annotations

import numpy as np

from ..vocabulary import RATINGS
from .log import Log, before, where
from .moments import Bools, Floats, Ints, WorkDays, office_time
from .process import (
    NOT_SOLVED,
    NOT_SOLVED_HURRIED,
    NOT_SOLVED_LATE,
    RATED,
    RECHECK,
    REVIEW,
)
from .steps import asker_time, office_moment
from .work import Plan

_AGAIN = (1.0, 1.6, 0.0)
"""How much likelier than at first the next answer is called not solved, round by round; the demo
county's cases end with the third answer."""


def follow_up(
    which: Ints, answered: Floats, code_used: Floats, plan: Plan, reviewer: int, log: Log,
    work_days: WorkDays, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Writes what comes after the first answers.

    Args:
        which: case numbers. answered: moment of the first answer (NaN = none). code_used: first
            use of the code (NaN = never). plan: of these cases. reviewer: number of the body that
            reviews and, with none above it, rechecks.
    """
    hurried = plan.is_hurried
    late = plan.answered_on > np.where(plan.is_extended, plan.due_extended, plan.due)
    for again in _AGAIN:
        size = len(which)
        told = office_moment(work_days, answered, 1 + rng.geometric(0.5, size).clip(0, 5), rng)
        told = where(rng.random(size) < 0.96, told)
        log.add("delivered", which, told, body=plan.owner)
        likely = NOT_SOLVED + NOT_SOLVED_HURRIED * hurried + NOT_SOLVED_LATE * late
        unhappy = rng.random(size) < likely * again
        objects = asker_time(told + 1 + np.minimum(rng.exponential(14, size), 50), rng)
        objects = np.maximum(objects, code_used + 0.01)
        objects = where(unhappy & (objects < told + 58), objects)
        log.add("not_solved", which, objects, actor="asker")
        _rate(which, told, objects, hurried | late, code_used, log, rng)
        _review(which, where(np.isnan(objects), told), code_used, reviewer, log, work_days, rng)
        days = 1 + (14 * rng.weibull(1.4, size)).astype(np.int64)
        answered = office_moment(work_days, objects, days, rng)
        log.add("answered", which, answered, body=plan.owner)
        hurried, late = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)


def _rate(
    which: Ints, told: Floats, objects: Floats, poor: Bools, code_used: Floats, log: Log,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Writes one rating of an answer, by those who rate: worse for hurried and late answers."""
    size = len(which)
    at = np.maximum(asker_time(told + 1 + rng.exponential(4, size), rng), code_used + 0.005)
    unhappy = ~np.isnan(objects)
    at = where(~unhappy | (at < objects), at)
    draw = rng.random(size)
    good = np.where(unhappy, 0.05, np.where(poor, 0.42, 0.63))
    fair = np.where(unhappy, 0.15, 0.26)
    rating = np.where(draw < good, 0, np.where(draw < good + fair, 1, 2))
    rated = where(rng.random(size) < RATED, at)
    log.add("rated", which, rated, actor="asker", code=np.array(RATINGS)[rating])


def _review(
    which: Ints, told: Floats, code_used: Floats, reviewer: int, log: Log, work_days: WorkDays,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Writes reviews and rechecks asked for in their windows of 30 days."""
    size = len(which)
    asked = asker_time(told + rng.uniform(6, 28, size), rng)
    asked = where((rng.random(size) < REVIEW) & (asked > code_used), asked)
    log.add("review_requested", which, asked, actor="asker", to=reviewer)
    done = office_moment(work_days, asked, rng.integers(6, 22, size), rng)
    log.add("reviewed", which, done, body=reviewer)
    told_again = office_moment(work_days, done, rng.integers(1, 4, size), rng)
    log.add("delivered", which, told_again, body=reviewer)
    again = asker_time(told_again + rng.uniform(2, 28, size), rng)
    again = where(rng.random(size) < RECHECK, again)
    log.add("recheck_requested", which, again, actor="asker")
    final = office_moment(work_days, again, rng.integers(6, 22, size), rng)
    log.add("rechecked", which, final, body=reviewer)
    last = before(work_days.day(work_days.upto(np.nan_to_num(final)) + 2), final + 60)
    log.add("delivered", which, last + office_time(rng.random(size)), body=reviewer)
