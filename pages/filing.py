"""Which desks filed and whom to remind; for a clerk: file the own desk's day."""

import streamlit as st

from ui import filing_county, filing_desk, filing_filters, filing_table, guard, load, parts

viewer = guard.enter("township_clerk", "supervisor")
parts.head(viewer, "filing")
if load.townships(viewer).empty:
    parts.empty(viewer, "ui.filing.no_desks")
    st.stop()
if viewer.scope.role == "township_clerk":
    filing_desk.show(viewer)
    st.stop()

filing_county.remind(viewer)
choice = filing_filters.choose(viewer)
if choice is None:
    st.stop()
matrix = load.desk_days(viewer, choice.first, choice.last)
names = load.township_names(viewer)
level = names[choice.desk] if choice.desk else viewer.t("desks.filter.county")
if choice.desk:
    matrix = matrix[matrix["township_code"] == choice.desk]
if filing_county.has_filed(viewer):
    filing_county.figures(viewer, choice, matrix, level)
days = {"first": viewer.day(choice.first), "last": viewer.day(choice.last)}
if matrix.empty:
    parts.empty(viewer, "desks.figures.none", **days)
elif choice.view == "matrix":
    filing_table.legend(viewer, matrix)
    said = viewer.t("desks.table.caption", level=level, **days)
    filing_table.matrix_table(viewer, matrix, names, said)
else:
    filing_table.legend(viewer, matrix)
    months = list(choice.months)
    filing_table.calendars(viewer, matrix, months, level, one_desk=bool(choice.desk))
filing_county.corrections(viewer, choice)
filing_county.excuses(viewer, choice)
