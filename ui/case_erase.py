"""A text that names a person is erased at once, by whoever found it while reading."""

from __future__ import annotations

import streamlit as st

from data.ending import Erasable, erasable, erase

from . import state
from .case_view import OPENED, CaseView
from .guard import Viewer


def erasing(viewer: Viewer, case: CaseView) -> None:
    """Below an opened text: which text names a person, and a button that erases it for good.

    Raises:
        NotFound, NotAllowed: it was erased or the case moved on meanwhile.
    """
    case_id = case.history.case_id
    opened = st.session_state.get(OPENED)
    if opened is None or opened[0] != (case_id, viewer.login):
        return
    found = erasable(state.db(), viewer.scope, case_id)
    if not found:
        return
    t = viewer.t

    def named(one: Erasable) -> str:
        what = t("casepage.erase.summary")
        if one.what != "summary":
            what = t(f"words.event.{one.what}")
        return f"{what} · {viewer.moment(one.occurred_at)}"

    with st.expander(t("casepage.erase.title")):
        st.caption(t("casepage.erase.purpose"))
        chosen = st.selectbox(
            t("casepage.erase.which"), found, format_func=named, index=None, key="erase_which"
        )
        is_sure = st.checkbox(t("casepage.erase.sure"), key="erase_sure")
        if st.button(
            t("casepage.erase.do"), key="erase_do", disabled=chosen is None or not is_sure
        ):
            assert chosen is not None
            erase(state.db(), viewer.scope, case_id, chosen.text_id)
            st.session_state.pop(OPENED, None)
            st.rerun()
