"""Which desks filed today, and, for a clerk: file the own desk's day."""

import streamlit as st

from data.errors import ProjectError
from data.filings import desk_cases, file_day
from reports.filing import filing_figures
from ui import guard, load, parts, state
from ui.filing_form import ask_to_confirm

viewer = guard.enter("township_clerk", "supervisor")
parts.head(viewer, "filing")
day = viewer.today
matrix = load.desk_days(viewer, day, day)
if load.townships(viewer).empty:
    parts.empty(viewer, "ui.filing.no_desks")
    st.stop()
if matrix.empty:
    parts.empty(viewer, "ui.filing.not_asked", day=viewer.day(day, weekday=True))
    st.stop()
deadline = f"{load.pack(viewer).filing_deadline:%H:%M}"
heading = viewer.t("ui.filing.states", day=viewer.day(day, weekday=True), deadline=deadline)
st.subheader(heading, anchor=False)

if viewer.scope.role == "supervisor":
    figures = filing_figures(matrix)
    rates = {
        "completeness": figures.completeness,
        "timeliness": figures.timeliness,
        "zero_share": figures.zero_share,
    }
    parts.figures_row(
        [
            parts.Figure(viewer.t("ui.filing.desks"), viewer.number(figures.cells)),
            *(parts.desk_rate(viewer, f"ui.filing.{k}", rate) for k, rate in rates.items()),
        ]
    )
    parts.counts(viewer, "reports.filing.state", figures.states)
    names = load.township_names(viewer)
    parts.states_grid(
        (names[row.township_code], row.state, parts.desk_state(viewer, row))
        for row in matrix.itertuples()
    )
    st.stop()

desk = next(matrix.itertuples())
held = desk_cases(state.db(), viewer.scope, day)
parts.lines(
    [
        viewer.t("ui.filing.now", state=parts.desk_state(viewer, desk)),
        viewer.t("ui.filing.last_filed", moment=viewer.moment(desk.latest_filed_at)),
        viewer.t("ui.filing.held", count=viewer.number(held)),
    ]
)
filed = ask_to_confirm(viewer, held, is_late=desk.is_expected and not desk.is_filed)
if filed is not None:
    try:
        number = file_day(state.db(), viewer.scope, desk.township_code, day, *filed)
    except ProjectError as err:
        st.error(err.text(viewer.language))
    else:
        said = viewer.t("ui.filing.done", day=viewer.day(day), number=viewer.number(number))
        parts.say_after_rerun(said)
