"""The annex of a report for the body that owes the answers: case numbers, for its own copy only."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from data import places
from data.db import Db
from data.errors import NotFound
from data.reading import read_for_scoring, read_worklist
from data.scope import OPERATOR, Scope
from reports.annex import annex_section
from reports.daily_facts import DailyReport
from reports.document import Section
from reports.since import marks

from .daily import known_until
from .figures import compute
from .rules import known_rules

SHOWN = ("very_late", "overdue", "due_soon", "not_solved")
"""Marks whose cases are listed, each case under the first it bears."""


def annex(db: Db, scope: Scope, report: DailyReport, body_id: str, language: str) -> Section:
    """The cases one body has to take up first, by number, as known at the report's cut-off.

    Raises:
        NotAllowed: neither a supervisor nor the server's operator.
        NotFound: no such body.
    """
    scope.need("supervisor", OPERATOR)
    bodies = places.read_bodies(db, scope).set_index("body_id")
    if body_id not in bodies.index:
        raise NotFound("report.error.no_body")
    as_of, zone = report.as_of, db.county().zone
    rules = known_rules(db, known_until(db, as_of))
    read = read_for_scoring if scope.role == OPERATOR else read_worklist
    found = compute(rules, read(db, scope, as_of), as_of, zone)
    stand = found.standing
    day = as_of.astimezone(ZoneInfo(zone)).date()
    marked = marks(found.cases, found.table.events, stand, day, as_of, zone, rules.packs)
    mine = stand["is_open"].astype(bool) & stand["is_counted"].astype(bool)
    mine &= (stand["owing_body_id"] == body_id).fillna(False).astype(bool)
    listed = marked.loc[mine, list(SHOWN)]
    listed = listed[listed.any(axis=1)]
    rows = pd.DataFrame(
        {
            "case_id": found.cases["case_id"].reindex(listed.index),
            "mark": listed.idxmax(axis=1).astype("str"),
            "due_on": stand["next_due_on"].reindex(listed.index),
        }
    )
    rows["place"] = rows["mark"].map({name: at for at, name in enumerate(SHOWN)})
    rows = rows.sort_values(["place", "due_on", "case_id"])
    lines = tuple(
        (str(row.case_id), str(row.mark), None if pd.isna(row.due_on) else row.due_on.date())
        for row in rows.itertuples()
    )
    return annex_section(str(bodies.loc[body_id, f"name_{language}"]), lines, report, language)
