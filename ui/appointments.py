"""Booked receptions as a body sees them: that one is booked, and until when to be in touch.

Nothing here knows a date, a session or a place (`data.appointments.read_moments`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from casework.assignments import INSTANTS, AssignmentClock
from service import receptions
from service.receptions import SentCase
from settings import ROOT

from . import assignments, badges, lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

PREFIX = "booked_"
"""Of this list in the address, which it shares with the work list."""


def on_list(viewer: Viewer) -> None:
    """Beside the work list: the cases to be in touch about, what is late first."""
    rows = receptions.sent_cases(state.db(), viewer.scope, assignments.moment(viewer))
    waiting = [row for row in rows if row.sent.is_waiting]
    late = sum(row.sent.is_late for row in waiting)
    title = f"{viewer.t('reception.list.title')} {viewer.number(len(waiting))}"
    is_cut = any(name.startswith(PREFIX) for name in st.query_params)
    with st.expander(title, expanded=is_cut or (late > 0 and assignments.is_clerk(viewer))):
        parts.note(viewer.t("reception.list.said"))
        if not waiting:
            parts.empty(viewer, f"reception.list.none{'_waiting' if rows else ''}")
            return
        if late:
            st.warning(viewer.t("reception.list.late_count", count=viewer.number(late)))
        shown = lists.draw(viewer, _listing(viewer, waiting))
    if shown.picked is not None:
        st.switch_page(ROOT / "pages" / "case.py", query_params={"case": shown.picked})


def _listing(viewer: Viewer, rows: list[SentCase]) -> Listing:
    """Case, body (for a supervisor), when it was sent, and the two clocks with their ends."""
    t, bodies = viewer.t, load.body_names(viewer)
    is_county = viewer.scope.role == "supervisor"

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"reception.list.{name}"), pd.Series(values), **more)

    def clock(at: int, name: str) -> tuple[Column, Column]:
        clocks = [row.sent.clocks[at] for row in rows]
        return (
            column(
                name, [one.state for one in clocks], is_cut=True,
                word=lambda one: badges.text(viewer, "clock", one),
            ),
            column(f"{name}_until", [_until(one) for one in clocks], kind="moment"),
        )  # fmt: skip

    body = column(
        "body", [row.body_id for row in rows], is_cut=True,
        word=lambda one: str(bodies.get(one, one)),
    )  # fmt: skip
    columns = (
        column("case", [row.case_id for row in rows], is_found=True),
        *([body] if is_county else []),
        column("sent", [row.sent.at for row in rows], kind="moment"),
        *clock(1, "contact"),
        *clock(2, "feedback"),
    )
    return Listing(
        "booked", pd.Series([row.case_id for row in rows]), columns, prefix=PREFIX,
        link=lambda case_id: f"case?lang={viewer.language}&case={case_id}",
    )  # fmt: skip


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


def _until(clock: AssignmentClock) -> dt.datetime:
    """A day's end is told as its last minute, an hour as it is."""
    return clock.due_at if clock.clock in INSTANTS else clock.due_at - dt.timedelta(minutes=1)
