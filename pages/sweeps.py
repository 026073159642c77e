"""Has a body looked at all its own open, extended and not-solved cases, and what came of it?"""

from __future__ import annotations

import streamlit as st

from service import sweeps as served
from ui import assignments, guard, parts, state, sweeps

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "sweeps")
parts.note(viewer.t("sweeps.rule"))

if not sweeps.is_clerk(viewer):
    lines = served.county_lines(state.db(), viewer.scope, assignments.moment(viewer))
    if not lines:
        parts.empty(viewer, "sweeps.empty_county")
        st.stop()
    sweeps.county(viewer, lines)
    st.stop()

if not viewer.is_earlier:
    sweeps.begin(viewer)
found = served.of_body(state.db(), viewer.scope, assignments.moment(viewer))
if not found:
    parts.empty(viewer, "sweeps.empty")
    st.stop()
sweeps.show(viewer, sweeps.choose(viewer, found))
