"""Supervision of bodies: notices, the yearly inspection, evaluations from outside, the standard."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from casework.assignments import WAITING
from data import assignments as held
from data import inspections, places, steering
from data.checklist import (
    CHECKLIST_FILE,
    STANDARD,
    STANDARD_FILE,
    Checklist,
    Standard,
    parse_checklist,
    parse_standard,
    shipped,
)
from data.db import Db
from data.evaluations import Evaluated
from data.inspections import NewMark
from data.scope import Scope
from reports.evaluations import OURS, Beside, beside
from reports.indicators import Window
from reports.monthly import month_of
from reports.office_lines import Filters
from reports.rates import Rate
from reports.standards import Judged, body_rates, judge

from .assignments import standings
from .figures import CaseFigures
from .indicators import as_known, of_window, settled_months
from .rules import rules_of
from .sweeps import today_of


@dataclass(frozen=True)
class Notice:
    """A notice (督办函) of a year. asked_on, due_on: local days. state: `casework.assignments`.
    in_time: whether the first answer came by its day; None = the day is still to come."""

    assignment_id: str
    body_id: str
    subject: str
    step: str
    asked_on: dt.date
    due_on: dt.date
    state: str
    in_time: bool | None


def notices(db: Db, scope: Scope, year: int, as_of: dt.datetime) -> tuple[Notice, ...]:
    """The notices of a year as known at a moment: what waits first, the nearest day first.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    of, zone = standings(db), ZoneInfo(db.county().zone)
    found = []
    for one in held.read_figures(db, scope, as_of):
        asked_on = one.at.astimezone(zone).date()
        if one.origin != "notice" or asked_on.year != year:
            continue
        now = of(one, as_of)
        in_time = {"met": True, "late": False, "overdue": False}.get(now.answer.state)
        found.append(
            Notice(
                one.assignment_id, one.body_id, one.subject, one.step, asked_on, one.due_on,
                now.state, in_time,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda n: (n.state not in WAITING, n.due_on, n.assignment_id)))


def kept(found: Iterable[Notice]) -> dict[str, Rate]:
    """Notices answered in time, of those answered or whose day is over, by body."""
    over, met = Counter[str](), Counter[str]()
    for one in found:
        over[one.body_id] += one.in_time is not None
        met[one.body_id] += bool(one.in_time)
    return {body: Rate(met[body], over[body]) for body in sorted(over)}


def _content(db: Db, scope: Scope, name: str) -> str:
    for file in steering.files_in_force(db, scope):
        if file.name == name:
            return file.content
    return shipped(name)


def checklist(db: Db, scope: Scope) -> Checklist:
    """The items in force: the county's own, else the shipped ones."""
    return parse_checklist(_content(db, scope, CHECKLIST_FILE))


def standard(db: Db, scope: Scope) -> Standard:
    """The standard of demonstration townships in force: the county's own, else the shipped."""
    return parse_standard(_content(db, scope, STANDARD_FILE))


def put_in_force(db: Db, scope: Scope, content: str) -> str:
    """Put a county's own list or standard in force, checked; its name.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
        ConfigError: the first thing that is wrong in it, in one sentence.
    """
    scope.need("administrator", "operator")
    name = STANDARD_FILE if "[standard]" in content else CHECKLIST_FILE
    (parse_standard if name == STANDARD_FILE else parse_checklist)(content)
    steering.save_file(db, scope, name, content)
    return name


def mark(db: Db, scope: Scope, new: NewMark) -> None:
    """Record what was found of one item. Raises: as `data.inspections.mark`."""
    inspections.mark(db, scope, [new], checklist(db, scope), today_of(db))


def span_of_year(db: Db, year: int, as_of: dt.datetime) -> Window | None:
    """The settled months of a year as one window; None while none is."""
    months = settled_months(year, as_of, db.county().zone)
    return Window(month_of(months[0]).first, month_of(months[-1]).last) if months else None


def rates_of_year(
    db: Db, scope: Scope, now: CaseFigures, year: int, as_of: dt.datetime
) -> dict[str, dict[str, Rate]]:
    """Every body's figures in the settled months of a year; {} while none is settled.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    window = span_of_year(db, year, as_of)
    if window is None:
        return {}
    found, moment = as_known(db, now, window, as_of)
    bodies = [str(one) for one in places.read_bodies(db, scope)["body_id"]]
    return body_rates(
        found.cases, found.table.events, found.standing, window, moment, db.county().zone, bodies,
        rules_of(db).packs,
    )  # fmt: skip


def townships_judged(db: Db, scope: Scope, rates: dict[str, dict[str, Rate]]) -> tuple[Judged, ...]:
    """The township offices by the standard in force, in order of their ids."""
    bodies = places.read_bodies(db, scope)
    offices = {str(b) for b in bodies.loc[bodies["kind"] == "township_office", "body_id"]}
    mine = {body: one for body, one in rates.items() if body in offices}
    return judge(mine, standard(db, scope).limits, STANDARD)


def evaluated(
    db: Db, scope: Scope, now: CaseFigures, year: int, as_of: dt.datetime,
    rows: Iterable[Evaluated],
) -> tuple[Beside, ...]:  # fmt: skip
    """What was measured from outside, beside our own figure of the same year and body.

    Args:
        rows: of that year, as `data.evaluations.read` gives them.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    rows, window = tuple(rows), span_of_year(db, year, as_of)
    own: dict[str, dict[str, Rate | None]] = {}
    if window is not None:
        for body in {row.body_id for row in rows}:
            found = of_window(db, scope, now, window, as_of, Filters(bodies=frozenset({body})))
            own[body] = {line.name: None if line.why else line.rate for line in found.lines}
    return tuple(
        beside(
            row.body_id, row.measure, row.evaluator, row.method, row.share, row.base,
            own.get(row.body_id, {}).get(OURS.get(row.measure, "")),
        )
        for row in rows
    )  # fmt: skip
