"""How many answers fall due with whom in the next weeks, and is that more than is answered?"""

import streamlit as st

from ui import guard, load, parts, workload

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "workload")
if load.figures(viewer).table.cases.empty:
    parts.empty(viewer, "workload.empty")
    st.stop()

with st.spinner(viewer.t("indicators.page.making")):
    load_ahead, arriving = workload.found(viewer)
st.header(viewer.t("workload.title_bodies"), anchor=False)
workload.bodies(viewer, load_ahead)
st.header(viewer.t("charts.due.title"), anchor=False)
workload.due(viewer, load_ahead)
st.header(viewer.t("workload.title_arrivals"), anchor=False)
workload.arrivals(viewer, arriving)
