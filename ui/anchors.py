"""Today's anchor to print, and the log held against anchors that were kept."""

from __future__ import annotations

import streamlit as st

from data import anchors
from data.errors import ProjectError

from . import state
from .guard import Viewer


def show(viewer: Viewer) -> None:
    """The anchor of this moment, and a form that verifies the log and says all that is wrong."""
    today = anchors.make(state.db(), viewer.scope)
    if today is not None:
        st.header(viewer.t("audit.page.anchor_title"), anchor=False)
        st.caption(viewer.t("audit.page.anchor_purpose"))
        st.code(today.line(), language=None, wrap_lines=True)
    with st.form("verify_anchors", border=False):
        kept = st.text_area(viewer.t("audit.page.anchors"), key="anchors", height=80)
        if not st.form_submit_button(viewer.t("ui.audit.verify"), key="verify", type="primary"):
            return
    try:
        given = anchors.parse(kept) if kept.strip() else []
    except ProjectError as err:
        st.error(err.text(viewer.language))
        return
    found = anchors.check(state.db(), viewer.scope, given)
    if found:
        said = [viewer.t("audit.page.broken")]
        said += [f"- {viewer.t(f'audit.broken.{one.key}', **one.values)}" for one in found]
        st.error("\n".join(said))
    elif given:
        st.success(viewer.t("audit.page.whole_anchors", count=len(given)))
    else:
        st.success(viewer.t("audit.page.whole"))
