"""The yearly inspection and evaluations from outside on screen, beside our own figures."""

from __future__ import annotations

import streamlit as st

from data import evaluations as held
from data import inspections
from data.errors import DataError
from data.evaluations import Evaluated
from data.inspections import NewMark
from data.vocabulary import (
    EVALUATION_MEASURES,
    EVALUATION_METHODS,
    EVALUATORS,
    INSPECTION_MARKS,
    ROSTER_POSTS,
)
from reports.evaluations import OURS, Beside
from reports.rates import Rate
from service import evaluations as imported
from service import supervision as served
from service.sweeps import today_of

from . import address, kept, load, parts, state
from .guard import Viewer
from .supervision import download, name_of, out, rates

TYPES = ["csv", "xlsx"]


def show(viewer: Viewer, year: int) -> None:
    """One body's checklist: each item with our own figure, the mark, when and by which post."""
    t = viewer.t
    bodies = load.body_names(viewer)
    if bodies.empty:
        parts.empty(viewer, "supervision.demo.empty")
        return
    body = address.one(
        st.selectbox, t("supervision.inspection.body"), bodies.index, name="body",
        key="inspection_body", usual=str(bodies.index[0]),
        format_func=lambda one: str(bodies[one]),
    )  # fmt: skip
    own = rates(viewer, year).get(body, {})
    listed = served.checklist(state.db(), viewer.scope)
    as_of = viewer.as_of if viewer.is_earlier else None
    marks = inspections.read(state.db(), viewer.scope, year, as_of)
    found = {one.item_id: marks.get((body, one.item_id)) for one in listed.items}
    if not any(found.values()):
        parts.empty(viewer, "supervision.inspection.empty", year=year)
    else:
        done = sum(one is not None for one in found.values())
        parts.note(t("supervision.inspection.counts", all=len(found), done=done))
    rows, filed = [], []
    for item in listed.items:
        rate, mark = own.get(item.figure or "", Rate(0, 0)), found[item.item_id]
        figure = of = "—"
        if item.figure:
            share, of = parts.rate_text(viewer, rate), parts.rate_note(viewer, rate)
            figure = f"{t(f'supervision.figure.{item.figure}')} {share}"
        rows.append(
            [
                item.names[viewer.language],
                t(f"supervision.mark.{mark.mark}") if mark else t("supervision.inspection.not_yet"),
                _done(viewer, mark), figure, "—" if rate.is_small else of,
                t(f"supervision.evidence.{item.evidence}") if item.evidence else "—",
                item.source[viewer.language],
            ]
        )  # fmt: skip
        filed.append(list(rows[-1]))
        if item.figure:
            filed[-1][3] = f"{t(f'supervision.figure.{item.figure}')} {out(viewer, rate)}"
        del filed[-1][4]
    columns = ("item", "mark", "done", "figure", "of", "evidence", "source")
    heads = [t(f"supervision.inspection.{one}") for one in columns]
    about = [item.figure for item in listed.items if item.figure]
    parts.table(heads, rows, numbers_from=len(heads), stacks=True, about=about)
    name = t("supervision.inspection.file", year=year, body=name_of(viewer, body))
    download(viewer, t("supervision.inspection.button"), name, [*heads[:4], *heads[5:]], filed,
             [t("supervision.rule"), t("supervision.in_files")])  # fmt: skip
    if viewer.is_earlier:
        parts.note(t("supervision.earlier"))
    elif viewer.scope.role == "supervisor":
        _form(viewer, year, body, {item.item_id: item.names for item in listed.items})


def _done(viewer: Viewer, mark: NewMark | None) -> str:
    if mark is None:
        return "—"
    return f"{viewer.day(mark.done_on)} · {viewer.t(f'roster.post.{mark.post}')}"


