"""A lost slip: another one for a case this desk has registered, by its case number."""

from __future__ import annotations

import streamlit as st

from data.receipts import reissue

from . import state
from .guard import Viewer
from .register_known import slip_facts
from .register_slip import show

MADE = "register_lost_made"
"""Session key: the slip that was made just now, until the next number is typed."""


def lost(viewer: Viewer) -> None:
    """The form, and the slip once it was made.

    Raises:
        NotFound: no such case at this desk; nothing was made.
    """
    st.caption(viewer.t("register.lost.how"))
    with st.form("register_lost", border=False):
        number = st.text_input(viewer.t("register.lost.number"), key="register_lost_number")
        is_asked = st.form_submit_button(viewer.t("register.lost.button"))
    if is_asked:
        st.session_state.pop(MADE, None)
        if not number.strip():
            st.error(viewer.t("register.lost.empty"))
            return
        slip = reissue(state.db(), viewer.scope, number.strip().upper())
        st.session_state[MADE] = slip_facts(viewer, slip)
    if MADE in st.session_state:
        show(viewer, st.session_state[MADE], viewer.t("register.lost.made"))
