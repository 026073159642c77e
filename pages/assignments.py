"""What was a body asked for, by when, and what has come of it?"""

from __future__ import annotations

import streamlit as st

from ui import assign, assignments, guard, lists, parts

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "assignments")
if not assignments.is_clerk(viewer) and not viewer.is_earlier:
    kind = "instruction" if viewer.scope.role == "leader" else "notice"
    with st.expander(viewer.t(f"assignments.make.{kind}_title"), key="assign_expander"):
        assign.about_a_subject(viewer)

rows = assignments.read(viewer)
if not rows:
    parts.empty(viewer, f"assignments.list.none_{viewer.scope.role}")
    st.stop()
shown = lists.draw(
    viewer, assignments.listing(viewer, rows),
    empty=lambda choice: viewer.t(f"assignments.list.empty_{choice.show}"),
    how=viewer.t("assignments.list.pick"),
)  # fmt: skip
row = assignments.one_of(rows, lists.opened(shown))
if row is not None:
    with st.container(border=True):
        assignments.show(viewer, row)
