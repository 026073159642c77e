"""The slip on the screen, once: to be printed or copied by hand, then the next case."""

from __future__ import annotations

import streamlit as st

from data.errors import RowProblem
from reports.slip import SlipFacts, slip_fragment, slips_pdf

from .guard import Viewer
from .register_form import DONE, next_case


def made(viewer: Viewer) -> bool:
    """Show what became of the case just registered; False when there is none."""
    if DONE not in st.session_state:
        return False
    facts, notes, is_repeat = st.session_state[DONE]
    _notes(viewer, notes)
    if facts is None:
        st.warning(viewer.t("register.slip.repeat"))
    else:
        said = "again" if is_repeat else "made"
        show(viewer, facts, viewer.t(f"register.slip.{said}"))
    st.button(viewer.t("register.slip.next"), on_click=next_case, key="register_next")
    return True


def _notes(viewer: Viewer, notes: list[RowProblem]) -> None:
    for note in notes:
        st.info(note.text(viewer.language))


def show(viewer: Viewer, facts: SlipFacts, said: str) -> None:
    """A slip that was made just now, above it what was done, beside it the PDF to print."""
    st.success(said)
    left, right = st.columns([3, 2])
    with left:
        st.html(slip_fragment(facts, viewer.language))
    with right:
        st.markdown(f"**{viewer.t('register.slip.hand_over')}**")
        st.caption(viewer.t("register.slip.once"))
        st.download_button(
            viewer.t("register.slip.print"),
            slips_pdf([facts], viewer.language),
            file_name=viewer.t("register.slip.file", case=facts.case_id) + ".pdf",
            mime="application/pdf",
            on_click="ignore",
            type="primary",
            key="register_print",
        )
