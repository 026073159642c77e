"""`data.reading.case_table` as it is defined: all rows read anew, kept nowhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data import frames
from data.db import Db
from data.frames import CaseTable
from data.reading import known_at
from data.schema import case_event, case_version
from data.vocabulary import ACTORS, EVENTS


def slow_case_table(
    db: Db, reached: sa.ColumnElement[bool] | None, as_of: dt.datetime, *, with_ids: bool
) -> CaseTable:
    """The cases among the reached rows of `case_version` (None = all), as known at a moment."""
    v, e = case_version.c, case_event.c
    versions = db.frame(
        sa.select(
            v.id, v.case_id, v.opened_at, known_at(case_version).label("known_at"),
            v.township_code, v.grid_code, v.domain, v.category, v.kind, v.channel, v.procedure,
            v.pack, v.body_id, v.desk, v.limit_at, v.needs_confirmation,
        ).where(known_at(case_version) <= as_of, sa.true() if reached is None else reached)
    )  # fmt: skip
    if versions.empty:
        return CaseTable(frames.empty(frames.Cases), frames.empty(frames.Events))
    versions = versions.sort_values("id", kind="stable")
    first_known = versions.groupby("case_id", sort=False)["known_at"].first()
    cases = versions.drop_duplicates("case_id", keep="last").reset_index(drop=True)
    cases["known_at"] = cases["case_id"].map(first_known)

    query = sa.select(
        e.id, e.case_id, e.event, e.occurred_at, known_at(case_event).label("known_at"),
        e.actor, e.body_id, e.to_body_id, e.days, e.code,
    ).where(known_at(case_event) <= as_of)  # fmt: skip
    if reached is not None:
        query = query.where(e.case_id.in_(sa.select(v.case_id).where(reached)))
    if with_ids:  # what one asker thought of an answer stays out of every list of cases
        query = query.where(_unrated)
    events = db.frame(query)
    events["case"] = pd.Index(cases["case_id"]).get_indexer(events["case_id"])
    events = events[events["case"] >= 0]
    occurred = events["occurred_at"].dt.tz_localize(None).to_numpy()  # with a zone: slow objects
    order = np.lexsort((events["id"], occurred, events["case"]))
    events = events.iloc[order].reset_index(drop=True)

    confirmed = np.zeros(len(cases), bool)
    confirmed[events.loc[events["event"] == "confirmed", "case"].to_numpy()] = True
    cases["is_confirmed"] = confirmed | ~cases.pop("needs_confirmation").to_numpy()
    cases["grid_code"] = cases["grid_code"].where(cases["is_confirmed"])
    events["event"] = pd.Categorical(events["event"], categories=EVENTS)
    events["actor"] = pd.Categorical(events["actor"], categories=ACTORS)
    events["days"] = events["days"].astype("Int16")
    cases.index.name = "case"
    if not with_ids:
        cases["case_id"] = pd.Series(pd.NA, index=cases.index, dtype="str")
    return CaseTable(
        frames.check(frames.Cases, cases.drop(columns="id")[list(frames.empty(frames.Cases))]),
        frames.check(frames.Events, events[list(frames.empty(frames.Events))]),
    )


_unrated: sa.ColumnElement[Any] = case_event.c.event != "rated"
