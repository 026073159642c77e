"""Sweeps: the list derived from the log, findings judged, figures for those who see no case."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from casework.sweeps import FINDING_STEPS, MOST_DAYS, has_left, members, state
from data import sweeps as held
from data.db import Db
from data.errors import NotAllowed
from data.scope import Scope
from data.sweeps import Finding, Sweep, SweptCase
from data.vocabulary import SWEEP_KINDS
from reports.moments import has_any
from reports.sweeps import Looked, SweepLine, sweep_line

from .figures import worklist
from .ledger import ledger


@dataclass(frozen=True)
class Listed:
    """A case on the own body's list. state: how its promised step stands
    (`casework.sweeps.STATES`); None where none was promised."""

    case_id: str
    finding: Finding | None
    state: str | None


def today_of(db: Db) -> dt.date:
    """The county's local day."""
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()


def lists(db: Db, scope: Scope, body_id: str) -> dict[str, list[str]]:
    """Numbers of the cases on each kind's list as the log gives them now, oldest first.

    Raises:
        NotAllowed: a role that has no work list, or another body.
    """
    if body_id not in scope.bodies:
        raise NotAllowed("data.error.not_allowed")
    return lists_of(*_found(db, scope), body_id)


def _found(db: Db, scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    found = worklist(db, scope, db.now())
    extended = has_any(found.table.events, ["extended"], found.cases.index)
    return found.cases, found.standing, extended


def lists_of(
    cases: pd.DataFrame, standing: pd.DataFrame, is_extended: pd.Series, body_id: str
) -> dict[str, list[str]]:
    """`lists` of tables that were read already."""
    mine = standing["next_body_id"].astype("object") == body_id
    order = cases["opened_at"].sort_values(kind="stable").index
    made = {}
    for kind in SWEEP_KINDS:
        is_in = (members(kind, standing, is_extended) & mine).loc[order]
        made[kind] = [str(one) for one in cases.loc[order[is_in.to_numpy()], "case_id"]]
    return made


def begin(db: Db, scope: Scope, body_id: str, kind: str, until: dt.date) -> str:
    """Open a sweep over everything of a kind the body has now; its id.

    Raises:
        NotAllowed: as `data.sweeps.begin`; or a last day that is over or too far.
    """
    today = today_of(db)
    if not today <= until <= today + dt.timedelta(days=MOST_DAYS):
        raise NotAllowed("sweeps.error.until", days=MOST_DAYS)
    if kind not in SWEEP_KINDS:
        raise NotAllowed("data.error.not_in_list")
    return held.begin(
        db, scope, body_id, kind, until, lists(db, scope, body_id)[kind], today
    )  # fmt: skip


def note(
    db: Db, scope: Scope, sweep_id: str, case_id: str, finding: str,
    step: str | None = None, due_on: dt.date | None = None,
) -> None:  # fmt: skip
    """Note what was found of a case, with the step that is owed and by when.

    Raises:
        NotFound, NotAllowed: as `data.sweeps.note`; a sweep that is over; a step that does not
            belong to the finding; a day that is over, too far, or after the case's own limit.
    """
    zone = ZoneInfo(db.county().zone)
    limit = _limit(db, scope, case_id) if step == "answer" else None

    def judge(of: Sweep, case: str, at: dt.datetime) -> None:
        del case
        today = at.astimezone(zone).date()
        if today > of.until:
            raise NotAllowed("sweeps.error.over")
        steps = FINDING_STEPS[finding]
        if not steps:
            if step is not None or due_on is not None:
                raise NotAllowed("sweeps.error.no_step")
            return
        if step not in steps or due_on is None:
            raise NotAllowed("sweeps.error.step_needed")
        if not today <= due_on <= today + dt.timedelta(days=MOST_DAYS):
            raise NotAllowed("sweeps.error.due", days=MOST_DAYS)
        if limit is not None and today <= limit < due_on:
            raise NotAllowed("sweeps.error.after_limit")

    held.note(db, scope, sweep_id, case_id, finding, step, due_on, judge)


def _limit(db: Db, scope: Scope, case_id: str) -> dt.date | None:
    """The last day of a case's answer as it stands; None where there is none, or it went on."""
    found = ledger(db, scope, db.now())
    is_it = (found.cases["case_id"] == case_id) & (found.standing["next_clock"] == "answer")
    days = found.standing.loc[is_it.to_numpy(), "next_due_on"].dropna()
    return days.iloc[0].date() if len(days) else None


def of_body(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Sweep, ...]:
    """The own body's sweeps, the newest first."""
    return held.read(db, scope, as_of)


def listed(db: Db, of: Sweep, as_of: dt.datetime) -> tuple[Listed, ...]:
    """A sweep's cases, those nobody looked at first; what has left every figure is left out."""
    zone = db.county().zone
    rows = [
        Listed(str(case.case_id), case.finding, _state(case, as_of, zone))
        for case in of.cases
        if not has_left(case.steps, as_of)
    ]
    return tuple(sorted(rows, key=lambda row: row.finding is not None))


def _state(case: SweptCase, as_of: dt.datetime, zone: str) -> str | None:
    f = case.finding
    return None if f is None else state(f.step, f.due_on, f.at, case.steps, as_of, zone)


def line_of(db: Db, of: Sweep, as_of: dt.datetime) -> SweepLine:
    """A sweep's figures."""
    zone = db.county().zone
    cases = [_looked(case) for case in of.cases]
    begun_on = of.at.astimezone(ZoneInfo(zone)).date()
    return sweep_line(of.body_id, of.kind, begun_on, of.until, cases, as_of, zone)


def _looked(case: SweptCase) -> Looked:
    f = case.finding
    if f is None:
        return Looked(None, None, None, None, case.steps)
    return Looked(f.finding, f.step, f.due_on, f.at, case.steps)


def county_lines(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[SweepLine, ...]:
    """The figures of every body's sweeps, the newest first, bodies of one day by their id.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    found = [line_of(db, one, as_of) for one in held.read_figures(db, scope, as_of)]
    return tuple(sorted(found, key=lambda one: (-one.begun_on.toordinal(), one.body_id, one.kind)))
