"""How are other systems' files read, and what came of the last one?"""

from __future__ import annotations

from data.errors import ProjectError
from ui import address, guard, parts
from ui.mappings import bring_in, make, saved

viewer = guard.enter("administrator")
parts.head(viewer, "mappings")
parts_of_page = {"import": bring_in, "make": make, "saved": saved}
titles = {name: viewer.t(f"mappings.tab.{name}") for name in parts_of_page}
for name, tab in address.tabs(titles, name="tab", key="mappings_tab").items():
    with tab:
        try:
            parts_of_page[name](viewer)
        except ProjectError as err:
            parts.failure(err)
