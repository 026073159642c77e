"""Where are answers owed, and how long already?"""

import streamlit as st

from ui import area_chance, area_files, area_page, area_panel, area_spans, guard, load, parts, state
from ui.map import area_map, legend_html

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "map")
geometry = area_page.drawn(viewer)
if geometry is None:
    parts.empty(viewer, "ui.map.no_layer")
    st.stop()
if load.figures(viewer).table.cases.empty:
    parts.empty(viewer, "ui.map.empty")
    st.stop()


@st.fragment
def shown() -> None:
    guard.still("supervisor", "leader")
    with st.container(horizontal=True, gap="medium", key="map_choices"):
        weeks = area_spans.asked(viewer)
        layer = "" if weeks else area_page.choice(viewer)
    if weeks:
        area_spans.shown(viewer, geometry, weeks)
        return
    with st.container(horizontal=True, gap="medium", key="map_choices_more"):
        is_chance = layer == area_page.CHANCE
        layer = area_chance.choice(viewer) if is_chance else layer
        is_marked = area_page.marked(viewer)
        cut = area_page.method(viewer, layer)
    with area_page.working(viewer, layer):
        if is_chance:
            found, classes = area_chance.figures(viewer, layer)
        else:
            found = area_page.figures(viewer, layer, cut)
            classes = area_page.classes(found, layer, cut)
    code, moves = area_panel.selected(viewer)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        click = area_map(
            geometry, found, classes, layer, viewer.language, key="area_map", selected=code,
            moves=moves, offices=area_page.offices(viewer) if is_marked else None,
            tiles=state.settings().map_tiles, takes=True,
        )  # fmt: skip
        code = area_panel.follow(click, viewer)
        note = area_page.below(layer, found)
        st.html(legend_html(classes, geometry, layer, viewer.language, note=note))
        if is_marked:
            parts.note(viewer.t("map.page.offices_where"))
        area_page.notes(viewer, layer)
        area_files.section(viewer, layer, code)
    with right:
        area_panel.panel(viewer, code)
    if is_chance:
        area_chance.below(viewer, layer)
        return
    st.header(viewer.t("ui.map.table"), anchor=False)
    area_page.table(viewer, found, layer, classes)


shown()
