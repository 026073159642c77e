"""Where answers are slow, and whether that is chance: layers of the map, computed when chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pandas as pd
import streamlit as st

from reports.area_changes import level_name
from reports.area_classes import Classes
from reports.hotspot_map import hotspot_figures, smooth_figures
from reports.hotspot_words import base_text, chance_text, figure_text, label_text, why_text
from reports.hotspots import MEASURES, Hotspots, Measure
from service import hotspots as served
from service.map_file import SLOW, SMOOTH

from . import area_page, indicators, kept, load, parts, state
from .guard import Viewer

LAYERS = (*SLOW, *SMOOTH)
SHOWN = ("slow", "smooth")
"""What is drawn: the labels, or the smoothed figures."""


def choice(viewer: Viewer) -> str:
    """Which of `LAYERS`: of which measure, labels or smoothed figures; both stay in the address."""
    measure = area_page.chosen(
        viewer, "measure", MEASURES, "hotspots.page.measure", "hotspots.measure"
    )
    drawn = area_page.chosen(viewer, "show", SHOWN, "hotspots.page.show", "hotspots.show")
    return f"{drawn}_{measure}"


def figures(viewer: Viewer, layer: str) -> tuple[pd.DataFrame, Classes]:
    """The layer as the map draws it, and its classes."""
    return _drawn(viewer, layer)


def below(viewer: Viewer, layer: str) -> None:
    """Findings in sentences, every area's figures, and how it was judged."""
    found = _found(viewer, _measure(layer))
    names = area_page.places(viewer)[viewer.name_column]
    newest = found.spans[-1]
    st.header(viewer.t("hotspots.page.title"), anchor=False)
    parts.note(
        viewer.t(
            "hotspots.page.period", first=viewer.day(newest.first), last=viewer.day(newest.last),
            level=level_name(found.level, viewer.language),
        )
    )  # fmt: skip
    _findings(viewer, found, names)
    with st.expander(viewer.t("hotspots.page.all_areas")):
        _table(viewer, found, names)
    if layer in SMOOTH:
        parts.note(viewer.t("hotspots.note.smooth"))
    parts.note(viewer.t("hotspots.note.spans"))
    parts.note(viewer.t("hotspots.page.how"))


def _measure(layer: str) -> Measure:
    return {**SLOW, **SMOOTH}[layer]


@kept.county
def _found(viewer: Viewer, measure: str) -> Hotspots:
    moment = served.known_at(state.db(), viewer.as_of)
    record = load.figures_at(viewer, moment)
    return served.slow_areas(
        state.db(), viewer.scope, viewer.as_of, cast(Measure, measure), record
    )[0]


@kept.county
def _drawn(viewer: Viewer, layer: str) -> tuple[pd.DataFrame, Classes]:
    found = _found(viewer, _measure(layer))
    drawn = hotspot_figures if layer in SLOW else smooth_figures
    return drawn(found, load.areas(viewer))


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
    about = (f"area_slow_{found.measure}", f"area_smooth_{found.measure}", "chance")
    named = [viewer.t(f"hotspots.head.{head}") for head in heads]
    parts.table(named, rows, numbers_from=2, about=about)
    if found.is_fine:
        parts.note(viewer.t("hotspots.page.fine"))
