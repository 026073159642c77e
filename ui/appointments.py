"""Booked receptions as a body sees them: that one is booked, and until when to be in touch.

Nothing here knows a date, a session or a place (`data.appointments.read_moments`).
"""

from __future__ import annotations

import datetime as dt

import streamlit as st

from casework.assignments import INSTANTS, AssignmentClock
from service import receptions
from service.receptions import SentCase

from . import assignments, badges, load, parts, state
from .guard import Viewer


def on_list(viewer: Viewer) -> None:
    """Beside the work list: the cases to be in touch about, what is late first."""
    rows = receptions.sent_cases(state.db(), viewer.scope, assignments.moment(viewer))
    waiting = [row for row in rows if row.sent.is_waiting]
    late = sum(row.sent.is_late for row in waiting)
    title = f"{viewer.t('reception.list.title')} {viewer.number(len(waiting))}"
    with st.expander(title, expanded=late > 0 and assignments.is_clerk(viewer)):
        parts.note(viewer.t("reception.list.said"))
        if not waiting:
            parts.empty(viewer, f"reception.list.none{'_waiting' if rows else ''}")
            return
        if late:
            st.warning(viewer.t("reception.list.late_count", count=viewer.number(late)))
        table(viewer, waiting)


def table(viewer: Viewer, rows: list[SentCase]) -> None:
    """Case, body (for a supervisor), when it was sent, and the two clocks with their ends."""
    names = ["case", "body", "sent", "contact", "feedback"]
    bodies = load.body_names(viewer)
    lines = [
        [
            row.case_id,
            str(bodies.get(row.body_id, row.body_id)),
            viewer.moment(row.sent.at),
            *(_said(viewer, clock) for clock in row.sent.clocks[1:]),
        ]
        for row in rows
    ]
    if viewer.scope.role != "supervisor":
        names.remove("body")
        lines = [[cell for at, cell in enumerate(line) if at != 1] for line in lines]
    heads = [viewer.t(f"reception.list.{name}") for name in names]
    parts.table(heads, lines, len(heads), stacks=True)


def on_case(viewer: Viewer, case_id: str) -> None:
    """On a case's page: the clocks of a reception that is booked about it; nothing where none."""
    found = receptions.sent_of_case(state.db(), viewer.scope, case_id, assignments.moment(viewer))
    if found is None:
        return
    st.header(viewer.t("reception.case.title"), anchor=False)
    parts.note(viewer.t("reception.case.said"))
    heads = [viewer.t(f"reception.case.{name}") for name in ("clock", "state", "until", "done")]
    lines = [
        (
            viewer.t(f"reception.clock.{clock.clock}"),
            badges.badge(viewer, "clock", clock.state),
            viewer.moment(_until(clock)),
            viewer.moment(clock.met_at),
        )
        for clock in found.clocks
    ]
    parts.table(heads, lines, numbers_from=4, stacks=True)


def _said(viewer: Viewer, clock: AssignmentClock) -> str:
    return f"{viewer.t(f'casework.state.{clock.state}')} · {viewer.moment(_until(clock))}"


def _until(clock: AssignmentClock) -> dt.datetime:
    """A day's end is told as its last minute, an hour as it is."""
    return clock.due_at if clock.clock in INSTANTS else clock.due_at - dt.timedelta(minutes=1)
