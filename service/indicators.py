"""The office's own figures: a window's indicators, a body's year, workload and arrivals."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from data import places, publications
from data.db import Db
from data.frames import CaseTable
from data.scope import Scope
from reports.body_year import BodyYear, body_year
from reports.indicators import EXIT_STAGES, Window, case_cells
from reports.moments import first_of, local_days
from reports.monthly import COUNTY, HELD_MONTHS_BACK, month_of, months_before
from reports.monthly_content import INDICATORS, day_rows, rows_of
from reports.office_lines import Filters, OfficeFigures, office_figures
from reports.rates import Rate
from reports.workload import Workload, workload
from risk.arrivals import Arrivals, arrivals

from . import how_far
from .figures import CaseFigures, categories, compute, known_by, only
from .plans import figures as plan_figures
from .publish import covered_month, groups_of, span_of
from .rules import rules_of

KNOWN, COVERED = 0.15, 0.95
"""Shares of a month's work that lie behind when its cases are there, and when its counts are
covered, as measured on 300,000 cases."""
SLACK = pd.Timedelta(days=9)
"""A step of 7-1-7 falls due so many days after the one before, at most."""

_PARTS = {
    "due": ("on_time", "not_on_time", "late", "late_answered", "late_open", "ended_otherwise",
            "extended", "not_extended", "answered", "rated", "unrated", "pleased", "displeased",
            "ripe", "held"),
    "decision_due": ("decided_in_time", "decided_late"),
    "ended": ("ended_answered", "exits", *EXIT_STAGES),
}  # fmt: skip
"""Cells of a window by the limit that puts a case into it."""


def as_known(
    db: Db, now: CaseFigures, window: Window, as_of: dt.datetime
) -> tuple[CaseFigures, dt.datetime]:
    """The cases that can count in a window, as known on its last day plus a day, or at `as_of`.

    Cases that were finished long before the window are left out: they count in none of its figures.

    Args:
        now: the county's figures at `as_of`.
    """
    zone = db.county().zone
    moment = window.known_at(zone)
    near = _near(now, window, zone)
    if moment >= as_of:
        table = only(now.table, near)
        rest = (part[near].reset_index(drop=True).rename_axis("case") for part in now[1:])
        return CaseFigures(table, *rest), as_of
    table = known_by(only(now.table, near), moment)
    return compute(rules_of(db), table, moment, zone), moment


def _near(now: CaseFigures, window: Window, zone: str) -> np.ndarray:
    """Which cases were not all over, limits and end, before a window; bool array."""
    first = pd.Timestamp(window.first)
    start = first.tz_localize(ZoneInfo(zone)).tz_convert("UTC") - SLACK
    stand = now.standing
    over = stand["ended_at"] < start
    over &= ~(stand["answer_due_on"] >= first) & ~(stand["acceptance_due_on"] >= first)
    over &= now.cases["opened_at"] < start
    return (~over).to_numpy()


def of_window(
    db: Db, scope: Scope, now: CaseFigures, window: Window, as_of: dt.datetime, filters: Filters
) -> OfficeFigures:
    """All indicators of a window (`reports.office_lines`); `now` as in `as_known`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    found, moment = as_known(db, now, window, as_of)
    county, domains = db.county(), inside(db, scope)
    return office_figures(
        found.cases, found.table.events, found.standing, window, moment, as_of, county.zone,
        domains, filters, rules_of(db).packs, has_receipts=county.kind != "open_data",
        cleared=plan_figures(db, scope, moment, domains).narrowed(filters),
    )  # fmt: skip


def inside(db: Db, scope: Scope) -> dict[str, str]:
    """The domain of each category in force."""
    return {kind.category_id: str(kind.domain) for kind in categories(db, scope)}


def month_rows(
    db: Db, scope: Scope, now: CaseFigures, month: str, as_of: dt.datetime
) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """A settled month's figures as they may leave the office, covered; and the groups' names.

    Of a published month these are the published ones; else they are counted and covered by the
    same functions. Satisfaction is left out: it is published a month later.

    Raises:
        NotAllowed: a role that does not see the county's figures.
        ValueError: a month that is not settled; no page offers it.
    """
    scope.need("supervisor", "leader", "operator")
    stands = publications.read(db, scope, month)
    if stands is not None:
        content = json.loads(stands.content)
        return [*content["figures"], *content["days"]], content["groups"]
    window, zone = month_of(month), db.county().zone
    if window.known_at(zone) > as_of:
        raise ValueError(f"{month} is not settled yet")
    kinds = categories(db, scope)
    groups = groups_of(db, scope, kinds)
    held_of = month_of(months_before(month, HELD_MONTHS_BACK))
    found, _ = as_known(db, now, Window(held_of.first, window.last), as_of)
    how_far.say(KNOWN)
    counts, shown = covered_month(db, scope, found, window, groups, inside(db, scope))
    how_far.say(COVERED)
    return [
        *rows_of(counts, shown, set(INDICATORS) - {"satisfied"}),
        *day_rows(counts, shown),
    ], groups


