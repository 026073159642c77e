"""What the asker says was entered wrongly, on the case page: correct it, or say why not."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from data import corrections
from data.corrections import CLERKS, Correction
from data.errors import ProjectError
from data.vocabulary import CORRECTION_DECLINE_REASONS

from . import load, parts, state
from .case_view import CaseView
from .guard import Viewer


def show(viewer: Viewer, case: CaseView) -> None:
    """The requests that wait, each with its two answers for a clerk; nothing where none waits."""
    case_id = case.history.case_id
    found = corrections.corrections(state.db(), viewer.scope, case_id)
    waiting = [one for one in found if one.state == "asked"]
    if not waiting:
        return
    st.header(viewer.t("corrections.desk.title"), anchor=False)
    parts.note(viewer.t("corrections.desk.said"))
    for one in waiting:
        with st.container(border=True):
            st.markdown(_asked(viewer, one))
            if viewer.scope.role in CLERKS and not viewer.is_earlier:
                _Answers(viewer, case, one).draw()


def _asked(viewer: Viewer, one: Correction) -> str:
    value = viewer.t("corrections.desk.find")
    if one.value is not None:
        value = _names(viewer, one.field).get(one.value, one.value)
    return viewer.t(f"corrections.desk.{one.field}", value=value)


def _names(viewer: Viewer, field: str) -> dict[str, str]:
    if field == "place":
        return {str(code): str(name) for code, name in load.township_names(viewer).items()}
    return {c.category_id: c.names[viewer.language] for c in load.categories(viewer)}


class _Answers:
    """The choices for one request: what is right, or why it stays."""

    def __init__(self, viewer: Viewer, case: CaseView, one: Correction) -> None:
        self.viewer, self.one, self.case_id = viewer, one, case.history.case_id
        self.now = case.history.township_code if one.field == "place" else case.history.category

    def key(self, name: str) -> str:
        return f"correction_{name}_{self.one.field}_{self.case_id}"

    def draw(self) -> None:
        names, field = _names(self.viewer, self.one.field), self.one.field
        usual = self.one.value if self.one.value in names else self.now
        make, leave = st.columns(2)
        with make:
            value = st.selectbox(
                self.viewer.t(f"corrections.desk.right_{field}"), list(names),
                index=list(names).index(usual) if usual in names else None,
                format_func=names.__getitem__, key=self.key("value"),
            )  # fmt: skip
            grid = self.grid(value) if field == "place" and value else None
            if st.button(self.viewer.t("corrections.desk.make"), key=self.key("make")) and value:
                known = load.categories(self.viewer).by_id
                self.write(
                    "made",
                    lambda: corrections.make(
                        state.db(), self.viewer.scope, self.case_id, field, value, known, grid
                    ),
                )
        with leave:
            reason = st.selectbox(
                self.viewer.t("corrections.desk.why"), CORRECTION_DECLINE_REASONS, index=None,
                format_func=lambda code: self.viewer.t(f"corrections.reason.{code}"),
                key=self.key("reason"), placeholder=self.viewer.t("casepage.form.pick"),
            )  # fmt: skip
            if st.button(self.viewer.t("corrections.desk.decline"), key=self.key("decline")):
                self.write(
                    "declined",
                    lambda: corrections.decline(
                        state.db(), self.viewer.scope, self.case_id, field, reason or ""
                    ),
                )

    def grid(self, township: str) -> str | None:
        """A smallest area within the township; None = only the township is known."""
        layer = load.areas(self.viewer)
        if layer.empty:
            return None
        inside = _within(layer.set_index("code")["parent_code"], township)
        grids = layer[layer["code"].isin(inside) & ~layer["code"].isin(layer["parent_code"])]
        names = dict(zip(grids["code"], grids[self.viewer.name_column], strict=True))
        return st.selectbox(
            self.viewer.t("corrections.desk.grid"), list(names), index=None,
            format_func=lambda code: f"{names[code]} {code}", key=self.key(f"grid_{township}"),
            placeholder=self.viewer.t("casepage.form.pick"),
        )  # fmt: skip

    def write(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except ProjectError as err:
            parts.failure(err)
            return
        parts.say_after_rerun(self.viewer.t(f"corrections.desk.{what}"))


def _within(parents: pd.Series, code: str) -> set[str]:
    """The codes of the areas that lie inside an area."""
    inside: set[str] = set()
    ring = {code}
    while ring:
        ring = set(parents.index[parents.isin(ring)]) - inside
        inside |= ring
    return inside
