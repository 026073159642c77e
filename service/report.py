"""Reports as files, issued, and made again: daily ones and those of longer spans alike.

An issued report is shown from its frozen content, never computed anew; any other is a draft.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from data import issues, places
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.issues import Issue
from data.scope import Scope
from data.vocabulary import REPORT_COMMENTS
from reports.area_classes import TOO_FEW
from reports.charts import flow_picture, levels_picture
from reports.daily_facts import DailyReport
from reports.daily_since import comment_lines as daily_comment
from reports.daily_words import daily_document
from reports.document import Document, Section
from reports.facts_json import differences, from_json, to_json
from reports.files import document_file
from reports.issued import Issued, marked, with_section
from reports.pictures import map_picture, overdue_digits
from reports.summary_facts import Summary, span_of
from reports.summary_words import comment_lines as summary_comment
from reports.summary_words import summary_document

from . import how_far
from .daily import cut_off, daily
from .summary import summary, summary_cut_off

Report = DailyReport | Summary
DRAWN = 0.6
"""Share of a file's work that lies behind when its pictures are drawn, as measured."""
MOST_LABELS = 40
"""More areas than this are drawn without names: a small map would be unreadable."""


def span(kind: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last local day of the report of a kind that a day lies in."""
    return (day, day) if kind == "daily" else span_of(kind, day)


def made(
    db: Db, scope: Scope, kind: str, day: dt.date, as_of: dt.datetime | None = None,
    comment: tuple[str, ...] = (),
) -> Report:  # fmt: skip
    """The facts of the report of a kind that a day lies in, computed from the record.

    Args:
        as_of: aware; None = the span's cut-off, or now while it runs.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if kind == "daily":
        return daily(db, scope, day, as_of or cut_off(db, day), comment=comment)
    first, last = span_of(kind, day)
    moment = as_of or summary_cut_off(db, first, last)
    return summary(db, scope, kind, first, last, moment, comment=comment)


def issued(db: Db, scope: Scope, kind: str, day: dt.date) -> tuple[Issue, Report] | None:
    """The report of a kind that a day lies in as it was issued; None = it was not."""
    found = issues.read(db, scope, kind, *span(kind, day))
    if found is None:
        return None
    if kind == "daily":
        return found, from_json(found.content, DailyReport)
    return found, from_json(found.content, Summary)


def issue(
    db: Db, scope: Scope, kind: str, day: dt.date, comment: tuple[str, ...] = (),
    report: Report | None = None,
) -> Issue:  # fmt: skip
    """Issue the report of a kind that a day lies in: frozen with its comment, numbered, noted.

    Args:
        comment: words of `REPORT_COMMENTS`. report: as it was looked at; None = made now.

    Raises:
        NotAllowed: neither a supervisor nor the operator; a word outside the list; a span that is
            not over, a day to come, a county without a case; issued before.
    """
    scope.need(*issues.ISSUERS)
    if not set(comment) <= set(REPORT_COMMENTS):
        raise NotAllowed("data.error.not_in_list")
    first, last = span(kind, day)
    today = db.now().astimezone(ZoneInfo(db.county().zone)).date()
    if kind == "daily" and day > today:
        raise NotAllowed("report.error.day_to_come", day=day)
    if kind != "daily" and last >= today:
        raise NotAllowed("report.error.not_over", day=last)
    if before := issues.read(db, scope, kind, first, last):
        raise NotAllowed("report.error.issued_before", number=before.number)
    if report is None:
        # what is recorded in this very moment, the issue's own entry in the log too, comes later
        moment = db.now() - dt.timedelta(microseconds=1)
        end = cut_off(db, day) if kind == "daily" else summary_cut_off(db, first, last)
        report = made(db, scope, kind, day, min(end, moment))
    if not report.has_cases:
        raise NotAllowed("report.error.no_case")
    return issues.save(db, scope, kind, first, last, to_json(replace(report, comment=comment)))


@dataclass(frozen=True)
class Comparison:
    """An issued report beside the same one made again as known then: (path, issued, now)."""

    issue: Issue
    differences: tuple[tuple[str, str, str], ...]


def compare(db: Db, scope: Scope, kind: str, day: dt.date) -> Comparison:
    """Make an issued report again as of its own cut-off, and say where it differs.

    Raises:
        NotFound: it was not issued.
        NotAllowed: a role that does not see the county's figures.
    """
    found = issued(db, scope, kind, day)
    if found is None:
        raise NotFound("report.error.not_issued", day=day)
    one, report = found
    again = to_json(made(db, scope, kind, day, report.as_of, report.comment))
    if again == one.content.encode():
        return Comparison(one, ())
    return Comparison(one, tuple(differences(one.content, again)))


def printed(one: Issue) -> Issued:
    """What of an issue is printed on the report."""
    return Issued(one.number, one.last.year, one.role, one.issued_by, one.recorded_at, one.sha256)


def document(report: Report, language: str, one: Issue | None) -> Document:
    """The report's words with number, who and when, or as a draft."""
    if isinstance(report, DailyReport):
        words = daily_document(report, language)
    else:
        words = summary_document(report, language)
    return marked(words, None if one is None else printed(one), report.county.zone)


def comment_lines(report: Report, comment: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Sentences of the list as they would stand in the report, filled with its figures."""
    with_it = replace(report, comment=comment)
    if isinstance(with_it, DailyReport):
        return daily_comment(with_it, language)
    return summary_comment(with_it, language)


def pictures(db: Db, scope: Scope, report: Report, language: str) -> dict[str, bytes]:
    """The report's charts and, where the county has a layer, its map, as PNG by name."""
    words = document(report, language, None)
    foot, mark = words.header, words.mark
    made = {"flow": flow_picture(report.flow, language, foot, mark)}
    if not isinstance(report, DailyReport):
        return made
    made["levels"] = levels_picture(report.levels, language, foot, mark)
    drawn = county_map(db, scope, report, language)
    return made if drawn is None else made | {"map": drawn}


def county_map(
    db: Db, scope: Scope, report: DailyReport, language: str, on_screen: bool = False
) -> bytes | None:
    """The small map of overdue shares as PNG, for paper or for a page; None where the county has no
    layer."""
    words = daily_document(report, language)
    areas = places.read_areas(db, scope, report.day)
    drawn = areas[areas["level"] == db.county().protection_level]
    if drawn.empty:
        return None
    layer = drawn.assign(digit=drawn["code"].map(overdue_digits(report)).fillna(TOO_FEW))
    if len(drawn) <= MOST_LABELS:
        layer["label"] = drawn[f"name_{language}"]
        if on_screen:  # "Guitian Town" has no room there, 桂田镇 has
            layer["label"] = layer["label"].str.replace(r" \w+$", "", regex=True)
    return map_picture(layer, language, words.header, words.mark, on_screen=on_screen)


def file(
    db: Db, scope: Scope, report: Report, kind: str, language: str, one: Issue | None = None,
    annex: Section | None = None,
) -> bytes:  # fmt: skip
    """A report as a file of `reports.files.FORMATS`.

    Args:
        one: the issue whose content `report` is; None = a draft. annex: the case numbers of the
            body this copy is for (`service.annex`); the JSON never has one.
    """
    if kind == "json":
        return to_json(report) if one is None else one.content.encode()
    words = document(report, language, one)
    if annex is not None:
        words = with_section(words, annex)
    drawn = pictures(db, scope, report, language)
    how_far.say(DRAWN)
    return document_file(words, kind, drawn, report.as_of)
