"""The reception roster by months: what is due until when, a month from a file, weekly turns."""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from casework.calendar import WorkingCalendar
from data import places, roster
from data.dates import parse_clock, parse_moment
from data.db import Db
from data.errors import DataError, RowProblem
from data.roster import Line, NewLine
from data.scope import Scope
from data.sheets import read_sheet
from data.vocabulary import ROSTER_POSTS
from wording import LANGUAGES, t

from .rules import county_rules

PUBLIC_BY = 28
"""Day of a month by which next month's roster is public (定联办〔2020〕3号)."""
COLUMNS = ("day", "starts", "ends", "post", "body", "place", "slots", "sits")
OPTIONAL = ("body", "sits")


@dataclass(frozen=True)
class Due:
    """How far next month's roster is.

    month: its first day. until: last day to make it public. bare: its working days without a line.
    is_late: that day has passed and working days are still without a line.
    """

    month: dt.date
    until: dt.date
    bare: tuple[dt.date, ...]
    is_late: bool


def month_after(day: dt.date) -> dt.date:
    """The first day of the month after the one a day lies in."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def last_of(month: dt.date) -> dt.date:
    """The last day of the month a day lies in."""
    return month.replace(day=months.monthrange(month.year, month.month)[1])


def of_month(db: Db, scope: Scope, month: dt.date) -> tuple[Line, ...]:
    """The lines in force of the month a day lies in."""
    return roster.read(db, scope, month.replace(day=1), last_of(month))


def due(db: Db, scope: Scope, today: dt.date) -> Due:
    """How far next month's roster is on a local day."""
    month = month_after(today)
    _, calendar = county_rules(db)
    covered = {line.day for line in of_month(db, scope, month)}
    bare = tuple(day for day in working_days(calendar, month) if day not in covered)
    return Due(month, today.replace(day=PUBLIC_BY), bare, bool(bare) and today.day > PUBLIC_BY)


def working_days(calendar: WorkingCalendar, month: dt.date) -> list[dt.date]:
    """The working days of the month a day lies in, make-up days included."""
    first = month.replace(day=1)
    days = (first + dt.timedelta(days=n) for n in range(last_of(month).day))
    return [day for day in days if calendar.is_working(day)]


def weekly_turns(
    calendar: WorkingCalendar,
    month: dt.date,
    bodies: Sequence[str],
    line: NewLine,
    before: str | None = None,
) -> list[NewLine]:
    """A month in which the bodies take turns, a calendar week each: a line per working day.

    Args:
        bodies: ids, in the order of their turns. line: time, post, place and slots of every line.
        before: body that had the last week; the turn goes on after it. None = begin at the first.

    Returns:
        [] without a body.
    """
    if not bodies:
        return []
    at = bodies.index(before) + 1 if before in bodies else 0
    made, week = [], None
    for day in working_days(calendar, month):
        monday = day - dt.timedelta(days=day.weekday())
        if week is not None and monday != week:
            at += 1
        week, body = monday, bodies[at % len(bodies)]
        made.append(
            NewLine(day, line.starts, line.ends, line.post, body, line.place, line.slots)
        )  # fmt: skip
    return made


def last_turn(db: Db, scope: Scope, month: dt.date, post: str) -> str | None:
    """The body that had the last line of a post before a month; None where none had."""
    first = month.replace(day=1)
    lines = roster.read(db, scope, first - dt.timedelta(days=62), first - dt.timedelta(days=1))
    return next((ln.body_id for ln in reversed(lines) if ln.post == post and ln.body_id), None)


