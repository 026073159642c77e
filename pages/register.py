"""How does somebody's request get in, and what does the one who asked take home?"""

from __future__ import annotations

from data.errors import ProjectError
from ui import address, guard, parts
from ui.register_accuse import accusations
from ui.register_form import one_case
from ui.register_lost import lost
from ui.register_sheet import spreadsheet
from ui.register_slip import made
from ui.register_waiting import waiting

viewer = guard.enter("grid_worker", "township_clerk")
parts.head(viewer, "register")

names = ["one", "sheet", *(["waiting", "lost"] if viewer.scope.role == "township_clerk" else [])]
titles = {name: viewer.t(f"register.tab.{name}") for name in names}
tabs = address.tabs(titles, name="tab", key="register_tab")
with tabs["one"]:
    try:
        if not made(viewer):
            one_case(viewer)
    except ProjectError as err:
        parts.failure(err)
with tabs["sheet"]:
    try:
        spreadsheet(viewer)
    except ProjectError as err:
        parts.failure(err)
if "waiting" in tabs:
    with tabs["waiting"]:
        try:
            waiting(viewer)
        except ProjectError as err:
            parts.failure(err)
if "lost" in tabs:
    with tabs["lost"]:
        try:
            lost(viewer)
        except ProjectError as err:
            parts.failure(err)
accusations(viewer)
