"""What the map page shows: figures of every area at both moments, and one area's panel."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from data.places import read_changes
from geo.web import Geometry
from reports.area_changes import level_name
from reports.area_classes import Classes, classify
from reports.areas import (
    LAYERS,
    Layer,
    Snapshot,
    area_figures,
    levels_without_figures,
    snapshot_moments,
)  # fmt: skip

from . import geometry, load, parts, state
from .guard import Viewer

ROWS_SHOWN = 40
"""Areas of the protection level listed beside the map; a city may have hundreds."""


def drawn(viewer: Viewer) -> Geometry | None:
    """The layer as the browser gets it; None while the county has no boundaries."""
    return geometry.layer(state.db(), viewer.scope, viewer.today)


def figures(viewer: Viewer, layer: Layer) -> pd.DataFrame:
    """`reports.areas.area_figures` of the viewer's day."""
    return _figures((*load.key(viewer), viewer.as_of), layer, viewer)


@st.cache_data(max_entries=24, show_spinner=False)
def _figures(key: tuple[Any, ...], layer: Layer, _viewer: Viewer) -> pd.DataFrame:
    county = _viewer.county
    now, week = _snapshots(_viewer)
    return area_figures(
        now, week, load.areas(_viewer), county.zone, county.protection_level, layer,
        _changes(_viewer),
    )  # fmt: skip


@st.cache_data(max_entries=24, show_spinner=False)
def _without(key: tuple[Any, ...], _viewer: Viewer) -> tuple[str, ...]:
    county = _viewer.county
    return levels_without_figures(
        _snapshots(_viewer)[1], load.areas(_viewer), county.zone, county.protection_level,
        _changes(_viewer),
    )  # fmt: skip


def _snapshots(viewer: Viewer) -> tuple[Snapshot, Snapshot]:
    now, week = (
        Snapshot(found.table.cases, found.standing, moment)
        for moment in snapshot_moments(viewer.as_of, viewer.county.zone)
        for found in [load.figures_at(viewer, moment)]
    )
    return now, week


def _changes(viewer: Viewer) -> pd.DataFrame:
    return read_changes(state.db(), viewer.scope, viewer.today)


def too_fine(viewer: Viewer) -> None:
    """The sentence about levels that are drawn without figures of their own; mostly nothing."""
    for level in _without((*load.key(viewer), viewer.as_of), viewer):
        parts.note(viewer.t("areas.page.without", level=level_name(level, viewer.language)))


def classes(found: pd.DataFrame, layer: Layer) -> Classes:
    """Fixed classes: comparable between days, and moved by nobody's asking."""
    return classify(found, layer)


def choice(viewer: Viewer) -> Layer:
    """Which figures to show; kept in the address."""
    kept = st.query_params.get("layer", LAYERS[1])
    st.session_state.setdefault("map_layer", kept if kept in LAYERS else LAYERS[1])
    layer: Layer | None = st.segmented_control(
        viewer.t("ui.map.layer"),
        LAYERS,
        key="map_layer",
        format_func=lambda name: viewer.t(f"map.layer.{name}"),
        required=True,
    )
    shown = layer or LAYERS[1]  # `required` never gives None; the type does not know
    st.query_params["layer"] = shown
    return shown


def value_text(viewer: Viewer, layer: Layer, row: Any) -> str:
    """An area's figure as text, or why there is none."""
    if row.state != "shown":
        return viewer.t(f"map.state.{row.state}")
    if layer == "overdue_share":
        return viewer.percent(row.value)
    return viewer.number(row.value, 1 if layer == "median_wait" else 0)


def panel(viewer: Viewer, found: pd.DataFrame, layer: Layer, code: str | None) -> None:
    """The clicked area: where it lies, its figure, what it rests on, whose figure it is."""
    if code is None:
        parts.note(viewer.t("ui.map.click"))
        return
    areas = load.areas(viewer).set_index("code")
    names, parents = areas[viewer.name_column], areas["parent_code"]
    path = []
    at: str | None = code
    while isinstance(at, str):
        path.append(str(names[at]))
        at = parents[at]
    parts.note(" › ".join(reversed(path)))
    row = found.loc[code]
    base = viewer.number(None if pd.isna(row.base) else row.base)
    figure = parts.Figure(
        viewer.t(f"map.layer.{layer}"),
        value_text(viewer, layer, row),
        viewer.t("ui.map.base", base=base),
    )
    parts.figures_row([figure])
    if isinstance(row.shown_code, str) and row.shown_code != code:
        parts.note(viewer.t("ui.map.enclosing", area=names[row.shown_code]))
    if row.is_approximate:
        parts.note(viewer.t("areas.map.approximate"))


def table(viewer: Viewer, found: pd.DataFrame, layer: Layer) -> None:
    """The areas of the protection level with their own figures, the highest first."""
    names = load.areas(viewer).set_index("code")[viewer.name_column]
    own = found[(found["level"] == viewer.county.protection_level) & (found["state"] == "shown")]
    own = own[own["shown_code"] == own.index].sort_values("value", ascending=False)
    if layer == "open":  # how many ask is nobody's rank: in order of the codes
        own = own.sort_index()
    parts.table(
        [viewer.t("ui.map.area"), viewer.t(f"map.layer.{layer}"), viewer.t("ui.map.base_head")],
        [
            [str(names[row.Index]), value_text(viewer, layer, row), viewer.number(row.base)]
            for row in own.head(ROWS_SHOWN).itertuples()
        ],
    )
    if len(own) > ROWS_SHOWN:
        parts.note(viewer.t("ui.map.more", count=viewer.number(len(own) - ROWS_SHOWN)))
