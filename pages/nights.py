"""What did the nightly run do, what failed, and what is to be done?"""

import streamlit as st

from service.nights import read_nights
from ui import guard, nights, parts, state

viewer = guard.enter("administrator")
parts.head(viewer, "nights")
seen = read_nights(state.db(), viewer.scope)
if not seen.nights:
    parts.empty(viewer, "running.page.none")
    nights.around(viewer)
    st.stop()
nights.state_now(viewer, seen)
nights.newest(viewer, seen.nights[0])
nights.earlier(viewer, seen)
nights.around(viewer)
