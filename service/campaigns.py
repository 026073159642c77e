"""A campaign's figures: the same indicators on the same denominators, before it and within it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data import campaigns as held
from data.campaigns import Campaign, Measure, NewMeasure
from data.db import Db
from data.scope import Scope
from reports.indicators import Window
from reports.office_lines import Filters, Line

from .figures import CaseFigures, categories
from .indicators import of_window
from .sweeps import today_of


@dataclass(frozen=True)
class Compared:
    """One figure of one category at one body: before the campaign, and within it so far; None =
    nothing of it lies in the past yet."""

    body_id: str
    category: str
    figure: str
    before: Line
    within: Line | None


def begin(
    db: Db, scope: Scope, begins_on: dt.date, ends_on: dt.date, chosen: frozenset[str],
    bodies: frozenset[str],
) -> str:  # fmt: skip
    """Open a campaign over categories; its id. Raises: as `data.campaigns.open_campaign`."""
    known = frozenset(kind.category_id for kind in categories(db, scope))
    return held.open_campaign(db, scope, begins_on, ends_on, chosen, bodies, known)


def add_measure(db: Db, scope: Scope, campaign_id: str, new: NewMeasure) -> str:
    """Add a measure. Raises: as `data.campaigns.add_measure`."""
    return held.add_measure(db, scope, campaign_id, new)


def say_result(db: Db, scope: Scope, measure_id: str, result: str) -> None:
    """Say what became of a measure today. Raises: as `data.campaigns.say_result`."""
    held.say_result(db, scope, measure_id, result, today_of(db))


def windows(of: Campaign, today: dt.date) -> tuple[Window, Window | None]:
    """As many days right before a campaign as it lasts, and its own days up to yesterday."""
    days = (of.ends_on - of.begins_on).days
    last = of.begins_on - dt.timedelta(days=1)
    before = Window(last - dt.timedelta(days=days), last)
    until = min(of.ends_on, today - dt.timedelta(days=1))
    return before, Window(of.begins_on, until) if until >= of.begins_on else None


def compared(
    db: Db, scope: Scope, now: CaseFigures, of: Campaign, as_of: dt.datetime, today: dt.date
) -> tuple[Compared, ...]:
    """The figures of its measures before and within a campaign, each once, in order of measures.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    before, within = windows(of, today)
    wanted = dict.fromkeys((m.body_id, m.category, m.figure) for m in of.measures)
    kept: dict[tuple[str, str, Window], dict[str, Line]] = {}

    def lines(body: str, category: str, window: Window) -> dict[str, Line]:
        key = body, category, window
        if key not in kept:
            narrowed = Filters(bodies=frozenset({body}), categories=frozenset({category}))
            found = of_window(db, scope, now, window, as_of, narrowed)
            kept[key] = {line.name: line for line in found.lines}
        return kept[key]

    return tuple(
        Compared(
            body, category, figure, lines(body, category, before)[figure],
            lines(body, category, within)[figure] if within else None,
        )
        for body, category, figure in wanted
    )  # fmt: skip


def state(one: Measure, today: dt.date) -> str:
    """A measure's result; without one "running", after its day "past"."""
    return one.result or ("past" if today > one.due_on else "running")
