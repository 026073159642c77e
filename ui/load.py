"""What pages show, read once and kept: by what the record holds, who may see it, as of when.

Every function takes the viewer. A kept answer is shared by viewers who reach the same rows, never
by others: role, townships, bodies and desk are part of its key. What comes back is the caller's
own copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
import streamlit as st

from casework.calendar import WorkingCalendar, load_calendar
from casework.clock_table import clock_table
from casework.pack import Pack, load, packs
from casework.standing import standing
from data import filings as data_filings
from data import places, steering
from data.categories import Categories, load_categories, parse_categories
from data.frames import CaseTable
from data.reading import read_figures, read_worklist

from . import state
from .guard import Viewer

CATEGORIES_FILE = "categories.toml"
"""Name under which a county's own categories are in force."""


class CaseFigures(NamedTuple):
    """The cases a viewer reaches, and where each stands; all on the index of `table.cases`.

    table: `frames.Cases` and `frames.Events`.
    standing: `casework.standing.standing`, with acceptance_due_on and acceptance_state beside.
    clocks: `casework.clock_table.clock_table`.
    """

    table: CaseTable
    standing: pd.DataFrame
    clocks: pd.DataFrame


def _key(viewer: Viewer) -> tuple[object, ...]:
    """What a kept answer depends on, besides the moment: the record, and the rows reached."""
    scope = viewer.scope
    reach = (scope.role, tuple(sorted(scope.townships)), tuple(sorted(scope.bodies)), scope.desk)
    return (str(state.db().engine.url), state.db().version(), reach)


def figures(viewer: Viewer) -> CaseFigures:
    """Every case as of the viewer's moment, without its identity (`read_figures`).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    return figures_at(viewer, viewer.as_of)


def figures_at(viewer: Viewer, as_of: dt.datetime) -> CaseFigures:
    """`figures` as of another moment: a window's or a report's."""
    return _cases(_key(viewer), as_of, "figures", read_figures, viewer)


def worklist(viewer: Viewer) -> CaseFigures:
    """The cases this viewer owes an answer to, with their ids, without texts (`read_worklist`).

    Raises:
        NotAllowed: a role that has no work list.
    """
    return _cases(_key(viewer), viewer.as_of, "worklist", read_worklist, viewer)


@st.cache_data(max_entries=24, show_spinner=False)
def _cases(
    key: tuple[object, ...],
    as_of: dt.datetime,
    depth: str,
    _read: Callable[..., CaseTable],
    _viewer: Viewer,
) -> CaseFigures:
    table = _read(state.db(), _viewer.scope, as_of)
    rules = packs(table.cases["pack"].unique())
    calendars = {pack.calendar: load_calendar(pack.calendar) for pack in rules.values()}
    arguments: Any = (table.cases, table.events, rules, calendars, as_of, _viewer.county.zone)
    clocks = clock_table(*arguments)
    stand = standing(*arguments)
    beside = clocks[["acceptance_due_on", "acceptance_state"]]
    return CaseFigures(table, stand.join(beside[beside.columns.difference(stand.columns)]), clocks)


def bodies(viewer: Viewer) -> pd.DataFrame:
    """`frames.Bodies`, in order of id."""
    return _kept(_key(viewer), "bodies", lambda: places.read_bodies(state.db(), viewer.scope))


def townships(viewer: Viewer) -> pd.DataFrame:
    """`frames.Townships`, in order of code."""
    return _kept(_key(viewer), "townships", lambda: places.read_townships(state.db(), viewer.scope))


def body_names(viewer: Viewer) -> pd.Series:
    """Name of every body in the viewer's language, on `body_id`."""
    return bodies(viewer).set_index("body_id")[viewer.name_column]


def township_names(viewer: Viewer) -> pd.Series:
    """Name of every township in the viewer's language, on `township_code`."""
    return townships(viewer).set_index("township_code")[viewer.name_column]


def areas(viewer: Viewer) -> gpd.GeoDataFrame:
    """The layer in force on the viewer's day: code, level, parent_code, names, geometry."""
    day = viewer.today
    return _kept(
        _key(viewer),
        f"areas {day}",
        lambda: places.read_areas(state.db(), viewer.scope, day),
    )


def files(viewer: Viewer) -> list[steering.FileInForce]:
    """The files in force that an administrator loaded, by name."""
    return _kept(_key(viewer), "files", lambda: steering.files_in_force(state.db(), viewer.scope))


def categories(viewer: Viewer) -> Categories:
    """The categories in force; the shipped ones where the county loaded none of its own.

    Names are `category.names[viewer.language]`.
    """
    for file in files(viewer):
        if file.name == CATEGORIES_FILE:
            return parse_categories(file.content, file.name)
    return load_categories()


def pack(viewer: Viewer) -> Pack:
    """The county's own rules pack: of new cases, filing and calendar."""
    return load(viewer.county.pack)


def calendar(viewer: Viewer) -> WorkingCalendar:
    """The working days of the county's pack."""
    return load_calendar(pack(viewer).calendar)


def filings(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """`frames.Filings` of the local days `first`..`last`; a clerk's own desk only.

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    read = data_filings.read_filings
    return _kept(
        (*_key(viewer), viewer.as_of),
        f"filings {first} {last}",
        lambda: read(state.db(), viewer.scope, first, last, viewer.as_of),
    )


def excused(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Days excused by the county: township_code, period, reason; a clerk's own desk only."""
    read = data_filings.read_excused
    return _kept(
        (*_key(viewer), viewer.as_of),
        f"excused {first} {last}",
        lambda: read(state.db(), viewer.scope, first, last, viewer.as_of),
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _kept(key: tuple[object, ...], what: str, _read: Callable[[], Any]) -> Any:
    return _read()
