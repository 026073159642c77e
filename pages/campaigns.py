"""Which service is being mended in a category, by whom until when, and did the figure move?"""

from __future__ import annotations

import streamlit as st

from data.campaigns import read
from ui import campaigns, guard, parts, state

viewer = guard.enter("supervisor", "leader", "township_clerk", "department_clerk")
parts.head(viewer, "campaigns")
parts.note(viewer.t("campaigns.rule"))

is_clerk = campaigns.is_clerk(viewer)
may_open = viewer.scope.role == "supervisor" and not viewer.is_earlier
if may_open:
    campaigns.begin(viewer)
found = read(state.db(), viewer.scope, viewer.as_of if viewer.is_earlier else state.db().now())
if not found:
    parts.empty(viewer, f"campaigns.empty_{'clerk' if is_clerk else viewer.scope.role}")
    st.stop()
of = campaigns.choose(viewer, found)
measure = campaigns.measures(viewer, of)
if may_open:
    campaigns.add(viewer, of)
if is_clerk and measure is not None and not viewer.is_earlier:
    campaigns.result(viewer, measure)
if not is_clerk:
    campaigns.figures(viewer, of)
