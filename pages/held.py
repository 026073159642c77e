"""Which answers came back, how were they handled, and what is learnt from them?"""

import streamlit as st

from ui import guard, held, parts

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "held")
parts.note(viewer.t("backlog.held.how"))
if viewer.scope.role != "leader":
    with st.spinner(viewer.t("backlog.page.making")):
        rows = held.read(viewer)
    if rows:
        name, listed = held.choose_list(viewer, rows)
        if listed:
            row = held.pick(viewer, listed, name) or held.last(rows)
        else:
            parts.empty(viewer, f"backlog.held.empty_{name}")
            row = held.last(rows)
        if row is not None:
            with st.container(border=True):
                held.show(viewer, row)
    else:
        parts.empty(viewer, "backlog.held.none")
if viewer.scope.sees_county_figures:
    held.lessons(viewer)
