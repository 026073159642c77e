"""Which answers came back, how were they handled, and what is learnt from them?"""

import streamlit as st

from ui import guard, held, lists, parts

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "held")
parts.note(viewer.t("backlog.held.how"))
if viewer.scope.role != "leader":
    with st.spinner(viewer.t("backlog.page.making")):
        rows = held.read(viewer)
    if rows:
        st.caption(viewer.t("backlog.held.pick"))
        shown = lists.draw(
            viewer, held.listing(viewer, rows),
            empty=lambda choice: viewer.t(f"backlog.held.empty_{choice.show}"),
        )  # fmt: skip
        row = held.one_of(rows, lists.opened(shown))
        if row is not None:
            with st.container(border=True):
                held.show(viewer, row)
    else:
        parts.empty(viewer, "backlog.held.none")
if viewer.scope.sees_county_figures:
    held.lessons(viewer)
