"""Where does this case stand, until when, and what may be done next?"""

from __future__ import annotations

import streamlit as st

from data.errors import ProjectError
from ui import (
    appointments,
    assign,
    case_erase,
    case_steps,
    case_told,
    case_view,
    corrections_on_case,
    guard,
    ledger,
    parts,
    plan_on_case,
    slip_on_case,
    suggestion_on_case,
    sweeps,
    versions_on_case,
)

viewer = guard.enter("township_clerk", "department_clerk", "supervisor")
parts.head(viewer, "case")
ledger.link_back(viewer)

is_recorded = case_steps.flash(viewer)
case_id = st.query_params.get("case", "").strip().upper()
if not case_id:
    parts.empty(viewer, "casepage.none")
    typed = st.text_input(viewer.t("casepage.number"), key="case_number").strip().upper()
    if typed:
        st.query_params["case"] = typed
        st.rerun()
    st.stop()
try:
    case = case_view.view(viewer, case_id)
except ProjectError as err:
    if is_recorded:  # passed on a moment ago: it is the other body's now
        parts.empty(viewer, "casepage.passed_on")
    else:
        parts.failure(err)
    st.stop()

case_view.header(viewer, case)
try:
    slip_on_case.slip(viewer, case_id)
except ProjectError as err:
    parts.failure(err)
corrections_on_case.show(viewer, case)
versions_on_case.show(viewer, case)
left, right = st.columns([3, 2], gap="large")
with left:
    st.header(viewer.t("casepage.clock.title"), anchor=False)
    case_view.clock_table(viewer, case)
    case_told.time_used(viewer, case)
    appointments.on_case(viewer, case_id)
    st.header(viewer.t("casepage.text.title"), anchor=False)
    try:
        words = case_view.text_box(viewer, case)
        case_erase.erasing(viewer, case)
    except ProjectError as err:
        parts.failure(err)
        words = {}
    case_told.letter(viewer, case)
    st.header(viewer.t("casepage.told.title"), anchor=False)
    case_told.told(viewer, case, words)
    st.header(viewer.t("casepage.step.title"), anchor=False)
    case_view.timeline(viewer, case, words)
# what may be done; last: on a phone it stands below, and would move while more came above it
with right:
    if viewer.scope.role != "supervisor" or case.allowed:
        st.header(viewer.t("casepage.form.title"), anchor=False)
        case_steps.steps(viewer, case)
    plan_on_case.on_case(viewer, case.history)
    assign.on_case(viewer, case)
    sweeps.on_case(viewer, case_id)
    suggestion_on_case.show(viewer, case)
