"""Sweeps on screen: a body's own list with its findings; for those who see no case the figures."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from casework.sweeps import FINDING_STEPS
from data.audit import write_export
from data.errors import ProjectError
from data.sweeps import CLERKS, Sweep, of_case
from data.vocabulary import SWEEP_FINDINGS, SWEEP_KINDS
from reports.figures_book import Cell, Sheet, book
from reports.sweeps import SweepLine
from service import sweeps as served
from service.sweeps import Listed
from settings import ROOT

from . import address, badges, lists, load, parts, state
from .assignments import moment
from .guard import Viewer
from .indicators import XLSX
from .listing import Column, Listing
from .supervision import out


def is_clerk(viewer: Viewer) -> bool:
    """Whether the viewer's own body sweeps (else the figures of all are shown)."""
    return viewer.scope.role in CLERKS


def begin(viewer: Viewer) -> None:
    """Choose a kind and a last day; everything of the kind goes on the list."""
    t, names = viewer.t, load.body_names(viewer)
    with st.expander(t("sweeps.form.begin"), key="sweep_expander"):
        bodies = sorted(viewer.scope.bodies)
        body = bodies[0]
        if len(bodies) > 1:
            body = st.selectbox(
                t("sweeps.form.body"), bodies, key="sweep_body",
                format_func=lambda one: str(names.get(one, one)),
            )  # fmt: skip
        counts = {k: len(v) for k, v in served.lists(state.db(), viewer.scope, body).items()}
        if not any(counts.values()):
            parts.empty(viewer, "sweeps.nothing")
            return
        kind = st.radio(
            t("sweeps.form.kind"), SWEEP_KINDS, key="sweep_kind",
            format_func=lambda one: f"{t(f'sweeps.kind.{one}')} {viewer.number(counts[one])}",
        )  # fmt: skip
        today = served.today_of(state.db())
        until = st.date_input(
            t("sweeps.form.until"), today + pd.Timedelta(days=14), key="sweep_until",
            format="YYYY-MM-DD",
        )  # fmt: skip
        if st.button(t("sweeps.form.do_begin"), type="primary", key="sweep_begin"):
            with parts.told(viewer):
                served.begin(state.db(), viewer.scope, body, kind, until)
                parts.say_after_rerun(t("sweeps.form.begun", count=counts[kind]))


def choose(viewer: Viewer, found: tuple[Sweep, ...]) -> Sweep:
    """The sweep that is looked at: the newest, or the one chosen."""
    if len(found) == 1:
        return found[0]
    told = {one.sweep_id: one for one in found}
    picked = address.one(
        st.selectbox, viewer.t("sweeps.form.which"), told, name="sweep", key="sweep_which",
        usual=next(iter(told)), format_func=lambda one: _name(viewer, told[one]),
    )  # fmt: skip
    return told[picked]


def _name(viewer: Viewer, of: Sweep) -> str:
    begun_on = served.line_of(state.db(), of, viewer.as_of).begun_on
    kind = viewer.t(f"sweeps.kind.{of.kind}")
    return viewer.t("sweeps.batch.name", kind=kind, day=viewer.day(begun_on))


def show(viewer: Viewer, of: Sweep) -> None:
    """One sweep of the own body: its figures, its list, the form of the case that was picked."""
    at = moment(viewer)
    line = served.line_of(state.db(), of, at)
    looked, total = line.coverage.numerator, line.coverage.denominator
    today = viewer.today if viewer.is_earlier else served.today_of(state.db())
    left = (of.until - today).days
    t = viewer.t
    until_note = t("sweeps.figure.until_left", days=left) if left >= 0 else t(
        "sweeps.figure.until_over"
    )  # fmt: skip
    note = t("sweeps.figure.coverage_note", looked=viewer.number(looked), all=viewer.number(total))
    parts.figures_row(
        [
            parts.Figure(
                t("sweeps.figure.coverage"),
                viewer.percent(line.coverage.share),
                note,
                "sweep_coverage",
            ),
            parts.rate_figure(viewer, t("sweeps.figure.kept"), line.kept, "sweep_kept"),
            parts.Figure(t("sweeps.figure.until"), viewer.day(of.until), until_note),
        ]
    )
    rows = served.listed(state.db(), of, at)
    if not rows:
        parts.empty(viewer, "sweeps.empty_list")
        return
    st.header(t("sweeps.title.list"), anchor=False)
    if viewer.is_earlier:
        parts.note(t("sweeps.earlier"))
    elif left >= 0:
        st.caption(t("sweeps.form.pick"))
    case_id = lists.opened(lists.draw(viewer, _listing(viewer, of, rows)))
    picked = next((row for row in rows if row.case_id == case_id), None)
    if picked is not None and not viewer.is_earlier and left >= 0:
        _form(viewer, of, picked)


