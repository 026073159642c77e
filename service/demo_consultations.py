"""A handful of made-up consultations for the demo county, one in every state, and what became of
its suggestions, so that the pages have something to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data import consultations, places
from data.consultation_checks import Comments, Decision, Notice
from data.db import Db
from data.demo import suggested
from data.errors import NotAllowed
from data.scope import Scope
from data.suggestions import quarters
from reports.suggestions import quarter_before
from wording import t

from . import consultations as served
from . import suggestions
from .consultations import themes_of

QUARTERS = 3
"""How many quarters of suggestions are published."""


@dataclass(frozen=True)
class MadeUp:
    """One made-up consultation.

    body: id of the department; "" = a township's office. starts, ends: days from today. counts:
    by theme; None = none entered. replied: whether every theme has its reply. late_change: the
    decision is corrected by a version of its own.
    """

    name: str
    body: str
    kind: str
    starts: int
    ends: int
    counts: dict[str, int] | None = None
    replied: bool = True
    outcome: str | None = None
    short_reason: str | None = None
    is_published: bool = True
    late_change: bool = False


ALL = (
    MadeUp("bus", "b10", "transport", -9, 22),
    MadeUp("water", "b12", "price", -20, 0, short_reason="second_round"),
    MadeUp("market", "", "project", 4, 36),
    MadeUp("school", "b07", "school", -52, -12,
           {"access": 41, "safety": 17, "timing": 2, "whom": 9}),
    MadeUp("hours", "b01", "rules", -46, -4, {"timing": 16, "clarity": 7, "whom": 2}),
    MadeUp("land", "", "land", -47, -6, {"compensation": 23, "resettlement": 12, "whom": 4}, False),
    MadeUp("plan", "b04", "plan", -120, -78,
           {"environment": 26, "access": 31, "safety": 1, "timing": 8},
           outcome="changed"),
    MadeUp("houses", "", "demolition", -160, -115,
           {"compensation": 34, "resettlement": 19, "whom": 5, "procedure": 3},
           outcome="as_drafted", late_change=True),
    MadeUp("budget", "b10", "budget", -210, -172, {}, outcome="as_drafted"),
    MadeUp("dogs", "b08", "rules", -260, -220, {"clarity": 14, "cost": 27, "whom": 2, "timing": 6},
           outcome="postponed"),
    MadeUp("heating", "b03", "price", 2, 34, is_published=False),
)  # fmt: skip
"""Open, ending today, beginning soon, waiting, waiting without replies, decided in each way, and a
draft that nobody published."""


def make_consultations(db: Db, seed: int, language: str = "zh") -> int:
    """Make up consultations in every state and what became of suggestions; how many of the first.

    The same county and day: the same texts and figures.

    Raises:
        NotAllowed: no demo county.
    """
    if not db.county().is_demo:
        raise NotAllowed("data.error.not_allowed")
    scope = Scope.operator()
    today = db.now().astimezone(ZoneInfo(db.county().zone)).date()
    bodies = places.read_bodies(db, scope)
    departments = sorted(bodies.loc[bodies["kind"] == "department", "body_id"].astype(str))
    towns = bodies.loc[bodies["township_code"].notna(), ["body_id", "township_code"]]
    towns = towns.sort_values("township_code")
    at_towns = 0
    for number, one in enumerate(ALL if departments and len(towns) else ()):
        town = towns.iloc[at_towns % len(towns)]
        at_towns += not one.body
        body = one.body if one.body in departments else departments[number % len(departments)]
        body = body if one.body else str(town["body_id"])
        _make(db, scope, one, body, str(town["township_code"]), today, language)
    suggested.keep(db, scope, seed)
    _publish_quarters(db, scope, today)
    return len(ALL)


def _make(
    db: Db, scope: Scope, one: MadeUp, body: str, town: str, today: dt.date, language: str
) -> None:
    notice = Notice(
        body, one.kind, town if not one.body else None,
        t(f"consultation_demo.{one.name}.title", language),
        t(f"consultation_demo.{one.name}.matter", language),
        t("consultation_demo.papers", language), t("consultation_demo.desk", language),
        today + dt.timedelta(days=one.starts), today + dt.timedelta(days=one.ends),
        one.short_reason,
    )  # fmt: skip
    number = consultations.open_new(db, scope, notice)
    if not one.is_published:
        return

    def publish(version: int, day: dt.date) -> None:
        at = dt.datetime.combine(min(day, today), dt.time(9), ZoneInfo(db.county().zone))
        served.publish(db, scope, number, version, min(at, db.now()))

    publish(1, min(notice.starts_on, today - dt.timedelta(days=1)))
    if one.counts is None:
        return
    said = {
        theme: Comments(
            count,
            t(f"consultation_demo.reply.{theme}", language) if count and one.replied else None,
        )
        for theme in themes_of(one.kind)
        for count in (one.counts.get(theme, 0),)
    }
    consultations.save_comments(db, scope, number, said)
    if not one.replied:
        return
    decided_on = notice.ends_on + dt.timedelta(days=24)
    if one.outcome is not None:
        changes = (
            t(f"consultation_demo.{one.name}.changes", language)
            if one.outcome == "changed"
            else None
        )
        made = Decision(one.outcome, decided_on, changes)
        consultations.save_decision(db, scope, number, made)
    publish(2, decided_on if one.outcome else notice.ends_on + dt.timedelta(days=9))
    if one.late_change:
        made = Decision("changed", decided_on, t(f"consultation_demo.{one.name}.changes", language))
        consultations.save_decision(db, scope, number, made)
        publish(3, decided_on + dt.timedelta(days=8))


def _publish_quarters(db: Db, scope: Scope, today: dt.date) -> None:
    """The newest quarters that are over, oldest first; one that stands already stays."""
    spans, there = [quarter_before(today)], {one.quarter for one in quarters(db, scope)}
    while len(spans) < QUARTERS:
        spans.append(quarter_before(spans[-1].first))
    for span in reversed(spans):
        if span.name not in there:
            suggestions.publish(db, scope, span.name)
