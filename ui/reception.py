"""The reception desk: the list of a session on its own day, what was promised, what came of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from casework.appointments import time_of
from data import receptions as held
from data.errors import ProjectError
from data.receptions import MORNING, NewReception
from data.roster import Line
from reports.covering import SMALLEST_SHOWN
from reports.rates import Rate
from reports.roster import who
from service import receptions
from service.assignments import Stood
from service.receptions import PromiseChoices
from service.roster_files import names_of
from settings import ROOT

from . import address, assignments, badges, lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

_OPENED = "reception_opened"
"""Session key: (line, login, rows) of the list that was opened last."""


def session(viewer: Viewer) -> Line | None:
    """The session that was chosen, of today and the two weeks before; None where there is none."""
    found = held.sessions(state.db(), viewer.scope)
    if not found:
        parts.empty(viewer, "reception.desk.none")
        return None
    names = names_of(state.db(), viewer.scope)
    is_open = {line.line_id: may for line, may in found}
    lines = {line.line_id: line for line, _ in found}

    def said(line_id: int) -> str:
        line = lines[line_id]
        head = f"{viewer.day(line.day)} {line.starts} · {who(line, names, viewer.language)}"
        if is_open[line_id]:
            return head
        morning = f"{MORNING:%H:%M}"
        return head + viewer.t("reception.desk.closed", day=viewer.day(line.day), morning=morning)

    chosen = address.one(
        st.selectbox, viewer.t("reception.desk.session"), lines, name="session",
        key="reception_session", usual=next(iter(lines)), format_func=said,
    )  # fmt: skip
    return lines[chosen] if is_open[chosen] else None


def listed(viewer: Viewer, line: Line) -> None:
    """The case numbers of a session, once somebody opened them; every opening is noted."""
    st.caption(viewer.t("reception.desk.opened"))
    if st.button(viewer.t("reception.desk.open"), key="reception_open"):
        try:
            rows = held.day_list(state.db(), viewer.scope, line.line_id)
        except ProjectError as err:
            parts.failure(err)
            return
        st.session_state[_OPENED] = (line.line_id, viewer.login, rows)
    opened = st.session_state.get(_OPENED)
    if opened is None or opened[:2] != (line.line_id, viewer.login):
        return
    if not opened[2]:
        parts.empty(viewer, "reception.desk.nobody")
        return
    heads = [viewer.t(f"reception.desk.{name}") for name in ("place", "about", "case")]
    shown = [(viewer.number(slot), time_of(line, slot), case) for slot, case in opened[2]]
    parts.table(heads, shown, numbers_from=3, stacks=True)


def record(viewer: Viewer, line: Line) -> None:
    """What came of a case at the session: a promise with step, day and words, or none."""
    t = viewer.t
    st.header(t("reception.record.title"), anchor=False)
    parts.note(t("reception.record.said"))
    case_id = st.text_input(t("reception.record.case"), key="reception_case", max_chars=14)
    case_id = case_id.strip().upper()
    if not case_id:
        return
    try:
        found = receptions.promise_choices(state.db(), viewer.scope, case_id)
    except ProjectError as err:
        parts.failure(err)
        return
    body = str(load.body_names(viewer).get(found.body_id, found.body_id))
    new = _fields(viewer, line, case_id, found, body)
    if st.button(t("reception.record.button"), type="primary", key="reception_record"):
        try:
            promised = receptions.record_reception(state.db(), viewer.scope, new)
        except ProjectError as err:
            parts.failure(err)
            return
        said = t("reception.record.done")
        if promised is not None:
            said = t("reception.record.done_promise", body=body, day=viewer.day(new.due_on))
        parts.say_after_rerun(said)


def _fields(
    viewer: Viewer, line: Line, case_id: str, found: PromiseChoices, body: str
) -> NewReception:
    t = viewer.t
    step = st.selectbox(
        t("reception.record.step"), ["", *found.steps], key="reception_step",
        format_func=lambda one: t(f"assignments.step.{one}" if one else "reception.record.nothing"),
    )  # fmt: skip
    due_on = None
    if step:
        parts.note(t("reception.record.body", body=body))
        if step == "answer":
            parts.note(t("reception.record.answer_by", day=viewer.day(found.answer_by)))
        due_on = st.date_input(
            t("reception.record.due"), value=found.first_day, min_value=found.first_day,
            max_value=found.last_day, format="YYYY-MM-DD", key="reception_due",
        )  # fmt: skip
    words = st.text_area(
        t("reception.record.words"), max_chars=1000, height=110, key="reception_words"
    )
    return NewReception(line.line_id, case_id, step or None, due_on, words)


def promises(viewer: Viewer) -> None:
    """What was promised at receptions, what is due first first."""
    t = viewer.t
    st.header(t("reception.promises.title"), anchor=False)
    rows = receptions.promises(state.db(), viewer.scope, assignments.moment(viewer))
    if not rows:
        parts.empty(viewer, "reception.promises.none")
        return
    assignments.lead(lists.draw(viewer, _promised(viewer, rows)))
    parts.note(t("reception.promises.said"))
    st.page_link(ROOT / "pages" / "assignments.py", label=t("reception.promises.open"))


def _promised(viewer: Viewer, rows: tuple[Stood, ...]) -> Listing:
    t, bodies = viewer.t, load.body_names(viewer)

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"reception.promises.{name}"), pd.Series(values), **more)

    def late(row: Stood) -> str:
        return "overdue" if row.waits and row.now.is_late else ""

    columns = (
        column("case", [row.one.case_id or "" for row in rows], is_found=True),
        column(
            "step", [row.one.step for row in rows], is_cut=True,
            word=lambda one: t(f"assignments.step.{one}"),
        ),
        column(
            "body", [row.one.body_id for row in rows], is_cut=True,
            word=lambda one: str(bodies.get(one, one)),
        ),
        column(
            "due", [pd.Timestamp(row.now.due_on or row.one.due_on) for row in rows], kind="day"
        ),
        column(
            "state", [row.now.state for row in rows], is_cut=True,
            word=lambda one: badges.text(viewer, "assignment", one),
        ),
        column(
            "in_time", [late(row) for row in rows], is_cut=True,
            word=lambda one: badges.text(viewer, "clock", one) if one else "",
        ),
    )  # fmt: skip
    return Listing(
        "promises", pd.Series([row.one.assignment_id for row in rows]), columns,
        link=lambda number: assignments.link(viewer, number),
    )  # fmt: skip


def settled(viewer: Viewer) -> None:
    """Cases settled before their reception, per body from ten appointments on."""
    t = viewer.t
    st.header(t("reception.settled.title"), anchor=False)
    first, last, rows = receptions.settled_before(state.db(), viewer.scope)
    parts.note(t("reception.settled.said", first=viewer.day(first), last=viewer.day(last)))
    if not rows:
        parts.empty(viewer, "reception.settled.none")
        return
    bodies = load.body_names(viewer)
    heads = [t(f"reception.settled.{name}") for name in ("body", "share", "counts")]
    shown = [(body, rate) for body, rate in rows if not rate.is_small]
    if shown:
        lines = [(str(bodies.get(body, body)), *_rate(viewer, rate)) for body, rate in shown]
        parts.table(heads, lines, numbers_from=1, stacks=True, about=("settled_before",))
    if len(shown) < len(rows):
        small = viewer.number(len(rows) - len(shown))
        parts.note(t("reception.settled.small", count=small))


def _rate(viewer: Viewer, rate: Rate) -> tuple[str, str]:
    """A share and its counts; covered where it turns on one or two cases."""
    if any(0 < n < SMALLEST_SHOWN for n in (rate.numerator, rate.denominator - rate.numerator)):
        return viewer.t("reception.settled.covered"), ""
    return parts.rate_text(viewer, rate), parts.rate_note(viewer, rate)
