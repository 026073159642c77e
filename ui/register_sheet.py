"""Many cases at once: a spreadsheet in, slips out, wrong rows back with what to do."""

from __future__ import annotations

import streamlit as st

from data.errors import RowProblem
from data.field_doc import Line, heads, lines
from data.mapping import Mapping
from data.workbooks import template
from service.jobs import Job
from service.mappings import for_sheets
from service.sheet import STORED, SheetDone, take_sheet

from . import behind, load, parts, state
from .guard import Viewer
from .register_known import known, status_address

NUMBER = "register_sheet_number"
TYPES = ["xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gz"]
AT_ONCE_SECONDS = 3.0
"""What is done so soon is shown at once; longer work goes on behind the page."""
TOLD = 200
"""Sentences about wrong rows that are drawn; the workbook has them all."""


def spreadsheet(viewer: Viewer) -> None:
    """Template, upload, how far it is, and the outcome of the last upload."""
    job = behind.sheets().of(behind.session())
    if job is not None:
        if job.is_over:
            _outcome(viewer, job)
        else:
            behind.running(
                behind.sheets(), ("grid_worker", "township_clerk"), "register.sheet.leave"
            )
        return
    st.markdown(viewer.t("register.sheet.how"))
    st.download_button(
        viewer.t("register.sheet.template"),
        lambda: template(known(viewer), viewer.language),
        file_name=viewer.t("register.sheet.template_file") + ".xlsx",
        on_click="ignore",
        key="register_template",
    )
    _dictionary(viewer)
    mapping = _columns_of_file(viewer)
    number = st.session_state.get(NUMBER, 0)
    upload = st.file_uploader(
        viewer.t("register.sheet.upload"), type=TYPES, key=f"register_file_{number}"
    )
    if upload is not None and st.button(
        viewer.t("register.sheet.check"), type="primary", key="register_check"
    ):
        with st.spinner(viewer.t("register.sheet.working")):
            begin(viewer, upload.getvalue(), upload.name, mapping)
        st.rerun()


def _columns_of_file(viewer: Viewer) -> Mapping | None:
    """Whose columns the file has; asked only where another system's could be read."""
    saved = for_sheets(load.files(viewer), load.categories(viewer))
    if not saved:
        return None
    chosen = st.selectbox(
        viewer.t("register.sheet.columns"), [None, *saved], key="register_columns",
        format_func=lambda name: name or viewer.t("register.sheet.own_columns"),
    )  # fmt: skip
    if chosen is None:
        return None
    st.caption(viewer.t("register.sheet.by_mapping"))
    return saved[chosen]


def begin(viewer: Viewer, data: bytes, file: str, mapping: Mapping | None = None) -> Job[SheetDone]:
    """Take a file in behind the page; waits a moment, in which a small one is done."""
    # a thread has no page: what only the page knows is read here
    db, scope, language = state.db(), viewer.scope, viewer.language
    lists, address = known(viewer), status_address()

    def work(job: Job[SheetDone]) -> SheetDone:
        return take_sheet(db, scope, data, file, lists, language, address, job.progress, mapping)

    return behind.sheets().start(behind.session(), file, work, AT_ONCE_SECONDS)


def _dictionary(viewer: Viewer) -> None:
    """What may stand in each column; the whole table is a document (`zaojie fields doc`)."""
    with st.expander(viewer.t("fields.title")):
        st.caption(viewer.t("fields.intro"))
        shown = [Line._fields.index(name) for name in ("header", "needed", "limits", "meaning")]
        names = heads(viewer.language)
        rows = [[line[at] for at in shown] for line in lines(viewer.language)]
        parts.table([names[at] for at in shown], rows, numbers_from=len(shown), stacks=True)


def _outcome(viewer: Viewer, job: Job[SheetDone]) -> None:
    st.header(viewer.t("register.sheet.outcome", file=job.file), anchor=False)
    if job.error is not None:
        parts.failure(job.error)
        st.info(viewer.t(f"register.sheet.{'again' if job.step in STORED else 'nothing'}"))
    if job.outcome is not None:
        _show(viewer, job.outcome)
    st.button(viewer.t("register.sheet.next"), on_click=_next_file, key="register_next_file")


def _show(viewer: Viewer, done: SheetDone) -> None:
    parts.figures_row(
        [
            parts.Figure(viewer.t("register.sheet.stored"), viewer.number(done.stored)),
            parts.Figure(viewer.t("register.sheet.repeats"), viewer.number(done.repeats)),
            parts.Figure(viewer.t("register.sheet.refused"), viewer.number(done.refused)),
        ]
    )
    if done.is_filed:
        st.info(viewer.t("desks.by_sheet"))
    if done.printed is not None:
        st.success(viewer.t("register.sheet.slips_made"))
        st.download_button(
            viewer.t("register.sheet.slips", count=len(done.slips)),
            done.printed,
            file_name=viewer.t("register.sheet.slips_file") + ".pdf",
            mime="application/pdf", on_click="ignore", type="primary", key="register_slips",
        )  # fmt: skip
    if done.problems:
        st.error(viewer.t("register.sheet.mend"))
        problems(viewer, done.problems[:TOLD])
        if len(done.problems) > TOLD:
            st.caption(viewer.t("register.sheet.more", count=viewer.number(len(done.problems))))
    if done.corrections is not None:
        st.download_button(
            viewer.t("register.sheet.corrections"), done.corrections,
            file_name=viewer.t("register.sheet.corrections_file") + ".xlsx",
            on_click="ignore", key="register_corrections",
        )  # fmt: skip
    for note in done.notes[:20]:
        row = viewer.t("register.sheet.row", row=note.row) if note.row else ""
        st.info(row + note.text(viewer.language))


def _next_file() -> None:
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    behind.sheets().forget(behind.session())


def problems(viewer: Viewer, found: list[RowProblem]) -> None:
    """A table of what is wrong, where, and what to do."""
    heads = [viewer.t(f"register.sheet.head_{name}") for name in ("row", "column", "what")]
    rows = [
        (str(p.row) if p.row else viewer.t("register.sheet.whole"), p.column,
         p.text(viewer.language))
        for p in found
    ]  # fmt: skip
    parts.table(heads, rows, numbers_from=len(heads), stacks=True)
