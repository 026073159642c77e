"""The monthly bulletin to take along: one published month as Word, web page or data."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data import publications
from data.audit import write_export
from service.bulletin import FORMATS, bulletin

from . import address, making, parts, state
from .guard import Viewer

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "json": "application/json",
}
_NAMES = {"docx": "word", "html": "html", "json": "json"}


def downloads(viewer: Viewer) -> None:
    """A published month and its three files; each download is noted."""
    t = viewer.t
    with st.expander(t("bulletin.page.title")):
        months = publications.months(state.db(), viewer.scope)
        if not months:
            parts.note(t("bulletin.page.none"))
            return
        parts.note(t("bulletin.page.how"))
        month = address.one(
            st.selectbox, t("bulletin.page.month"), months, name="month", key="bulletin_month",
            usual=months[0],
        )  # fmt: skip
        for kind, column in zip(FORMATS, st.columns(len(FORMATS)), strict=True):
            making.offer(
                viewer, column, t(f"bulletin.page.{_NAMES[kind]}"),
                partial(_file, viewer, month, kind), f"bulletin-{month}.{kind}", TYPES[kind],
                what=f"bulletin_{kind}", key=f"bulletin_{kind}", width="stretch",
            )  # fmt: skip


def _file(viewer: Viewer, month: str, kind: str) -> bytes:
    name, made = bulletin(state.db(), viewer.scope, month, kind, viewer.language)
    write_export(state.db(), viewer.scope, name)
    return made