def _form(viewer: Viewer, year: int, body: str, items: dict[str, dict[str, str]]) -> None:
    t = viewer.t
    with st.expander(t("supervision.inspection.add"), key="inspection_expander"):
        item = st.selectbox(
            t("supervision.inspection.which"), list(items), key="inspection_item",
            format_func=lambda one: items[one][viewer.language],
        )  # fmt: skip
        mark = st.radio(
            t("supervision.inspection.mark"), INSPECTION_MARKS, key="inspection_mark",
            horizontal=True, format_func=lambda one: t(f"supervision.mark.{one}"),
        )  # fmt: skip
        left, right = st.columns(2)
        day = left.date_input(
            t("supervision.inspection.day"), today_of(state.db()), key="inspection_day",
            format="YYYY-MM-DD",
        )  # fmt: skip
        post = right.selectbox(
            t("supervision.inspection.post"), ROSTER_POSTS, ROSTER_POSTS.index("office_head"),
            key="inspection_post", format_func=lambda one: t(f"roster.post.{one}"),
        )  # fmt: skip
        if st.button(t("supervision.inspection.save"), type="primary", key="inspection_save"):
            with parts.told(viewer):
                new = NewMark(year, body, item, mark, day, post)
                served.mark(state.db(), viewer.scope, new)
                parts.say_after_rerun(t("supervision.inspection.saved"))


def evaluations(viewer: Viewer, year: int) -> None:
    """Results from outside beside ours, with how to read the difference; a table is imported."""
    t = viewer.t
    if viewer.scope.role == "supervisor" and not viewer.is_earlier:
        _import(viewer)
    as_of = viewer.as_of if viewer.is_earlier else None
    rows_of = held.read(state.db(), viewer.scope, year, as_of)
    found = _found(viewer, year, rows_of)
    if not found:
        parts.empty(viewer, "supervision.evaluation.empty", year=year)
        return
    columns = ("body", "measure", "who", "theirs", "base", "ours", "ours_of", "why")
    heads = [t(f"supervision.evaluation.{one}") for one in columns]
    rows = [_beside(viewer, one) for one in found]
    about = ("evaluation", *OURS.values())
    parts.table(heads, rows, numbers_from=len(heads), stacks=True, about=about)
    filed = [
        [*row[:5], out(viewer, one.ours), row[7]] for row, one in zip(rows, found, strict=True)
    ]
    download(viewer, t("supervision.evaluation.button"),
             t("supervision.evaluation.file", year=year), [*heads[:6], heads[7]], filed,
             [t("supervision.rule"), t("supervision.in_files")])  # fmt: skip


@kept.county
def _found(viewer: Viewer, year: int, rows_of: tuple[Evaluated, ...]) -> tuple[Beside, ...]:
    now = load.figures(viewer)
    return served.evaluated(state.db(), viewer.scope, now, year, viewer.as_of, rows_of)


def _beside(viewer: Viewer, one: Beside) -> list[str]:
    t = viewer.t
    who = f"{t(f'supervision.evaluator.{one.evaluator}')} · {t(f'supervision.method.{one.method}')}"
    is_small = one.theirs is None
    return [
        name_of(viewer, one.body_id), t(f"supervision.measure.{one.measure}"), who,
        t("ui.rate.small") if is_small else viewer.percent(one.theirs),
        t("ui.rate.small") if is_small else viewer.number(one.base),
        "—" if one.ours is None else viewer.percent(one.ours.share),
        "—" if one.ours is None else parts.rate_note(viewer, one.ours),
        t(f"supervision.why.{one.why}"),
    ]  # fmt: skip


def _import(viewer: Viewer) -> None:
    t = viewer.t

    def named(kind: str, words: tuple[str, ...]) -> str:
        return " · ".join(t(f"supervision.{kind}.{word}") for word in words)

    with st.expander(t("supervision.evaluation.import"), key="evaluation_expander"):
        parts.note(
            t(
                "supervision.evaluation.how", columns=named("column", imported.COLUMNS),
                evaluators=named("evaluator", EVALUATORS),
                measures=named("measure", EVALUATION_MEASURES),
                methods=named("method", EVALUATION_METHODS),
            )
        )  # fmt: skip
        file = st.file_uploader(
            t("supervision.evaluation.upload"), type=TYPES, key="evaluation_file"
        )
        if file is None or not st.button(t("supervision.evaluation.load"), key="evaluation_load"):
            return
        try:
            count = imported.load(state.db(), viewer.scope, file.getvalue(), file.name)
        except DataError as err:
            st.error(err.text(viewer.language))
            parts.lines(
                " · ".join(
                    x
                    for x in (
                        t("supervision.evaluation.row", row=one.row) if one.row else "",
                        t(f"supervision.column.{one.column}") if one.column else "",
                        one.text(viewer.language),
                    )
                    if x
                )
                for one in err.problems
            )
            return
        parts.say_after_rerun(t("supervision.evaluation.loaded", count=count))