def _listing(viewer: Viewer, of: Sweep, rows: tuple[Listed, ...]) -> Listing:
    """The sweep's cases: those not looked at yet first, in the order of the log."""
    t, findings = viewer.t, [row.finding for row in rows]
    done = np.array([one is not None for one in findings], dtype=bool)
    masks = {"not_yet": ~done, "done": done}

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"sweeps.list.{name}"), pd.Series(values, dtype="object"), **more)

    due = pd.to_datetime(pd.Series([one.due_on if one else None for one in findings]))
    columns = (
        column("case", [row.case_id for row in rows], is_found=True),
        column(
            "finding", [one.finding if one else None for one in findings], is_cut=True,
            word=lambda finding: t(f"sweeps.finding.{finding}"),
        ),
        column(
            "step", [one.step if one else None for one in findings], is_cut=True,
            word=lambda step: t(f"assignments.step.{step}"),
        ),
        Column("due_on", t("sweeps.list.due_on"), due, kind="day"),
        column(
            "state", [row.state or None for row in rows], is_cut=True,
            word=lambda now: badges.text(viewer, "sweep", now),
        ),
    )  # fmt: skip

    def named(name: str) -> str:
        return f"{t(f'sweeps.list.{name}')} {viewer.number(int(masks[name].sum()))}"

    return Listing(
        "sweeplist", pd.Series([row.case_id for row in rows]), columns, masks, named,
        preset="not_yet" if (~done).any() else "done",
        link=lambda case_id: f"{lists.open_link(viewer, case_id)}&sweep={of.sweep_id}",
    )  # fmt: skip


def _form(viewer: Viewer, of: Sweep, row: Listed) -> None:
    t = viewer.t
    with st.container(border=True):
        st.markdown(f"**{t('sweeps.form.one', case=row.case_id)}**")
        st.page_link(
            ROOT / "pages" / "case.py", label=t("sweeps.form.open_case"),
            query_params={"case": row.case_id},
        )  # fmt: skip
        finding = st.selectbox(
            t("sweeps.form.finding"), SWEEP_FINDINGS, index=None, key="sweep_finding",
            placeholder=t("sweeps.form.choose"), format_func=lambda f: t(f"sweeps.finding.{f}"),
        )  # fmt: skip
        step, due_on = None, None
        if finding and FINDING_STEPS[finding]:
            left, right = st.columns(2)
            step = left.selectbox(
                t("sweeps.form.step"), FINDING_STEPS[finding], key="sweep_step",
                format_func=lambda one: t(f"assignments.step.{one}"),
            )  # fmt: skip
            due_on = right.date_input(
                t("sweeps.form.due"), served.today_of(state.db()) + pd.Timedelta(days=7),
                key="sweep_due", format="YYYY-MM-DD",
            )  # fmt: skip
        save = st.button(
            t("sweeps.form.save"), type="primary", key="sweep_save", disabled=finding is None
        )
        if save and finding is not None:
            with parts.told(viewer):
                served.note(
                    state.db(), viewer.scope, of.sweep_id, row.case_id, finding, step, due_on
                )  # fmt: skip
                lists.keep_open("")
                parts.say_after_rerun(t("sweeps.form.saved"))


