"""Two spans of thirteen weeks beside each other on two maps, at the protection level."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

from geo.web import Geometry
from reports.area_classes import classify
from reports.area_wide import SPAN_LAYERS, SPAN_WEEKS, Span, SpanLayer, span_figures, spans
from reports.areas import Snapshot

from . import area_files, area_page, area_panel, kept, load, parts, state
from .guard import Viewer
from .map import area_map, legend_html

APART = {"none": 0, "before": SPAN_WEEKS, "year": 52}
"""Weeks between the ends of the two spans, by choice."""


def asked(viewer: Viewer) -> int:
    """How many weeks apart two spans are to be compared; 0 = no comparison."""
    among = tuple(APART)
    return APART[area_page.chosen(viewer, "compare", among, "map.page.compare", "map.page.apart")]


def shown(viewer: Viewer, geometry: Geometry, weeks: int) -> None:
    """Both maps in the same classes, and their figures in one table."""
    layer = area_page.chosen(viewer, "of", SPAN_LAYERS, "ui.map.layer", "map.short")
    pair = spans(viewer.as_of, viewer.county.zone, weeks)
    code, moves = area_panel.selected(viewer)
    found, clicks = [], []
    for side, (span, column) in enumerate(zip(pair, st.columns(2, gap="medium"), strict=True)):
        figures = _figures(viewer, layer, span)
        found.append(figures)
        with column:
            title = viewer.t("map.page.span", first=viewer.day(span.first),
                             last=viewer.day(span.last), weeks=SPAN_WEEKS)  # fmt: skip
            st.markdown(f"**{title}**")
            cut = classify(figures, layer)
            click = area_map(
                geometry, figures, cut, layer, viewer.language, key=f"span_map_{side}", height=420,
                selected=code, moves=moves, tiles=state.settings().map_tiles, twin="spans",
                takes=side == 1,
            )  # fmt: skip
            clicks.append(click)
            st.html(legend_html(cut, geometry, layer, viewer.language))
    for click in clicks:
        code = area_panel.follow(click, viewer)
    area_panel.breadcrumb(viewer, code)
    area_files.pair(viewer, layer, weeks, code)
    parts.note(viewer.t("map.page.spans_wide"))
    _table(viewer, layer, found)


@kept.county
def _figures(viewer: Viewer, layer: str, span: Span) -> pd.DataFrame:
    record, county = load.figures_at(viewer, span.known_at), viewer.county
    return span_figures(
        Snapshot(record.table.cases, record.standing, span.known_at), span, load.areas(viewer),
        county.zone, county.protection_level, cast(SpanLayer, layer), area_page.changes(viewer),
    )  # fmt: skip


def _table(viewer: Viewer, layer: str, found: list[pd.DataFrame]) -> None:
    names = area_page.places(viewer)[viewer.name_column]
    own = found[0].index[found[0]["level"] == viewer.county.protection_level]
    rows = []
    for code in own[: area_page.ROWS_SHOWN]:
        cells = [str(names[code])]
        for figures in found:
            cut = classify(figures, layer)
            row = next(figures.loc[[code]].itertuples())
            if row.shown_code == code:
                cells += [
                    area_page.value_text(viewer, layer, row, cut.digits[code], cut),
                    area_page.base_text(viewer, row),
                ]
            else:
                cells += [viewer.t("ui.rate.small"), ""]
        rows.append(cells)
    heads = [viewer.t("map.page.earlier"), viewer.t("ui.map.base_head"),
             viewer.t("map.page.later"), viewer.t("ui.map.base_head")]  # fmt: skip
    parts.table([viewer.t("ui.map.area"), *heads], rows, stacks=True, about=(f"area_{layer}",))
    if len(own) > area_page.ROWS_SHOWN:
        left = viewer.number(len(own) - area_page.ROWS_SHOWN)
        parts.note(viewer.t("ui.map.more", count=left))
