"""What does the report of a day, week, half month or month say, and was it issued?"""

import streamlit as st

from service.report import document
from ui import bulletin, guard, load, making, parts, report

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "report")
kind, day = report.choose(viewer)
with st.spinner(viewer.t("ui.report.making")):
    one, made = report.found(viewer, kind, day)
report.issued_list(viewer)
bulletin.downloads(viewer)
making.shown(viewer, "supervisor", "leader")
if not made.has_cases:
    parts.empty(viewer, "ui.report.empty" if kind == "daily" else "report.page.span_empty")
    st.stop()

report.standing(viewer, one)
report.downloads(viewer, kind, one, made)
if one is None:
    report.issuing(viewer, kind, day, made)
report.comparing(viewer, kind, day, one)
pictures = (
    load.pictures(viewer, kind, day) if one is None else load.issued_pictures(viewer, one, made)
)
parts.document(document(made, viewer.language, one), pictures)
