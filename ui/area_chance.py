"""Where answers are slow, and whether that is chance: a section under the map, made when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from reports.area_changes import level_name
from reports.hotspot_map import hotspot_figures
from reports.hotspot_words import base_text, chance_text, figure_text, label_text, why_text
from reports.hotspots import MEASURES, Hotspots, Measure
from service import hotspots as served
from service.map_file import SLOW

from . import area_files, area_page, indicators, load, parts, state
from .guard import Viewer
from .map import area_map, legend_html

OPEN, MEASURE = "map_chance", "map_chance_measure"


def section(viewer: Viewer) -> None:
    """A switch; behind it findings in sentences, their picture, every area's figures, the files."""
    st.subheader(viewer.t("hotspots.page.title"), anchor=False)
    if not st.toggle(viewer.t("hotspots.page.open"), key=OPEN):
        return
    measure = st.segmented_control(
        viewer.t("hotspots.page.measure"), MEASURES, key=MEASURE, default=MEASURES[0],
        required=True, format_func=lambda one: viewer.t(f"hotspots.measure.{one}"),
    ) or MEASURES[0]  # fmt: skip
    if load.areas(viewer).empty:
        parts.empty(viewer, "hotspots.page.no_layer")
        return
    if load.figures(viewer).table.cases.empty:
        parts.empty(viewer, "hotspots.page.no_cases")
        return
    key = (*load.key(viewer), viewer.as_of)
    found, areas = _found(key, measure, viewer)
    names = areas.set_index("code")[viewer.name_column]
    newest = found.spans[-1]
    parts.note(
        viewer.t(
            "hotspots.page.period", first=viewer.day(newest.first), last=viewer.day(newest.last),
            level=level_name(found.level, viewer.language),
        )
    )  # fmt: skip
    left, right = st.columns([3, 2], gap="medium")
    with left:
        layer = next(name for name, of in SLOW.items() if of == measure)
        _map(viewer, found, areas, layer)
    with right:
        _findings(viewer, found, names)
    with st.expander(viewer.t("hotspots.page.all_areas")):
        _table(viewer, found, names)
    area_files.section(viewer, layer)
    parts.note(viewer.t("hotspots.note.spans"))
    parts.note(viewer.t("hotspots.page.how"))


@st.cache_data(max_entries=8, show_spinner=False)
def _found(
    key: tuple[Any, ...], measure: str, _viewer: Viewer
) -> tuple[Hotspots, gpd.GeoDataFrame]:
    moment = served.known_at(state.db(), _viewer.as_of)
    record = load.figures_at(_viewer, moment)
    return served.slow_areas(
        state.db(), _viewer.scope, _viewer.as_of, cast(Measure, measure), record
    )


def _map(viewer: Viewer, found: Hotspots, areas: gpd.GeoDataFrame, layer: str) -> None:
    """The labels on the map of areas, and their legend."""
    geometry = area_page.drawn(viewer)
    if geometry is None:
        return
    figures, classes = hotspot_figures(found, areas)
    area_map(geometry, figures, classes, layer, viewer.language, key="chance_map", height=480)
    st.html(legend_html(classes, geometry, layer, viewer.language, note="note"))


def _findings(viewer: Viewer, found: Hotspots, names: pd.Series) -> None:
    """Each area with a finding and why; what was not judged, and why."""
    if found.reason:
        parts.note(viewer.t(f"hotspots.reason.{found.reason}"))
    bodies = {str(one): str(name) for one, name in load.body_names(viewer).items()}
    categories = indicators.names(viewer, "category")
    said = [
        viewer.t("hotspots.page.line", area=names[code], label=label_text(row, viewer.language))
        for code, row in found.table.iterrows()
        if row["label"] in ("new", "persistent", "apart")
    ]
    if said:
        parts.note(viewer.t("hotspots.page.found", count=viewer.number(len(said))))
        parts.lines(said)
        parts.lines(_reasons(viewer, found, names, bodies, categories))
    elif not found.reason:
        parts.note(viewer.t("hotspots.page.nothing"))
    out = found.table["state"][found.table["state"] != "judged"].value_counts()
    if len(out):
        parts.note(viewer.t("hotspots.page.left_out", count=viewer.number(int(out.sum()))))
        parts.lines(
            viewer.t(
                "hotspots.page.line", area=viewer.t(f"hotspots.state.{why}"),
                label=viewer.t("map.legend.areas", count=viewer.number(int(count))),
            )
            for why, count in out.items()
        )  # fmt: skip


def _reasons(
    viewer: Viewer, found: Hotspots, names: pd.Series, bodies: Mapping[str, str],
    categories: Mapping[str, str],
) -> list[str]:  # fmt: skip
    """One sentence per area of the protection level behind the findings, in order of the codes."""
    whose = {one.code: one for one in found.why.values()}
    return [
        why_text(whose[code], bodies, categories, str(names[code]), viewer.language)
        for code in sorted(whose)
    ]


def _table(viewer: Viewer, found: Hotspots, names: pd.Series) -> None:
    """Every area in order of its code: nobody is ranked."""
    heads = ("area", "label", f"smooth_{found.measure}", "own", "base", "z", "p")
    rows = []
    for code, row in found.table.iterrows():
        z, p = chance_text(found, row, viewer.language)
        rows.append(
            [
                str(names[code]),
                label_text(row, viewer.language),
                figure_text(found, row, viewer.language),
                figure_text(found, row, viewer.language, "own"),
                base_text(row, viewer.language, is_exact=not found.is_fine),
                z,
                p,
            ]
        )
    parts.table([viewer.t(f"hotspots.head.{head}") for head in heads], rows, numbers_from=2)
    if found.is_fine:
        parts.note(viewer.t("hotspots.page.fine"))
