"""Campaigns on screen: the three lists, what became of each measure, figures before and within."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.audit import write_export
from data.campaigns import CLERKS, Campaign, Measure, NewMeasure
from data.vocabulary import (
    CAMPAIGN_FIGURES,
    CAMPAIGN_MEASURES,
    CAMPAIGN_RESULTS,
    ROSTER_POSTS,
)
from reports.figures_book import Cell, Sheet, book
from service import campaigns as served
from service.campaigns import Compared
from service.sweeps import today_of

from . import address, badges, kept, lists, load, parts, state
from .guard import Viewer
from .indicators import XLSX, count_text, names, value_text
from .listing import Column, Listing
from .supervision import out

Rows = tuple[list[str], list[list[str]]]


def is_clerk(viewer: Viewer) -> bool:
    """Whether the viewer's own body takes part (else all are shown)."""
    return viewer.scope.role in CLERKS


def name(viewer: Viewer, of: Campaign) -> str:
    """A campaign's name, made of its categories and year."""
    known = names(viewer, "category")
    kinds = viewer.t("campaigns.and").join(known.get(one, one) for one in of.categories)
    return viewer.t("campaigns.name", categories=kinds, year=of.begins_on.year)


def begin(viewer: Viewer) -> None:
    """Choose categories, bodies and days."""
    t, today = viewer.t, today_of(state.db())
    kinds, bodies = names(viewer, "category"), names(viewer, "body")
    with st.expander(t("campaigns.form.begin"), key="campaign_expander"):
        chosen = st.multiselect(
            t("campaigns.form.categories"), list(kinds), key="campaign_categories",
            format_func=lambda one: kinds.get(one, one), placeholder=t("campaigns.choose"),
        )  # fmt: skip
        picked = st.multiselect(
            t("campaigns.form.bodies"), list(bodies), key="campaign_bodies",
            format_func=lambda one: bodies.get(one, one), placeholder=t("campaigns.choose"),
        )  # fmt: skip
        left, right = st.columns(2)
        first = left.date_input(
            t("campaigns.form.first"), today, key="campaign_first", format="YYYY-MM-DD"
        )
        last = right.date_input(
            t("campaigns.form.last"), today + pd.Timedelta(days=89), key="campaign_last",
            format="YYYY-MM-DD",
        )  # fmt: skip
        if st.button(t("campaigns.form.do_begin"), type="primary", key="campaign_begin"):
            with parts.told(viewer):
                served.begin(
                    state.db(), viewer.scope, first, last, frozenset(chosen), frozenset(picked)
                )
                parts.say_after_rerun(t("campaigns.form.begun"))


def choose(viewer: Viewer, found: tuple[Campaign, ...]) -> Campaign:
    """The campaign that is looked at: the newest, or the one chosen."""
    by_id = {one.campaign_id: one for one in found}
    picked = next(iter(by_id))
    if len(found) > 1:
        picked = address.one(
            st.selectbox, viewer.t("campaigns.which"), by_id, name="campaign",
            key="campaign_which", usual=picked, format_func=lambda one: name(viewer, by_id[one]),
        )  # fmt: skip
    of = by_id[picked]
    st.header(name(viewer, of), anchor=False)
    span = viewer.t("campaigns.span", first=viewer.day(of.begins_on), last=viewer.day(of.ends_on))
    bodies = names(viewer, "body")
    parts.note(" · ".join([span, *(bodies.get(one, one) for one in of.bodies)]))
    return of


def measures(viewer: Viewer, of: Campaign) -> Measure | None:
    """The three lists as one: problem, measure and day, body and post, result; the measure that
    is open, None = none."""
    st.header(viewer.t("campaigns.list.title"), anchor=False)
    if not of.measures:
        parts.empty(viewer, "campaigns.no_measures")
        return None
    if is_clerk(viewer) and not viewer.is_earlier:
        parts.note(viewer.t("campaigns.list.pick"))
    picked = lists.opened(lists.draw(viewer, _listing(viewer, of)))
    return next((one for one in of.measures if one.measure_id == picked), None)


