"""The first slip of a case taken over from an older system, made when its asker is met again."""

from __future__ import annotations

import streamlit as st

from data.receipts import issue_first, without_receipt

from . import state
from .guard import Viewer
from .register_known import slip_facts
from .register_slip import show

MADE = "case_slip_made"
"""Session key: (case id, login) and the slip that was made just now, until another is looked at."""


def slip(viewer: Viewer, case_id: str) -> None:
    """A button while the case has no slip; the slip once, after it was made; else nothing.

    Raises:
        NotAllowed, NotFound: somebody else made it meanwhile, or the case has moved on.
    """
    made = st.session_state.get(MADE)
    if made is not None and made[0] == (case_id, viewer.login):
        show(viewer, made[1], viewer.t("takeover.slip.made"))
        return
    st.session_state.pop(MADE, None)
    if viewer.scope.role not in ("township_clerk", "department_clerk"):
        return
    if not without_receipt(state.db(), viewer.scope, case_id):
        return
    st.header(viewer.t("takeover.slip.title"), anchor=False)
    st.info(viewer.t("takeover.slip.none"))
    if st.button(viewer.t("takeover.slip.make"), key="case_slip"):
        new = issue_first(state.db(), viewer.scope, case_id)
        st.session_state[MADE] = ((case_id, viewer.login), slip_facts(viewer, new))
        st.rerun()
