"""What became of a suggestion: said on its case, from lists, by the body that has it."""

from __future__ import annotations

import streamlit as st

from data import suggestions
from data.errors import ProjectError
from data.suggestions import SUGGESTION, WITH_REASON, Outcome
from data.vocabulary import SUGGESTION_OUTCOMES, SUGGESTION_REASONS

from . import load, parts, state
from .case_view import CaseView
from .guard import Viewer


def show(viewer: Viewer, case: CaseView) -> None:
    """What was said so far, and the lists for the body that has the case; nothing elsewhere."""
    history, t = case.history, viewer.t
    if history.kind != SUGGESTION or not history.has("answered") or history.is_disowned:
        return
    said = suggestions.outcomes(state.db(), viewer.scope, history.case_id)
    st.header(t("suggestions.case.title"), anchor=False)
    if said:
        parts.lines(_line(viewer, one) for one in reversed(said))
    else:
        st.warning(t("suggestions.case.unsaid"))
    is_ours = history.body_id in viewer.scope.bodies and viewer.scope.role in suggestions.CLERKS
    if is_ours and not viewer.is_earlier:
        _form(viewer, history.case_id, bool(said))


def _line(viewer: Viewer, one: Outcome) -> str:
    t, names = viewer.t, load.body_names(viewer)
    line = t(
        "suggestions.asker.line", at=viewer.moment(one.at),
        body=str(names.get(one.body_id, one.body_id)),
        outcome=t(f"suggestions.outcome.{one.outcome}"),
    )  # fmt: skip
    if one.reason is None:
        return line
    reason = t(f"suggestions.reason.{one.reason}")
    return f"{line} · {t('suggestions.asker.reason', reason=reason)}"


def _form(viewer: Viewer, case_id: str, is_change: bool) -> None:
    t, pick = viewer.t, viewer.t("suggestions.case.pick")
    parts.note(t("suggestions.case.said"))
    outcome = st.selectbox(
        t("suggestions.case.outcome"), SUGGESTION_OUTCOMES, index=None, placeholder=pick,
        format_func=lambda one: t(f"suggestions.outcome.{one}"),
        key=f"suggestion_outcome_{case_id}",
    )  # fmt: skip
    reason = None
    if outcome in WITH_REASON:
        reason = st.selectbox(
            t("suggestions.case.reason"), SUGGESTION_REASONS, index=None, placeholder=pick,
            format_func=lambda one: t(f"suggestions.reason.{one}"),
            key=f"suggestion_reason_{case_id}",
        )  # fmt: skip
    label = t(f"suggestions.case.{'change' if is_change else 'save'}")
    if st.button(label, key=f"suggestion_save_{case_id}"):
        try:
            suggestions.say(state.db(), viewer.scope, case_id, outcome or "", reason)
        except ProjectError as err:
            st.error(err.text(viewer.language))
            return
        parts.say_after_rerun(t("suggestions.case.done"))