def _listing(viewer: Viewer, of: Campaign) -> Listing:
    t, bodies, kinds = viewer.t, names(viewer, "body"), names(viewer, "category")
    rows = of.measures

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"campaigns.list.{name}"), pd.Series(values), **more)

    def day(values: list[dt.date | None]) -> pd.Series:
        return pd.to_datetime(pd.Series(values, dtype="object"))

    columns = (
        column(
            "measure", [one.measure for one in rows], is_cut=True,
            word=lambda one: t(f"campaigns.measure.{one}"),
        ),
        column(
            "category", [one.category for one in rows], is_cut=True,
            word=lambda one: kinds.get(one, one),
        ),
        column(
            "figure", [one.figure for one in rows], is_cut=True,
            word=lambda one: t(f"campaigns.figure.{one}"),
        ),
        Column("due", t("campaigns.list.due"), day([one.due_on for one in rows]), kind="day"),
        column(
            "body", [one.body_id for one in rows], is_cut=True,
            word=lambda one: bodies.get(one, one),
        ),
        column(
            "post", [one.post for one in rows], is_cut=True,
            word=lambda one: t(f"roster.post.{one}"),
        ),
        column(
            "result", [served.state(one, viewer.today) for one in rows], is_cut=True,
            word=lambda one: badges.text(viewer, "campaign", one),
        ),
        Column(
            "done_on", t("campaigns.list.done_on"), day([one.done_on for one in rows]), kind="day"
        ),
    )  # fmt: skip
    return Listing(
        "campaign_measures", pd.Series([one.measure_id for one in rows]), columns,
        link=lambda one: lists.open_link(viewer, one, campaign=of.campaign_id),
    )  # fmt: skip


def _filed(viewer: Viewer, of: Campaign) -> Rows:
    """The three lists as they stand in a file."""
    t, bodies, kinds = viewer.t, names(viewer, "body"), names(viewer, "category")
    rows = [
        [
            kinds.get(one.category, one.category), t(f"campaigns.figure.{one.figure}"),
            t(f"campaigns.measure.{one.measure}"), viewer.day(one.due_on),
            bodies.get(one.body_id, one.body_id), t(f"roster.post.{one.post}"),
            badges.word(viewer, "campaign", served.state(one, viewer.today)),
            viewer.day(one.done_on) if one.done_on else "",
        ]
        for one in of.measures
    ]  # fmt: skip
    columns = ("category", "figure", "measure", "due", "body", "post", "result", "done_on")
    return [t(f"campaigns.list.{one}") for one in columns], rows


def add(viewer: Viewer, of: Campaign) -> None:
    """List a problem with its measure, its day and the post that is responsible."""
    t = viewer.t
    bodies, kinds = names(viewer, "body"), names(viewer, "category")

    def one_of(key: str, options: tuple[str, ...], label: Any) -> str:
        return str(
            st.selectbox(
                t(f"campaigns.form.{key}"), options, key=f"campaign_{key}", format_func=label
            )
        )

    with st.expander(t("campaigns.form.add"), key="campaign_add_expander"):
        body = one_of("body", of.bodies, lambda one: bodies.get(one, one))
        category = one_of("category", of.categories, lambda one: kinds.get(one, one))
        figure = one_of("figure", CAMPAIGN_FIGURES, lambda one: t(f"campaigns.figure.{one}"))
        measure = one_of("measure", CAMPAIGN_MEASURES, lambda one: t(f"campaigns.measure.{one}"))
        post = one_of("post", ROSTER_POSTS, lambda one: t(f"roster.post.{one}"))
        due_on = st.date_input(
            t("campaigns.form.due"), of.ends_on, key="campaign_due", format="YYYY-MM-DD"
        )
        if st.button(t("campaigns.form.do_add"), type="primary", key="campaign_add"):
            with parts.told(viewer):
                new = NewMeasure(body, category, figure, measure, post, due_on)
                served.add_measure(state.db(), viewer.scope, of.campaign_id, new)
                parts.say_after_rerun(t("campaigns.form.added"))


