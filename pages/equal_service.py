"""Is an answer as quick in every township, for every channel and every category?"""

import streamlit as st

from ui import equal_service, guard, load, parts, windows

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "equal_service")
if load.figures(viewer).table.cases.empty:
    parts.empty(viewer, "indicators.equal.empty")
    st.stop()

window = windows.choose(viewer, "equal", "quarter")
by = equal_service.choose(viewer)
with st.spinner(viewer.t("indicators.page.making")):
    rows = equal_service.strata(viewer, window)
known = equal_service.names(viewer, by)
found, few = equal_service.compared(rows, by, known)
parts.note(
    windows.known_sentence(viewer, window, min(window.known_at(viewer.county.zone), viewer.as_of))
)
st.header(viewer.t("indicators.equal.questions"), anchor=False)
equal_service.questions(viewer, found, few, known)
if found.rows:
    equal_service.funnel_of(viewer, window, by, found, known)
    equal_service.curves(viewer, rows, by, found, known)
    st.header(viewer.t("indicators.equal.table"), anchor=False)
    equal_service.table(viewer, found, known)
parts.note(viewer.t("indicators.equal.how"))
