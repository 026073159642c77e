"""Who saw, changed or exported what; is the log whole?"""

import streamlit as st

from data.audit import newest
from ui import anchors, guard, load, parts, state

SHOWN = 100

viewer = guard.enter("administrator")
parts.head(viewer, "audit")
entries = newest(state.db(), viewer.scope, SHOWN)
if not entries:
    parts.empty(viewer, "ui.audit.empty")
    st.stop()

anchors.show(viewer)
st.subheader(viewer.t("ui.audit.newest", count=viewer.number(len(entries))), anchor=False)
names = load.body_names(viewer)
columns = ("id", "at", "who", "role", "body", "action", "target", "reason", "place")
parts.table(
    [viewer.t(f"ui.audit.{column}") for column in columns],
    [
        [
            str(entry.id),
            viewer.moment(entry.at),
            entry.login or "—",
            viewer.t(f"words.role.{entry.role}"),
            names.get(entry.body_id, "—"),
            parts.action_text(viewer, entry.action),
            entry.target or "—",
            entry.reason or "—",
            entry.place or "—",
        ]
        for entry in entries
    ],
    numbers_from=len(columns),
)
