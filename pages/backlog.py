"""Which cases have waited too long, who clears each by when, and what came of it?"""

import streamlit as st

from ui import backlog, guard, load, parts, plan_on_case

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "backlog")
parts.note(viewer.t("backlog.page.how"))
if viewer.scope.sees_county_figures and not load.figures(viewer).table.cases.empty:
    found = backlog.county(viewer)
    if found.ages.empty and found.planned.parts.dropna().empty:
        parts.empty(viewer, "backlog.page.empty")
        st.stop()
    backlog.county_boxes(viewer, found)
    left, right = st.columns([1, 3], gap="large")
    with left:
        st.subheader(viewer.t("backlog.page.ages"), anchor=False)
        backlog.ages(viewer, found.ages)
    with right:
        st.subheader(viewer.t("backlog.page.by_level"), anchor=False)
        backlog.by_level(viewer, found)
if viewer.scope.role != "leader":
    rows = backlog.listed(viewer)
    st.subheader(viewer.t("backlog.page.list"), anchor=False)
    if rows.empty:
        is_planned = viewer.scope.sees_county_figures
        parts.empty(viewer, f"backlog.page.empty{'_open' if is_planned else ''}")
    else:
        if not viewer.scope.sees_county_figures:
            backlog.own_boxes(viewer, rows)
        if (case_id := backlog.pick(viewer, rows)) is not None:
            with st.container(border=True):
                plan_on_case.picked(viewer, case_id)
if viewer.scope.sees_county_figures and not load.figures(viewer).table.cases.empty:
    st.subheader(viewer.t("backlog.page.by_body"), anchor=False)
    backlog.by_body(viewer, found)
    backlog.download(viewer, found)
