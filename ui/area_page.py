"""What the map page shows: which figures, in which classes, of every area; and them as a table."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import pandas as pd
import streamlit as st

from data.expected import read_probabilities
from data.places import read_changes
from data.roster import Line
from geo.web import Geometry
from reports.area_bands import FIXED
from reports.area_changes import level_name
from reports.area_classes import METHODS, Classes, Method, classify
from reports.area_desks import DESK_LAYERS, desk_classes, filing_day
from reports.area_wide import office_figures
from reports.area_words import SHARES, band_text, class_text, missing_text
from reports.areas import (
    LAYERS,
    Layer,
    Snapshot,
    area_figures,
    levels_without_figures,
    snapshot_moments,
)
from service import area_desks
from service.forecast import moment as scored_moment
from wording import has

from . import address, geometry, kept, load, parts, state
from .guard import Viewer
from .map import WRITTEN

ROWS_SHOWN = 40
"""Areas of the protection level listed beside the map; a city may have hundreds."""
CHANCE = "chance"
"""The choice behind which lie the layers of `ui.area_chance`."""
CHOICES = ("overdue_share", *(one for one in LAYERS if one != "overdue_share"), "longer_wait",
           CHANCE, *(one for one in DESK_LAYERS if one != "longer_wait"))  # fmt: skip


def drawn(viewer: Viewer) -> Geometry | None:
    """The layer as the browser gets it; None while the county has no boundaries."""
    return geometry.layer(state.db(), viewer.scope, viewer.today)


@kept.office
def places(viewer: Viewer) -> pd.DataFrame:
    """The layer without its shapes, which a rerun need not copy: on code level, parent_code, both
    names and has_shape."""
    areas = load.areas(viewer)
    columns = ["level", "parent_code", "name_zh", "name_en"]
    found = pd.DataFrame(areas.set_index("code")[columns])
    return found.assign(has_shape=areas.geometry.notna().to_numpy())


def chosen(viewer: Viewer, name: str, among: tuple[str, ...], label: str, words: str) -> str:
    """One of a few, kept in the address under its name; the first where nothing else is asked.

    Args:
        label: catalogue key of the control. words: catalogue prefix of the choices.
    """
    return address.one(
        st.segmented_control, viewer.t(label), among, name=name, key=f"map_{name}",
        usual=among[0], required=True, format_func=lambda one: viewer.t(f"{words}.{one}"),
    )  # fmt: skip


def working(viewer: Viewer, layer: str) -> AbstractContextManager[None]:
    """Says what is being computed, where it takes more than a moment; once made it is kept."""
    key = f"map.working.{layer}"
    return st.spinner(viewer.t(key)) if has(key, viewer.language) else nullcontext()


def choice(viewer: Viewer) -> str:
    """Which figures to show: overdue shares unless something else was chosen."""
    return chosen(viewer, "layer", CHOICES, "ui.map.layer", "map.short")


def marked(viewer: Viewer) -> bool:
    """Whether bodies and desks are to be marked; kept in the address."""
    return address.flag(st.toggle, viewer.t("map.page.offices"), name="marks", key="map_marks")


def method(viewer: Viewer, layer: str) -> Method:
    """How classes are cut; a layer without edges has no choice."""
    if layer not in FIXED:
        return "fixed"
    found = chosen(viewer, "classes", METHODS, "map.page.classes", "map.method")
    if found != "fixed":
        parts.note(viewer.t("map.page.wide"))
    return cast(Method, found)


def figures(viewer: Viewer, layer: str, cut: Method = "fixed") -> pd.DataFrame:
    """`reports.areas.area_figures` of the viewer's day, or what is of offices in that shape."""
    return _figures(viewer, layer, cut != "fixed")


@kept.county
def _figures(viewer: Viewer, layer: str, is_wide: bool) -> pd.DataFrame:
    county = viewer.county
    areas, level = load.areas(viewer), county.protection_level
    if layer in DESK_LAYERS:
        found, day = load.figures(viewer), viewer.today
        own = area_desks.of_offices(
            state.db(), viewer.scope, layer, viewer.as_of, found, day
        )  # fmt: skip
        return office_figures(areas, level, own, area_desks.WITHOUT[layer])
    now, week = _snapshots(viewer, layer)
    return area_figures(
        now, week, areas, county.zone, level, cast(Layer, layer), changes(viewer),
        is_wide=is_wide,
    )  # fmt: skip


@kept.county
def _without(viewer: Viewer) -> tuple[str, ...]:
    county = viewer.county
    return levels_without_figures(
        _snapshots(viewer, "open")[1], load.areas(viewer), county.zone, county.protection_level,
        changes(viewer),
    )  # fmt: skip


def _snapshots(viewer: Viewer, layer: str) -> tuple[Snapshot, Snapshot]:
    moments = snapshot_moments(viewer.as_of, viewer.county.zone)
    return _snapshot(viewer, moments.now, layer), _snapshot(viewer, moments.week_end, layer)


