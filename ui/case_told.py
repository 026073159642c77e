"""What the asker has been told and sees, what is still owed to them, and the answer on paper."""

from __future__ import annotations

import datetime as dt
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from casework.adapter import events_of
from casework.clocks import CaseEvent, clocks
from casework.duties import Duty, duties
from casework.hops import Hop, hops
from data.audit import write_export
from data.errors import RuleError
from data.history import RecordedEvent
from data.openings import open_texts
from data.suggestions import outcomes
from data.vocabulary import DELIVERY_WAYS
from reports.answer_letter import TITLES, Answer, file_name, letter_file
from reports.daily_facts import County

from . import load, parts, state
from .case_view import CaseView, EventKey, clock_name, key_of
from .guard import Viewer

LETTER = "case_letter_made"
"""Session key: (case, login, language), name and bytes of the letter that was made last."""


def told(viewer: Viewer, case: CaseView, words: dict[EventKey, dict[str, str]]) -> None:
    """Open duties first, then each message with its day and words, then what the page shows now."""
    t = viewer.t
    for duty in _duties(viewer, case):
        st.warning(_duty_text(viewer, duty))
    for event in case.history.events:
        if event.event == "not_told" and event.code:
            of, at = t(f"words.event.{event.code}"), viewer.moment(event.occurred_at)
            st.caption(t("casepage.told.not_told_of", event=of, at=at))
    messages = [e for e in reversed(case.history.events) if e.event in ("notified", "delivered")]
    if not messages:
        parts.empty(viewer, "casepage.told.none")
    elif any(key_of(message) not in words for message in messages):
        st.caption(t("casepage.told.words_hidden"))
    for message in messages:
        st.html(_message(viewer, message, words.get(key_of(message), {})))
    running = [c for c in case.clocks if c.state in ("running", "overdue") and c.due_on]
    clock = t("casepage.told.no_clock")
    if running:
        first = min(running, key=lambda c: c.due_on)  # type: ignore[arg-type,return-value]
        clock = t(
            "casepage.told.clock", clock=clock_name(viewer, first), day=viewer.day(first.due_on)
        )
    phase = t(f"casepage.phase.{case.phase or 'unknown'}")
    parts.note(t("casepage.told.seen", phase=phase, clock=clock))


def _duties(viewer: Viewer, case: CaseView) -> list[Duty]:
    try:
        events, zone = events_of(case.history), viewer.county.zone
        return duties(case.pack, events, case.now, zone, case.calendar)
    except RuleError:  # the head of the page says that the log is broken
        return []


def _duty_text(viewer: Viewer, duty: Duty) -> str:
    key = "duty"
    if duty.must == "delivered":
        key = "duty_delivered"
    elif duty.due_on is not None:
        key = "duty_late" if duty.is_late else "duty_due"
    text = viewer.t(
        f"casepage.told.{key}", event=viewer.t(f"words.event.{duty.event}"),
        at=viewer.moment(duty.since), day=viewer.day(duty.due_on),
    )  # fmt: skip
    return text + ("  \n" + viewer.t("casepage.told.said_not_told") if duty.said_not_told else "")


def _message(viewer: Viewer, event: RecordedEvent, said: dict[str, str]) -> str:
    names = load.body_names(viewer)
    facts = [viewer.moment(event.occurred_at), str(names.get(event.body_id, ""))]
    if event.code in DELIVERY_WAYS:
        facts.append(viewer.t(f"casepage.way.{event.code}"))
    line = " · ".join(escape(fact) for fact in facts if fact)
    text = "".join(f"<p>{escape(words)}</p>" for words in said.values())
    name = escape(viewer.t(f"words.event.{event.event}"))
    return f'<div class="zj-step"><b>{name}</b> <span>{line}</span>{text}</div>'


