"""Which cases have waited too long, who clears each by when, and what came of it?"""

import streamlit as st

from ui import backlog, guard, lists, load, parts, plan_on_case

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "backlog")
parts.note(viewer.t("backlog.page.how"))
found, rows = None, None
with st.spinner(viewer.t("backlog.page.making")):
    if viewer.scope.sees_county_figures and not load.figures(viewer).table.cases.empty:
        found = backlog.county(viewer)
    if viewer.scope.role != "leader":
        rows = backlog.listed(viewer)
if (found is None or found.is_empty) and (rows is None or rows.empty):
    parts.empty(viewer, "backlog.page.empty")
    st.stop()

if found is not None:
    backlog.county_boxes(viewer, found)
elif rows is not None:
    backlog.own_boxes(viewer, rows)
if rows is not None:
    st.header(viewer.t("backlog.page.list"), anchor=False)
    if rows.empty:
        parts.empty(viewer, "backlog.page.empty_open")
    else:
        st.caption(viewer.t("backlog.page.pick"))
        case_id = lists.opened(lists.draw(viewer, backlog.listing(viewer, rows)))
        if case_id is not None and rows["case_id"].eq(case_id).any():
            with st.container(border=True):
                plan_on_case.picked(viewer, case_id)
if found is not None:
    st.header(viewer.t("backlog.page.ages"), anchor=False)
    backlog.ages(viewer, found.ages)
    backlog.cleared(viewer, found)
    st.header(viewer.t("backlog.page.by_level"), anchor=False)
    backlog.by_level(viewer, found)
    st.header(viewer.t("backlog.page.by_body"), anchor=False)
    backlog.by_body(viewer, found)
    backlog.download(viewer, found)
