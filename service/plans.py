"""Backlog and its plans: who is on the list, what is planned, what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from casework.log import Log, log_of
from casework.plans import POSTS, STATES, PlanStands, backlog_since, check, stand
from data import plans as held
from data.db import Db
from data.errors import NotAllowed
from data.frames import CaseTable
from data.history import CaseHistory
from data.planned import NewPlan, Plan
from data.reading import read_case
from data.scope import Scope
from data.vocabulary import PLAN_LEVELS
from reports.backlog import by_group, cleared, parts_of
from reports.office_lines import Filters, labels_of
from reports.rates import Rate

from .figures import compute
from .ledger import Ledger
from .rules import rules_of


def make(db: Db, scope: Scope, new: NewPlan) -> str:
    """Write a plan for a backlog case, or one in the place of another (`data.plans.make`).

    Raises:
        NotAllowed: the case is no backlog; what `casework.plans.check` says.
    """
    rules, zone = rules_of(db), db.county().zone

    def judge(
        new: NewPlan, history: CaseHistory, now: Plan | None, kind: str, at: dt.datetime
    ) -> None:
        if backlog_since(log_of(rules.for_case(history, zone), history, at, zone), history) is None:
            raise NotAllowed("backlog.error.no_backlog")
        check(new, now, kind, at.astimezone(ZoneInfo(zone)).date())

    return held.make(db, scope, new, judge)


@dataclass(frozen=True)
class CasePlan:
    """A case's place in the backlog, and its plans.

    since: first local day in the backlog, None = not in it now. plans: every version, oldest
    first. stands: of the one in force, while the case is open. body_id: owes the answer now.
    extended_days: of lawful extensions.
    """

    since: dt.date | None
    plans: tuple[Plan, ...]
    stands: PlanStands
    body_id: str
    extended_days: int

    @property
    def now(self) -> Plan | None:
        """The plan in force."""
        return self.plans[-1] if self.plans else None


def of_case(
    db: Db,
    scope: Scope,
    case_id: str,
    as_of: dt.datetime,
    read: tuple[CaseHistory, Log] | None = None,
) -> CasePlan:
    """A case's backlog and plans, for staff within reach and for its asker.

    Args:
        read: the case and its log, where they have been read already.

    Raises:
        NotFound: no such case within the scope.
    """
    zone = db.county().zone
    if read is None:
        history = read_case(db, scope, case_id)
        log = log_of(rules_of(db).for_case(history, zone), history, as_of, zone)
    else:
        history, log = read
    plans = held.of_case(db, scope, case_id, as_of)
    today = as_of.astimezone(ZoneInfo(zone)).date()
    return CasePlan(
        since=backlog_since(log, history),
        plans=plans,
        stands=stand(plans[-1] if plans else None, history.body_id, today, zone),
        body_id=history.body_id,
        extended_days=sum(e.days or 0 for e in history.events if e.event == "extended"),
    )


def listed(db: Db, scope: Scope, ledger: Ledger, as_of: dt.datetime) -> pd.DataFrame:
    """The backlog cases a scope owes or supervises, with their plans: those without one first, then
    by what presses (`casework.plans.STATES`), then by day and number.

    Args:
        ledger: of the same scope and moment.

    Returns:
        case_id, category, body_id (owes the answer), age_days, extended_days, state (of STATES),
        post, due_on, next_step, next_on (missing where there is none); a fresh index.

    Raises:
        NotAllowed: a role that has no work list.
    """
    zone = db.county().zone
    today = as_of.astimezone(ZoneInfo(zone)).date()
    plans = {one.case_id: one for one in held.read(db, scope, as_of)}
    rows = np.flatnonzero(ledger.marks["is_backlog"].to_numpy(bool))
    cases, marks = ledger.cases.iloc[rows], ledger.marks.iloc[rows]
    owing = ledger.standing["owing_body_id"].iloc[rows]
    found = []
    for case_id, category, body_id, age, added in zip(
        cases["case_id"], cases["category"], owing, marks["age_days"], marks["extended_days"],
        strict=True,
    ):  # fmt: skip
        plan = plans.get(case_id)
        stands = stand(plan, str(body_id), today, zone)
        ahead = stands.next
        found.append(
            {
                "case_id": case_id, "category": category, "body_id": body_id, "age_days": age,
                "extended_days": added, "state": stands.state,
                "post": plan.post if plan else None, "due_on": plan.due_on if plan else None,
                "next_step": ahead.step if ahead else None,
                "next_on": ahead.due_on if ahead else None,
            }
        )  # fmt: skip
    found.sort(key=_order)
    names = ("case_id", "category", "body_id", "age_days", "extended_days", "state", "post",
             "due_on", "next_step", "next_on")  # fmt: skip
    return pd.DataFrame(found, columns=list(names))


def _order(row: dict[str, object]) -> tuple[object, ...]:
    age = row["age_days"]
    assert isinstance(age, int | np.integer)
    return STATES.index(str(row["state"])), row["due_on"] or dt.date.max, -age, row["case_id"]


@dataclass(frozen=True)
class PlanFigures:
    """What became of the cases that were given a plan (`reports.backlog`).

    parts: of each case. labels: body, domain, category, level of the post in force, and since, the
    moment of its first plan; one index, no identity.
    """

    parts: pd.Series
    labels: pd.DataFrame

    @property
    def rate(self) -> Rate:
        """Cleared ÷ assigned."""
        return cleared(self.parts)

    def narrowed(self, filters: Filters) -> Rate:
        """Cleared ÷ assigned of some bodies, domains or categories."""
        return cleared(self.parts[filters.holds(self.labels)])

    def by_level(self) -> pd.DataFrame:
        """The parts by level of the responsible post."""
        return by_group(self.parts, self.labels["level"], PLAN_LEVELS)

    def by_body(self, bodies: list[str]) -> pd.DataFrame:
        """The parts by body that owes the answer, in the order given."""
        return by_group(self.parts, self.labels["body"], bodies)


def figures(db: Db, scope: Scope, as_of: dt.datetime, inside: dict[str, str]) -> PlanFigures:
    """What became of every case that was given a plan, as known at a moment.

    Args:
        inside: the domain of each category.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    table, plans = held.read_figures(db, scope, as_of)
    if table.cases.empty:
        columns = ["body", "domain", "category", "level", "since"]
        return PlanFigures(pd.Series(dtype="object"), pd.DataFrame(columns=columns))
    found = compute(rules_of(db), CaseTable(*table), as_of, db.county().zone)
    labels = labels_of(found.cases, found.standing, inside).drop(columns="desk")
    labels["level"] = plans["post"].map(POSTS)
    labels["since"] = plans["since"]
    return PlanFigures(parts_of(*table, found.standing, as_of), labels)
