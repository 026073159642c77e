"""The daily service report of one day, made from the record: facts, and the Word file."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from data import audit, filings, places, steering
from data.db import Db
from data.scope import Scope
from reports.area_classes import TOO_FEW
from reports.daily import SILENCE_DAYS, Record, daily_report
from reports.daily_facts import County, DailyReport, FileInForce
from reports.daily_words import daily_document
from reports.pictures import flow_picture, map_picture, overdue_digits
from reports.word import word_file

from .assignments import daily_lines as assignment_lines
from .figures import CaseFigures, compute, county_figures, known_by, working_days
from .likely import daily_lines
from .rules import county_rules, rules_of

COMPARED_DAYS = (1, 2, 3, 4, 5, 6, 7)
"""Earlier evenings whose open cases today's are compared with."""
MOST_LABELS = 40
"""More areas than this are drawn without names: a small map would be unreadable."""


def cut_off(db: Db, day: dt.date) -> dt.datetime:
    """The moment a day's report is made as of: the end of that local day, or now if it runs."""
    zone = ZoneInfo(db.county().zone)
    end = dt.datetime.combine(day, dt.time.max, zone).astimezone(dt.UTC)
    return min(end, db.now())


def daily(
    db: Db,
    scope: Scope,
    day: dt.date,
    as_of: dt.datetime,
    *,
    now: CaseFigures | None = None,
    compared_days: tuple[int, ...] = COMPARED_DAYS,
) -> DailyReport:
    """The facts of the report of a local day, as known at `as_of`.

    Args:
        now: the county's figures at `as_of`, where the caller has them already.
        compared_days: earlier evenings to compare the open cases with; most of the time it takes.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    county = db.county()
    pack, calendar = county_rules(db)
    if now is None:
        now = county_figures(db, scope, as_of)
    rules, open_before = rules_of(db), {}
    for back in compared_days:
        then = day - dt.timedelta(days=back)
        end = cut_off(db, then)
        before = compute(rules, known_by(now.table, end), end, county.zone).standing
        if len(before):
            open_before[then] = int((before.is_open & before.is_counted).sum())
    since = day - dt.timedelta(days=SILENCE_DAYS)
    around = working_days(calendar, since, day + dt.timedelta(days=60))
    record = Record(
        cases=now.table.cases,
        events=now.table.events,
        standing=now.standing,
        filings=filings.read_filings(db, scope, since, day, as_of),
        townships=places.read_townships(db, scope),
        bodies=places.read_bodies(db, scope),
        working_days=around,
        filing_deadline=pack.filing_deadline if pack.daily_filing else None,
        open_before=open_before,
        excused=filings.read_excused(db, scope, since, day, as_of),
        packs=rules.packs,
    )
    files = tuple(FileInForce(f.name, f.sha256) for f in steering.files_in_force(db, scope))
    files += (FileInForce(f"{pack.id}.toml", pack.file_hash),)
    last = audit.newest_hash(db, scope, as_of)
    if last is not None:  # on paper every day: a log that was cut or computed anew is found
        files += (FileInForce(f"audit#{last[0]}", last[1]),)
    whose = County(county.name_zh, county.name_en, county.zone, county.is_demo)
    return daily_report(
        whose, day, as_of, record, files,
        daily_lines(db, scope, day, as_of), assignment_lines(db, scope, day, as_of),
    )  # fmt: skip


def pictures(db: Db, scope: Scope, report: DailyReport, language: str) -> dict[str, bytes]:
    """The report's chart and, where the county has a layer, its map, as PNG by name."""
    document = daily_document(report, language)
    made = {"flow": flow_picture(report.flow, language, document.header, document.mark)}
    areas = places.read_areas(db, scope, report.day)
    drawn = areas[areas["level"] == db.county().protection_level]
    if len(drawn):
        digits = drawn["code"].map(overdue_digits(report)).fillna(TOO_FEW)
        layer = drawn.assign(digit=digits)
        if len(drawn) <= MOST_LABELS:
            layer["label"] = drawn[f"name_{language}"]
        made["map"] = map_picture(layer, language, document.header, document.mark)
    return made


def word(db: Db, scope: Scope, report: DailyReport, language: str) -> bytes:
    """The report as a Word file with its map and chart."""
    document = daily_document(report, language)
    return word_file(document, pictures(db, scope, report, language), report.as_of)
