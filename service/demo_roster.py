"""A made-up reception roster for the demo county: this month and the next."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from data import places, roster
from data.db import Db
from data.errors import NotAllowed
from data.roster import NewLine
from data.scope import Scope
from wording import t

from .roster import month_after, weekly_turns, working_days
from .rules import county_rules

LEADERS = ("county_secretary", "county_head", "deputy_county_head", "county_leader")
TOWNSHIP_POSTS = ("township_secretary", "township_head", "township_leader")
DEPARTMENTS = 8
"""How many departments take turns."""


def make_roster(db: Db, language: str = "zh") -> int:
    """Make up two months: a county leader each week, the departments in turn, four townships in
    five once a month; how many lines.

    The last working day of the next month is left bare, so that the page has something to say.

    Raises:
        NotAllowed: no demo county.
    """
    if not db.county().is_demo:
        raise NotAllowed("data.error.not_allowed")
    scope, zone = Scope.operator(), ZoneInfo(db.county().zone)
    _, calendar = county_rules(db)
    month = db.now().astimezone(zone).date().replace(day=1)
    bodies = places.read_bodies(db, scope)
    departments = [str(b) for b in bodies.loc[bodies["kind"] == "department", "body_id"]]
    place = t("roster.demo_place", language)
    turn = NewLine(month, "09:00", "11:30", "department_head", None, place, 10)
    made: list[NewLine] = []
    townships: list[NewLine] = []
    for first in (month, month_after(month)):
        before = made[-1].body_id if made else None
        lines = weekly_turns(calendar, first, departments[:DEPARTMENTS], turn, before)
        mondays: dict[dt.date, dt.date] = {}
        for day in working_days(calendar, first):
            mondays.setdefault(day - dt.timedelta(days=day.weekday()), day)
        leaders = [
            NewLine(day, "14:30", "17:00", LEADERS[at % len(LEADERS)], None, place, 6)
            for at, day in enumerate(mondays.values())
        ]
        made += [*leaders, *lines]
        townships += _at_townships(bodies, working_days(calendar, first)[:-1], language)
    return roster.add(db, scope, [*made[:-1], *townships])


def _at_townships(bodies: pd.DataFrame, days: list[dt.date], language: str) -> list[NewLine]:
    """One morning of the month at each township office but every fifth."""
    offices = bodies[bodies["kind"] == "township_office"].reset_index(drop=True)
    return [
        NewLine(
            days[at % len(days)], "09:00", "11:30", TOWNSHIP_POSTS[at % len(TOWNSHIP_POSTS)],
            str(row["body_id"]), t("demo.township_hall", language), 6,
        )
        for at, row in offices.iterrows()
        if at % 5 < 4
    ]  # fmt: skip
