"""The daily report of one day: on screen, as Word, as JSON."""

import streamlit as st

from data.audit import write_export
from reports.daily_facts import to_json
from reports.daily_words import daily_document
from service import daily
from ui import bulletin, guard, load, parts, state

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "report")
choice, word, data, _ = st.columns([2, 1, 1, 3], vertical_alignment="bottom")
day = choice.date_input(
    viewer.t("ui.report.day"),
    value=viewer.today,
    min_value=parts.FIRST_DAY,
    max_value=viewer.today,
    key="report_day",
    format="YYYY-MM-DD",
)
with st.spinner(viewer.t("ui.report.making")):
    report = load.daily(viewer, day)
if load.figures_at(viewer, report.as_of).table.cases.empty:
    parts.empty(viewer, "ui.report.empty")
    st.stop()

name = viewer.t("ui.report.file", county=viewer.county_name, day=day.isoformat())


def word_file() -> bytes:
    """The Word file, made when it is asked for, and noted."""
    write_export(state.db(), viewer.scope, f"{name}.docx")
    return daily.word(state.db(), viewer.scope, report, viewer.language)


def json_file() -> bytes:
    """The facts, noted."""
    write_export(state.db(), viewer.scope, f"{name}.json")
    return to_json(report)


word.download_button(
    viewer.t("ui.report.word"),
    word_file,
    f"{name}.docx",
    key="report_word",
    mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    on_click="ignore",
    type="primary",
    width="stretch",
)
data.download_button(
    viewer.t("ui.report.json"),
    json_file,
    f"{name}.json",
    key="report_json",
    mime="application/json",
    on_click="ignore",
    width="stretch",
)
parts.note(viewer.t("ui.report.exported"))
bulletin.downloads(viewer)
parts.document(daily_document(report, viewer.language), load.pictures(viewer, report))