def time_used(viewer: Viewer, case: CaseView) -> None:
    """How long each body had the case; once a second one has had it."""
    history, zone = case.history, viewer.county.zone
    try:
        turns = hops(
            case.pack, history.procedure, events_of(history), history.named_body_id, case.now, zone,
            case.calendar,
        )  # fmt: skip
    except RuleError:
        return
    if len(turns) < 2:
        return
    t, names = viewer.t, load.body_names(viewer)
    heads = [t(f"casepage.hops.{n}") for n in ("body", "from", "to", "objection", "days")]
    rows = [
        (str(names.get(turn.body_id, "—")), viewer.day(turn.from_on),
         t("casepage.hops.now") if turn.is_open else viewer.day(turn.to_on),
         _objection(viewer, turn), viewer.number(turn.days))
        for turn in turns
    ]  # fmt: skip
    parts.note(t("casepage.hops.title"))
    parts.table(heads, rows, numbers_from=4, stacks=True, about=("hops",))


def _objection(viewer: Viewer, turn: Hop) -> str:
    """Whether a body said that the case is not its own; one that is late is not recorded at all."""
    if turn.object_until is None:
        return viewer.t("casepage.hops.objected") if turn.objected else "—"
    last = viewer.day(turn.object_until)
    if turn.objected:
        return viewer.t("casepage.hops.objected_in_time", last=last)
    if turn.is_open and viewer.today <= turn.object_until:
        return viewer.t("casepage.hops.may_object", last=last)
    return viewer.t("casepage.hops.not_objected", last=last)


def letter(viewer: Viewer, case: CaseView) -> None:
    """The latest written answer as Word, for the body that has the case; opens its text."""
    answers = [e for e in case.history.events if e.event in TITLES]
    is_ours = case.history.body_id in viewer.scope.bodies
    if not answers or not is_ours or case.history.is_disowned:
        return
    said = len(outcomes(state.db(), viewer.scope, case.history.case_id))
    key = (case.history.case_id, viewer.login, viewer.language, answers[-1].known_at, said)
    made = st.session_state.get(LETTER)
    if made is None or made[0] != key:
        st.caption(viewer.t("casepage.letter.logged"))
        if st.button(viewer.t("casepage.letter.make"), key="case_letter_make"):
            answer = _answer(viewer, case)
            facts = viewer.county
            county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
            file = letter_file(answer, county, viewer.language, case.now)
            st.session_state[LETTER] = (key, file_name(answer, viewer.language), file)
            st.rerun()
        return
    st.download_button(
        viewer.t("casepage.letter.download"), made[2], f"{made[1]}.docx", key="case_letter",
        on_click=lambda: write_export(state.db(), viewer.scope, f"answer letter {key[0]}"),
    )  # fmt: skip


def _answer(viewer: Viewer, case: CaseView) -> Answer:
    _, opened = open_texts(state.db(), viewer.scope, case.history.case_id)
    event = [e for e in opened.events if e.event in TITLES][-1]
    body = str(load.body_names(viewer).get(event.body_id, event.body_id))
    received = last = None
    if event.event == "answered":
        received, last = _review_until(viewer, case)
    at = event.occurred_at
    said = outcomes(state.db(), viewer.scope, opened.case_id)
    became = (said[-1].outcome, said[-1].reason) if said and event.event == "answered" else None
    words = event.words or {}
    return Answer(opened.case_id, event.event, at, body, words, received, last, became)


def _review_until(viewer: Viewer, case: CaseView) -> tuple[dt.date | None, dt.date | None]:
    """The day the answer was received (today while it was not), and the last one for a review."""
    history, zone = case.history, viewer.county.zone
    events = events_of(history)
    if history.events[-1].event != "delivered":
        events = [*events, CaseEvent("delivered", case.now)]
    try:
        found = clocks(
            case.pack, history.procedure, events, case.now, zone, case.calendar, history.limit_at
        )
    except RuleError:
        return None, None
    right = next((c for c in found if c.clock == "review_request" and c.started_at), None)
    if right is None or right.started_at is None:
        return None, None
    return right.started_at.astimezone(ZoneInfo(zone)).date(), right.due_on
