"""Supervision on screen: what every part of it shares; notices, demonstration townships."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.audit import write_export
from data.checklist import STANDARD
from reports.figures_book import Cell, Sheet, book
from reports.leaving import leaving
from reports.monthly_page import HIDDEN
from reports.rates import Rate
from service import supervision as served
from service.supervision import Notice
from settings import ROOT

from . import address, assign, assignments, badges, kept, lists, load, parts, state
from .guard import Viewer
from .indicators import XLSX
from .listing import Column, Listing

TABS = ("notices", "inspection", "evaluation", "demonstration")


def choose(viewer: Viewer) -> tuple[int, str]:
    """Year and part; the newest year with a settled month comes first."""
    opened = load.figures(viewer).cases["opened_at"]
    first = opened.min().year if len(opened) else viewer.today.year
    years = list(range(viewer.today.year, first - 1, -1))
    usual = next((y for y in years if served.span_of_year(state.db(), y, viewer.as_of)), years[0])
    left, right = st.columns([1, 3])
    year = address.one(
        left.selectbox, viewer.t("supervision.year"), years, name="year",
        key="supervision_year", usual=usual,
    )  # fmt: skip
    tab = address.one(
        right.segmented_control, viewer.t("supervision.view"), TABS, name="tab",
        key="supervision_tab", usual=TABS[0], required=True,
        format_func=lambda one: viewer.t(f"supervision.tab.{one}"),
    )  # fmt: skip
    return year, tab


def rates(viewer: Viewer, year: int) -> dict[str, dict[str, Rate]]:
    """Every body's figures of a year; says of which months they are."""
    span = served.span_of_year(state.db(), year, viewer.as_of)
    if span is None:
        parts.note(viewer.t("supervision.no_months", year=year))
        return {}
    first, last = viewer.day(span.first), viewer.day(span.last)
    parts.note(viewer.t("supervision.months", first=first, last=last))
    return _rates(viewer, year)


@kept.county
def _rates(viewer: Viewer, year: int) -> dict[str, dict[str, Rate]]:
    now = load.figures(viewer)
    return served.rates_of_year(state.db(), viewer.scope, now, year, viewer.as_of)


def name_of(viewer: Viewer, body_id: str) -> str:
    """A body's name in the viewer's language."""
    return str(load.body_names(viewer).get(body_id, body_id))


def download(
    viewer: Viewer, label: str, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]],
    notes: Sequence[str],
) -> None:  # fmt: skip
    """A table as a workbook: shares as `out` gives them; the download is noted."""
    file = f"{name}.xlsx"
    st.download_button(
        label, partial(_file, viewer, file, name, heads, rows, notes), file, XLSX,
        key="supervision_xlsx", on_click="ignore",
    )  # fmt: skip


def _file(
    viewer: Viewer, file: str, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]],
    notes: Sequence[str],
) -> bytes:  # fmt: skip
    write_export(state.db(), viewer.scope, file)
    said = [viewer.t("figures.demo"), *notes] if viewer.county.is_demo else list(notes)
    cells: list[list[Cell]] = [list(row) for row in rows]
    return book([Sheet(name, said, heads, cells)])


def out(viewer: Viewer, rate: Rate | None) -> str:
    """A share as it stands in a file: whole percents without a count, or covered."""
    share = leaving(rate)
    return HIDDEN if share is None else viewer.percent(share, 0)


def notices(viewer: Viewer, year: int) -> None:
    """Notices with their days and answers; a supervisor sends one from here."""
    t = viewer.t
    may_send = viewer.scope.role == "supervisor" and not viewer.is_earlier
    if may_send:
        with st.expander(t("supervision.notice.make"), key="assign_expander"):
            assign.about_a_subject(viewer)
    at = viewer.as_of if viewer.is_earlier else state.db().now()
    found = served.notices(state.db(), viewer.scope, year, at)
    if not found:
        key = "empty_how" if may_send and year == viewer.today.year else "empty"
        parts.empty(viewer, f"supervision.notice.{key}", year=year)
        return
    assignments.lead(lists.draw(viewer, _notices(viewer, found)))
    if viewer.scope.role == "supervisor":
        st.page_link(
            (ROOT / "pages" / "assignments").with_suffix(".py"),
            label=t("supervision.notice.to_all"),
        )
    st.header(t("supervision.notice.by_body"), anchor=False)
    kept = [
        [name_of(viewer, body), parts.rate_text(viewer, rate), parts.rate_note(viewer, rate)]
        for body, rate in served.kept(found).items()
    ]
    parts.table([t(f"supervision.notice.{one}") for one in ("body", "kept", "of")], kept,
                about=("notice_kept",))  # fmt: skip


