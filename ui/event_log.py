"""The coarsened event log on the page of grants: ask, and take along what was granted."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data import grants
from data.grants import Grant
from data.vocabulary import EVENT_LOG_REASONS
from reports.event_log import to_csv, to_xes
from service import event_log as logs
from service import how_far

from . import address, making, parts, state
from .guard import Viewer

MIME = {"xes": "application/xml", "csv": "text/csv"}
READ = {"xes": 0.2, "csv": 0.7}
"""Share of a file's work that lies behind when the log is there, as measured on 27,000 cases."""


def section(viewer: Viewer, found: list[Grant]) -> None:
    """What a supervisor asks for and takes along; an administrator reads how it is done."""
    st.header(viewer.t("access.event_log.title"), anchor=False)
    parts.note(viewer.t("access.event_log.how"))
    if not state.settings().event_log:
        parts.note(viewer.t("access.event_log.off"))
        return
    if viewer.scope.role != "supervisor":
        return
    now = state.db().now()
    mine = [one for one in found if one.kind == grants.EVENT_LOG and one.login == viewer.login]
    if any(one.state == "granted" and one.ends_at > now for one in mine):
        _take(viewer)
    elif not any(one.state == "asked" for one in mine):
        _ask(viewer)


def _ask(viewer: Viewer) -> None:
    why, go = st.columns([5, 1], vertical_alignment="bottom")
    reason = why.selectbox(
        viewer.t("access.grants.reason"), EVENT_LOG_REASONS, key="event_log_reason",
        format_func=lambda code: viewer.t(f"access.grant_reason.{code}"),
    )  # fmt: skip
    if go.button(viewer.t("access.grants.ask_button"), key="event_log_ask", width="stretch"):
        with parts.told(viewer):
            grants.ask_event_log(state.db(), viewer.scope, reason)
            parts.say_after_rerun(viewer.t("access.grants.asked_done"))


def _take(viewer: Viewer) -> None:
    there = logs.quarters(state.db())
    quarter = address.one(
        st.selectbox, viewer.t("access.event_log.quarter"), there, name="quarter",
        key="event_log_quarter", usual=there[0],
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for kind in logs.FORMATS:
            making.offer(
                viewer, st, viewer.t(f"access.event_log.{kind}"),
                partial(_file, viewer, quarter, kind), f"event-log-{quarter}.{kind}", MIME[kind],
                what=f"event_log_{kind}", key=f"event_log_{kind}",
            )  # fmt: skip
    making.shown(viewer, "supervisor")


def _file(viewer: Viewer, quarter: str, kind: str) -> bytes:
    db = state.db()
    log = logs.write_export(db, viewer.scope, quarter, is_on=state.settings().event_log)
    how_far.say(READ[kind])
    if kind == "csv":
        return to_csv(log)
    name = f"{_county(viewer)} {quarter}"
    return to_xes(log, name, logs.notes(db, log, viewer.language))


def _county(viewer: Viewer) -> str:
    county = viewer.county
    return county.name_zh if viewer.language == "zh" else county.name_en
