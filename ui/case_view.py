"""One case as a staff page shows it: read once per run, its clocks counted, what may come next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from casework.adapter import events_of
from casework.calendar import WorkingCalendar
from casework.clocks import Clock, allowed_next, clocks
from casework.explain import explain
from casework.history import read
from casework.pack import Pack
from casework.reasons import REASONS, reason_key
from data.errors import RuleError
from data.history import ANSWER_PARTS, CaseHistory, RecordedEvent
from data.openings import open_texts
from data.reading import read_case
from data.vocabulary import DELIVERY_WAYS, LINKED_STEPS
from service.rules import rules_of
from service.three_dates import three_dates
from wording import formats

from . import badges, load, parts, state
from .guard import Viewer

OPENED = "case_opened"
"""Session key: (case_id, summary, words by event) of the text that was opened last."""

EventKey = tuple[str, dt.datetime, dt.datetime]


@dataclass(frozen=True)
class CaseView:
    """A case within the viewer's reach, as known now.

    phase: of `casework.pack.PHASES`; None where the log breaks a rule (`broken` says which).
    allowed: the office's steps this viewer may record now, in the order of the work.
    """

    history: CaseHistory
    pack: Pack
    calendar: WorkingCalendar
    now: dt.datetime
    phase: str | None
    broken: RuleError | None
    clocks: tuple[Clock, ...]
    allowed: tuple[str, ...]


def view(viewer: Viewer, case_id: str) -> CaseView:
    """Read a case and count its clocks.

    Raises:
        NotFound: no such case within the viewer's reach.
    """
    history, now, zone = (
        read_case(state.db(), viewer.scope, case_id),
        state.db().now(),
        viewer.county.zone,
    )
    pack, calendar = rules_of(state.db()).for_case(history, zone)
    events, given = events_of(history), history.limit_at
    try:
        phase = read(pack, history.procedure, events, now, ZoneInfo(zone)).phase
        found = clocks(pack, history.procedure, events, now, zone, calendar, given)
        steps = allowed_next(pack, history.procedure, events, now, zone, calendar, given)
    except RuleError as err:
        return CaseView(history, pack, calendar, now, None, err, (), ())
    shown = tuple(c for c in found if c.started_at is not None or c.state == "no_rule")
    return CaseView(
        history, pack, calendar, now, phase, None, shown, _own_steps(viewer, history, steps)
    )


def _own_steps(viewer: Viewer, history: CaseHistory, steps: tuple[str, ...]) -> tuple[str, ...]:
    """All of them for the body that owes the answer; passing it on for the desk that has it, and
    for a supervisor where a body objected."""
    if viewer.scope.role == "supervisor":
        return tuple(s for s in steps if s == "transferred" and history.is_objected)
    if history.body_id in viewer.scope.bodies:
        return steps
    return tuple(step for step in steps if step == "transferred")


def header(viewer: Viewer, case: CaseView) -> None:
    """Where the case stands and what it is, without its text."""
    history, t = case.history, viewer.t
    categories = load.categories(viewer)
    name = history.category
    if name in categories:
        name = categories[name].names[viewer.language]
    bodies = load.body_names(viewer)
    facts = [
        (t("casepage.head.category"), f"{t(f'words.domain.{history.domain}')} · {name}"),
        (t("casepage.head.body"), str(bodies.get(history.body_id, history.body_id))),
        (t("casepage.head.channel"), t(f"words.channel.{history.channel}")),
        (t("casepage.head.kind"), t(f"words.kind.{history.kind}")),
        (t("casepage.head.procedure"), t(f"words.procedure.{history.procedure}")),
        (t("casepage.head.opened_at"), viewer.moment(history.opened_at)),
        (t("casepage.head.place"), _place(viewer, history)),
    ]
    if history.amount_band:
        facts.append((t("casepage.head.amount"), t(f"words.amount.{history.amount_band}")))
    shown = "".join(f"<span>{escape(k)} <b>{escape(v)}</b></span>" for k, v in facts)
    st.html(
        f'<div class="zj-case"><span class="zj-number">{escape(history.case_id)}</span> '
        f"{badges.badge(viewer, 'phase', case.phase or 'unknown')}</div>"
        f'<div class="zj-head">{shown}</div>'
    )
    if not history.is_confirmed:
        st.info(t("casepage.head.unconfirmed"))
    if history.is_disowned:
        st.warning(t("casepage.head.disowned"))
    if case.broken is not None:
        st.error(f"{t('casepage.head.broken')} {case.broken.text(viewer.language)}")


def _place(viewer: Viewer, history: CaseHistory) -> str:
    """The township; for those who owe the answer the grid, once the code was used."""
    township = str(load.township_names(viewer).get(history.township_code, history.township_code))
    if history.grid_code is None or viewer.scope.role == "supervisor":
        return township
    areas = load.areas(viewer).set_index("code")[viewer.name_column]
    return f"{township} · {areas.get(history.grid_code, history.grid_code)}"


def clock_table(viewer: Viewer, case: CaseView) -> None:
    """Every clock with its last day, and below each why it is that day."""
    if not case.clocks:
        parts.empty(viewer, "casepage.clock.none")
        return
    heads = [viewer.t(f"casepage.clock.{n}") for n in ("clock", "state", "from", "due", "left")]
    lines = [_clock_line(viewer, clock) for clock in case.clocks]
    parts.table(heads, lines, numbers_from=5, stacks=True)
    if told := [line for clock in case.clocks for line in _three_dates(viewer, case, clock)]:
        parts.lines(told)
    for clock in case.clocks:
        days = explain(case.pack, clock, case.calendar.as_known(clock.ended_at or case.now))
        if not days:
            continue
        title = viewer.t(
            "casepage.clock.why", clock=clock_name(viewer, clock), day=viewer.day(clock.due_on)
        )
        with st.expander(title):
            source = formats.source(clock.source, viewer.language)
            if clock.second_hand:
                source += viewer.t("public.about.second_hand")
            st.caption(viewer.t("casepage.clock.source", source=source))
            table = pd.DataFrame(
                [
                    (viewer.day(d.day, weekday=True),
                     viewer.t(f"casework.day.{d.why}", number=d.number or 0),
                     viewer.t("casepage.clock.provisional") if d.provisional else "")
                    for d in days
                ],
                columns=[viewer.t(f"casepage.clock.{n}") for n in ("day", "counted", "note")],
            )  # fmt: skip
            st.dataframe(table, hide_index=True, height=min(38 + 35 * len(table), 320))


def _three_dates(viewer: Viewer, case: CaseView, clock: Clock) -> list[str]:
    """The last day as promised, as extended, as recomputed, where they differ."""
    return [
        f"{clock_name(viewer, clock)} · "
        + viewer.t(told.key, **{k: viewer.day(day) for k, day in told.days.items()}, **told.values)
        for told in three_dates(clock, case.pack)
    ]


def clock_name(viewer: Viewer, clock: Clock) -> str:
    """A clock in words, with its round from the second on."""
    name = viewer.t(f"casework.clock.{clock.clock}")
    return name if clock.round == 1 else name + viewer.t("casepage.clock.round", round=clock.round)


def _clock_line(viewer: Viewer, clock: Clock) -> tuple[str, ...]:
    due = viewer.day(clock.due_on)
    if clock.extended_by:
        due += viewer.t("casepage.clock.extended", days=clock.extended_by)
    if clock.provisional:
        due += viewer.t("casepage.clock.provisional")
    left = "—"
    if clock.state in ("running", "overdue") and clock.days_left is not None:
        unit = (
            viewer.t(f"casework.unit.{clock.unit}")
            if clock.unit != "per_case"
            else viewer.t("casework.unit.calendar_days")
        )
        key = "left" if clock.days_left >= 0 else "over"
        left = viewer.t(f"casepage.clock.{key}_days", days=abs(clock.days_left), unit=unit)
    return (
        clock_name(viewer, clock),
        badges.clock(viewer, clock),
        viewer.moment(clock.started_at),
        due,
        left,
    )


def text_box(viewer: Viewer, case: CaseView) -> dict[EventKey, dict[str, str]]:
    """The text, once somebody opened it; returns the words of each step that were opened."""
    history = case.history
    if history.is_disowned:
        st.session_state.pop(OPENED, None)
        return {}
    opened = st.session_state.get(OPENED)
    if opened is not None and opened[0] == (history.case_id, viewer.login):
        st.markdown(f"**{viewer.t('casepage.text.asked')}**")
        st.text(opened[1] or viewer.t("casepage.text.none"))
        return dict(opened[2])
    reason = None
    if viewer.scope.role == "supervisor":
        reason = st.text_input(viewer.t("casepage.text.reason"), max_chars=200, key="case_reason")
    st.caption(viewer.t("casepage.text.logged"))
    if st.button(viewer.t("casepage.text.open"), key="case_open"):
        summary, told = open_texts(state.db(), viewer.scope, history.case_id, reason)
        words = {key_of(e): e.words for e in told.events if e.words and e.event != "rated"}
        st.session_state[OPENED] = ((history.case_id, viewer.login), summary, words)
        st.rerun()
    return {}


def key_of(event: RecordedEvent) -> EventKey:
    """What tells one step of a case from another."""
    return event.event, event.occurred_at, event.known_at


def timeline(viewer: Viewer, case: CaseView, words: dict[EventKey, dict[str, str]]) -> None:
    """What happened, newest first. How something was rated is nobody's business but the asker's."""
    for event in reversed(case.history.events):
        st.html(_step(viewer, event, words.get(key_of(event), {})))


def _step(viewer: Viewer, event: RecordedEvent, said: dict[str, str]) -> str:
    t, names = viewer.t, load.body_names(viewer)
    actor = t("words.actor.asker") if event.actor == "asker" else names.get(event.body_id, "")
    notes = []
    if event.to_body_id:
        notes.append(t("casepage.step.to", body=names.get(event.to_body_id, event.to_body_id)))
    if event.days:
        notes.append(t("casepage.step.days", days=event.days))
    if event.code in REASONS.get(event.event, ()):
        notes.append(t("casepage.step.reason", reason=t(reason_key(event.event, str(event.code)))))
    if event.code in LINKED_STEPS.get(event.event, ()):
        notes.append(t(f"casepage.linked.{event.code}"))
    if event.event == "delivered" and event.code in DELIVERY_WAYS:
        notes.append(t(f"casepage.way.{event.code}"))
    if event.planned_on:
        notes.append(t("casepage.linked.on", day=viewer.day(event.planned_on)))
    if event.known_at - event.occurred_at > dt.timedelta(days=1):
        notes.append(t("casepage.step.known", at=viewer.moment(event.known_at)))
    parts_said = [p for p in ANSWER_PARTS if p in said] + [p for p in said if p not in ANSWER_PARTS]
    spoken = "".join(
        f"<dt>{escape(t(f'public.part.{p}'))}</dt><dd>{escape(said[p])}</dd>" for p in parts_said
    )
    line = " · ".join(
        escape(str(x)) for x in (viewer.moment(event.occurred_at), actor, *notes) if x
    )
    return (
        f'<div class="zj-step"><b>{escape(t(f"words.event.{event.event}"))}</b> '
        f"<span>{line}</span>{f'<dl>{spoken}</dl>' if spoken else ''}</div>"
    )
