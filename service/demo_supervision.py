"""One sweep, one campaign, one inspection and one evaluation for the demo county."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from casework.sweeps import FINDING_STEPS
from data import campaigns, evaluations, inspections, places
from data.campaigns import NewMeasure
from data.db import Db
from data.demo.supervised import keep_sweep
from data.errors import NotAllowed
from data.evaluations import Evaluated
from data.frames import CaseTable
from data.inspections import NewMark
from data.reading import read_for_scoring
from data.scope import Scope
from data.sweeps import Finding
from reports.moments import has_any

from .campaigns import begin
from .figures import compute, known_by, only
from .rules import rules_of
from .supervision import checklist
from .sweeps import lists_of

BACK, AHEAD = 12, 8
"""Days since the sweep began, and until it ends."""
FOUND = (
    "in_order", "in_order", "step_due", "in_order", "tell_asker", "limit_passed", "step_due",
    "deliver_answer", "redo_answer", "ended_since",
)  # fmt: skip
_DAY = dt.timedelta(days=1)


def make_supervision(db: Db, seed: int) -> None:
    """Make them up. The same county and seed: the same.

    Raises:
        NotAllowed: no demo county.
    """
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    rng = np.random.default_rng(seed)
    zone = ZoneInfo(db.county().zone)
    today = db.now().astimezone(zone).date()
    scope = Scope.operator()
    bodies = places.read_bodies(db, scope)
    departments = [str(b) for b in bodies.loc[bodies["kind"] == "department", "body_id"]]
    offices = [str(b) for b in bodies.loc[bodies["kind"] == "township_office", "body_id"]]
    if not departments:
        return
    table = read_for_scoring(db, scope, db.now())
    named = table.cases["body_id"].value_counts().reindex(departments, fill_value=0)
    body = str(named.sort_values(ascending=False, kind="stable").index[0])
    categories = table.cases.loc[table.cases["body_id"] == body, "category"].value_counts()
    _sweep(db, rng, body, today, table)
    if len(categories):
        _campaign(db, body, str(categories.index[0]), today)
    year = today.year if today.month > 2 else today.year - 1
    _inspection(db, rng, [body, *offices[:2]], year, min(today, dt.date(year, 12, 20)))
    _evaluation(db, rng, [*departments[:4], *offices[:4]], year)


def _sweep(db: Db, rng: np.random.Generator, body: str, today: dt.date, table: CaseTable) -> None:
    zone = db.county().zone
    begun = dt.datetime.combine(today - BACK * _DAY, dt.time(9), ZoneInfo(zone))
    begun = begun.astimezone(dt.UTC)
    sent = table.events.loc[table.events["to_body_id"] == body, "case"].unique()
    near = (table.cases["body_id"] == body).to_numpy() | table.cases.index.isin(sent)
    found = compute(rules_of(db), known_by(only(table, near), begun), begun, zone)
    extended = has_any(found.table.events, ["extended"], found.cases.index)
    cases = lists_of(found.cases, found.standing, extended, body)["open"]
    if not cases:
        return
    looked = len(cases) * 2 // 3
    kept: list[tuple[str, Finding | None]] = []
    for number, case_id in enumerate(cases):
        if number >= looked:
            kept.append((case_id, None))
            continue
        finding = FOUND[int(rng.integers(0, len(FOUND)))]
        steps, at = FINDING_STEPS[finding], begun + dt.timedelta(hours=1 + 240 * number / looked)
        due_on = at.astimezone(ZoneInfo(zone)).date() + int(rng.integers(2, 9)) * _DAY
        step = steps[0] if steps else None
        kept.append((case_id, Finding(body, finding, step, due_on if step else None, at)))
    keep_sweep(db, Scope.operator(), body, "open", begun, today + AHEAD * _DAY, kept)


def _campaign(db: Db, body: str, category: str, today: dt.date) -> None:
    scope = Scope.operator()
    first, last = today - 60 * _DAY, today + 30 * _DAY
    made = begin(db, scope, first, last, frozenset({category}), frozenset({body}))
    for figure, measure, post, back, result in (
        ("first_step", "same_day_transfer", "department_leader", 40, "done"),
        ("told", "told_at_once", "duty_officer", 20, "partly"),
        ("on_time", "joint_meeting_fixed", "department_head", -20, None),
    ):
        due_on = today - back * _DAY
        new = NewMeasure(body, category, figure, measure, post, due_on)
        measure_id = campaigns.add_measure(db, scope, made, new)
        if result is not None:
            campaigns.say_result(db, scope, measure_id, result, due_on)


def _inspection(
    db: Db, rng: np.random.Generator, bodies: list[str], year: int, day: dt.date
) -> None:
    listed = checklist(db, Scope.operator())
    marks = [
        NewMark(year, body, item.item_id, ("met", "met", "met", "partly", "not_met")[
            int(rng.integers(0, 5))], day, "office_head")
        for body in bodies
        for item in listed.items
    ]  # fmt: skip
    inspections.mark(db, Scope.operator(), marks, listed, day)


def _evaluation(db: Db, rng: np.random.Generator, bodies: list[str], year: int) -> None:
    rows = [
        Evaluated(year, "university", body, measure, round(float(rng.uniform(low, high)), 3),
                  int(rng.integers(6, 160)), "phone_survey")
        for body in bodies
        for measure, low, high in (("on_time", 0.75, 0.95), ("told", 0.1, 0.35),
                                   ("clarity", 0.6, 0.9))
    ]  # fmt: skip
    evaluations.add(db, Scope.operator(), rows)
