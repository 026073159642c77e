"""The page of grants by two accounts: ask, grant, end."""

from __future__ import annotations

import streamlit as st

from data import grants
from data.grants import MOST_DAYS, Grant
from data.vocabulary import GRANT_REASONS

from . import parts, state
from .guard import Viewer


def ask(viewer: Viewer) -> None:
    """Ask that a supervisor may read texts county-wide for some days."""
    st.header(viewer.t("access.grants.ask"), anchor=False)
    logins = grants.readers(state.db(), viewer.scope)
    if not logins:
        parts.empty(viewer, "access.grants.none_to_ask")
        return
    who, why, go = st.columns([2, 3, 1], vertical_alignment="bottom")
    login = who.selectbox(viewer.t("access.grants.who"), logins, key="grant_login")
    reason = why.selectbox(
        viewer.t("access.grants.reason"),
        GRANT_REASONS,
        key="grant_reason",
        format_func=lambda code: viewer.t(f"access.grant_reason.{code}"),
    )
    if go.button(viewer.t("access.grants.ask_button"), key="grant_ask", width="stretch"):
        with parts.told(viewer):
            grants.ask(state.db(), viewer.scope, login, reason)
            parts.say_after_rerun(viewer.t("access.grants.asked_done"))


def decide(viewer: Viewer, found: list[Grant]) -> None:
    """Those that wait, and those in force: grant or end."""
    for one in [one for one in found if one.state != "over"]:
        reason = viewer.t(f"access.grant_reason.{one.reason}")
        at = viewer.moment(one.asked_at)
        said = viewer.t(
            "access.grants.waiting_line", login=one.login, reason=reason, by=one.asked_by, at=at
        )
        parts.lines([f"{viewer.t(f'access.grants.state_{one.state}')} · {said}"])
        days, go, stop = st.columns([2, 1, 1], vertical_alignment="bottom")
        if one.state == "asked":
            count = days.number_input(
                viewer.t("access.grants.days"), 1, MOST_DAYS, 3, key=f"days_{one.grant_id}"
            )
            button = viewer.t("access.grants.grant_button")
            if go.button(button, key=f"grant_{one.grant_id}", width="stretch"):
                with parts.told(viewer):
                    grants.grant(state.db(), viewer.scope, one.grant_id, int(count))
                    parts.say_after_rerun(viewer.t("access.grants.granted_done", days=int(count)))
        button = viewer.t("access.grants.end_button")
        if stop.button(button, key=f"end_{one.grant_id}", width="stretch"):
            with parts.told(viewer):
                grants.end(state.db(), viewer.scope, one.grant_id)
                parts.say_after_rerun(viewer.t("access.grants.ended_done"))


def listed(viewer: Viewer, found: list[Grant]) -> None:
    """Every request and grant so far."""
    st.header(viewer.t("access.grants.list", count=viewer.number(len(found))), anchor=False)
    parts.note(viewer.t("access.grants.public"))
    if not found:
        parts.empty(viewer, "access.grants.empty")
        return
    heads = ("who", "reason", "asked_by", "granted_by", "until", "state")
    parts.table(
        [viewer.t(f"access.grants.{head}") for head in heads],
        [
            [
                one.login,
                viewer.t(f"access.grant_reason.{one.reason}"),
                one.asked_by,
                one.granted_by or "—",
                viewer.moment(one.ends_at),
                viewer.t(f"access.grants.state_{one.state}"),
            ]
            for one in found
        ],
        numbers_from=6,
        stacks=True,
    )
