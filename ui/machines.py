"""The administrator's page of machines: who may send cases, for which desk, until when."""

from __future__ import annotations

import streamlit as st

from data.errors import ProjectError
from data.machines import CHANNELS, KINDS, LONGEST_DAYS, TokenLine, end_token, make_token
from wording import t

from . import load, parts, state
from .guard import Viewer

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
    """Every token ever made, good ones first, and the way to end one."""
    st.header(viewer.t("machines.page.list", count=viewer.number(len(lines))), anchor=False)
    if not lines:
        parts.empty(viewer, "machines.page.empty")
        return
    names, now = load.body_names(viewer), state.db().now()
    heads = ("label", "kind", "channel", "desk", "made_at", "expires_at", "state")
    parts.table(
        [viewer.t(f"machines.page.{head}") for head in heads],
        [
            (
                line.label, viewer.t(f"machines.kind.{line.kind}"),
                viewer.t(f"words.channel.{line.channel}"), names.get(line.body_id, line.body_id),
                viewer.moment(line.made_at), viewer.moment(line.expires_at),
                viewer.t(f"machines.state.{line.state(now)}"),
            )
            for line in sorted(lines, key=lambda line: line.state(now) != "good")
        ],
        numbers_from=len(heads),
        stacks=True,
    )  # fmt: skip
    good = {line.token_id: line for line in lines if line.state(now) == "good"}
    if good:
        _end(viewer, good)


def _end(viewer: Viewer, good: dict[str, TokenLine]) -> None:
    which, go = st.columns([5, 2], vertical_alignment="bottom")
    chosen = which.selectbox(
        viewer.t("machines.page.end"), list(good), key="token_end", index=None,
        format_func=lambda one: f"{good[one].label} · {viewer.moment(good[one].made_at)}",
        placeholder=viewer.t("machines.page.choose"),
    )  # fmt: skip
    if go.button(
        viewer.t("machines.page.end_button"), key="token_end_go", disabled=chosen is None,
        width="stretch",
    ):  # fmt: skip
        assert chosen is not None
        try:
            end_token(state.db(), viewer.scope, chosen)
        except ProjectError as err:
            st.error(err.text(viewer.language))
            return
        parts.say_after_rerun(t("machines.page.ended", viewer.language, label=good[chosen].label))
