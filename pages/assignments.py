"""What was a body asked for, by when, and what has come of it?"""

from __future__ import annotations

import streamlit as st

from ui import assign, assignments, guard, parts

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
name, listed = assignments.choose_list(viewer, rows)
if listed:
    row = assignments.pick(viewer, listed, name) or assignments.acted_on(rows)
else:
    parts.empty(viewer, f"assignments.list.empty_{name}")
    row = assignments.acted_on(rows)
if row is not None:
    with st.container(border=True):
        assignments.show(viewer, row)
