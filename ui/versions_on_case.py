"""The history of what was registered, on the case page of the desk that owns it."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from data.corrections import CLERKS
from data.fields import BY_NAME
from data.versions import Change, versions

from . import load, parts, state
from .case_view import CaseView
from .guard import Viewer

_FIELDS = {"township_code": "township", "grid_code": "grid", "body_id": "body"}
"""Fields that have another name in the record."""


def show(viewer: Viewer, case: CaseView) -> None:
    """Which version changed what, and when; nothing where nothing was ever changed."""
    if viewer.scope.role not in CLERKS or viewer.is_earlier:
        return
    found = versions(state.db(), viewer.scope, case.history.case_id)
    if len(found) < 2:
        return
    heads = [viewer.t(f"versions.{name}") for name in ("at", "what", "before", "after")]
    rows = [(viewer.moment(found[0].recorded_at), viewer.t("versions.first"), "", "")]
    for version in found[1:]:
        for change in version.changes:
            rows.append((viewer.moment(version.recorded_at), *_said(viewer, change)))
    with st.expander(viewer.t("versions.title", count=len(found))):
        st.caption(viewer.t("versions.said"))
        parts.table(heads, rows, numbers_from=len(heads), stacks=True)


def _said(viewer: Viewer, change: Change) -> tuple[str, str, str]:
    name = _FIELDS.get(change.column, change.column)
    label = (
        viewer.t("versions.limit_at")
        if name == "limit_at"
        else BY_NAME[name].header(viewer.language)
    )
    return label, _value(viewer, name, change.before), _value(viewer, name, change.after)


def _value(viewer: Viewer, name: str, value: object) -> str:
    if value is None:
        return viewer.t("versions.none")
    if isinstance(value, dt.datetime):
        return viewer.moment(value)
    text = str(value)
    if name == "body":
        return str(load.body_names(viewer).get(text, text))
    if name == "township":
        return str(load.township_names(viewer).get(text, text))
    if name == "category":
        category = load.categories(viewer).by_id.get(text)
        return text if category is None else category.names[viewer.language]
    field = BY_NAME[name]
    return field.choice(text, viewer.language) if text in field.choices else text
