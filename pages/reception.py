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
    reception.settled(viewer)
# the width of the page: body, step and state in words are too long for half of it
reception.promises(viewer)
