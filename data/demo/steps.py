"""What happens to each case: the office's steps and the asker's, in the default pack's grammar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrivals import CATEGORY_IDS, CHANNEL_IDS, Arrivals
from .log import Log, before, where
from .moments import Bools, Floats, Ints, WorkDays, office_time
from .process import (
    CATEGORIES,
    CODE_USED,
    DECLINED,
    DEPARTMENTS,
    DISOWNED,
    FORWARDED,
    MISSENT,
    NO_REMEDY,
    OVERSIGHT,
    REFERRED,
    UNDONE,
    WITHDRAWN,
)
from .work import Plan

_OVERSIGHT = DEPARTMENTS.index(OVERSIGHT)
DECLINE_CODES = ("court_matter", "being_handled", "final_recheck", "not_public_task")
EXTENSION_CODES = ("complex", "expert_report", "mediation_going_on")
EXIT_CODES = {
    "referred": ("court", "arbitration", "labour_inspection"),
    "no_remedy": ("law_allows_none", "time_limit_passed"),
}
"""Of the reasons in casework/reasons.py, those that the demo county has texts for."""
EXITS = ("", "referred", "no_remedy", "withdrawn", "undone")


@dataclass(frozen=True)
class Opening:
    """What is settled about every case before its answer is owed; one entry per case.

    first_body: index of the body named at registration. decided: moment. accepted: whether.
    code_used: moment the receipt's code was first used, NaN = never. disowned: moment or NaN.
    exit: index in EXITS of how it ends other than by an answer ("undone": asked to withdraw and
    changed their mind). All of it is drawn without a look at how long the answer takes.
    """

    first_body: Ints
    decided: Floats
    accepted: Bools
    code_used: Floats
    disowned: Floats
    exit: Ints


def asker_time(day: Floats, rng: np.random.Generator) -> Floats:
    """A moment between 7 and 22 o'clock on those days."""
    return np.floor(day) + rng.uniform(7, 22, len(day)) / 24


def office_moment(
    work_days: WorkDays, at: Floats, days: npt.ArrayLike, rng: np.random.Generator
) -> Floats:
    """A moment in office hours, so many working days (at least 1) after each moment; NaN stays."""
    known = np.nan_to_num(at)
    later = work_days.day(work_days.upto(known) - 1 + np.asarray(days)) + office_time(
        rng.random(len(at))
    )
    return np.where(np.isnan(at), np.nan, later)


def open_cases(cases: Arrivals, log: Log, work_days: WorkDays, rng: np.random.Generator) -> Opening:
    """Registration, passing on, decision, use of the receipt; writes these events."""
    size = len(cases)
    every = np.arange(size)
    desk = len(DEPARTMENTS) + cases.township
    log.add("registered", every, cases.registered, body=desk)
    department = cases.owner < len(DEPARTMENTS)
    forwarded = ~cases.simple & department & (rng.random(size) < FORWARDED)
    received = _pass_on(cases, forwarded, desk, log, work_days, rng)
    days = _decision_days(cases.simple, rng)
    decided = office_moment(work_days, received, days, rng)
    accepted = rng.random(size) >= DECLINED
    log.add("accepted", every, where(accepted, decided), body=cases.owner)
    reasons = np.array(DECLINE_CODES)[rng.choice(4, size, p=[0.4, 0.25, 0.15, 0.2])]
    log.add("declined", every, where(~accepted, decided), body=cases.owner, code=reasons)
    told = office_moment(work_days, decided, rng.integers(1, 4, size), rng)
    log.add("delivered", every, where(~accepted, told), body=cases.owner)

    habit = rng.uniform(-0.2, 0.2, desk.max() + 1)[desk]
    share = np.array([CODE_USED[name] for name in CHANNEL_IDS])[cases.channel] + habit
    used = where(rng.random(size) < share, cases.registered + rng.exponential(5.0, size) + 0.002)
    day_time = asker_time(used, rng)
    used = np.where(day_time > cases.registered, day_time, used)
    log.add("confirmed", every, used, actor="asker")
    wrong = ~cases.own_channel & (rng.random(size) < DISOWNED)
    disowned = where(wrong, used + 3 / 1440)
    log.add("disowned", every, disowned, actor="asker")
    log.add("erased", every, np.floor(disowned + 16) + 3 / 24, actor="system")
    shares = [REFERRED, NO_REMEDY, WITHDRAWN * (1 - UNDONE), WITHDRAWN * UNDONE]
    ways = rng.choice(len(EXITS), size, p=[1 - sum(shares), *shares])
    asked = np.isin(ways, (EXITS.index("withdrawn"), EXITS.index("undone")))
    ways[(asked & np.isnan(used)) | ~accepted] = 0
    return Opening(np.where(forwarded, desk, cases.owner), decided, accepted, used, disowned, ways)


