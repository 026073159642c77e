"""What became of everything that one body owed in a year?"""

import streamlit as st

from ui import body_sheet, body_year, guard, load, parts

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "body_year")
if load.figures(viewer).table.cases.empty:
    parts.empty(viewer, "indicators.year.empty")
    st.stop()

body, year = body_year.choose(viewer)
with st.spinner(viewer.t("indicators.page.making")):
    made, held = body_year.found(viewer, body, year)
if not made.months:
    parts.empty(viewer, "indicators.year.none", year=year)
    st.stop()
known = viewer.moment(viewer.as_of)
parts.note(viewer.t("indicators.year.months", count=len(made.months), known=known))
body_year.table(viewer, made, held)
body_year.download(viewer, made)
body_sheet.show(viewer, made)
