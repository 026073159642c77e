"""Where are answers owed, and how long already?"""

import streamlit as st

from ui import area_page, guard, load, parts
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
    layer = area_page.choice(viewer)
    found = area_page.figures(viewer, layer)
    classes = area_page.classes(found, layer)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        code = area_map(geometry, found, classes, layer, viewer.language, key="area_map")
    with right:
        area_page.panel(viewer, found, layer, code)
        area_page.too_fine(viewer)
        weekly = found["level"].iloc[-1] != viewer.county.protection_level
        st.html(legend_html(classes, geometry, layer, viewer.language, weekly=weekly))
    st.subheader(viewer.t("ui.map.table"), anchor=False)
    area_page.table(viewer, found, layer)


shown()
