"""The administrator's page of machines: who may send cases, for which desk, until when."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from data.errors import ProjectError
from data.machines import CHANNELS, KINDS, LONGEST_DAYS, TokenLine, end_token, make_token

from . import badges, lists, load, parts, state, undo
from .guard import Viewer
from .listing import Column, Listing

MADE = "machines_made"
USUAL_DAYS = 180


def shown_once(viewer: Viewer) -> None:
    """The token that was just made: now and never again."""
    made = st.session_state.pop(MADE, None)
    if made is None:
        return
    label, token = made
    st.success(viewer.t("machines.page.made", label=label))
    st.code(token, language=None)
    st.caption(viewer.t("machines.page.once"))


def make(viewer: Viewer) -> None:
    """Make a token: for which system, by which door and channel, for which desk, how long."""
    st.header(viewer.t("machines.page.make"), anchor=False)
    names = load.body_names(viewer)
    who, door, channel = st.columns([3, 2, 2])
    desk, days = st.columns([5, 2])
    label = who.text_input(
        viewer.t("machines.page.label"), key="token_label", max_chars=60,
        help=viewer.t("machines.page.label_hint"),
    )  # fmt: skip
    kind = door.selectbox(
        viewer.t("machines.page.kind"), KINDS, key="token_kind",
        format_func=lambda one: viewer.t(f"machines.kind.{one}"),
    )  # fmt: skip
    by = channel.selectbox(
        viewer.t("machines.page.channel"), CHANNELS, key="token_channel",
        format_func=lambda one: viewer.t(f"words.channel.{one}"),
    )  # fmt: skip
    body = desk.selectbox(
        viewer.t("machines.page.desk"), list(names.index), key="token_desk", index=None,
        placeholder=viewer.t("machines.page.choose"),
        format_func=lambda one: names.get(one, one), help=viewer.t("machines.page.desk_hint"),
    )  # fmt: skip
    span = days.number_input(
        viewer.t("machines.page.days"), 1, LONGEST_DAYS, USUAL_DAYS, key="token_days"
    )
    if not st.button(viewer.t("machines.page.make_button"), key="token_make", type="primary"):
        return
    try:
        line, token = make_token(
            state.db(), viewer.scope, label, kind, str(body or ""), by, int(span)
        )
    except ProjectError as err:
        st.error(err.text(viewer.language))
        return
    st.session_state[MADE] = (line.label, token)
    st.rerun()


def listed(viewer: Viewer, lines: list[TokenLine]) -> None:
    """Every token with its state, those that work first; the one picked can be ended."""
    t = viewer.t
    st.header(t("machines.page.list", count=viewer.number(len(lines))), anchor=False)
    if not lines:
        parts.empty(viewer, "machines.page.empty")
        return
    now, names = state.db().now(), load.body_names(viewer)
    lines = sorted(lines, key=lambda line: line.state(now) != "good")

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"machines.page.{name}"), pd.Series(values), **more)

    columns = (
        column("label", [line.label for line in lines], is_found=True),
        column(
            "kind", [line.kind for line in lines], is_cut=True,
            word=lambda one: t(f"machines.kind.{one}"),
        ),
        column(
            "channel", [line.channel for line in lines], is_cut=True,
            word=lambda one: t(f"words.channel.{one}"),
        ),
        column(
            "desk", [line.body_id for line in lines], is_cut=True,
            word=lambda one: str(names.get(one, one)),
        ),
        column("made_at", [line.made_at for line in lines], kind="moment"),
        column("expires_at", [line.expires_at for line in lines], kind="moment"),
        column(
            "state", [line.state(now) for line in lines], is_cut=True,
            word=lambda one: badges.text(viewer, "token", one),
        ),
    )  # fmt: skip
    parts.note(t("machines.page.pick"))
    ids = pd.Series([line.token_id for line in lines])
    shown = lists.draw(
        viewer, Listing("tokens", ids, columns, link=lambda one: lists.open_link(viewer, one))
    )
    picked = lists.opened(shown)
    line = next((one for one in lines if one.token_id == picked), None)
    if line is not None:
        _one(viewer, line, line.state(now))


def _one(viewer: Viewer, line: TokenLine, stands: str) -> None:
    """The token that is open, and the question before it is ended: another system notices."""
    made = Markup("<b>{}</b> · {} — {}").format(
        line.label, viewer.moment(line.made_at), badges.badge(viewer, "token", stands)
    )
    with st.container(border=True):
        st.html(f"<div>{made}</div>")
        question = viewer.t("machines.page.end_question", label=line.label)
        if stands == "good" and undo.asked(
            viewer, f"token_end_{line.token_id}", viewer.t("machines.page.end_button"), question
        ):
            with parts.told(viewer):
                end_token(state.db(), viewer.scope, line.token_id)
                parts.say_after_rerun(viewer.t("machines.page.ended", label=line.label))
