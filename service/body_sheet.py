"""Everything of a body's year put together for its assessment sheet (`reports.body_sheet`)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from data import campaigns, evaluations, inspections, places
from data.db import Db
from data.scope import Scope
from reports.body_sheet import BodySheet, marked, sheet_document
from reports.body_year import BodyYear
from reports.daily_facts import County
from reports.files import document_file
from reports.rates import Rate

from .campaigns import state
from .figures import CaseFigures
from .supervision import checklist, evaluated, kept, notices
from .sweeps import county_lines


def body_sheet(
    db: Db, scope: Scope, now: CaseFigures, made: BodyYear, as_of: dt.datetime, language: str
) -> BodySheet:
    """A body's year with its sweeps, notices, campaign measures, inspection and evaluations.

    Args:
        made: the year (`service.indicators.year_of`). as_of: moment of its figures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    body, year = made.body_id, made.year
    today = as_of.astimezone(ZoneInfo(db.county().zone)).date()
    bodies = places.read_bodies(db, scope).set_index("body_id")
    listed = checklist(db, scope)
    found = inspections.read(db, scope, year, as_of)
    marks = {
        item.item_id: (one.mark, one.done_on, one.post)
        for item in listed.items
        if (one := found.get((body, item.item_id))) is not None
    }
    outside = [row for row in evaluations.read(db, scope, year, as_of) if row.body_id == body]
    return BodySheet(
        body=str(bodies.loc[body, f"name_{language}"]),
        year=made,
        sweeps=tuple(
            line for line in county_lines(db, scope, as_of)
            if line.body_id == body and line.begun_on.year == year
        ),
        notices=kept(notices(db, scope, year, as_of)).get(body, Rate(0, 0)),
        measures=_measures(db, scope, body, year, as_of, today),
        marks=marked(
            {item.item_id: item.names[language] for item in listed.items}, marks,
            {item.item_id: item.source[language] for item in listed.items}, language,
        ),
        beside=evaluated(db, scope, now, year, as_of, outside),
    )  # fmt: skip


def _measures(
    db: Db, scope: Scope, body: str, year: int, as_of: dt.datetime, today: dt.date
) -> Rate:
    states = [
        state(one, today)
        for of in campaigns.read(db, scope, as_of)
        for one in of.measures
        if one.body_id == body and one.due_on.year == year
    ]
    over = [one for one in states if one != "running"]
    return Rate(over.count("done"), len(over))


def sheet_file(db: Db, sheet: BodySheet, kind: str, as_of: dt.datetime, language: str) -> bytes:
    """The sheet as a file. kind: docx or pdf."""
    facts = db.county()
    county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
    return document_file(sheet_document(sheet, county, as_of, language), kind, {}, as_of)