def result(viewer: Viewer, one: Measure) -> None:
    """Say what became of the measure that is open, where it is the own body's."""
    if one.body_id not in viewer.scope.bodies:
        return
    t = viewer.t
    with st.container(border=True):
        st.markdown(f"**{t(f'campaigns.measure.{one.measure}')} · {viewer.day(one.due_on)}**")
        said = st.radio(
            t("campaigns.form.result"), CAMPAIGN_RESULTS, horizontal=True,
            key=f"campaign_result_{one.measure_id}",
            format_func=lambda what: t(f"campaigns.result.{what}"),
        )  # fmt: skip
        if st.button(t("campaigns.form.do_result"), type="primary", key="campaign_say"):
            with parts.told(viewer):
                served.say_result(state.db(), viewer.scope, one.measure_id, said)
                parts.say_after_rerun(t("campaigns.form.said"))


def figures(viewer: Viewer, of: Campaign) -> None:
    """The figures before and within, and lists and figures as a workbook."""
    if not of.measures:
        return
    made = _compared(viewer, of)
    st.header(viewer.t("campaigns.figures.title"), anchor=False)
    parts.note(viewer.t("campaigns.figures.note"))
    heads, rows = _figures(viewer, made)
    about = [one.figure for one in made]
    parts.table(heads, rows, numbers_from=3, stacks=True, about=about)
    file = f"{viewer.t('campaigns.file.name', day=viewer.today.isoformat())}.xlsx"
    st.download_button(
        viewer.t("campaigns.file.button"), partial(_file, viewer, of, made, file), file, XLSX,
        key="campaign_xlsx", on_click="ignore",
    )  # fmt: skip


@kept.county
def _compared(viewer: Viewer, of: Campaign) -> tuple[Compared, ...]:
    now = load.figures(viewer)
    return served.compared(state.db(), viewer.scope, now, of, viewer.as_of, viewer.today)


def _figures(viewer: Viewer, made: tuple[Compared, ...]) -> Rows:
    t, bodies, kinds = viewer.t, names(viewer, "body"), names(viewer, "category")
    rows = []
    for one in made:
        row = [
            bodies.get(one.body_id, one.body_id), kinds.get(one.category, one.category),
            t(f"campaigns.figure.{one.figure}"),
        ]  # fmt: skip
        for line in (one.before, one.within):
            row += (
                [t("campaigns.figures.not_yet"), "—"]
                if line is None
                else [value_text(viewer, line), count_text(viewer, line)]
            )
        rows.append(row)
    columns = ("body", "category", "figure", "before", "before_of", "within", "within_of")
    return [t(f"campaigns.figures.{one}") for one in columns], rows


def _leaving(viewer: Viewer, made: tuple[Compared, ...]) -> Rows:
    """The figures as they stand in a file: whole percents without a count, or covered."""
    heads, rows = _figures(viewer, made)
    filed = []
    for row, one in zip(rows, made, strict=True):
        within = row[5] if one.within is None else out(viewer, one.within.rate)
        filed.append([*row[:3], out(viewer, one.before.rate), within])
    return [*heads[:4], heads[5]], filed


def _file(viewer: Viewer, of: Campaign, made: tuple[Compared, ...], file: str) -> bytes:
    write_export(state.db(), viewer.scope, file)
    notes = [name(viewer, of), viewer.t("campaigns.rule"), viewer.t("supervision.in_files")]
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    sheets = []
    for title, (heads, rows) in (
        ("campaigns.list.title", _filed(viewer, of)),
        ("campaigns.figures.title", _leaving(viewer, made)),
    ):
        cells: list[list[Cell]] = [list(row) for row in rows]
        sheets.append(Sheet(viewer.t(title), notes, heads, cells))
    return book(sheets)
