"""Many cases at once: a spreadsheet in, slips out, wrong rows back with what to do."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data import quarantine
from data.errors import RowProblem
from data.field_doc import Line, heads, lines
from data.fields import by_header
from data.record import register_all
from data.rows import Checked, check_rows
from data.sheets import read_upload
from data.workbooks import TEMPLATE_VERSION, annotated, template
from reports.slip import SlipFacts, slips_pdf

from . import parts, state
from .guard import Viewer
from .register_known import known, slip_facts

RESULT = "register_sheet_result"
NUMBER = "register_sheet_number"
NOT_ASKED = "intake.row.not_asked"
TYPES = ["xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gz"]


@dataclass(frozen=True)
class SheetDone:
    """What became of a file: slips of new cases, repeats, refused rows and what to do."""

    file: str
    stored: int
    slips: list[SlipFacts]
    repeats: int
    refused: int
    problems: list[RowProblem]
    notes: list[RowProblem]
    corrections: bytes | None


def spreadsheet(viewer: Viewer) -> None:
    """Template, upload, and the outcome of the last upload."""
    st.markdown(viewer.t("register.sheet.how"))
    st.download_button(
        viewer.t("register.sheet.template"),
        lambda: template(known(viewer), viewer.language),
        file_name=viewer.t("register.sheet.template_file") + ".xlsx",
        on_click="ignore",
        key="register_template",
    )
    _dictionary(viewer)
    number = st.session_state.get(NUMBER, 0)
    upload = st.file_uploader(
        viewer.t("register.sheet.upload"), type=TYPES, key=f"register_file_{number}"
    )
    if upload is not None and st.button(
        viewer.t("register.sheet.check"), type="primary", key="register_check"
    ):
        with st.spinner(viewer.t("register.sheet.working")):
            st.session_state[RESULT] = take(viewer, upload.getvalue(), upload.name)
    if RESULT in st.session_state:
        _show(viewer, st.session_state[RESULT])


def _dictionary(viewer: Viewer) -> None:
    """What may stand in each column; the whole table is a document (`zaojie fields doc`)."""
    with st.expander(viewer.t("fields.title")):
        st.caption(viewer.t("fields.intro"))
        shown = [Line._fields.index(name) for name in ("header", "needed", "limits", "meaning")]
        names = heads(viewer.language)
        rows = [[line[at] for at in shown] for line in lines(viewer.language)]
        parts.table([names[at] for at in shown], rows, numbers_from=len(shown), stacks=True)


def take(viewer: Viewer, data: bytes, file: str) -> SheetDone:
    """Store the right rows of a file and keep the wrong ones for the desk.

    Raises:
        DataError: a file that cannot be read; nothing was stored.
    """
    upload, lists = read_upload(data, file), known(viewer)
    frame = upload.frame
    checked = check_rows(
        frame, lists, state.db().now(), viewer.county.zone,
        is_file=True, language=viewer.language,
    )  # fmt: skip
    done = register_all(state.db(), viewer.scope, checked.good) if checked.good else []
    slips = [slip_facts(viewer, one.slip) for one in done if one.slip is not None]
    refused = _keep_refused(viewer, frame, checked, file)
    notes = checked.notes
    if upload.template is not None and upload.template < int(TEMPLATE_VERSION):
        notes = [RowProblem(0, "", "intake.note.old_template"), *notes]
    return SheetDone(
        file=file,
        stored=sum(not one.is_repeat for one in done),
        slips=slips,
        repeats=sum(one.is_repeat for one in done),
        refused=refused,
        problems=checked.problems,
        notes=notes,
        corrections=annotated(frame, checked.problems, lists, viewer.language)
        if checked.problems
        else None,
    )


def _keep_refused(viewer: Viewer, frame: pd.DataFrame, checked: Checked, file: str) -> int:
    """Let the wrong rows wait for the desk; what waited under a number sent again goes."""
    fields = {str(name): by_header(str(name)) for name in frame.columns}
    # only what we read: a column of remarks may hold anything
    kept = [name for name, found in fields.items() if found is not None]
    wrong = {problem.row for problem in checked.problems} - {0}
    # nobody asked for these: nothing of them is kept, not even to be mended
    unasked = {problem.row for problem in checked.problems if problem.key == NOT_ASKED}
    cells = frame.loc[frame.index.isin(list(wrong - unasked)), kept]
    rows = {
        int(str(number)): {name: str(value or "") for name, value in row.items()}
        for number, row in cells.T.items()
    }
    is_whole = any(problem.row == 0 for problem in checked.problems)
    number = next((n for n, found in fields.items() if found and found.name == "source_id"), None)
    sent = set(frame[number]) - {""} if number is not None and not is_whole else set()
    if rows or sent:
        quarantine.hold(state.db(), viewer.scope, file, rows, checked.problems, sent=sent)
    return len(wrong)


def _show(viewer: Viewer, done: SheetDone) -> None:
    st.subheader(viewer.t("register.sheet.outcome", file=done.file), anchor=False)
    parts.figures_row(
        [
            parts.Figure(viewer.t("register.sheet.stored"), viewer.number(done.stored)),
            parts.Figure(viewer.t("register.sheet.repeats"), viewer.number(done.repeats)),
            parts.Figure(viewer.t("register.sheet.refused"), viewer.number(done.refused)),
        ]
    )
    if done.slips:
        st.success(viewer.t("register.sheet.slips_made"))
        st.download_button(
            viewer.t("register.sheet.slips", count=len(done.slips)),
            slips_pdf(done.slips, viewer.language),
            file_name=viewer.t("register.sheet.slips_file") + ".pdf",
            mime="application/pdf", on_click="ignore", type="primary", key="register_slips",
        )  # fmt: skip
    if done.problems:
        st.error(viewer.t("register.sheet.mend"))
        problems(viewer, done.problems)
    if done.corrections is not None:
        st.download_button(
            viewer.t("register.sheet.corrections"), done.corrections,
            file_name=viewer.t("register.sheet.corrections_file") + ".xlsx",
            on_click="ignore", key="register_corrections",
        )  # fmt: skip
    for note in done.notes[:20]:
        row = viewer.t("register.sheet.row", row=note.row) if note.row else ""
        st.info(row + note.text(viewer.language))
    st.button(viewer.t("register.sheet.next"), on_click=_next_file, key="register_next_file")


def _next_file() -> None:
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    st.session_state.pop(RESULT, None)


def problems(viewer: Viewer, found: list[RowProblem]) -> None:
    """A table of what is wrong, where, and what to do."""
    heads = [viewer.t(f"register.sheet.head_{name}") for name in ("row", "column", "what")]
    rows = [
        (str(p.row) if p.row else viewer.t("register.sheet.whole"), p.column,
         p.text(viewer.language))
        for p in found
    ]  # fmt: skip
    parts.table(heads, rows, numbers_from=len(heads), stacks=True)
