"""How are other systems' files read, and what came of the last one?"""

from __future__ import annotations

import streamlit as st

from data.errors import ProjectError
from ui import guard, parts
from ui.mappings import bring_in, make, saved

viewer = guard.enter("administrator")
parts.head(viewer, "mappings")
parts_of_page = {"import": bring_in, "make": make, "saved": saved}
tabs = st.tabs([viewer.t(f"mappings.tab.{name}") for name in parts_of_page])
for tab, show in zip(tabs, parts_of_page.values(), strict=True):
    with tab:
        try:
            show(viewer)
        except ProjectError as err:
            parts.failure(err)
