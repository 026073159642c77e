"""Booked receptions, joint sessions and promises for the demo county, so that its pages show some.

Everything is drawn from the record and a seed; nothing here stands for a person.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from casework.assignments import default_due
from data import places, roster
from data.assigned import THIS_CASE, Assignment, AssignmentEvent
from data.db import Db
from data.demo.assigned import MadeUp
from data.demo.assigned import keep as keep_assigned
from data.demo.receptions import MadeUpBooking, MadeUpReception, keep
from data.errors import NotAllowed
from data.reading import MOVING, read_for_scoring
from data.record import new_case_id
from data.roster import Line, NewLine
from data.scope import Scope
from wording import t

from .roster import last_of, month_after, working_days
from .rules import county_rules

MONTHS_BACK = 4
"""Whole months before this one with sessions of their own."""
AHEAD, PAST, HELD = 24, 14, 8
"""Appointments on sessions to come; on each session of the months before; receptions held."""
_DAY = dt.timedelta(days=1)


def make_receptions(db: Db, seed: int, language: str = "zh") -> int:
    """Make up joint sessions, appointments, receptions and promises; how many appointments.

    Raises:
        NotAllowed: no demo county.
    """
    if not db.county().is_demo:
        raise NotAllowed("data.error.not_allowed")
    scope, now, zone = Scope.operator(), db.now(), ZoneInfo(db.county().zone)
    today = now.astimezone(zone).date()
    _sessions(db, scope, today, language)
    first = _months_back(today)
    lines = roster.read(db, scope, first, last_of(month_after(today)))
    made = _Maker(_cases(db, scope, now), now, zone, np.random.default_rng(seed))
    for line in lines:
        if line.day < today.replace(day=1) and line.body_id is None:
            made.on(line, PAST)
    held = [ln for ln in lines if today - 12 * _DAY <= ln.day < today and ln.body_id is None]
    for line in held[-3:]:
        made.on(line, 3)
        made.received(line, HELD // 3 + 1)
    for line in [ln for ln in lines if ln.day == today]:
        made.on(line, 3)
    ahead = [ln for ln in lines if ln.day >= today + 6 * _DAY and ln.slots > 5]
    for line in ahead[:: max(1, len(ahead) // 8)]:
        made.on(line, AHEAD // 8)
    keep_assigned(db, scope, _promises(db, made.held, made.bodies, language))
    return keep(db, scope, made.booked, made.held)


def _months_back(today: dt.date) -> dt.date:
    first = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        first = (first - _DAY).replace(day=1)
    return first


def _sessions(db: Db, scope: Scope, today: dt.date, language: str) -> None:
    """Joint sessions to come, and a county leader's sessions of the months before."""
    _, calendar = county_rules(db)
    bodies = places.read_bodies(db, scope)
    departments = [str(b) for b in bodies.loc[bodies["kind"] == "department", "body_id"]]
    place = t("roster.demo_place", language)
    made = []
    month = _months_back(today)
    while month < today.replace(day=1):
        days = working_days(calendar, month)
        made += [NewLine(days[at], "09:00", "11:30", "county_head", None, place, 20)
                 for at in (len(days) // 3, 2 * len(days) // 3)]  # fmt: skip
        month = month_after(month)
    if len(departments) >= 4:
        until = last_of(month_after(today))
        for weeks, sits in ((1, departments[:3]), (2, departments[1:4])):
            day = calendar.next_working(today + (7 * weeks + 1) * _DAY)
            if day <= until:
                made.append(
                    NewLine(day, "14:30", "17:00", "county_leader", None, place, 8,
                            sits=tuple(sits))
                )  # fmt: skip
    roster.add(db, scope, made)


def _cases(db: Db, scope: Scope, now: dt.datetime) -> pd.DataFrame:
    """case_id, body, opened_at, answered_at (NaT = not), last_at of the confirmed cases that no
    asker withdrew or disowned and no office ended otherwise."""
    table = read_for_scoring(db, scope, now)
    cases, events = table.cases, table.events
    names = events["event"].astype("str")

    def of(wanted: tuple[str, ...]) -> pd.DataFrame:
        return events[names.isin(wanted).to_numpy()]

    moved = of(MOVING).dropna(subset=["to_body_id"]).groupby("case")["to_body_id"].last()
    answered = of(("answered", "no_remedy")).groupby("case")["occurred_at"].min()
    odd = of(("disowned", "withdrawal_asked", "declined", "referred", "rechecked", "objected"))
    found = pd.DataFrame(
        {
            "case_id": cases["case_id"].astype("str"),
            "body": moved.reindex(cases.index).astype("object").fillna(cases["body_id"]),
            "opened_at": cases["opened_at"],
            "answered_at": answered.reindex(cases.index),
            "last_at": events.groupby("case")["occurred_at"].max().reindex(cases.index),
        }
    )
    keeps = cases["is_confirmed"] & ~cases.index.isin(odd["case"].unique())
    return found[keeps.to_numpy()].sort_values("case_id").reset_index(drop=True)


class _Maker:
    """Draws cases for one session after the other; a case has one appointment."""

    def __init__(
        self, cases: pd.DataFrame, now: dt.datetime, zone: ZoneInfo, rng: np.random.Generator
    ) -> None:
        self.cases, self.now, self.zone, self.rng = cases, now, zone, rng
        self.used: set[str] = set()
        self.booked: list[MadeUpBooking] = []
        self.held: list[MadeUpReception] = []
        self.bodies: dict[str, str] = {}

    def on(self, line: Line, most: int) -> None:
        """Appointments on a session, of cases that were open when they were booked."""
        start = dt.datetime.combine(line.day, dt.time(9), self.zone).astimezone(dt.UTC)
        at = min(start - int(self.rng.integers(6, 13)) * _DAY, self.now - dt.timedelta(hours=5))
        at += dt.timedelta(minutes=int(self.rng.integers(0, 240)))
        cases = self.cases
        fits = (cases["opened_at"] < at - 3 * _DAY) & (cases["opened_at"] > at - 90 * _DAY)
        fits &= cases["answered_at"].isna() | (cases["answered_at"] > at)
        fits &= ~cases["case_id"].isin(self.used)
        if line.sits or line.body_id is not None:
            fits &= cases["body"].isin(line.sits or (line.body_id,))
        rows = np.flatnonzero(fits.to_numpy())
        chosen = self.rng.permutation(rows)[: min(most, line.slots)]
        slots = self.rng.permutation(np.arange(1, line.slots + 1))
        for row, slot in zip(sorted(chosen), slots, strict=False):
            case_id = str(cases["case_id"].iloc[row])
            self.used.add(case_id)
            self.bodies[case_id] = str(cases["body"].iloc[row])
            self.booked.append(MadeUpBooking(case_id, line.line_id, int(slot), at))

    def received(self, line: Line, most: int) -> None:
        """Receptions held at a session, of its cases to which nothing happened since."""
        at = dt.datetime.combine(line.day, dt.time.fromisoformat(line.starts), self.zone)
        at = at.astimezone(dt.UTC)
        last = dict(zip(self.cases["case_id"], self.cases["last_at"], strict=True))
        mine = [one for one in self.booked if one.line_id == line.line_id]
        for one in [one for one in mine if last[one.case_id] < at][:most]:
            self.held.append(MadeUpReception(one.case_id, line.body_id, at))


def _promises(
    db: Db, held: list[MadeUpReception], owing: dict[str, str], language: str
) -> list[MadeUp]:
    """A promise at every reception; every third is kept, every third is late by now."""
    _, calendar = county_rules(db)
    zone = ZoneInfo(db.county().zone)
    made = []
    for number, one in enumerate(held):
        day = one.at.astimezone(zone).date()
        at = one.at + dt.timedelta(hours=3)
        taken = AssignmentEvent("acknowledged", at + dt.timedelta(hours=4), owing[one.case_id])
        done = AssignmentEvent("answered", at + _DAY, owing[one.case_id], "done")
        events = [e for e in ((taken, done) if number % 3 == 0 else (taken,)) if e.at < db.now()]
        due_on = default_due(day, calendar) if number % 3 == 1 else day + 30 * _DAY
        promise = Assignment(
            new_case_id(), "reception", one.case_id, None, owing[one.case_id], THIS_CASE,
            ("contact", "mediate", "joint_meeting")[number % 3], due_on, at, None, tuple(events),
        )  # fmt: skip
        said = ["" if e.event == "acknowledged" else t("demo.assigned.answered", language)
                for e in events]  # fmt: skip
        made.append(MadeUp(promise, t("reception.demo_promise", language), tuple(said)))
    return made