def _snapshot(viewer: Viewer, moment: dt.datetime, layer: str) -> Snapshot:
    found = load.figures_at(viewer, moment)
    if layer != "expected_late":
        return Snapshot(found.table.cases, found.standing, moment)
    db = state.db()
    # an extract that ended is scored after its last day, as of it
    is_extract = db.county().ends_on is not None and moment >= scored_moment(db)
    probability = read_probabilities(db, viewer.scope, moment, db.now() if is_extract else None)
    return Snapshot(found.table.cases, found.standing, moment, probability)


def changes(viewer: Viewer) -> pd.DataFrame:
    """The crosswalk to the viewer's layer."""
    return read_changes(state.db(), viewer.scope, viewer.today)


def receptions(viewer: Viewer) -> dict[str, list[Line]]:
    """The receptions of the days ahead by township of the office; the county's own under ""."""
    return area_desks.receptions(state.db(), viewer.scope, viewer.today)


@kept.county
def _filing_day(viewer: Viewer) -> dt.date | None:
    cases = load.figures(viewer).table.cases
    days = area_desks.desk_days(state.db(), viewer.scope, viewer.as_of, cases)
    newest = filing_day(days)
    return None if newest is None else newest.date()


def offices(viewer: Viewer) -> dict[str, list[str]]:
    """Names of the offices to mark, by the area they stand for: a township's own, else the county.

    The record has no place of an office finer than its township.
    """
    known = places(viewer).index
    codes, county = set(known), str(known[0])
    found: dict[str, list[str]] = {}
    for row in load.bodies(viewer).itertuples():
        town = row.township_code
        at = town if isinstance(town, str) and town in codes else county
        found.setdefault(at, []).append(str(getattr(row, viewer.name_column)))
    return found


def below(layer: str, found: pd.DataFrame) -> str:
    """Which sentence stands below the legend (`ui.map.legend_html`)."""
    if layer in DESK_LAYERS:
        return "note_offices"
    if layer not in LAYERS:
        return "note_chance"
    return "note_weekly" if found["is_band"].any() else "note"


def notes(viewer: Viewer, layer: str) -> None:
    """What else is to be said of a layer: its day, the county's own receptions, levels that are
    drawn without figures of their own; how the layer is computed."""
    parts.about(f"area_{layer}")
    if layer == "filing":
        day = _filing_day(viewer)
        if day is not None:
            parts.note(viewer.t("map.page.filing_day", day=viewer.day(day)))
    if layer == "receptions" and (lines := receptions(viewer).get("")):
        parts.note(viewer.t("map.page.receptions_county", count=viewer.number(len(lines))))
    without = int((~places(viewer)["has_shape"]).sum())
    if without:
        parts.note(viewer.t("map.page.without_shape", count=viewer.number(without)))
    if layer not in LAYERS:
        return
    for level in _without(viewer):
        parts.note(viewer.t("areas.page.without", level=level_name(level, viewer.language)))


def classes(found: pd.DataFrame, layer: str, cut: Method = "fixed") -> Classes:
    """Fixed classes are comparable between days, and moved by nobody's asking."""
    if layer in DESK_LAYERS:
        return desk_classes(found, layer)
    return classify(found, layer, cut)


def value_text(viewer: Viewer, layer: str, row: Any, digit: str, cut: Classes) -> str:
    """An area's figure as text, or why there is none.

    Args:
        row: of the figures, as `itertuples` gives it. digit, cut: its class, of `classes`.
    """
    if layer in DESK_LAYERS:
        return class_text(cut, digit, layer, viewer.language)
    if row.state != "shown":
        return missing_text(digit, layer, viewer.language)
    if row.is_band:
        if layer == "open":
            return band_text(int(row.value), viewer.language)
        return class_text(cut, digit, layer, viewer.language)
    if layer in SHARES and WRITTEN[layer].column == "value":
        return viewer.percent(row.value)
    number = getattr(row, WRITTEN[layer].column)
    return viewer.number(number, 0 if layer == "open" else 1)


def base_text(viewer: Viewer, row: Any) -> str:
    """How many cases a figure rests on; below the protection level a range."""
    if pd.isna(row.base):
        return viewer.number(None)
    return band_text(int(row.base), viewer.language) if row.is_band else viewer.number(row.base)


def table(viewer: Viewer, found: pd.DataFrame, layer: str, cut: Classes) -> None:
    """The areas of the protection level with their own figures, the highest first."""
    names = places(viewer)[viewer.name_column]
    own = found[found["level"] == viewer.county.protection_level]
    if layer not in DESK_LAYERS:
        own = own[own["state"] == "shown"]
    own = own[(own["shown_code"] == own.index) | (layer in DESK_LAYERS)]
    if layer in FIXED:  # of offices, and of how many ask: nobody's rank, in order of the codes
        own = own.sort_values("value", ascending=False, kind="stable")
    else:
        own = own.sort_index()
    digits = cut.digits
    parts.table(
        [viewer.t("ui.map.area"), viewer.t(f"map.layer.{layer}"), viewer.t("ui.map.base_head")],
        [
            [
                str(names[row.Index]),
                value_text(viewer, layer, row, digits[row.Index], cut),
                base_text(viewer, row),
            ]
            for row in own.head(ROWS_SHOWN).itertuples()
        ],
        about=(f"area_{layer}",),
    )
    if len(own) > ROWS_SHOWN:
        parts.note(viewer.t("ui.map.more", count=viewer.number(len(own) - ROWS_SHOWN)))
