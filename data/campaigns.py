"""Campaigns (专项治理) in the record: categories and bodies, measures by day and post, results.

No case, no place and no sentence: what is mended is a body's service in a category.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import NotAllowed, NotFound
from .record import new_case_id
from .schema import body, campaign, campaign_measure, campaign_result
from .scope import Scope
from .vocabulary import CAMPAIGN_FIGURES, CAMPAIGN_MEASURES, CAMPAIGN_RESULTS, ROSTER_POSTS

CLERKS = ("township_clerk", "department_clerk")
SHORTEST, LONGEST = 28, 366
"""Days a campaign lasts: below four weeks nothing can be told, beyond a year it is the office."""


@dataclass(frozen=True)
class NewMeasure:
    """A row of the three lists: the problem (figure of a category), the measure and its day, the
    post of the body that is responsible."""

    body_id: str
    category: str
    figure: str
    measure: str
    post: str
    due_on: dt.date


@dataclass(frozen=True)
class Measure(NewMeasure):
    """A measure with what became of it; result, done_on: None = nothing was said yet."""

    measure_id: str
    result: str | None
    done_on: dt.date | None


@dataclass(frozen=True)
class Campaign:
    """A campaign as known at a moment; begins_on, ends_on: local days, both included."""

    campaign_id: str
    begins_on: dt.date
    ends_on: dt.date
    categories: tuple[str, ...]
    bodies: tuple[str, ...]
    measures: tuple[Measure, ...]


def open_campaign(
    db: Db, scope: Scope, begins_on: dt.date, ends_on: dt.date, categories: frozenset[str],
    bodies: frozenset[str], known: frozenset[str],
) -> str:  # fmt: skip
    """Open a campaign; its id.

    Args:
        known: ids of the categories in force.

    Raises:
        NotAllowed: not a supervisor, nothing chosen, a word that is no category or body, a span
            that is too short, too long, or over.
    """
    scope.need("supervisor", "operator")
    if not categories or not bodies or not categories <= known:
        raise NotAllowed("campaigns.error.chosen")
    if not SHORTEST <= (ends_on - begins_on).days + 1 <= LONGEST:
        raise NotAllowed("campaigns.error.span", least=SHORTEST, most=LONGEST)
    with db.write() as conn:
        at = db.stamp(conn)
        if not bodies <= set(conn.execute(sa.select(body.c.body_id)).scalars()):
            raise NotAllowed("campaigns.error.chosen")
        made = new_case_id()
        conn.execute(
            campaign.insert().values(
                campaign_id=made, begins_on=begins_on, ends_on=ends_on,
                categories=json.dumps(sorted(categories)), bodies=json.dumps(sorted(bodies)),
                recorded_at=at,
            )
        )  # fmt: skip
        audit.write(db, conn, scope, "campaign_opened", made)
    return made


def add_measure(db: Db, scope: Scope, campaign_id: str, new: NewMeasure) -> str:
    """Add a row to the three lists; its id.

    Raises:
        NotFound: no such campaign.
        NotAllowed: not a supervisor; a body or category that is not the campaign's; a word outside
            the lists; a day outside its span.
    """
    scope.need("supervisor", "operator")
    if (
        new.figure not in CAMPAIGN_FIGURES
        or new.measure not in CAMPAIGN_MEASURES
        or new.post not in ROSTER_POSTS
    ):
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        of = next(iter(_rows(conn, campaign.c.campaign_id == campaign_id, at)), None)
        if of is None:
            raise NotFound("campaigns.error.unknown")
        if new.body_id not in of.bodies or new.category not in of.categories:
            raise NotAllowed("campaigns.error.not_its")
        if not of.begins_on <= new.due_on <= of.ends_on:
            raise NotAllowed("campaigns.error.due")
        made = new_case_id()
        conn.execute(
            campaign_measure.insert().values(
                measure_id=made, campaign_id=campaign_id, recorded_at=at, **vars(new)
            )
        )
        audit.write(db, conn, scope, "campaign_measure", made)
    return made


def say_result(db: Db, scope: Scope, measure_id: str, result: str, today: dt.date) -> None:
    """Say what became of a measure, by its own body; a later word takes its place.

    Raises:
        NotFound: no such measure of the own body.
        NotAllowed: not a clerk, a word outside the list.
    """
    scope.need(*CLERKS, "operator")
    if result not in CAMPAIGN_RESULTS:
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        at = db.stamp(conn)
        c = campaign_measure.c
        owner = conn.execute(sa.select(c.body_id).where(c.measure_id == measure_id)).scalar()
        if owner is None or (scope.role != "operator" and owner not in scope.bodies):
            raise NotFound("campaigns.error.unknown")
        conn.execute(
            campaign_result.insert().values(
                measure_id=measure_id, result=result, done_on=today, recorded_at=at
            )
        )
        audit.write(db, conn, scope, "campaign_result", measure_id, reason=result)


def read(db: Db, scope: Scope, as_of: dt.datetime) -> tuple[Campaign, ...]:
    """The campaigns as known at a moment, the newest first; a clerk's are those of the own body,
    with its own measures only.

    Raises:
        NotAllowed: a role that has nothing to do with campaigns.
    """
    scope.need("supervisor", "leader", "operator", *CLERKS)
    with db.read() as conn:
        found = _rows(conn, sa.true(), as_of)
    if scope.role not in CLERKS:
        return found
    return tuple(
        Campaign(
            one.campaign_id, one.begins_on, one.ends_on, one.categories, one.bodies,
            tuple(m for m in one.measures if m.body_id in scope.bodies),
        )
        for one in found
        if scope.bodies & set(one.bodies)
    )  # fmt: skip


def _rows(
    conn: sa.Connection, which: sa.ColumnElement[bool], as_of: dt.datetime
) -> tuple[Campaign, ...]:
    c, m, r = campaign.c, campaign_measure.c, campaign_result.c
    said: dict[str, tuple[str, dt.date]] = {
        row[0]: (row[1], row[2])
        for row in conn.execute(
            sa.select(r.measure_id, r.result, r.done_on)
            .where(r.recorded_at <= as_of)
            .order_by(r.id)
        )
    }
    measures: dict[str, list[Measure]] = defaultdict(list)
    columns = (m.body_id, m.category, m.figure, m.measure, m.post, m.due_on, m.measure_id)
    for row in conn.execute(
        sa.select(m.campaign_id, *columns)
        .where(m.recorded_at <= as_of)
        .order_by(m.due_on, m.body_id, m.recorded_at, m.measure_id)
    ):
        measures[row[0]].append(Measure(*row[1:], *said.get(row[-1], (None, None))))
    heads = conn.execute(
        sa.select(campaign)
        .where(which, c.recorded_at <= as_of)
        .order_by(c.begins_on.desc(), c.recorded_at.desc(), c.campaign_id)
    )
    return tuple(
        Campaign(
            head.campaign_id, head.begins_on, head.ends_on, tuple(json.loads(head.categories)),
            tuple(json.loads(head.bodies)), tuple(measures[head.campaign_id]),
        )
        for head in heads
    )  # fmt: skip
