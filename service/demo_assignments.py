"""A few dozen assignments for the demo county, in every state, so that its pages are not empty."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from casework.assignments import PHASE_STEPS, SUBJECT_STEPS, default_due
from casework.calendar import WorkingCalendar
from data.assigned import THIS_CASE, Assignment, AssignmentEvent
from data.db import Db
from data.demo.assigned import MadeUp, keep
from data.reading import read_for_scoring
from data.record import new_case_id
from data.scope import Scope
from wording import t

from .figures import compute
from .rules import county_rules, rules_of

CASES, SUBJECTS = 28, 8
"""How many assignments are made up about cases, and about kinds of owed work."""
FATES = ("untouched", "taken", "answered", "answered_late", "returned", "verified", "verified")
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def make_up(db: Db, seed: int, language: str = "zh") -> int:
    """Make up assignments of the last two weeks; how many. The same county and seed: the same.

    Raises:
        NotAllowed: no demo county.
    """
    scope, now, zone = Scope.operator(), db.now(), db.county().zone
    _, calendar = county_rules(db)
    rng = np.random.default_rng(seed)
    made = _Maker(now, ZoneInfo(zone), calendar, rng, language)
    figures = compute(rules_of(db), read_for_scoring(db, scope, now), now, zone)
    stand, cases = figures.standing, figures.table.cases
    since = now - 20 * _DAY
    last = figures.table.events.groupby("case")["occurred_at"].max().reindex(cases.index)
    # a case nothing happened to since may be assigned at any moment of these days
    fits = stand["is_open"] & stand["is_overdue"] & stand["is_counted"] & (last < since)
    found = np.flatnonzero(fits.to_numpy())
    chosen = rng.permutation(found)[:CASES]
    for number, row in enumerate(sorted(chosen)):
        phase = {"accepted": "owed", "reopened": "reopened"}.get(
            str(stand["stage"].iloc[row]), "undecided"
        )
        step = PHASE_STEPS[phase][int(rng.integers(0, 2))]
        case_id, body = str(cases["case_id"].iloc[row]), str(stand["owing_body_id"].iloc[row])
        made.one("case", body, THIS_CASE, step, FATES[number % len(FATES)], case_id)
    desks = set(cases["desk"])
    bodies = sorted(stand["owing_body_id"].dropna().unique(), key=lambda b: (b not in desks, b))
    for number in range(SUBJECTS if bodies else 0):
        subject = list(SUBJECT_STEPS)[number % len(SUBJECT_STEPS)]
        origin = ("notice", "instruction")[number % 2]
        last = len(desks & set(bodies)) if subject == "missing_filings" else len(bodies)
        body = str(bodies[int(rng.integers(0, max(1, last)))])
        made.one(origin, body, subject, SUBJECT_STEPS[subject][0], FATES[number % len(FATES)])
    return keep(db, scope, made.all)


class _Maker:
    """Makes up one assignment after the other."""

    def __init__(
        self,
        now: dt.datetime,
        zone: ZoneInfo,
        calendar: WorkingCalendar,
        rng: np.random.Generator,
        language: str,
    ) -> None:
        self.now, self.zone, self.calendar, self.rng = now, zone, calendar, rng
        self.language = language
        self.all: list[MadeUp] = []

    def one(
        self, origin: str, body: str, subject: str, step: str, fate: str, case_id: str | None = None
    ) -> None:
        back = 1 if fate == "taken" else int(self.rng.integers(2 if fate == "answered" else 5, 13))
        day = (self.now - back * _DAY).astimezone(self.zone).date()
        at = dt.datetime.combine(day, dt.time(9, int(self.rng.integers(0, 60))), self.zone)
        at = at.astimezone(dt.UTC)
        events = [
            AssignmentEvent(
                name, when, body if name in ("acknowledged", "answered") else None, code
            )
            for name, when, code in self._log(at, fate)
            if when <= self.now
        ]
        said = [self._said(event.event) if case_id else "" for event in events]
        due_on = default_due(day, self.calendar)
        one = Assignment(
            new_case_id(), origin, case_id, None, body, subject, step, due_on, at, None,
            tuple(events),
        )  # fmt: skip
        note = t("demo.assigned.note", self.language) if case_id else ""
        self.all.append(MadeUp(one, note, tuple(said)))

    def _log(self, at: dt.datetime, fate: str) -> list[tuple[str, dt.datetime, str | None]]:
        taken = ("acknowledged", at + 3 * _HOUR, None)
        answered = ("answered", at + 28 * _HOUR, "done")
        logs: dict[str, list[tuple[str, dt.datetime, str | None]]] = {
            "untouched": [],
            "taken": [taken],
            "answered": [taken, answered],
            "answered_late": [("answered", at + 4 * _DAY + _HOUR, "within_week")],
            "returned": [taken, answered, ("returned", at + 30 * _HOUR, "no_facts")],
            "verified": [taken, answered, ("verified", at + 32 * _HOUR, None)],
        }
        return logs[fate]

    def _said(self, event: str) -> str:
        return (
            t(f"demo.assigned.{event}", self.language) if event in ("answered", "returned") else ""
        )
