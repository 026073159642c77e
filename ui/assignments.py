"""Assignments on the staff pages: lists by what is to be done, one assignment with its clocks,
its log and the actions its viewer may take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from casework.assignments import ENDED_BY_RULE, SUBJECT_STEPS, may_follow
from data.assigned import Assignment, AssignmentEvent
from data.assignments import CLERKS, open_words
from data.audit import write_export
from data.errors import ProjectError
from data.vocabulary import (
    ASSIGNMENT_ANSWERS,
    ASSIGNMENT_END_REASONS,
    ASSIGNMENT_RETURN_REASONS,
)
from reports.daily_facts import County
from reports.letter import file_name, letter_file
from service import assignments as served
from service.assignments import Stood
from settings import ROOT

from . import badges, lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing
from .lists import Shown

FILTERS = {
    "clerk": ("to_acknowledge", "to_answer", "late", "returned", "to_verify", "closed"),
    "county": ("late", "waiting", "to_verify", "returned", "closed"),
}
"""The lists of those who are asked and of those who ask; a list may share rows with another."""
_IN = {
    "to_acknowledge": lambda row: row.now.state == "assigned",
    "to_answer": lambda row: row.waits,
    "waiting": lambda row: row.waits,
    "late": lambda row: row.waits and row.now.is_late,
    "returned": lambda row: row.now.state == "returned",
    "to_verify": lambda row: row.now.state == "answered",
    "closed": lambda row: row.now.state in ("verified", "ended"),
}
_CODES = {"answered": "answer", "returned": "return_reason", "ended": "end_reason"}
_OPENED = "assignment_opened"
"""Session key: (assignment, account, words by text id) of the words that were opened last."""
NAME = "assignments"
"""The list's name, for the session."""


def moment(viewer: Viewer) -> dt.datetime:
    """Up to when assignments are read: this very moment, or the end of the earlier day shown."""
    return viewer.as_of if viewer.is_earlier else state.db().now()


def read(viewer: Viewer) -> tuple[Stood, ...]:
    """The assignments this viewer reaches, what is due first coming first."""
    return served.listed(state.db(), viewer.scope, moment(viewer))


def is_clerk(viewer: Viewer) -> bool:
    """Whether the viewer's body is asked (else it asks)."""
    return viewer.scope.role in CLERKS


def listing(viewer: Viewer, rows: tuple[Stood, ...]) -> Listing:
    """The assignments as lists by what is to be done; the first one with any is preset."""
    t, bodies = viewer.t, load.body_names(viewer)
    names = FILTERS["clerk" if is_clerk(viewer) else "county"]
    masks = {name: np.array([_IN[name](row) for row in rows], dtype=bool) for name in names}
    ids = pd.Series([row.one.assignment_id for row in rows])

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"assignments.list.head_{name}"), pd.Series(values), **more)

    def about(value: str) -> str:
        return t(f"assignments.subject.{value}") if value in SUBJECT_STEPS else value

    columns = [
        column(
            "about", [row.one.case_id or row.one.subject for row in rows], word=about,
            is_found=True,
        ),
        column(
            "step", [row.one.step for row in rows], is_cut=True,
            word=lambda value: t(f"assignments.step.{value}"),
        ),
        column("due_on", [pd.Timestamp(row.now.due_on) for row in rows], kind="day"),
        column(
            "state", [row.now.state for row in rows],
            word=lambda value: badges.text(viewer, "assignment", value),
        ),
        column(
            "body", [row.one.body_id for row in rows], is_cut=True,
            word=lambda value: str(bodies.get(value, value)),
        ),
        column(
            "level", [row.now.level for row in rows],
            word=lambda value: t(f"assignments.level.{value}"),
        ),
        column(
            "origin", [row.one.origin for row in rows], is_cut=True,
            word=lambda value: t(f"assignments.origin.{value}"),
        ),
    ]  # fmt: skip
    if is_clerk(viewer):
        columns = [one for one in columns if one.name != "body"]

    def named(name: str) -> str:
        return f"{t(f'assignments.list.{name}')} {viewer.number(int(masks[name].sum()))}"

    return Listing(
        NAME, ids, tuple(columns), masks, named,
        preset=next((name for name in names if masks[name].any()), names[0]),
        link=lambda number: lists.open_link(viewer, number),
    )  # fmt: skip


def count(rows: tuple[Stood, ...], name: str) -> int:
    """How many assignments a list has."""
    return sum(map(_IN[name], rows))