def _pass_on(
    cases: Arrivals, forwarded: Bools, desk: Ints, log: Log, work_days: WorkDays,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """Writes the transfers before a decision; when each case lay with the body in charge."""
    size = len(cases)
    every = np.arange(size)
    days = 1 + np.minimum(rng.gamma(1.3, 1.6, size).astype(np.int64), 7)
    days = np.where(rng.random(size) < 0.02, rng.integers(12, 18, size), days)
    passed = where(forwarded, office_moment(work_days, cases.registered, days, rng))
    missent = forwarded & (rng.random(size) < MISSENT)
    others = len(DEPARTMENTS) - 1
    wrong = (cases.owner + 1 + rng.integers(0, others, size)) % len(DEPARTMENTS)
    to = np.where(missent, wrong, cases.owner)
    log.add("transferred", every, passed, body=desk, to=to, code="by_task")
    objected = where(missent, office_moment(work_days, passed, rng.integers(1, 5, size), rng))
    log.add("objected", every, objected, body=wrong)
    again = office_moment(work_days, objected, rng.integers(1, 3, size), rng)
    log.add("transferred", every, again, body=_OVERSIGHT, to=cases.owner, code="objection_upheld")
    return np.where(missent, again, np.where(forwarded, passed, cases.registered))


def _decision_days(simple: Bools, rng: np.random.Generator) -> Ints:
    """Working days to the decision on acceptance; about one in forty comes too late."""
    size = len(simple)
    ordinary = 1 + np.minimum(rng.gamma(2.2, 2.0, size).astype(np.int64), 7)
    ordinary = np.where(rng.random(size) < 0.022, rng.integers(12, 20, size), ordinary)
    quick = np.where(rng.random(size) < 0.03, rng.integers(4, 7, size), rng.integers(1, 3, size))
    return np.where(simple, quick, ordinary)


def handle(
    which: Ints, cases: Arrivals, opening: Opening, plan: Plan, log: Log, work_days: WorkDays,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """Writes the steps from acceptance to the first answer or another end.

    Args:
        which: numbers of the accepted cases; `cases`, `opening` and `plan` are of these.

    Returns:
        moment of the first answer, NaN for cases that end otherwise.
    """
    size = len(which)
    names = np.array(EXITS)[opening.exit]
    span = np.maximum(plan.due_day - plan.accepted, 3)
    leaves = work_days.add(plan.accepted + 1 + rng.uniform(0.1, 0.8, size) * span, 0)
    leaves += office_time(rng.random(size))
    asked = np.maximum(asker_time(leaves, rng), opening.code_used + 1 / 48)
    answered = where(np.isin(names, ("", "undone")), plan.answered)
    ends = np.where(
        np.isnan(answered), np.where(names == "withdrawn", asked + 15, leaves), answered
    )
    day_before = np.floor(ends)
    early = rng.random(size) < 0.35
    from_day = np.where(early, work_days.number(plan.accepted), plan.turn)
    contact = work_days.day(from_day + rng.integers(1, 4, size)) + office_time(rng.random(size))
    contact = before(where(rng.random(size) < 0.88, contact), day_before)
    log.add("contacted", which, contact, body=plan.owner)
    _typical_step(which, cases, contact, day_before, log, work_days, rng)
    extended = work_days.day(plan.extension_on) + office_time(rng.random(size))
    extended = before(where(plan.is_extended, extended), day_before)
    reasons = np.array(EXTENSION_CODES)[rng.integers(0, len(EXTENSION_CODES), size)]
    log.add("extended", which, extended, body=plan.owner, days=plan.extension_days, code=reasons)
    log.add("notified", which, extended + 0.01, body=plan.owner)
    log.add("answered", which, answered, body=plan.owner)
    for exit_name, codes in EXIT_CODES.items():
        left = where(names == exit_name, leaves)
        log.add(exit_name, which, left, body=plan.owner, code=np.array(codes)[which % len(codes)])
        told = office_moment(work_days, left, rng.integers(1, 4, size), rng)
        log.add("delivered", which, told, body=plan.owner)
    log.add("withdrawal_asked", which, where(names == "withdrawn", asked), actor="asker")
    log.add("withdrawn", which, where(names == "withdrawn", asked + 15), actor="system")
    undone = before(where(names == "undone", asked + rng.uniform(0.5, 12, size)), day_before)
    log.add("withdrawal_asked", which, where(~np.isnan(undone), asked), actor="asker")
    log.add("withdrawal_undone", which, undone, actor="asker")
    return answered


def _typical_step(
    which: Ints, cases: Arrivals, contact: Floats, limit: Floats, log: Log, work_days: WorkDays,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Writes the service step typical of the category, for most cases, some days after contact."""
    steps = np.array([CATEGORIES[name].step for name in CATEGORY_IDS])[cases.category]
    at = office_moment(work_days, contact, rng.integers(1, 9, len(which)), rng)
    at = before(where(rng.random(len(which)) < 0.65, at), limit)
    for step in sorted(set(steps) - {""}):
        log.add(step, which, where(steps == step, at), body=cases.owner)
