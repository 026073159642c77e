"""The reception roster: is next month's complete and public in time, and what stands in it?"""

import streamlit as st

from ui import guard, parts, roster
from wording import formats

viewer = guard.enter("supervisor", "administrator")
parts.head(viewer, "roster")
roster.status(viewer)
left, right = st.columns([3, 2], gap="large")
with left:
    month = roster.month(viewer)
    shown = formats.month(month, viewer.language)
    st.header(viewer.t("roster.page.lines", month=shown), anchor=False)
    line = roster.listed(viewer, month)
    below = st.container()
    roster.printed(viewer, month)
with right:
    st.header(viewer.t("roster.page.add"), anchor=False)
    new = roster.line_fields(viewer, month)
    roster.enter(viewer, new)
    roster.turns(viewer, month, new)
    roster.sheet(viewer)
# beside the list, but after the fields whose words it puts in the line's place
with below:
    roster.change(viewer, line, new)
