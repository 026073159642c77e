"""Answers that did not hold, on screen: the list, one answer with its looks back, the lessons."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

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

from . import indicators, load, parts, state
from .assignments import moment
from .backlog import category_names
from .guard import Viewer

_LAST = "held_last"
"""Session key: case and moment of the answer looked back at last, and how many were."""


def read(viewer: Viewer) -> tuple[Row, ...]:
    """The answers that came back within this viewer's reach."""
    return served.listed(state.db(), viewer.scope, moment(viewer))


def choose_list(viewer: Viewer, rows: tuple[Row, ...]) -> tuple[str, tuple[Row, ...]]:
    """The list chosen by its name, with its rows; preset: the own work, where there is any."""
    counts = {name: sum(row.waits_for == name for row in rows) for name in LISTS}
    own = "second" if viewer.scope.role == "supervisor" else "first"
    usual = next((name for name in (own, *LISTS) if counts[name]), own)
    name = st.segmented_control(
        viewer.t("backlog.held.filter"), LISTS, key="held_filter", default=usual,
        format_func=lambda n: f"{viewer.t(f'backlog.held.{n}')} {viewer.number(counts[n])}",
    ) or usual  # fmt: skip
    return name, tuple(row for row in rows if row.waits_for == name)


def pick(viewer: Viewer, rows: tuple[Row, ...], name: str) -> Row | None:
    """Draw the list; the answer that was picked, None while none is."""
    bodies, categories, zone = load.body_names(viewer), category_names(viewer), _zone(viewer)
    table = pd.DataFrame(
        [
            {
                "case_id": row.answer.case_id,
                "by": viewer.t(f"backlog.by.{row.answer.by}"),
                "back_on": row.answer.back_at.astimezone(zone).date(),
                "answered_on": row.answer.answered_at.astimezone(zone).date(),
                "category": categories.get(row.answer.category, row.answer.category),
                "body": str(bodies.get(row.answer.body_id, row.answer.body_id)),
            }
            for row in rows
        ]
    )
    if viewer.scope.role != "supervisor":
        table = table.drop(columns="body")
    heads = {column: viewer.t(f"backlog.held.{column}") for column in table}
    config = {column: st.column_config.Column(head) for column, head in heads.items()}
    for column in ("back_on", "answered_on"):
        config[column] = st.column_config.DateColumn(heads[column], format="YYYY-MM-DD")
    st.caption(viewer.t("backlog.held.pick"))
    chosen = st.dataframe(
        table, hide_index=True, column_config=config, on_select="rerun",
        selection_mode="single-row", height=min(420, 38 + 35 * len(table)),
        key=f"held_table_{name}_{st.session_state.get(_LAST, (None, 0))[1]}",
    ).selection.rows  # fmt: skip
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else None


def last(rows: tuple[Row, ...]) -> Row | None:
    """The answer looked back at last, which stays in sight though it left its list; else None."""
    which = st.session_state.get(_LAST, (None, 0))[0]
    return next((r for r in rows if (r.answer.case_id, r.answer.answered_at) == which), None)


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
            count = st.session_state.get(_LAST, (None, 0))[1]
            st.session_state[_LAST] = ((one.case_id, one.answered_at), count + 1)
            parts.say_after_rerun(t("backlog.held.saved"))


def lessons(viewer: Viewer) -> None:
    """What is learnt, of the county or a category with ten answers; and the file."""
    names = {COUNTY: viewer.t("backlog.lessons.all"), **category_names(viewer)}
    order = [name for name in names if name != COUNTY]
    found = served.learnt(state.db(), viewer.scope, moment(viewer), order)
    st.subheader(viewer.t("backlog.lessons.title"), anchor=False)
    parts.note(viewer.t("backlog.lessons.how"))
    if not found.told:
        parts.empty(viewer, "backlog.lessons.none")
        return
    category = st.selectbox(
        viewer.t("backlog.lessons.category"), found.told, key="held_category",
        format_func=lambda c: names.get(c, c),
    ) or found.told[0]  # fmt: skip
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
        indicators.XLSX, key="lessons_xlsx", on_click="ignore",
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
