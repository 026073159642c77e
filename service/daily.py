"""The daily service report of one day, made from the record as it was known at its cut-off."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from data import audit, filings, frames, issues, places, roster, steering
from data.db import Db
from data.errors import ProjectError
from data.frames import CaseTable
from data.reading import read_figures
from data.scope import Scope
from reports.daily import SILENCE_DAYS, Record, daily_report
from reports.daily_facts import County, DailyReport, FileInForce, Reception
from reports.since import Earlier, counts, counts_of_issued, marks

from .assignments import daily_lines as assignment_lines
from .figures import CaseFigures, compute, known_by, working_days
from .likely import daily_lines
from .near import BY_TIME, QUIET, Near, narrowed, near_figures
from .rules import Rules, is_of_rules, known_rules

COMPARED_DAYS = (1, 2, 3, 4, 5, 6, 7)
"""Earlier evenings whose open cases today's are compared with."""
T = TypeVar("T")


def cut_off(db: Db, day: dt.date) -> dt.datetime:
    """The moment a day's report is made as of: the end of that local day, or now if it runs."""
    zone = ZoneInfo(db.county().zone)
    end = dt.datetime.combine(day, dt.time.max, zone).astimezone(dt.UTC)
    return min(end, db.now())


def known_until(db: Db, as_of: dt.datetime) -> dt.datetime:
    """Up to when the office's own files are read: an extract's came after its last day."""
    return as_of if db.county().ends_on is None else db.now()


def files_known(db: Db, scope: Scope, as_of: dt.datetime, rules: Rules) -> tuple[FileInForce, ...]:
    """The files in force at a moment, the county's pack and the newest entry of the log with them.

    On paper every day, a log that was cut or computed anew is found.
    """
    county = db.county()
    known = known_until(db, as_of)
    newest = {f.name: f.sha256 for f in steering.versions(db, scope) if f.recorded_at <= known}
    files = tuple(FileInForce(name, sha256) for name, sha256 in sorted(newest.items()))
    pack = rules.pack(county.pack, as_of.astimezone(ZoneInfo(county.zone)).date())
    files += (FileInForce(f"{pack.id}.toml", pack.file_hash),)
    last = audit.newest_hash(db, scope, as_of)
    return files if last is None else (*files, FileInForce(f"audit#{last[0]}", last[1]))


def county_of(db: Db) -> County:
    """Whose report it is."""
    county = db.county()
    return County(county.name_zh, county.name_en, county.zone, county.is_demo)


class Tried:
    """Parts that may fail apart from the others: which did is kept, the report says so."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def part(self, name: str, read: Callable[[], T], nothing: T) -> T:
        """What `read` gives; `nothing`, and the part's name kept, where it cannot be had."""
        try:
            return read()
        except ProjectError:
            self.failed.append(name)
            return nothing


