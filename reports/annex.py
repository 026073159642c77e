"""The annex for one body, in words: which of its cases to take up first, by number alone."""

from __future__ import annotations

import datetime as dt

from wording import t
from wording.formats import day as day_text
from wording.formats import moment

from .daily_facts import DailyReport
from .document import Section, Table


def annex_section(
    body: str, lines: tuple[tuple[str, str, dt.date | None], ...], report: DailyReport,
    language: str,
) -> Section:  # fmt: skip
    """A section with the case numbers; where there are none it says so.

    Args:
        lines: case number, the first of `since.MARKS` it bears, last local day (None = none runs).
    """
    title = t("report.annex.title", language, body=body)
    if not lines:
        known = moment(report.as_of, language, report.county.zone)
        return Section(title, (t("report.annex.none", language, body=body, moment=known),))
    heads = tuple(t(f"report.annex.{name}", language) for name in ("case", "mark", "due"))
    rows = tuple(
        (case_id, t(f"reports.daily.priority.{mark}", language), day_text(due_on, language))
        for case_id, mark, due_on in lines
    )
    table = Table(t("report.annex.table", language), heads, rows, 3, (40, 30, 30))
    return Section(title, (t("report.annex.what", language), table))
