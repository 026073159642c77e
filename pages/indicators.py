"""Is the service in time, by which rate, of how many, and has it got better?"""

import streamlit as st

from ui import address, guard, indicators, load, parts, windows

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "indicators")
if load.figures(viewer).table.cases.empty:
    parts.empty(viewer, "indicators.page.empty")
    st.stop()

window = windows.choose(viewer, "indicators")
chosen = indicators.filters(viewer)
with st.spinner(viewer.t("indicators.page.making")):
    found = indicators.figures(viewer, window, chosen)
parts.note(windows.known_sentence(viewer, window, found.as_of))
indicators.boxes(viewer, found)
names = ("lines", "trend", "bodies", "groups", "file")
titles = {name: viewer.t(f"indicators.page.{name}") for name in names}
tabs = address.tabs(titles, name="tab", key="indicators_tab")
with tabs["lines"]:
    indicators.lines(viewer, found)
with tabs["trend"]:
    indicators.trends(viewer, chosen)
with tabs["bodies"]:
    indicators.bodies(viewer, found)
with tabs["groups"]:
    indicators.groups(viewer, found)
with tabs["file"]:
    indicators.download(viewer, window, chosen)
