"""What became of suggestions, on the staff's page: those of which nobody said it yet, a quarter's
covered totals, the button that publishes them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data import suggestions as recorded
from data.audit import write_export
from data.errors import ProjectError
from reports.suggestions import Content, name_of, quarter_of, to_csv
from service import suggestions as served
from settings import ROOT

from . import lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

SHOWN = {
    "case": "case_id", "domain": "domain", "category": "category", "answered": "answered_at",
}  # fmt: skip
"""Columns of the list of those that wait -> of `data.suggestions.unsaid`."""


def by_body(viewer: Viewer) -> None:
    """How many answered suggestions each body still has to say that of; no case is listed."""
    found, names = recorded.unsaid_by_body(state.db(), viewer.scope), load.body_names(viewer)
    st.header(viewer.t("suggestions.page.waiting"), anchor=False)
    if not found:
        st.success(viewer.t("suggestions.page.waiting_none"))
        return
    heads = [viewer.t("consultations.column.body"), viewer.t("suggestions.page.count")]
    rows = [(str(names.get(body, body)), viewer.number(count)) for body, count in found.items()]
    parts.table(heads, rows, 1)


def waiting(viewer: Viewer) -> None:
    """Answered suggestions of which nobody said what became of them, with the way to each."""
    t, found = viewer.t, recorded.unsaid(state.db(), viewer.scope)
    st.header(t("suggestions.page.waiting"), anchor=False)
    if found.empty:
        st.success(t("suggestions.page.waiting_none"))
        return
    names = {one.category_id: one.names[viewer.language] for one in load.categories(viewer)}

    def column(name: str, **more: Any) -> Column:
        return Column(name, t(f"suggestions.page.{name}"), found[SHOWN[name]], **more)

    columns = (
        column("case", is_found=True),
        column("domain", is_cut=True, word=lambda one: t(f"words.domain.{one}")),
        column("category", is_cut=True, word=lambda one: names.get(one, one)),
        column("answered", kind="moment"),
    )
    parts.note(t("suggestions.page.pick"))
    shown = lists.draw(
        viewer,
        Listing(
            "suggestions", found["case_id"], columns,
            link=lambda case_id: f"case?lang={viewer.language}&case={case_id}",
        ),
    )  # fmt: skip
    if shown.picked is not None:
        st.switch_page(ROOT / "pages" / "case.py", query_params={"case": shown.picked})


def quarter(viewer: Viewer) -> None:
    """The newest quarter that is over: as it was published, or as it would be."""
    t, span = viewer.t, served.newest_over(state.db())
    there = {one.quarter: (one, said) for one, said in served.published(state.db(), viewer.scope)}
    days = {"first": viewer.day(span.first), "last": viewer.day(span.last)}
    st.header(t("suggestions.page.totals", **days), anchor=False)
    if span.name in there:
        issue, content = there[span.name]
        parts.note(t("suggestions.page.public", at=viewer.moment(issue.recorded_at)))
        _table(viewer, content)
        return
    content = served.compute(state.db(), viewer.scope, span.name)
    st.info(t("suggestions.page.not_public"))
    _table(viewer, content)
    if viewer.scope.role != "supervisor" or viewer.is_earlier:
        return
    label = t("suggestions.page.publish", quarter=span.name)
    if st.button(label, type="primary", key="suggestion_publish"):
        try:
            served.publish(state.db(), viewer.scope, span.name)
        except ProjectError as err:
            st.error(err.text(viewer.language))
            return
        parts.say_after_rerun(t("suggestions.page.published", quarter=span.name))


def _table(viewer: Viewer, content: Content) -> None:
    t = viewer.t
    if content["too_few"]:
        parts.empty(viewer, "suggestions.public.too_few")
        return

    def shown(count: int | None) -> str:
        return t("consultations.public.mark") if count is None else viewer.number(count)

    order = content["outcomes"]
    lines = [
        (name_of(one["domains"], viewer.language), *(shown(one["counts"][o]) for o in order),
         shown(one["total"]))
        for one in content["lines"]
    ]  # fmt: skip
    totals = (shown(content["totals"][name]) for name in order)
    lines.append((t("suggestions.all"), *totals, shown(content["total"])))
    heads = [t("suggestions.public.domain"),
             *(t(f"suggestions.outcome.{name}") for name in (*order, "total"))]  # fmt: skip
    parts.table(heads, lines, 1, stacks=True, about=("suggestions",))
    parts.note(t("suggestions.covered"))


def files(viewer: Viewer) -> None:
    """The published quarters as one CSV; noted in the log."""
    found = served.published(state.db(), viewer.scope)
    if not found:
        parts.note(viewer.t("suggestions.page.none_over"))
        return
    span = quarter_of(found[0][0].quarter)

    def made() -> bytes:
        write_export(state.db(), viewer.scope, "suggestions.csv")
        return to_csv([content for _, content in found])

    st.download_button(
        viewer.t("suggestions.page.download"), made, f"suggestions-{span.name}.csv", "text/csv",
        key="suggestion_csv", on_click="ignore",
    )  # fmt: skip
    parts.note(viewer.t("suggestions.page.exported"))
