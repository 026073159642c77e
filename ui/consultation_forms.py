"""Forms of a consultation for the body that decides: the notice, comments with replies, the
decision. What is refused stays in its fields, with every problem named at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from casework.consulting import USUAL_DAYS
from data import consultations
from data.consultation_checks import (
    LENGTHS,
    MOST_COMMENTS,
    MOST_REPLY,
    Comments,
    Decision,
    Notice,
)
from data.consultations import Consultation
from data.errors import DataError, ProjectError, RowProblem
from data.vocabulary import (
    CONSULTATION_KINDS,
    CONSULTATION_OUTCOMES,
    CONSULTATION_THEMES,
    SHORT_PERIOD_REASONS,
)
from service.consultations import themes_of

from . import load, parts, state
from .guard import Viewer

NUMBER = "consultation_new_number"
"""Session key: counts the notices written here, so that the form is empty after one was saved."""
TALL = {"matter": 140, "papers_place": 80, "ask_desk": 80}


def new(viewer: Viewer) -> None:
    """Write a notice down as a draft."""
    number = int(st.session_state.get(NUMBER, 0))
    with st.expander(viewer.t("consultations.page.new")):
        parts.note(viewer.t("consultations.page.new_how"))
        notice = _fields(viewer, None, f"new{number}")
        if st.button(viewer.t("consultations.page.save"), type="primary", key="consultation_save"):

            def write() -> str:
                consultations.open_new(state.db(), viewer.scope, notice)
                st.session_state[NUMBER] = number + 1
                return viewer.t("consultations.page.saved")

            _saved(viewer, write)


def change(viewer: Viewer, one: Consultation) -> None:
    """Change the notice: a new version of it."""
    with st.expander(viewer.t("consultations.page.change")):
        notice = _fields(viewer, one.notice, f"{one.consultation_id}_{one.versions}")
        if st.button(viewer.t("consultations.page.save_change"), key="consultation_change"):

            def write() -> str:
                consultations.change(state.db(), viewer.scope, one.consultation_id, notice)
                return viewer.t("consultations.page.saved")

            _saved(viewer, write)


def _fields(viewer: Viewer, old: Notice | None, key: str) -> Notice:
    t = viewer.t
    today = viewer.latest_day
    kinds, reasons = list(CONSULTATION_KINDS), ["", *SHORT_PERIOD_REASONS]
    kind = st.selectbox(
        t("consultations.column.kind"), kinds, index=kinds.index(old.kind) if old else 0,
        format_func=lambda name: t(f"consultations.kind.{name}"), key=f"consultation_kind_{key}",
    )  # fmt: skip
    body = old.body_id if old else _body(viewer, key)
    places = _places(viewer)
    place = st.selectbox(
        t("consultations.column.township"), list(places),
        index=list(places).index((old.township_code or "") if old else next(iter(places))),
        format_func=places.__getitem__, key=f"consultation_place_{key}",
    )  # fmt: skip
    title = st.text_input(
        t("consultations.column.title"), old.title if old else "", max_chars=LENGTHS["title"],
        key=f"consultation_title_{key}",
    )  # fmt: skip
    words = {
        name: st.text_area(
            t(f"consultations.column.{name}"), getattr(old, name) if old else "",
            max_chars=LENGTHS[name], height=tall, key=f"consultation_{name}_{key}",
            help=t("consultations.page.place_help") if name != "matter" else None,
        )
        for name, tall in TALL.items()
    }  # fmt: skip
    left, right = st.columns(2)
    starts = left.date_input(
        t("consultations.column.starts_on"), old.starts_on if old else today,
        format="YYYY-MM-DD", key=f"consultation_starts_{key}",
    )  # fmt: skip
    ends = right.date_input(
        t("consultations.column.ends_on"),
        old.ends_on if old else today + dt.timedelta(days=USUAL_DAYS + 1),
        format="YYYY-MM-DD", key=f"consultation_ends_{key}",
    )  # fmt: skip
    short = st.selectbox(
        t("consultations.column.short_reason"), reasons,
        index=reasons.index((old.short_reason or "") if old else ""),
        format_func=lambda name: t(f"consultations.short.{name}") if name
        else t("consultations.page.no_reason"),
        help=t("consultations.page.short_help"), key=f"consultation_short_{key}",
    )  # fmt: skip
    return Notice(
        body, kind, place or None, title, words["matter"], words["papers_place"],
        words["ask_desk"], starts, ends, short or None,
    )  # fmt: skip


def _body(viewer: Viewer, key: str) -> str:
    """The viewer's own body; chosen where there are several."""
    own, names = sorted(viewer.scope.bodies), load.body_names(viewer)
    if len(own) == 1:
        return own[0]
    return st.selectbox(
        viewer.t("consultations.column.body"), own, key=f"consultation_body_{key}",
        format_func=lambda one: str(names.get(one, one)),
    ) or ""  # fmt: skip


