"""Who saw, changed or exported what; is the log whole?"""

import streamlit as st

from data.audit import newest
from ui import anchors, audit_log, guard, parts, state

SHOWN = 1000

viewer = guard.enter("administrator")
parts.head(viewer, "audit")
entries = newest(state.db(), viewer.scope, SHOWN)
if not entries:
    parts.empty(viewer, "ui.audit.empty")
    st.stop()

anchors.show(viewer)
st.header(viewer.t("ui.audit.newest", count=viewer.number(len(entries))), anchor=False)
audit_log.listed(viewer, entries)
