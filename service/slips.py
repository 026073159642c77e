"""What the slip of a case says, whichever desk makes it: new, sent again, or lost and made anew.

A slip in the hand opens its case, so everything is read within the slip's own scope.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from casework.adapter import events_of
from casework.clocks import Clock, clocks
from casework.promise import Promise, promise
from data.categories import Categories
from data.db import County, Db
from data.errors import RuleError
from data.history import CaseHistory
from data.places import read_bodies
from data.reading import read_case
from data.receipts import Slip, find
from data.scope import Scope
from reports.slip import SlipFacts

from .figures import categories
from .recent_waits import Recent
from .rules import Rules, rules_of

NO_LIMIT = Promise(None, None, None, None, None, "", False, None)


@dataclass(frozen=True)
class Named:
    """What slips call things, read once for all of them.

    bodies: name by body id, in the slips' language.
    """

    county: County
    bodies: pd.Series
    categories: Categories
    rules: Rules


def named(db: Db, language: str) -> Named:
    """Names of offices and files in force; opens no case."""
    scope = Scope.public()
    bodies = read_bodies(db, scope).set_index("body_id")[f"name_{language}"]
    return Named(db.county(), bodies, categories(db, scope), rules_of(db))


def slip_facts(
    db: Db,
    slip: Slip,
    language: str,
    *,
    address: str,
    recent: Callable[[str], Recent],
    names: Named | None = None,
) -> SlipFacts:
    """The facts of a slip that was made just now.

    Args:
        address: of the status page, as printed. recent: what answers of a category took lately.
        names: `named` of this language, for one of many slips; None = read here.

    Raises:
        LookupError: a slip whose code is not in this record: a bug of ours.
    """
    opened = find(db, slip.code)
    if opened is None:
        raise LookupError(f"the slip of case {slip.case_id} is not in this record")
    names = names or named(db, language)
    county = names.county
    history = read_case(db, opened.scope, slip.case_id)
    category = next((c for c in names.categories if c.category_id == history.category), None)
    ahead, answered_on = _ahead(db, history, county.zone, names.rules)
    lately = recent(history.category)
    return SlipFacts(
        county=county.name_zh if language == "zh" else county.name_en,
        is_demo=county.is_demo,
        registered_at=history.opened_at,
        zone=county.zone,
        case_id=slip.case_id,
        code=slip.code,
        tag=slip.tag,
        category=category.names[language] if category else history.category,
        service=category.service[language] if category else "",
        body=str(names.bodies.get(history.body_id, history.body_id)),
        forward_by=ahead.forward_by,
        decided_by=ahead.decided_by,
        answer_by=ahead.answer_by,
        limit=ahead.limit,
        unit=ahead.unit,
        source=ahead.source,
        provisional=ahead.provisional,
        median_days=lately.median_days,
        nine_in_ten_days=lately.nine_in_ten_days,
        review_days=ahead.review_days,
        address=address,
        answered_on=answered_on,
        is_reissued=opened.is_reissued,
    )


def _ahead(db: Db, history: CaseHistory, zone: str, rules: Rules) -> tuple[Promise, dt.date | None]:
    """The last days that are still ahead, and the day of the answer where it has been given.

    While the answer's clock has not begun that is the promise of the start; a log that breaks its
    rules has no limit, and the slip says so.
    """
    pack, calendar = rules.for_case(history, zone)
    given = (zone, calendar, history.limit_at)
    try:
        promised = promise(
            pack, history.procedure, history.opened_at, calendar, zone,
            is_with_body=history.body_id == history.desk, limit_at=history.limit_at,
        )  # fmt: skip
        found = clocks(pack, history.procedure, events_of(history), db.now(), *given)
    except RuleError:
        return NO_LIMIT, None
    latest = [clock for clock in found if clock.clock == "answer"][-1]
    if latest.started_at is None:
        return promised, None
    if latest.state in ("met", "late") and latest.ended_at is not None:
        return promised, latest.ended_at.astimezone(ZoneInfo(zone)).date()
    return _running(latest, promised), None


def _running(answer: Clock, promised: Promise) -> Promise:
    return Promise(
        forward_by=None,
        decided_by=None,
        answer_by=answer.due_on,
        limit=None,
        unit=answer.unit,
        source=answer.source,
        provisional=bool(answer.provisional),
        review_days=promised.review_days,
    )
