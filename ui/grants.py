"""The page of grants by two accounts: ask, grant, end."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from data import grants
from data.grants import MOST_DAYS, Grant
from data.vocabulary import GRANT_REASONS

from . import badges, lists, parts, state, undo
from .guard import Viewer
from .listing import Column, Listing


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
            grant_id = grants.ask(state.db(), viewer.scope, login, reason)
            undo.say(viewer.t("access.grants.asked_done"), partial(_end, viewer, grant_id))


def _end(viewer: Viewer, grant_id: str) -> str:
    """End a request or a grant; what is said then."""
    grants.end(state.db(), viewer.scope, grant_id)
    return viewer.t("access.grants.ended_done")


def decide(viewer: Viewer, found: list[Grant]) -> None:
    """Those that wait, and those in force: grant or end."""
    for one in [one for one in found if one.state != "over"]:
        reason = viewer.t(f"access.grant_reason.{one.reason}")
        at = viewer.moment(one.asked_at)
        said = viewer.t(
            "access.grants.waiting_line", login=one.login, reason=reason, by=one.asked_by, at=at
        )
        badge = badges.badge(viewer, "grant", one.state)
        st.html(Markup('<div class="zj-line">{} {}</div>').format(badge, said))
        if one.state == "asked":
            days, go, _ = st.columns([2, 1, 3], vertical_alignment="bottom")
            count = days.number_input(
                viewer.t("access.grants.days"), 1, MOST_DAYS, 3, key=f"days_{one.grant_id}"
            )
            button = viewer.t("access.grants.grant_button")
            if go.button(button, key=f"grant_{one.grant_id}", width="stretch"):
                with parts.told(viewer):
                    grants.grant(state.db(), viewer.scope, one.grant_id, int(count))
                    done = viewer.t("access.grants.granted_done", days=int(count))
                    undo.say(done, partial(_end, viewer, one.grant_id))
        button = viewer.t("access.grants.end_button")
        question = viewer.t(f"access.grants.end_question_{one.state}", login=one.login)
        if undo.asked(viewer, f"end_{one.grant_id}", button, question):
            with parts.told(viewer):
                parts.say_after_rerun(_end(viewer, one.grant_id))


def listed(viewer: Viewer, found: list[Grant]) -> None:
    """Every request and grant so far."""
    t = viewer.t
    st.header(t("access.grants.list", count=viewer.number(len(found))), anchor=False)
    parts.note(t("access.grants.public"))
    if not found:
        parts.empty(viewer, "access.grants.empty")
        return

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"access.grants.{name}"), pd.Series(values), **more)

    columns = (
        column("who", [one.login for one in found], is_found=True),
        column(
            "reason", [one.reason for one in found], is_cut=True,
            word=lambda code: t(f"access.grant_reason.{code}"),
        ),
        column("asked_by", [one.asked_by for one in found], is_found=True),
        column("granted_by", [one.granted_by for one in found], is_found=True),
        column("until", [one.ends_at for one in found], kind="moment"),
        column(
            "state", [one.state for one in found], is_cut=True,
            word=lambda code: badges.text(viewer, "grant", code),
        ),
    )  # fmt: skip
    lists.draw(viewer, Listing("grants", pd.Series([one.grant_id for one in found]), columns))