def _notices(viewer: Viewer, found: tuple[Notice, ...]) -> Listing:
    t, in_time = viewer.t, {True: "yes", False: "no", None: "open"}

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"supervision.notice.{name}"), pd.Series(values), **more)

    columns = (
        column(
            "body", [one.body_id for one in found], is_cut=True,
            word=lambda one: name_of(viewer, one),
        ),
        column(
            "subject", [one.subject for one in found], is_cut=True,
            word=lambda one: t(f"assignments.subject.{one}"),
        ),
        column(
            "step", [one.step for one in found], word=lambda one: t(f"assignments.step.{one}")
        ),
        column("asked_on", [pd.Timestamp(one.asked_on) for one in found], kind="day"),
        column("due_on", [pd.Timestamp(one.due_on) for one in found], kind="day"),
        column(
            "state", [one.state for one in found], is_cut=True,
            word=lambda one: badges.text(viewer, "assignment", one),
        ),
        column(
            "in_time", [in_time[one.in_time] for one in found], is_cut=True,
            word=lambda one: t(f"supervision.notice.{one}"),
        ),
    )  # fmt: skip
    ids = pd.Series([one.assignment_id for one in found])
    # the inspection beside it chooses a body, too
    return Listing(
        "notices", ids, columns, prefix="notice_",
        link=lambda number: assignments.link(viewer, number),
    )  # fmt: skip


def demonstration(viewer: Viewer, year: int) -> None:
    """The township offices by the standard: four figures, in order of their ids."""
    t = viewer.t
    parts.note(t("supervision.demo.rule"))
    of = served.standard(state.db(), viewer.scope)
    limits = t("campaigns.and").join(
        t(
            f"supervision.demo.{STANDARD[name]}",
            name=t(f"supervision.figure.{name}"), share=viewer.percent(value, 0),
        )
        for name, value in of.limits.items()
    )  # fmt: skip
    said = t("supervision.demo.limits", limits=limits, source=of.source[viewer.language])
    parts.note(said)
    found = served.townships_judged(state.db(), viewer.scope, rates(viewer, year))
    if not found:
        parts.empty(viewer, "supervision.demo.empty")
        return
    rows = [
        [
            name_of(viewer, one.body_id), badges.badge(viewer, "standard", one.state),
            *(_rate(viewer, one.rates[name]) for name in STANDARD),
        ]
        for one in found
    ]  # fmt: skip
    heads = [t("supervision.demo.body"), t("supervision.demo.state")]
    heads += [t(f"supervision.figure.{name}") for name in STANDARD]
    parts.table(heads, rows, numbers_from=2, stacks=True, about=STANDARD)
    name = t("supervision.demo.file", year=year)
    filed = [
        [
            name_of(viewer, one.body_id), badges.word(viewer, "standard", one.state),
            *(out(viewer, one.rates[name]) for name in STANDARD),
        ]
        for one in found
    ]  # fmt: skip
    download(viewer, t("supervision.demo.button"), name, heads, filed,
             [t("supervision.demo.rule"), said, t("supervision.in_files")])  # fmt: skip


def _rate(viewer: Viewer, rate: Rate) -> str:
    """A share with what it is of; n<10 alone below ten."""
    text = parts.rate_text(viewer, rate)
    if rate.share is None or rate.is_small:
        return text
    return f"{text} ({parts.rate_note(viewer, rate)})"