def one_of(rows: tuple[Stood, ...], number: str | None) -> Stood | None:
    """The assignment of this id, which stays in sight though it left its list; None = none."""
    return next((row for row in rows if row.one.assignment_id == number), None)


def link(viewer: Viewer, number: str) -> str:
    """The address of an assignment, for the lists of other pages."""
    return "assignments" + lists.open_link(viewer, number)


def lead(shown: Shown) -> None:
    """To the assignment whose row was picked on another page."""
    if shown.picked is not None:
        st.switch_page(ROOT / "pages" / "assignments.py", query_params={lists.OPEN: shown.picked})


def show(viewer: Viewer, row: Stood, *, is_on_its_case: bool = False) -> None:
    """One assignment: what was asked, its clocks and its log, its words, what may be done.

    is_on_its_case: shown on the case's own page, which needs no way there.
    """
    one, t = row.one, viewer.t
    facts = [
        (t("assignments.one.body"), str(load.body_names(viewer).get(one.body_id, one.body_id))),
        (t("assignments.one.origin"), t(f"assignments.origin.{one.origin}")),
        (t("assignments.one.due"), viewer.day(row.now.due_on or one.due_on)),
    ]
    if row.now.level:
        level = t(f"assignments.level.{row.now.level}")
        if row.now.climbed_at:
            level += t("assignments.one.climbed", at=viewer.moment(row.now.climbed_at))
        facts.append((t("assignments.one.level"), level))
    about = one.case_id or t(f"assignments.subject.{one.subject}")
    title = f"{about} · {t(f'assignments.step.{one.step}')}"
    shown = "".join(f"<span>{escape(k)} <b>{escape(v)}</b></span>" for k, v in facts)
    st.html(
        f"<div><b>{escape(title)}</b> — {badges.badge(viewer, 'assignment', row.now.state)}</div>"
        f'<div class="zj-head">{shown}</div>'
    )
    log = st.container()
    words = _words(viewer, one)
    with log:
        parts.lines(_log(viewer, row, words))
    if not viewer.is_earlier:
        _actions(viewer, row)
    _clocks(viewer, row)
    _letter(viewer, one)
    if one.case_id is not None and not is_on_its_case and row.now.why != "moved_on":
        st.page_link(
            ROOT / "pages" / "case.py", label=viewer.t("assignments.one.case"),
            query_params={"case": one.case_id},
        )  # fmt: skip


def _clocks(viewer: Viewer, row: Stood) -> None:
    heads = [viewer.t(f"assignments.one.{name}") for name in ("clock", "state", "until", "done")]
    lines = [
        (
            viewer.t(f"assignments.clock.{clock.clock}"),
            badges.badge(viewer, "clock", clock.state),
            viewer.moment(clock.due_at - over),
            viewer.moment(clock.met_at),
        )
        # a day's end is told as its last minute, an hour as it is
        for clock, over in (
            (row.now.ack, dt.timedelta()),
            (row.now.answer, dt.timedelta(minutes=1)),
        )
    ]
    parts.table(heads, lines, numbers_from=4, stacks=True)


def _log(viewer: Viewer, row: Stood, words: dict[str, dict[str, str]]) -> list[str]:
    """What happened, in order, with the words that were opened."""

    def line(at: dt.datetime, what: str, text_id: str | None, *more: str) -> str:
        said = " ".join(words.get(text_id or "", {}).values())
        return " · ".join(x for x in (viewer.moment(at), what, *more, said) if x)

    def named(event: AssignmentEvent) -> str:
        if event.code is None:
            return ""
        return viewer.t(f"assignments.{_CODES[event.event]}.{event.code}")

    one, t = row.one, viewer.t
    found = [line(one.at, t("assignments.one.assigned"), one.text_id)]
    found += [
        line(e.at, t(f"assignments.event.{e.event}"), e.text_id, named(e)) for e in one.events
    ]
    if row.now.why in ENDED_BY_RULE:
        why = t(f"assignments.ended_by.{row.now.why}")
        found.append(line(row.now.since, t("assignments.event.ended"), None, why))
    return found


