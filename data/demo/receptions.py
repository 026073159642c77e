"""Putting made-up appointments and receptions into a demo county, with moments of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ..db import Db
from ..errors import NotAllowed
from ..schema import appointment, case_event
from ..scope import Scope


@dataclass(frozen=True)
class MadeUpBooking:
    """A place that was booked in a demo county."""

    case_id: str
    line_id: int
    slot: int
    at: dt.datetime


@dataclass(frozen=True)
class MadeUpReception:
    """That an asker was received, by the post of a body (None = the county's)."""

    case_id: str
    body_id: str | None
    at: dt.datetime


def keep(
    db: Db, scope: Scope, booked: Iterable[MadeUpBooking], received: Iterable[MadeUpReception]
) -> int:
    """Write made-up appointments and receptions down, all or none; how many appointments.

    Raises:
        NotAllowed: not the server's operator, or no demo county.
    """
    scope.need("operator")
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    places = [
        {"case_id": one.case_id, "event": "booked", "roster_id": one.line_id, "slot": one.slot,
         "recorded_at": one.at}
        for one in sorted(booked, key=lambda one: (one.at, one.case_id))
    ]  # fmt: skip
    steps = [
        {"case_id": one.case_id, "event": "received", "occurred_at": one.at, "recorded_at": one.at,
         "actor": "office", "body_id": one.body_id}
        for one in received
    ]  # fmt: skip
    with db.write() as conn:
        db.stamp(conn)
        for table, rows in ((appointment, places), (case_event, steps)):
            if rows:
                conn.execute(table.insert(), rows)
    return len(places)