def settled_months(year: int, as_of: dt.datetime, zone: str) -> list[str]:
    """The months of a year whose figures are settled at a moment, YYYY-MM."""
    months = [f"{year}-{number:02d}" for number in range(1, 13)]
    return [month for month in months if month_of(month).known_at(zone) <= as_of]


def year_of(
    db: Db, scope: Scope, now: CaseFigures, body_id: str, year: int, as_of: dt.datetime
) -> tuple[BodyYear, Rate]:
    """One body's year, its settled months as the record knows them at `as_of`; and the county's
    answers of these months that held, which stand for no body.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    zone = db.county().zone
    whole = Window(dt.date(year, 1, 1), dt.date(year, 12, 31))
    keep = _near(now, whole, zone)
    near, standing = only(now.table, keep), now.standing[keep].reset_index(drop=True)
    bodies = list(places.read_bodies(db, scope)["body_id"])
    packs = rules_of(db).packs
    cells = case_cells(near.cases, near.events, standing, whole, as_of, zone, packs)
    cells = cells.astype("int64")
    owing = standing["owing_body_id"].astype("object")
    limit = standing["answer_due_on"].fillna(standing["acceptance_due_on"])
    days = {
        "due": standing["answer_due_on"], "decision_due": standing["acceptance_due_on"],
        "ended": limit,
    }  # fmt: skip
    planned = _planned(db, scope, as_of)
    months, held, ripe = {}, 0, 0
    for month in settled_months(year, as_of, zone):
        window = month_of(month)
        parts = [
            cells.loc[window.holds(day), [among, *_PARTS[among]]] for among, day in days.items()
        ]
        counted = [part.groupby(owing[part.index]).sum() for part in parts]
        sums = pd.concat([*counted, planned[planned["month"] == month].groupby("body")[
            ["assigned", "cleared", "not_cleared"]].sum()], axis=1)  # fmt: skip
        sums = sums.fillna(0).astype("int64")
        held, ripe = held + int(parts[0]["held"].sum()), ripe + int(parts[0]["ripe"].sum())
        span = span_of(window, zone)
        corrections = publications.counted_beside(db, scope, *span)["corrections"][1]
        desk = corrections.rename("corrections").to_frame()
        total = sums.sum().to_frame().T.set_axis([COUNTY])
        total["corrections"] = int(corrections.sum())
        ids = [*bodies, *sorted({*sums.index, *desk.index} - set(bodies))]
        months[month] = {
            COUNTY: total, "body": sums.reindex(ids, fill_value=0),
            "desk": desk.reindex(ids, fill_value=0),
        }  # fmt: skip
    return body_year(body_id, year, months), Rate(held, ripe)


def _planned(db: Db, scope: Scope, as_of: dt.datetime) -> pd.DataFrame:
    """The backlog cases that were given a plan: month (YYYY-MM, local) of the first one, body, and
    1 or 0 under assigned, cleared, not_cleared, as known at a moment."""
    found = plan_figures(db, scope, as_of, {})
    kept = found.parts.dropna()
    since = pd.to_datetime(found.labels.loc[kept.index, "since"], utc=True)
    is_cleared = (kept == "cleared").astype("int64")
    return pd.DataFrame(
        {
            "month": local_days(since, db.county().zone).dt.strftime("%Y-%m"),
            "body": found.labels.loc[kept.index, "body"], "assigned": 1,
            "cleared": is_cleared, "not_cleared": 1 - is_cleared,
        }
    )  # fmt: skip


def load_of(db: Db, scope: Scope, now: CaseFigures, as_of: dt.datetime) -> Workload:
    """Answers due per body and week, against what each answers in a week.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    zone = db.county().zone
    today = as_of.astimezone(ZoneInfo(zone)).date()
    bodies = list(places.read_bodies(db, scope)["body_id"])
    return workload(
        now.cases, now.table.events, now.standing, now.clocks, today, zone, bodies
    )  # fmt: skip


def arrivals_of(db: Db, scope: Scope, now: CaseFigures, as_of: dt.datetime) -> Arrivals:
    """The county's cases per week to come: of confirmed cases only, as every model (§2.1).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    zone = db.county().zone
    return arrivals(*_asked(now.table, now.standing, zone), as_of.astimezone(ZoneInfo(zone)).date())


def _asked(table: CaseTable, standing: pd.DataFrame, zone: str) -> tuple[pd.Series, pd.Series]:
    """Day each confirmed case was asked, and the day from which it may enter a model."""
    may = table.cases["is_confirmed"].astype(bool) & standing["is_counted"].astype(bool)
    cases = table.cases[may]
    confirmed = first_of(table.events, ["confirmed"], cases.index)
    asked, known = local_days(cases["opened_at"], zone), local_days(cases["known_at"], zone)
    own = local_days(confirmed, zone).fillna(asked)
    return asked, own.where(own > known, known)