def daily(
    db: Db,
    scope: Scope,
    day: dt.date,
    as_of: dt.datetime,
    *,
    now: CaseFigures | Near | None = None,
    compared_days: tuple[int, ...] = COMPARED_DAYS,
    comment: tuple[str, ...] = (),
) -> DailyReport:
    """The facts of the report of a local day, as known at `as_of`.

    Args:
        now: the county's figures at `as_of`, where the caller has them already; or those of the
            cases that can count since `SILENCE_DAYS` before the day and the last report.
        compared_days: earlier evenings to compare the open cases with; most of the time it takes.
            Without the evening before nothing is said of what changed since the last report.
        comment: the supervisor's, words of `REPORT_COMMENTS`.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", "operator")
    county = db.county()
    rules = known_rules(db, known_until(db, as_of))
    pack = rules.pack(county.pack, day)
    calendar = rules.calendar(pack.calendar)
    since, issued = day - dt.timedelta(days=SILENCE_DAYS), None
    if 1 in compared_days:
        issued = issues.newest_before(db, scope, "daily", day, as_of)
    first = since if issued is None else min(since, issued.last)
    if _is_changed(db, as_of):
        now = compute(rules, read_figures(db, scope, as_of), as_of, county.zone)
    if now is None:
        near = near_figures(db, scope, as_of, first)
    elif isinstance(now, CaseFigures):
        near = narrowed(now, first, county.zone)
    else:
        near = now
    evenings = _Evenings(db, rules, near, day, compared_days)
    around = working_days(calendar, since, day + dt.timedelta(days=60))
    tried, none = Tried(), frames.empty(frames.Filings)
    record = Record(
        cases=near.figures.table.cases,
        events=near.figures.table.events,
        standing=near.figures.standing,
        filings=tried.part(
            "filing", lambda: filings.read_filings(db, scope, since, day, as_of), none
        ),
        townships=places.read_townships(db, scope),
        bodies=places.read_bodies(db, scope),
        working_days=around,
        filing_deadline=pack.filing_deadline if pack.daily_filing else None,
        open_before=evenings.open,
        excused=filings.read_excused(db, scope, since, day, as_of),
        packs=rules.packs,
        overdue_before=evenings.overdue,
        earlier=_earlier(issued, evenings) if 1 in compared_days else None,
        older=near.older,
        first_known=near.first_known,
    )
    following = [one.item() for one in around if one.item() > day]
    return daily_report(
        county_of(db), day, as_of, record, files_known(db, scope, as_of, rules),
        tried.part("likely", lambda: daily_lines(db, scope, day, as_of), None),
        tried.part(
            "assignments",
            lambda: assignment_lines(db, scope, day, as_of, rules=(pack, calendar)), (),
        ),
        tried.part(
            "receptions", lambda: _receptions(db, scope, min(following, default=None), as_of), ()
        ),
        comment,
        tuple(tried.failed),
    )  # fmt: skip


def _is_changed(db: Db, as_of: dt.datetime) -> bool:
    """Whether rules came into force since: what was computed by them is not as known then."""
    until = known_until(db, as_of)
    files = steering.versions(db, Scope.public())
    return any(file.recorded_at > until and is_of_rules(file.name) for file in files)


def _receptions(
    db: Db, scope: Scope, day: dt.date | None, as_of: dt.datetime
) -> tuple[Reception, ...]:
    if day is None:
        return ()
    lines = roster.read(db, scope, day, day, known_until(db, as_of))
    return tuple(
        Reception(line.post, line.body_id, line.starts, line.ends, line.place, line.slots)
        for line in lines
    )


class _Evenings:
    """The open and overdue cases of earlier evenings, from one read of the record."""

    def __init__(
        self, db: Db, rules: Rules, near: Near, day: dt.date, days: tuple[int, ...]
    ) -> None:
        self.open: dict[dt.date, int] = {}
        self.overdue: dict[dt.date, int] = {}
        self.yesterday: Earlier | None = None
        now = near.figures
        if not days or pd.isna(near.first_known):
            return
        zone, first = db.county().zone, cut_off(db, day - dt.timedelta(days=max(days)))
        table = _unsettled(now, pd.Timestamp(first))
        for back in days:
            then = day - dt.timedelta(days=back)
            end = cut_off(db, then)
            before = compute(rules, known_by(table, end), end, zone)
            if not near.first_known <= end:
                continue
            stand = before.standing
            open_then = stand["is_open"].astype(bool) & stand["is_counted"].astype(bool)
            overdue = stand["is_overdue"].astype(bool)
            self.open[then] = int(open_then.sum())
            self.overdue[then] = int((open_then & overdue).sum())
            if back == 1:
                marked = marks(*before.table, stand, then, end, zone, rules.packs)
                numbers = counts(marked, open_then, overdue)
                self.yesterday = Earlier("evening", None, then, end, numbers)


def _unsettled(now: CaseFigures, since: pd.Timestamp) -> CaseTable:
    """The cases that may have been open at some moment after `since`, with their events.

    A case that is closed, and of which nothing was heard since, was closed all the time.
    """
    cases, events = now.table
    by_time = events["event"].isin(BY_TIME) & (events["known_at"] > since - QUIET)
    heard = ((events["known_at"] > since) | by_time).to_numpy()
    still = now.standing["is_open"].astype(bool)
    kept = (still | (cases["known_at"] > since)).to_numpy().copy()
    kept[events["case"].to_numpy()[heard]] = True
    number = kept.cumsum() - 1
    mine = events[kept[events["case"].to_numpy()]]
    mine = mine.assign(case=number[mine["case"].to_numpy()]).reset_index(drop=True)
    return CaseTable(cases[kept].reset_index(drop=True).rename_axis("case"), mine)


def _earlier(issued: issues.Issue | None, evenings: _Evenings) -> Earlier | None:
    """The last report issued before this day, as known then; without one the evening before."""
    if issued is None:
        return evenings.yesterday
    facts = json.loads(issued.content)
    then = dt.datetime.fromisoformat(facts["as_of"])
    return Earlier("issued", issued.number, issued.last, then, counts_of_issued(facts))