def _words(viewer: Viewer, one: Assignment) -> dict[str, dict[str, str]]:
    """The words, once somebody opened them; opening is logged and shown to the asker."""
    if not any((one.text_id, *(event.text_id for event in one.events))):
        return {}
    opened = st.session_state.get(_OPENED)
    if opened is not None and opened[0] == (one, viewer.login):
        return dict(opened[1])
    reason = None
    if not is_clerk(viewer):
        reason = st.text_input(
            viewer.t("casepage.text.reason"), max_chars=200, key=f"words_reason_{one.assignment_id}"
        )
    st.caption(viewer.t("assignments.one.logged"))
    if st.button(viewer.t("assignments.one.open"), key=f"words_open_{one.assignment_id}"):
        _done(lambda: _open(viewer, one, reason), None)
    return {}


def _open(viewer: Viewer, one: Assignment, reason: str | None) -> None:
    words = open_words(state.db(), viewer.scope, one.assignment_id, reason)
    st.session_state[_OPENED] = ((one, viewer.login), words)


def _done(act: Callable[[], object], said: str | None) -> None:
    """Do it and show the page as it is then, or say what is wrong and keep what was typed."""
    try:
        act()
    except ProjectError as err:
        parts.failure(err)
        return
    if said is None:
        st.rerun()
    parts.say_after_rerun(said)


def _actions(viewer: Viewer, row: Stood) -> None:
    now = row.now.state
    if is_clerk(viewer):
        if may_follow(now, "acknowledged"):
            _button(viewer, row, "acknowledged", None, "")
        if may_follow(now, "answered"):
            _form(viewer, row, "answered", ASSIGNMENT_ANSWERS)
        return
    if viewer.scope.role == "leader" and row.one.origin != "instruction":
        return
    if may_follow(now, "verified"):
        _button(viewer, row, "verified", None, "")
    if may_follow(now, "returned"):
        with st.expander(viewer.t("assignments.act.returned")):
            _form(viewer, row, "returned", ASSIGNMENT_RETURN_REASONS)
    if may_follow(now, "ended"):
        with st.expander(viewer.t("assignments.act.ended")):
            _form(viewer, row, "ended", ASSIGNMENT_END_REASONS)


def _button(viewer: Viewer, row: Stood, event: str, code: str | None, words: str) -> None:
    key = f"assignment_{event}_{row.one.assignment_id}"
    if st.button(viewer.t(f"assignments.act.{event}"), key=key, type="primary"):
        _follow(viewer, row, event, code, words)


def _form(viewer: Viewer, row: Stood, event: str, codes: tuple[str, ...]) -> None:
    """A word from the list, for a case words beside it; what is refused keeps what was typed."""
    number = f"{event}_{row.one.assignment_id}_{len(row.one.events)}"
    with st.form(f"assignment_form_{number}", enter_to_submit=False):
        code = st.selectbox(
            viewer.t(f"assignments.act.{event}_code"), codes, index=None,
            key=f"assignment_code_{number}", placeholder=viewer.t("assignments.act.choose"),
            format_func=lambda c: viewer.t(f"assignments.{_CODES[event]}.{c}"),
        )  # fmt: skip
        words = ""
        if row.one.is_of_a_case:
            must = "needed" if event == "answered" else "optional"
            words = st.text_area(
                viewer.t(f"assignments.act.words_{must}"), max_chars=1000, height=90,
                key=f"assignment_words_{number}", help=viewer.t("assignments.act.shown"),
            )  # fmt: skip
        if st.form_submit_button(
            viewer.t(f"assignments.act.{event}"),
            type="primary" if event == "answered" else "secondary",
        ):
            _follow(viewer, row, event, code, words)


def _follow(viewer: Viewer, row: Stood, event: str, code: str | None, words: str) -> None:
    def act() -> None:
        number = row.one.assignment_id
        served.follow_up(state.db(), viewer.scope, number, event, code, words)
        lists.keep_open(number)

    _done(act, viewer.t(f"assignments.act.{event}_done"))


def _letter(viewer: Viewer, one: Assignment) -> None:
    """The letter as Word; every download is noted."""
    county, language = viewer.county, viewer.language
    name = f"{file_name(one, language)}.docx"
    body = str(load.body_names(viewer).get(one.body_id, one.body_id))

    def file() -> bytes:
        write_export(state.db(), viewer.scope, name)
        whose = County(county.name_zh, county.name_en, county.zone, county.is_demo)
        return letter_file(one, whose, body, language, one.at)

    st.download_button(
        viewer.t("assignments.one.letter"), file, name, key=f"letter_{one.assignment_id}",
        mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        on_click="ignore", help=viewer.t("assignments.one.letter_help"),
    )  # fmt: skip