def _places(viewer: Viewer) -> dict[str, str]:
    """Where a notice may concern, by code; "" = the whole county, which no township writes of."""
    names = {str(code): str(name) for code, name in load.township_names(viewer).items()}
    if viewer.scope.role == "township_clerk":
        return {code: name for code, name in names.items() if code in viewer.scope.townships}
    return {"": viewer.t("consultations.page.county"), **names}


def comments(viewer: Viewer, one: Consultation) -> None:
    """Counts by theme and a reply to each."""
    t, key = viewer.t, f"{one.consultation_id}_{one.upto_theme or 0}"
    with st.expander(t("consultations.page.comments")):
        if viewer.latest_day < one.notice.starts_on:
            day = viewer.day(one.notice.starts_on)
            st.info(t("consultations.page.comments_wait", day=day))
            return
        parts.note(t("consultations.page.comments_how"))
        said: dict[str, Comments] = {}
        for theme in themes_of(one.notice.kind):
            there, name = one.comments.get(theme, Comments(0)), t(f"consultations.theme.{theme}")
            count = st.number_input(
                t("consultations.page.count", theme=name), 0, MOST_COMMENTS, there.count,
                key=f"consultation_count_{theme}_{key}",
            )  # fmt: skip
            reply = st.text_area(
                t("consultations.page.reply", theme=name), there.reply or "", height=68,
                max_chars=MOST_REPLY, key=f"consultation_reply_{theme}_{key}",
            )  # fmt: skip
            said[theme] = Comments(int(count), reply)
        if st.button(t("consultations.page.save_comments"), key="consultation_comments"):

            def write() -> str:
                many = consultations.save_comments(
                    state.db(), viewer.scope, one.consultation_id, said
                )
                return t("consultations.page.saved_comments", count=many)

            _saved(viewer, write)


def decision(viewer: Viewer, one: Consultation) -> None:
    """What was decided, when, and what was changed."""
    t, old = viewer.t, one.decision
    key = f"{one.consultation_id}_{old.outcome if old else ''}"
    with st.expander(t("consultations.page.decision")):
        if viewer.latest_day <= one.notice.ends_on:
            ends = viewer.day(one.notice.ends_on)
            st.info(t("consultations.page.decision_wait", day=ends))
            return
        outcomes = list(CONSULTATION_OUTCOMES)
        outcome = st.selectbox(
            t("consultations.column.outcome"), outcomes,
            index=outcomes.index(old.outcome) if old else None,
            placeholder=t("consultations.page.pick_outcome"),
            format_func=lambda name: t(f"consultations.outcome.{name}"),
            key=f"consultation_outcome_{key}",
        )  # fmt: skip
        day = st.date_input(
            t("consultations.column.decided_on"), old.decided_on if old else viewer.latest_day,
            format="YYYY-MM-DD", key=f"consultation_decided_{key}",
        )  # fmt: skip
        changes = st.text_area(
            t("consultations.column.changes"), (old.changes or "") if old else "",
            max_chars=MOST_REPLY, height=80, key=f"consultation_changes_{key}",
        )  # fmt: skip
        if st.button(t("consultations.page.save_decision"), key="consultation_decide"):

            def write() -> str:
                made = Decision(outcome or "", day, changes or None)
                consultations.save_decision(state.db(), viewer.scope, one.consultation_id, made)
                return t("consultations.page.saved_decision")

            _saved(viewer, write)


def _saved(viewer: Viewer, write: Callable[[], str]) -> None:
    """Write, and say what was done on the page as it is afterwards; or every problem."""
    try:
        said = write()
    except DataError as err:
        st.error(err.text(viewer.language))
        parts.lines(_problem(viewer, problem) for problem in err.problems)
        return
    except ProjectError as err:
        st.error(err.text(viewer.language))
        return
    parts.say_after_rerun(said)


def _problem(viewer: Viewer, one: RowProblem) -> str:
    room = "theme" if one.column in CONSULTATION_THEMES else "column"
    return f"{viewer.t(f'consultations.{room}.{one.column}')}: {one.text(viewer.language)}"
