"""Making an assignment: from a confirmed flag, from a case, or about a kind of owed work."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from casework.assignments import SUBJECT_STEPS
from data.assigned import THIS_CASE, NewAssignment
from data.errors import ProjectError
from service import assignments as served
from service.assignments import Choices

from . import assignments, load, parts, state, undo
from .case_view import CaseView
from .guard import Viewer

MADE = "assign_made"
"""Session key: how many assignments this session has made."""


def on_flag(viewer: Viewer, flag_id: str, case_id: str) -> None:
    """Assign the case of a confirmed flag, right where it was confirmed; the usual step and day
    stand there already."""
    _about_case(viewer, "flag", case_id, flag_id)


def on_case(viewer: Viewer, case: CaseView) -> None:
    """A case's assignments with what its viewer may do, and for a supervisor a further one."""
    case_id = case.history.case_id
    st.header(viewer.t("assignments.case.title"), anchor=False)
    at = assignments.moment(viewer)
    rows = served.of_case(state.db(), viewer.scope, case_id, at)
    if not rows:
        parts.note(viewer.t("assignments.case.none"))
    for row in rows:
        with st.container(border=True):
            assignments.show(viewer, row, is_on_its_case=True)
    if viewer.scope.role == "supervisor" and not viewer.is_earlier:
        with st.expander(viewer.t("assignments.case.make")):
            _about_case(viewer, "case", case_id, None)


def _about_case(viewer: Viewer, origin: str, case_id: str, flag_id: str | None) -> None:
    found = served.choices(state.db(), viewer.scope, case_id)
    if not found.steps:
        parts.note(viewer.t("assignments.error.case_ended"))
        return
    body = str(load.body_names(viewer).get(found.body_id, found.body_id))
    parts.note(viewer.t("assignments.make.to", body=body))
    step, due_on = _step_and_day(viewer, found, f"{origin}_{case_id}")
    words = st.text_area(
        viewer.t("assignments.act.words_optional"), max_chars=1000, height=80,
        key=f"assign_words_{origin}_{case_id}", help=viewer.t("assignments.act.shown"),
    )  # fmt: skip
    question = viewer.t("assignments.make.question", body=body)
    if undo.asked(
        viewer, f"assign_{origin}_{case_id}", viewer.t("assignments.make.button"), question
    ):
        new = NewAssignment(origin, found.body_id, THIS_CASE, step, due_on, case_id, flag_id, words)
        _make(viewer, new)


def _step_and_day(viewer: Viewer, found: Choices, key: str) -> tuple[str, dt.date]:
    step_at, day_at = st.columns(2)
    step = step_at.selectbox(
        viewer.t("assignments.make.step"), found.steps, key=f"assign_step_{key}",
        format_func=lambda s: viewer.t(f"assignments.step.{s}"),
    )  # fmt: skip
    due_on = day_at.date_input(
        viewer.t("assignments.make.due"), value=found.usual_day, min_value=found.first_day,
        max_value=found.last_day, format="YYYY-MM-DD", key=f"assign_due_{key}",
    )  # fmt: skip
    return step or found.steps[0], due_on


def about_a_subject(viewer: Viewer) -> None:
    """A supervisor's notice or a leader's instruction: a body, a subject, a step, a day; no case,
    no word."""
    kind = "instruction" if viewer.scope.role == "leader" else "notice"
    names = load.body_names(viewer)
    body_at, subject_at = st.columns(2)
    body_id = body_at.selectbox(
        viewer.t("assignments.make.body"), list(names.index), index=None, key="assign_body",
        format_func=lambda b: str(names[b]), placeholder=viewer.t("assignments.act.choose"),
    )  # fmt: skip
    subject = subject_at.selectbox(
        viewer.t("assignments.make.subject"), _subjects(viewer, body_id), index=None,
        key="assign_subject", format_func=lambda s: viewer.t(f"assignments.subject.{s}"),
        placeholder=viewer.t("assignments.act.choose"),
    )  # fmt: skip
    parts.note(viewer.t(f"assignments.make.{kind}_what"))
    if body_id is None or subject is None:
        return
    found = served.subject_choices(state.db(), subject, body_id)
    step, due_on = _step_and_day(viewer, found, subject)
    if st.button(viewer.t(f"assignments.make.{kind}"), key="assign_button", type="primary"):
        _make(viewer, NewAssignment(kind, body_id, subject, step, due_on))


def _subjects(viewer: Viewer, body_id: str | None) -> list[str]:
    """What a body can be asked about: only desks file daily."""
    bodies = load.bodies(viewer).set_index("body_id")["kind"]
    is_desk = body_id is None or bodies[body_id] == "township_office"
    return [name for name in SUBJECT_STEPS if is_desk or name != "missing_filings"]


def _make(viewer: Viewer, new: NewAssignment) -> None:
    try:
        made = served.assign(state.db(), viewer.scope, new)
    except ProjectError as err:
        parts.failure(err)
        return
    st.session_state[MADE] = st.session_state.get(MADE, 0) + 1
    body = str(load.body_names(viewer).get(new.body_id, new.body_id))
    said = viewer.t("assignments.make.done", body=body, day=viewer.day(new.due_on))
    # an asker has seen what is asked about a case; nobody outside sees a notice
    undo.say(said, None if new.case_id else partial(_take_back, viewer, made))


def _take_back(viewer: Viewer, made: str) -> str:
    served.follow_up(state.db(), viewer.scope, made, "ended", "made_in_error")
    return viewer.t("assignments.make.taken_back")