def on_case(viewer: Viewer, case_id: str) -> None:
    """What was found of a case, on its own page; nothing where nothing was."""
    try:
        found = of_case(state.db(), viewer.scope, case_id)
    except ProjectError:
        return
    if not found:
        return
    t, names = viewer.t, load.body_names(viewer)
    st.header(t("sweeps.case.title"), anchor=False)
    shown = []
    for one in found:
        body = str(names.get(one.body_id, one.body_id))
        said = t("sweeps.asker.line", body=body, finding=t(f"sweeps.finding.{one.finding}"))
        if one.step:
            step = t(f"assignments.step.{one.step}")
            owed = t("sweeps.asker.owed", body=body, day=viewer.day(one.due_on), step=step)
            said = f"{said} · {owed}"
        shown.append(f"{viewer.moment(one.at)} · {said}")
    parts.lines(shown)


def county(viewer: Viewer, lines: tuple[SweepLine, ...]) -> None:
    """Every body's sweeps as a list of figures, and the same as a workbook."""
    st.header(viewer.t("sweeps.title.county"), anchor=False)
    parts.note(viewer.t("sweeps.title.county_note"))
    lists.draw(viewer, _county(viewer, lines))
    parts.about("sweep_coverage", "sweep_kept")
    name = f"{viewer.t('sweeps.file.name', day=viewer.today.isoformat())}.xlsx"
    st.download_button(
        viewer.t("sweeps.file.button"), partial(_file, viewer, lines, name), name, XLSX,
        key="sweep_xlsx", on_click="ignore",
    )  # fmt: skip


def _county(viewer: Viewer, lines: tuple[SweepLine, ...]) -> Listing:
    t, names = viewer.t, load.body_names(viewer)

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"sweeps.head.{name}"), pd.Series(values, dtype="object"), **more)

    def day(name: str, values: list[dt.date]) -> Column:
        return Column(name, t(f"sweeps.head.{name}"), pd.to_datetime(pd.Series(values)), kind="day")

    columns = (
        column(
            "body", [one.body_id for one in lines], is_cut=True,
            word=lambda one: str(names.get(one, one)),
        ),
        column(
            "kind", [one.kind for one in lines], is_cut=True,
            word=lambda one: t(f"sweeps.kind.{one}"),
        ),
        day("begun", [one.begun_on for one in lines]),
        day("until", [one.until for one in lines]),
        # texts, because a share of few is told without a number: their order would be no order
        column(
            "coverage", [parts.rate_text(viewer, one.coverage) for one in lines], is_sorted=False
        ),
        column("looked", [parts.rate_note(viewer, one.coverage) for one in lines], is_sorted=False),
        column("kept", [parts.rate_text(viewer, one.kept) for one in lines], is_sorted=False),
        column("found", [_found(viewer, one) for one in lines], is_sorted=False),
    )  # fmt: skip
    # a body may sweep the same kind twice from one day on
    ids = [f"{one.body_id}:{one.kind}:{one.begun_on}:{at}" for at, one in enumerate(lines)]
    return Listing("county_sweeps", pd.Series(ids), columns)


def _found(viewer: Viewer, line: SweepLine) -> str:
    if line.is_covered:
        return viewer.t("sweeps.small")
    return " · ".join(
        f"{viewer.t(f'sweeps.finding.{name}')} {viewer.number(line.found[name])}"
        for name in SWEEP_FINDINGS
        if line.found.get(name)
    )


def _file(viewer: Viewer, lines: tuple[SweepLine, ...], name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    t, names = viewer.t, load.body_names(viewer)
    notes = [t("sweeps.title.county_note"), t("supervision.in_files")]
    if viewer.county.is_demo:
        notes.insert(0, t("figures.demo"))
    cells: list[list[Cell]] = [
        [
            str(names.get(line.body_id, line.body_id)), t(f"sweeps.kind.{line.kind}"),
            viewer.day(line.begun_on), viewer.day(line.until),
            out(viewer, line.coverage), out(viewer, line.kept),
        ]
        for line in lines
    ]  # fmt: skip
    columns = ("body", "kind", "begun", "until", "coverage", "kept")
    heads = [t(f"sweeps.head.{name}") for name in columns]
    return book([Sheet(t("sweeps.file.sheet"), notes, heads, cells)])