def load(db: Db, scope: Scope, data: bytes, file: str) -> int:
    """Enter the lines of a spreadsheet, all or none; how many.

    Columns by their Chinese or English name (`roster.column.*`); a post by its name in either
    language, a body by its id or name.

    Raises:
        DataError: every error of every row at once, by the sender's row and column; or a file that
            cannot be read. Nothing was written.
        NotAllowed: as `data.roster.add`.
    """
    scope.need("supervisor", "administrator", "operator")
    frame = _named(read_sheet(data, file, lambda name: _column(name) is not None))
    missing = [name for name in COLUMNS if name not in frame and name not in OPTIONAL]
    if missing:
        problems = [RowProblem(0, name, "roster.error.no_column") for name in missing]
        raise DataError("roster.error.refused", problems)
    bodies, zone = _bodies(db, scope), db.county().zone
    problems, lines, rows = [], [], []
    for number, row in frame.iterrows():
        new, wrong = _line(row, int(str(number)), bodies, zone)
        problems += wrong
        if new is not None:
            lines.append(new)
            rows.append(int(str(number)))
    today = db.now().astimezone(ZoneInfo(zone)).date()
    if problems:  # what is broken in the rows that can be read, beside what cannot be read
        days = [line.day for line in lines]
        there = roster.read(db, scope, min(days), max(days)) if days else ()
        plain = {
            NewLine(n.day, n.starts, n.ends, n.post, n.body_id, n.place, n.slots, sits=n.sits)
            for n in there
        }
        more = roster.problems_of(lines, today, set(bodies.values()), plain)
        problems += [RowProblem(rows[one.row - 1], one.column, one.key, one.values) for one in more]
        raise DataError("roster.error.refused", sorted(problems, key=lambda one: one.row))
    if not lines:
        raise DataError("roster.error.refused", [RowProblem(0, "", "roster.error.no_lines")])
    try:
        return roster.add(db, scope, lines)
    except DataError as err:
        said = [RowProblem(rows[o.row - 1], o.column, o.key, o.values) for o in err.problems]
        raise DataError(err.key, said) from err


def _column(name: str) -> str | None:
    plain = name.strip().lower()
    for column in COLUMNS:
        if plain in {column, *(t(f"roster.column.{column}", one).lower() for one in LANGUAGES)}:
            return column
    return None


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    found = {name: _column(str(name)) for name in frame.columns}
    kept = frame[[name for name, column in found.items() if column]]
    kept = kept.rename(columns={name: column for name, column in found.items() if column})
    return kept.loc[:, ~kept.columns.duplicated()]


def _bodies(db: Db, scope: Scope) -> dict[str, str]:
    """Id of a body by its id and by its names."""
    table = places.read_bodies(db, scope)
    return {
        str(name): str(one.body_id)
        for one in table.itertuples()
        for name in (one.body_id, one.name_zh, one.name_en)
    }


def _line(
    row: pd.Series, number: int, bodies: dict[str, str], zone: str
) -> tuple[NewLine | None, list[RowProblem]]:
    """A row as a line; None where a cell cannot be read, with what is wrong."""
    wrong = []
    text = {name: str(row.get(name, "")).strip() for name in COLUMNS}
    moment = parse_moment(text["day"], zone)
    if moment is None:
        wrong.append(RowProblem(number, "day", "roster.error.day"))
    posts = {
        name: post for post in ROSTER_POSTS
        for name in (post, *(t(f"roster.post.{post}", one) for one in LANGUAGES))
    }  # fmt: skip
    times = [parse_clock(text[name]) for name in ("starts", "ends")]
    for name, found in zip(("starts", "ends"), times, strict=True):
        if found is None:
            wrong.append(RowProblem(number, name, "roster.error.time"))
    if text["post"] not in posts:
        wrong.append(RowProblem(number, "post", "roster.error.post"))
    if text["body"] and text["body"] not in bodies:
        wrong.append(RowProblem(number, "body", "roster.error.body"))
    named = [one.strip() for one in re.split("[、,，;；]", text["sits"]) if one.strip()]
    if not all(one in bodies for one in named):
        wrong.append(RowProblem(number, "sits", "roster.error.sits"))
    if not re.fullmatch(r"\d{1,3}(?:\.0)?", text["slots"], re.ASCII):
        limit = (("limit", roster.MOST_SLOTS),)
        wrong.append(RowProblem(number, "slots", "roster.error.slots", limit))
    if wrong or moment is None or times[0] is None or times[1] is None:
        return None, wrong
    day = moment.astimezone(ZoneInfo(zone)).date()
    body = bodies[text["body"]] if text["body"] else None
    slots = int(float(text["slots"]))
    sits = tuple(sorted({bodies[one] for one in named}))
    made = NewLine(
        day, times[0], times[1], posts[text["post"]], body, text["place"], slots, sits=sits
    )
    return made, []
