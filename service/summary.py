"""The summary of a week, half a month or a month, made from the record as known at its cut-off."""

from __future__ import annotations

import datetime as dt

from data import filings, frames, issues, places, steering
from data.categories import Categories, load_categories, parse_categories
from data.db import Db
from data.reading import read_figures
from data.scope import Scope
from reports.daily import Record
from reports.daily_facts import AssignmentLine
from reports.facts_json import from_json
from reports.indicators import Window
from reports.problem import Problem
from reports.summary import summary_of
from reports.summary_facts import Summary, span_before

from .assignments import daily_lines as assignment_lines
from .daily import Tried, county_of, files_known, known_until
from .figures import CATEGORIES_FILE, CaseFigures, compute, known_by, working_days
from .rules import known_rules


def summary_cut_off(db: Db, first: dt.date, last: dt.date) -> dt.datetime:
    """The moment of a span's figures: its last day plus a day (DOMAIN.md §7), or now."""
    return min(Window(first, last).known_at(db.county().zone), db.now())


def summary(
    db: Db, scope: Scope, kind: str, first: dt.date, last: dt.date, as_of: dt.datetime,
    *, comment: tuple[str, ...] = (),
) -> Summary:  # fmt: skip
    """The facts of a span's summary, as known at `as_of`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    county = db.county()
    rules = known_rules(db, known_until(db, as_of))
    pack = rules.pack(county.pack, first)
    calendar = rules.calendar(pack.calendar)
    now = compute(rules, read_figures(db, scope, as_of), as_of, county.zone)
    tried, none = Tried(), frames.empty(frames.Filings)
    given = tried.part("filing", lambda: filings.read_filings(db, scope, first, last, as_of), none)
    townships, bodies = places.read_townships(db, scope), places.read_bodies(db, scope)
    excused = filings.read_excused(db, scope, first, last, as_of)
    days = working_days(calendar, first, last)
    deadline = pack.filing_deadline if pack.daily_filing else None

    def record(found: CaseFigures) -> Record:
        return Record(
            found.table.cases, found.table.events, found.standing, given, townships, bodies,
            days, deadline, {}, excused, rules.packs,
        )  # fmt: skip

    before_at = Window(*span_before(kind, first)).known_at(county.zone)
    then = compute(rules, known_by(now.table, before_at), before_at, county.zone)
    lines: tuple[AssignmentLine, ...] = tried.part(
        "assignments",
        lambda: assignment_lines(db, scope, last, as_of, first, (pack, calendar)), (),
    )  # fmt: skip
    kinds = _categories(db, scope, as_of)
    return summary_of(
        county_of(db), kind, first, last, as_of, record(now),
        files_known(db, scope, as_of, rules),
        None if then.table.cases.empty else record(then), before_at, lines,
        _problem_before(db, scope, first, as_of) if kind == "month" else None,
        tuple((one.category_id, one.names["zh"], one.names["en"]) for one in kinds),
        comment, tuple(tried.failed),
    )  # fmt: skip


def _categories(db: Db, scope: Scope, as_of: dt.datetime) -> Categories:
    """Those in force at a moment; the shipped ones where the county had loaded none of its own."""
    known = known_until(db, as_of)
    own = [
        file
        for file in steering.versions(db, scope)
        if file.name == CATEGORIES_FILE and file.recorded_at <= known
    ]
    return parse_categories(own[-1].content, own[-1].name) if own else load_categories()


def _problem_before(db: Db, scope: Scope, first: dt.date, as_of: dt.datetime) -> Problem | None:
    """Of the monthly summary issued last before the span, as known then."""
    found = issues.newest_before(db, scope, "month", first, as_of)
    return None if found is None else from_json(found.content, Summary).problem
