"""Who comes to today's reception, what was promised at the table, and is it kept?"""

import streamlit as st

from ui import guard, parts, reception

viewer = guard.enter("supervisor")
parts.head(viewer, "reception")
left, right = st.columns(2, gap="large")
with left:
    line = reception.session(viewer)
    if line is not None:
        reception.listed(viewer, line)
        reception.record(viewer, line)
with right:
    reception.promises(viewer)
    reception.settled(viewer)
