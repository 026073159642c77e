"""Is the service in time, by which rate, of how many, and has it got better?"""

import streamlit as st

from ui import guard, indicators, load, parts, windows

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
st.subheader(viewer.t("indicators.page.lines"), anchor=False)
indicators.lines(viewer, found)
st.subheader(viewer.t("indicators.page.groups"), anchor=False)
indicators.groups(viewer, found)
st.subheader(viewer.t("indicators.page.trend"), anchor=False)
indicators.trends(viewer, chosen)
st.subheader(viewer.t("indicators.page.file"), anchor=False)
indicators.download(viewer, window, chosen)
