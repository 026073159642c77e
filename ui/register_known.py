"""What the register page holds a case against: the county's lists, places, and recent answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from casework.promise import promise
from data.receipts import Slip
from data.rows import Known, NewCase
from reports.slip import SlipFacts
from service import recent_waits
from service.recent_waits import UNKNOWN, Recent

from . import load, state
from .guard import Viewer

STATUS_PATH = "/s"
"""Where the residents' pages of this very server begin."""


_background = ThreadPoolExecutor(1, "recent")
_readings: dict[tuple[str, dt.datetime], Future[Mapping[str, Recent]]] = {}
"""The reading of this morning, by database; at most one is kept."""


class Places(NamedTuple):
    """The areas within the viewer's townships.

    names: by code. villages: areas that hold grids, by township. grids: by village; where grids
    lie directly in a township, under its own code.
    """

    names: Mapping[str, str]
    villages: Mapping[str, list[str]]
    grids: Mapping[str, list[str]]


def known(viewer: Viewer) -> Known:
    """The lists a row is checked against; the reach is the viewer's own townships."""
    townships = load.townships(viewer)
    today = pd.Timestamp(viewer.today)
    is_active = (townships["valid_from"] <= today) & ~(townships["valid_to"] < today)
    return Known(
        categories=load.categories(viewer),
        bodies=load.bodies(viewer),
        townships=townships[is_active],
        grids=_township_of_grids(viewer),
        reach=viewer.scope.townships,
    )


def places(viewer: Viewer) -> Places:
    """Villages and grids to pick from, those of the viewer's own townships."""
    areas = load.areas(viewer)
    parents = dict(zip(areas["code"], areas["parent_code"], strict=True))
    villages: dict[str, list[str]] = {}
    grids: dict[str, list[str]] = {}
    for grid, township in _township_of_grids(viewer).items():
        if township not in viewer.scope.townships:
            continue
        village = parents[grid]
        of_township = villages.setdefault(township, [])
        if village not in of_township:
            of_township.append(village)
        grids.setdefault(village, []).append(grid)
    names = dict(zip(areas["code"], areas[viewer.name_column], strict=True))
    return Places(names, villages, grids)


def _township_of_grids(viewer: Viewer) -> dict[str, str]:
    """Township of every smallest area: one that encloses no other."""
    areas = load.areas(viewer)
    parents = dict(zip(areas["code"], areas["parent_code"], strict=True))
    townships = set(load.townships(viewer)["township_code"])
    found: dict[str, str] = {}
    for code in sorted(set(parents) - set(areas["parent_code"].dropna()) - townships):
        at = parents[code]
        while isinstance(at, str) and at not in townships:
            at = parents.get(at)
        if isinstance(at, str):
            found[code] = at
    return found


def recent(viewer: Viewer, category: str) -> Recent:
    """Answers to cases of a category in the year before this morning; waits until they are read."""
    return read_ahead(viewer).result().get(category, UNKNOWN)


def read_ahead(viewer: Viewer) -> Future[Mapping[str, Recent]]:
    """Begin to read the year's answers, once a day: the form need not wait for them."""
    zone = ZoneInfo(viewer.county.zone)
    morning = dt.datetime.combine(viewer.today, dt.time(0), zone).astimezone(dt.UTC)
    key = (str(state.db().engine.url), morning)
    if key not in _readings or (_readings[key].done() and _readings[key].exception()):
        _readings.clear()
        _readings[key] = _background.submit(recent_waits.recent, state.db(), morning)
    return _readings[key]


def status_address() -> str:
    """Address of the status page as a slip prints it: the one set, else this server's own."""
    if own := state.settings().public_url:
        return own
    here = urlsplit(str(st.context.url or ""))
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{here.scheme}://{here.netloc}{f'/{base}' if base else ''}{STATUS_PATH}"


def slip_facts(viewer: Viewer, case: NewCase, slip: Slip) -> SlipFacts:
    """What the slip of a case says that was registered just now."""
    category = load.categories(viewer)[case.category]
    ahead = promise(
        load.pack(viewer), case.procedure, case.opened_at, load.calendar(viewer),
        viewer.county.zone,
        is_with_body=case.body_id == viewer.scope.desk, limit_at=case.limit_at,
    )  # fmt: skip
    lately = recent(viewer, case.category)
    return SlipFacts(
        county=viewer.county_name,
        is_demo=viewer.county.is_demo,
        registered_at=state.db().now(),
        zone=viewer.county.zone,
        case_id=slip.case_id,
        code=slip.code,
        tag=slip.tag,
        category=category.names[viewer.language],
        service=category.service[viewer.language],
        body=str(load.body_names(viewer).get(case.body_id, case.body_id)),
        forward_by=ahead.forward_by,
        decided_by=ahead.decided_by,
        answer_by=ahead.answer_by,
        limit=ahead.limit,
        unit=ahead.unit,
        source=ahead.source,
        provisional=ahead.provisional,
        median_days=lately.median_days,
        nine_in_ten_days=lately.nine_in_ten_days,
        review_days=ahead.review_days,
        address=status_address(),
    )
