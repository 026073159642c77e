"""What the register page holds a case against: the county's lists, places, and recent answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from data.receipts import Slip
from data.rows import Known
from reports.slip import SlipFacts
from service import placing, recent_waits, slips
from service.recent_waits import UNKNOWN, Recent

from . import kept, load, state
from .guard import Viewer

STATUS_PATH = "/s"
"""Where the residents' pages of this very server begin."""


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
        locator=placing.asked(state.db(), viewer.scope),
    )


@kept.office
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


@kept.office
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
    return recent_waits.read_ahead(state.db()).result().get(category, UNKNOWN)


def status_address() -> str:
    """Address of the status page as a slip prints it: the one set, else this server's own."""
    if own := state.settings().public_url:
        return own
    here = urlsplit(str(st.context.url or ""))
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{here.scheme}://{here.netloc}{f'/{base}' if base else ''}{STATUS_PATH}"


def slip_facts(viewer: Viewer, slip: Slip) -> SlipFacts:
    """What a slip says that was made just now, in the viewer's language."""
    return slips.slip_facts(
        state.db(), slip, viewer.language,
        address=status_address(), recent=lambda category: recent(viewer, category),
    )  # fmt: skip
