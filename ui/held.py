"""Answers that did not hold, on screen: the list, one answer with its looks back, the lessons."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import streamlit as st

from data import answer_reviews
from data.audit import write_export
from data.errors import NotAllowed, ProjectError
from data.planned import Review
from data.vocabulary import ANSWER_HANDLED, CAME_BACK_BECAUSE
from reports.figures_book import Cell, Sheet, book
from reports.lessons import REASONS, Lessons, covered
from reports.monthly import COUNTY
from reports.monthly_page import HIDDEN
from service import held as served
from service.held import LISTS, Row
from settings import ROOT

from . import address, lists, load, parts, state
from .assignments import moment
from .backlog import category_names
from .chart import XLSX
from .guard import Viewer
from .listing import Column, Listing


def read(viewer: Viewer) -> tuple[Row, ...]:
    """The answers that came back within this viewer's reach."""
    return served.listed(state.db(), viewer.scope, moment(viewer))


def listing(viewer: Viewer, rows: tuple[Row, ...]) -> Listing:
    """The answers that came back, as lists; preset: the own work, where there is any. Neither
    ordered nor cut by what their askers did."""
    bodies, categories, zone = load.body_names(viewer), category_names(viewer), _zone(viewer)
    masks = {name: np.array([row.waits_for == name for row in rows], dtype=bool) for name in LISTS}
    own = "second" if viewer.scope.role == "supervisor" else "first"
    answers = [row.answer for row in rows]

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, viewer.t(f"backlog.held.{name}"), pd.Series(values), **more)

    def local(at: dt.datetime) -> pd.Timestamp:
        return pd.Timestamp(at.astimezone(zone).date())

    columns = [
        column("case_id", [one.case_id for one in answers], is_found=True),
        column(
            "by", [one.by for one in answers], is_sorted=False,
            word=lambda by: viewer.t(f"backlog.by.{by}"),
        ),
        column("back_on", [local(one.back_at) for one in answers], kind="day"),
        column("answered_on", [local(one.answered_at) for one in answers], kind="day"),
        column(
            "category", [one.category for one in answers],
            word=lambda name: categories.get(name, name),
        ),
        column(
            "body", [one.body_id for one in answers], is_cut=True,
            word=lambda body: str(bodies.get(body, body)),
        ),
    ]  # fmt: skip
    if viewer.scope.role != "supervisor":
        columns.pop()

    def named(name: str) -> str:
        return f"{viewer.t(f'backlog.held.{name}')} {viewer.number(int(masks[name].sum()))}"

    return Listing(
        "held", pd.Series([_id(row) for row in rows]), tuple(columns), masks, named,
        preset=next((name for name in (own, *LISTS) if masks[name].any()), own),
        link=lambda one: lists.open_link(viewer, one),
    )  # fmt: skip


def _id(row: Row) -> str:
    """Which answer of which case."""
    return f"{row.answer.case_id}.{int(row.answer.answered_at.timestamp() * 1e6)}"


def one_of(rows: tuple[Row, ...], which: str | None) -> Row | None:
    """The answer of this id, which stays in sight though it left its list; None = none."""
    return next((row for row in rows if _id(row) == which), None)


def show(viewer: Viewer, row: Row) -> None:
    """One answer that came back: when and how, what was said of it, and the viewer's own look."""
    one, t = row.answer, viewer.t
    body = str(load.body_names(viewer).get(one.body_id, one.body_id))
    facts = " · ".join(
        (one.case_id, category_names(viewer).get(one.category, one.category), body,
         f"{t('backlog.held.answered_on')} {viewer.moment(one.answered_at)}",
         f"{t(f'backlog.by.{one.by}')} {viewer.moment(one.back_at)}")
    )  # fmt: skip
    parts.lines([facts, *(_said(viewer, review, body) for review in (row.first, row.second)
                          if review is not None)])  # fmt: skip
    if not viewer.is_earlier:
        _own_look(viewer, row)
    if viewer.scope.role == "supervisor":
        st.page_link(
            ROOT / "pages" / "case.py", label=t("backlog.held.to_case"),
            query_params={"case": one.case_id},
        )  # fmt: skip


def _said(viewer: Viewer, review: Review, body: str) -> str:
    kind = viewer.t(f"backlog.held.kind_{review.kind}", body=body, at=viewer.moment(review.at))
    handled = viewer.t(f"backlog.handled.{review.handled}")
    came_back = viewer.t(f"backlog.came_back.{review.came_back}")
    return f"{kind} · {viewer.t('backlog.held.said', handled=handled, came_back=came_back)}"


def _own_look(viewer: Viewer, row: Row) -> None:
    is_second = viewer.scope.role == "supervisor"
    if is_second and row.first is None:
        parts.note(viewer.t("backlog.held.wait"))
        return
    own = row.own(viewer.scope.role)
    key = "correct" if own else f"write_{'second' if is_second else 'first'}"
    with st.expander(viewer.t(f"backlog.held.{key}"), expanded=own is None):
        _form(viewer, row, own)


