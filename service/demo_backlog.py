"""Plans for backlog cases and looks back at answers for the demo county, so that their pages have
something to show; made up, and the same for the same county and seed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from casework.plans import backlog_after, posts_for
from data import places
from data.db import Db
from data.demo.planned import keep
from data.planned import FIRST, SECOND, Plan, PlanStep, Review
from data.reading import read_for_scoring
from data.record import new_case_id
from data.scope import Scope
from data.vocabulary import ANSWER_HANDLED, CAME_BACK_BECAUSE
from reports.indicators import OBJECTIONS, backlog
from reports.moments import first_of, local_days

from .figures import CaseFigures, compute
from .rules import rules_of

OPEN_SHARE, MOST_CLEARED = 0.7, 60
"""Which share of the backlog has a plan, and how many cases had one and were answered since."""
FIRST_SHARE, SECOND_SHARE = 0.8, 0.7
"""Which share of the answers that came back was looked back at, and of these a second time."""
_DAY = dt.timedelta(days=1)
_MIDDLE = ("contact", "joint_meeting", "mediate", "reception", "legal_aid")
_WEIGHTS = {
    "handled": (3, 4, 4, 6, 6, 3, 2, 3), "came_back": (2, 6, 5, 3, 4, 2, 2, 1),
}  # fmt: skip


def make_up(db: Db, seed: int) -> int:
    """Make up plans of the last months and looks back of the last year; how many.

    Raises:
        NotAllowed: no demo county.
    """
    scope, now, zone = Scope.operator(), db.now(), db.county().zone
    rules = rules_of(db)
    found = compute(rules, read_for_scoring(db, scope, now), now, zone)
    rng = np.random.default_rng(seed)
    plans = _plans(db, found, now, rng)
    return keep(db, scope, plans, _reviews(found, now, rng))


def _plans(db: Db, found: CaseFigures, now: dt.datetime, rng: np.random.Generator) -> list[Plan]:
    """A plan for most of the backlog, and for cases that were backlog and have been answered."""
    zone, rules = db.county().zone, rules_of(db)
    cases, events, stand = found.cases, found.table.events, found.standing
    is_old = backlog(cases, events, stand, now, zone, rules.packs)["is_backlog"]
    registered = local_days(first_of(events, ["registered"], cases.index), zone)
    since = registered + pd.DateOffset(months=3) + pd.Timedelta(days=1)
    answered = local_days(stand["last_answered_at"], zone)
    fits = (stand["stage"] == "answered") & (answered - since >= pd.Timedelta(days=25))
    fits &= answered >= pd.Timestamp(now.date()) - pd.Timedelta(days=300)
    plain = np.flatnonzero(is_old.to_numpy(bool))
    chosen = plain[rng.random(len(plain)) < OPEN_SHARE]
    done = rng.permutation(np.flatnonzero(fits.to_numpy(bool)))[:MOST_CLEARED]
    pack = rules.packs[db.county().pack].newest
    bodies = places.read_bodies(db, Scope.operator())
    kinds = dict(zip(bodies["body_id"], bodies["kind"].astype(str), strict=True))
    made = []
    for row in sorted([*chosen, *done]):
        day = backlog_after(pack, registered.iloc[row].date())
        if day is None:
            continue
        last = now.date() if bool(is_old.iloc[row]) else answered.iloc[row].date()
        made += _of_case(
            str(cases["case_id"].iloc[row]), str(stand["owing_body_id"].iloc[row]),
            kinds, day + _DAY, last, zone, now, rng,
        )  # fmt: skip
    return made


def _of_case(
    case_id: str,
    body_id: str,
    kinds: dict[str, str],
    since: dt.date,
    last: dt.date,
    zone: str,
    now: dt.datetime,
    rng: np.random.Generator,
) -> list[Plan]:
    """A first plan within the days that the case was backlog, some changed once."""
    posts = posts_for(kinds.get(body_id, ""))
    room = max(1, min((last - since).days, 120))
    on = max(since, last - dt.timedelta(days=int(rng.integers(1, room + 1))))
    at = dt.datetime.combine(on, dt.time(10, int(rng.integers(0, 60))), ZoneInfo(zone))
    at = min(at.astimezone(dt.UTC), now - _DAY)
    due_on = on + dt.timedelta(days=int(rng.integers(25, 75)))
    middle = str(rng.choice(_MIDDLE))
    steps = (
        PlanStep(middle, on + dt.timedelta(days=int(rng.integers(5, 20)))),
        PlanStep("answer", due_on - dt.timedelta(days=int(rng.integers(1, 5)))),
    )
    post = str(rng.choice(posts))
    first = Plan(new_case_id(), case_id, body_id, post, due_on, at, at, steps)
    is_changed, later = rng.random() < 0.2, at + dt.timedelta(days=int(rng.integers(8, 30)))
    if not is_changed or later >= now - _DAY or later.date() >= last:
        return [first]
    moved = due_on + dt.timedelta(days=30)
    reason = str(rng.choice(("waits_for_report", "waits_for_other_body", "date_not_kept")))
    changed = Plan(
        new_case_id(), case_id, body_id, post, moved, later, at,
        (steps[0], PlanStep("answer", moved - _DAY)), first.plan_id, reason,
    )  # fmt: skip
    return [first, changed]


def _reviews(found: CaseFigures, now: dt.datetime, rng: np.random.Generator) -> list[Review]:
    """Looks back at most answers that came back in the last year, the newest left to do."""
    events = found.table.events
    some = events[events["event"].isin(["answered", *OBJECTIONS])]
    by = some.groupby("case")
    before = by["event"].shift().astype("object")
    is_back = some["event"].isin(OBJECTIONS) & (before == "answered")
    at = by["occurred_at"].shift()[is_back]
    body = by["body_id"].shift()[is_back]
    back = some[is_back].assign(answered_at=at, answered_by=body)
    back = back[back["occurred_at"] >= pd.Timestamp(now) - pd.Timedelta(days=360)]
    back = back[found.standing["is_counted"].reindex(back["case"]).to_numpy(bool)]
    made: list[Review] = []
    for row in back.itertuples():
        case_id = str(found.cases["case_id"].iloc[row.case])
        seen = row.occurred_at.to_pydatetime() + dt.timedelta(days=int(rng.integers(2, 15)))
        again = seen + dt.timedelta(days=int(rng.integers(2, 12)))
        words = _words(rng)
        is_first, is_second = rng.random() < FIRST_SHARE, rng.random() < SECOND_SHARE
        if not is_first or seen >= now:
            continue
        of = (case_id, row.answered_at.to_pydatetime())
        made.append(Review(new_case_id(), *of, FIRST, str(row.answered_by), *words, seen))
        if is_second and again < now:
            words = words if rng.random() < 0.7 else _words(rng)
            made.append(Review(new_case_id(), *of, SECOND, None, *words, again))
    return made


def _words(rng: np.random.Generator) -> tuple[str, str]:
    handled, because = (np.array(_WEIGHTS[name], dtype=float) for name in _WEIGHTS)
    return (
        str(rng.choice(ANSWER_HANDLED, p=handled / handled.sum())),
        str(rng.choice(CAME_BACK_BECAUSE, p=because / because.sum())),
    )
