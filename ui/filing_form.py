"""The two clicks of a daily filing: what is filed, then the confirmation of what it says."""

from __future__ import annotations

import streamlit as st

from data.vocabulary import FILING_KINDS, FILING_REASONS

from .guard import Viewer

_CHOSEN = "filing_kind"


def ask_to_confirm(viewer: Viewer, held: int, *, is_late: bool) -> tuple[str, str | None] | None:
    """Buttons for a report and a zero report, then what is confirmed.

    Args:
        held: cases of the desk in the register for the day: a zero is then warned of.
        is_late: the deadline has passed without a filing: a reason from the list is asked.

    Returns:
        (kind, reason) once confirmed, reason None in time; None before.
    """
    first, second, _ = st.columns([1, 1, 3])
    for kind, column in zip(FILING_KINDS, (first, second), strict=True):
        if column.button(viewer.t(f"ui.filing.{kind}"), key=f"file_{kind}", width="stretch"):
            st.session_state[_CHOSEN] = kind
    chosen: str | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        return None
    with st.container(border=True):
        if chosen == "zero" and held:
            st.warning(viewer.t("ui.filing.contradicts", count=viewer.number(held)))
        else:
            st.write(viewer.t(f"ui.filing.confirm_{chosen}"))
        reason = _reason(viewer) if is_late else None
        yes, no, _ = st.columns([1, 1, 3])
        if no.button(viewer.t("ui.filing.cancel"), key="filing_cancel", width="stretch"):
            del st.session_state[_CHOSEN]
            st.rerun()
        confirmed = yes.button(
            viewer.t("ui.filing.confirm"),
            key="filing_confirm",
            type="primary",
            width="stretch",
            disabled=is_late and reason is None,
        )
    if not confirmed:
        return None
    del st.session_state[_CHOSEN]
    return chosen, reason


def _reason(viewer: Viewer) -> str | None:
    reason: str | None = st.selectbox(
        viewer.t("ui.filing.reason"),
        FILING_REASONS,
        index=None,
        key="filing_reason",
        format_func=lambda code: viewer.t(f"words.filing_reason.{code}"),
        placeholder="—",
    )
    return reason