def _form(viewer: Viewer, row: Row, own: Review | None) -> None:
    """Two words from two lists; what is refused keeps what was chosen."""
    one, t = row.answer, viewer.t
    tag = f"{one.case_id}_{one.answered_at:%Y%m%d%H%M%S}_{own.review_id if own else ''}"

    def choose(name: str, words: tuple[str, ...]) -> str | None:
        before = getattr(own, name) if own else None
        return st.selectbox(
            t(f"backlog.held.{name}"), words, key=f"held_{name}_{tag}",
            index=words.index(before) if before else None, placeholder=t("backlog.held.choose"),
            format_func=lambda word: t(f"backlog.{name}.{word}"),
        )  # fmt: skip

    with st.form(f"held_form_{tag}", enter_to_submit=False):
        parts.note(t("backlog.held.shown"))
        handled = choose("handled", ANSWER_HANDLED)
        came_back = choose("came_back", CAME_BACK_BECAUSE)
        if st.form_submit_button(t("backlog.held.save"), type="primary"):
            try:
                if handled is None or came_back is None:
                    raise NotAllowed("backlog.error.choose_both")
                answer_reviews.review(
                    state.db(), viewer.scope, one.case_id, one.answered_at, handled, came_back,
                    own.review_id if own else None,
                )  # fmt: skip
            except ProjectError as err:
                parts.failure(err)
                return
            parts.say_after_rerun(t("backlog.held.saved"))


def lessons(viewer: Viewer) -> None:
    """What is learnt, of the county or a category with ten answers; and the file."""
    names = {COUNTY: viewer.t("backlog.lessons.all"), **category_names(viewer)}
    order = [name for name in names if name != COUNTY]
    found = served.learnt(state.db(), viewer.scope, moment(viewer), order)
    st.header(viewer.t("backlog.lessons.title"), anchor=False)
    parts.note(viewer.t("backlog.lessons.how"))
    if not found.told:
        parts.empty(viewer, "backlog.lessons.none")
        return
    category = address.one(
        st.selectbox, viewer.t("backlog.lessons.category"), found.told, name="category",
        key="held_category", usual=found.told[0], format_func=lambda c: names.get(c, c),
    )  # fmt: skip
    reviewed = int(found.counts["handled"].loc[category, "reviewed"])
    second = viewer.number(int(found.second[category]))
    parts.note(viewer.t("backlog.lessons.count", count=viewer.number(reviewed), second=second))
    if found.fewer_count:
        parts.note(viewer.t("backlog.lessons.fewer", count=viewer.number(found.fewer_count)))
    for box, name in zip(st.columns(2, gap="large"), REASONS, strict=True):
        with box:
            _words(viewer, found, name, category)
    _download(viewer, found)


def _words(viewer: Viewer, found: Lessons, name: str, category: str) -> None:
    heads = [viewer.t(f"backlog.lessons.{head}") for head in (name, "number", "share")]
    rows = [
        (viewer.t(f"backlog.{name}.{word}"), viewer.number(int(count)), viewer.percent(share))
        for word, count, share in found.of(name, category).itertuples()
    ]
    parts.table(heads, rows, about=("lessons",))


def _zone(viewer: Viewer) -> ZoneInfo:
    return ZoneInfo(viewer.county.zone)


def _download(viewer: Viewer, found: Lessons) -> None:
    name = f"lessons-{viewer.today}.xlsx"
    st.download_button(
        viewer.t("backlog.lessons.xlsx"), partial(_file, viewer, found, name), name,
        XLSX, key="lessons_xlsx", on_click="ignore",
    )  # fmt: skip
    parts.note(viewer.t("backlog.page.file_how"))


def _file(viewer: Viewer, found: Lessons, name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    return lessons_book(viewer, found)


def lessons_book(viewer: Viewer, found: Lessons) -> bytes:
    """A sheet per list: categories and their words, covered; categories without a case left out."""
    shown = covered(found)
    names = {COUNTY: viewer.t("backlog.lessons.all"), **category_names(viewer)}
    notes = [
        f"{viewer.county_name} · {viewer.day(viewer.today)}", viewer.t("backlog.lessons.how"),
        viewer.t("backlog.page.file_how"),
    ]  # fmt: skip
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    sheets = []
    for name, words in REASONS.items():
        heads = [viewer.t("backlog.lessons.category"), viewer.t("backlog.lessons.number")]
        heads += [viewer.t(f"backlog.{name}.{word}") for word in words]
        rows: list[list[Cell]] = []
        for category, line in found.counts[name].iterrows():
            if not line["reviewed"]:
                continue
            is_shown = str(category) in shown[name]
            cells: list[Cell] = [
                int(line[c]) if is_shown else HIDDEN for c in ("reviewed", *words)
            ]  # fmt: skip
            rows.append([names.get(str(category), str(category)), *cells])
        sheets.append(Sheet(viewer.t(f"backlog.lessons.{name}"), notes, heads, rows))
    return book(sheets)
