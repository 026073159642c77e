"""Is the service on time, where are answers owed, who has not filed?"""

import streamlit as st

from reports.daily import WINDOW_DAYS
from ui import guard, lately, leaders, load, parts, roster, todo

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "overview")
roster.late_notice(viewer)
if not load.has_cases(viewer):
    parts.empty(viewer, "ui.overview.empty")
    st.stop()

report = load.today(viewer)
todo.show(viewer, todo.of_county(viewer, report))  # in its place: filled later, it moves the page
window = leaders.window_of(viewer)
span = {"first": viewer.day(window.first), "last": viewer.day(window.last)}
title, actions = st.columns([3, 2], vertical_alignment="bottom")
with title:
    st.header(viewer.t("ui.overview.figures", days=WINDOW_DAYS, **span), anchor=False)
with actions:
    leaders.actions(viewer, report)
leaders.figures(viewer)

left, right = st.columns([3, 5], gap="medium")
with left, st.container(gap="xsmall"):
    leaders.county_map(viewer)
    st.header(viewer.t("ui.overview.filing"), anchor=False)
    leaders.desks(viewer, report)
with right, st.container(gap="xsmall", key="by_body"):
    st.header(viewer.t("ui.overview.by_body"), anchor=False)
    leaders.bodies(viewer, report)

titles = [viewer.t("charts.on_time.title"), viewer.t("charts.owed.title")]
with st.expander(" · ".join(titles)):  # folded: who leads has two minutes and one screen
    st.header(titles[0], anchor=False)
    lately.on_time(viewer)
    st.header(titles[1], anchor=False)
    lately.owed(viewer)
