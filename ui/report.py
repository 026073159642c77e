"""The report page's parts: files to take along, issuing, the list of issues, comparing."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from data import issues
from data.audit import write_export
from data.issues import Issue
from data.vocabulary import REPORT_COMMENTS, REPORT_KINDS
from reports.daily_facts import DailyReport
from reports.files import FORMATS, MIME
from service import report as served
from service.annex import annex
from service.report import Report

from . import address, badges, lists, load, making, parts, state
from .guard import Viewer
from .listing import Column, Listing

MOST_DIFFERENCES = 30
PREFIX = "issued_"
"""Of the list of issues in the address, where the report has a kind, too."""
_OPENED = "report_issue_opened"
"""Session key: the issue of which the report was opened last."""


def choose(viewer: Viewer) -> tuple[str, dt.date]:
    """The kind of report and a day in it."""
    kind_at, day_at, _ = st.columns([2, 2, 4], vertical_alignment="bottom")
    kind = address.one(
        kind_at.selectbox, viewer.t("report.page.kind"), REPORT_KINDS, name="kind",
        key="report_kind", usual=REPORT_KINDS[0],
        format_func=lambda name: viewer.t(f"report.kind.{name}"),
    )  # fmt: skip
    day = address.day(
        day_at.date_input, viewer.t("ui.report.day"), name="day", key="report_day",
        usual=viewer.today, first=parts.FIRST_DAY, last=viewer.today,
    )  # fmt: skip
    return kind, day


def found(viewer: Viewer, kind: str, day: dt.date) -> tuple[Issue | None, Report]:
    """The report as it was issued, else made from the record."""
    done = served.issued(state.db(), viewer.scope, kind, day)
    return (None, load.report(viewer, kind, day)) if done is None else done


def standing(viewer: Viewer, one: Issue | None) -> None:
    """Whether this is a draft, or which issue, by whom, when, with what hash."""
    if one is None:
        st.html(badges.badge(viewer, "report", "draft"))
        parts.ribbon_line(viewer.t("report.page.draft"), "zj-draft")
        return
    st.html(badges.badge(viewer, "report", "issued"))
    parts.note(
        viewer.t(
            "report.page.issued", year=one.last.year, number=one.number,
            who=_who(viewer, one), moment=viewer.moment(one.recorded_at),
            sha256=one.sha256,
        )
    )  # fmt: skip


def downloads(viewer: Viewer, kind: str, one: Issue | None, report: Report) -> None:
    """One button per format; for a supervisor a body's own copy. Every download is noted."""
    body = None
    if viewer.scope.role == "supervisor" and isinstance(report, DailyReport):
        names = load.body_names(viewer)
        body = address.one(
            st.selectbox, viewer.t("report.page.body"), names.index, name="body",
            key="report_body", usual=None, format_func=lambda b: str(names[b]),
            placeholder=viewer.t("report.page.no_body"),
        )  # fmt: skip
    first = report.day if isinstance(report, DailyReport) else report.first
    title = viewer.t(f"report.kind.{kind}")
    name = viewer.t("ui.report.file", county=viewer.county_name, title=title, day=first.isoformat())
    name += f"-{body}" if body else ""
    for format, column in zip(FORMATS, st.columns(len(FORMATS)), strict=True):
        making.offer(
            viewer, column, viewer.t(f"ui.report.{format}"),
            partial(_file, viewer, report, format, one, body, f"{name}.{format}"),
            f"{name}.{format}", MIME[format], what=f"report_{kind}_{format}",
            key=f"report_{format}", type="primary" if format == "docx" else "secondary",
            width="stretch",
            disabled=bool(body) and format == "json",
        )  # fmt: skip
    parts.note(viewer.t("ui.report.exported"))


def _file(
    viewer: Viewer, report: Report, format: str, one: Issue | None, body: str | None, name: str
) -> bytes:
    db, scope = state.db(), viewer.scope
    section = None
    if body and isinstance(report, DailyReport):
        section = annex(db, scope, report, body, viewer.language)
    made = served.file(db, scope, report, format, viewer.language, one, section)
    write_export(db, scope, name)
    return made


def issuing(viewer: Viewer, kind: str, day: dt.date, report: Report) -> None:
    """A supervisor's comment from the list, and the button that freezes the report."""
    if viewer.scope.role != "supervisor" or viewer.is_earlier:
        return
    with st.expander(viewer.t("report.page.issue_title")):
        parts.note(viewer.t("report.page.issue_what"))
        comment = st.multiselect(
            viewer.t("report.page.comment"), REPORT_COMMENTS, key="report_comment",
            format_func=lambda word: viewer.t(f"report.short.{word}"),
        )  # fmt: skip
        if comment:
            parts.lines(served.comment_lines(report, tuple(comment), viewer.language))
        if st.button(viewer.t("report.page.issue"), key="report_issue", type="primary"):
            with parts.told(viewer):
                made = served.issue(state.db(), viewer.scope, kind, day, tuple(comment), report)
                done = viewer.t("report.page.issue_done", year=made.last.year, number=made.number)
                parts.say_after_rerun(done)


def issued_list(viewer: Viewer) -> None:
    """Every issued report with who, when and hash; the row picked is opened on this page."""
    rows = issues.read_all(state.db(), viewer.scope)
    title = viewer.t("report.page.list_title", count=viewer.number(len(rows)))
    with st.expander(title, expanded=any(one.startswith(PREFIX) for one in st.query_params)):
        if not rows:
            parts.note(viewer.t("report.page.list_none"))
            return
        parts.note(viewer.t("report.page.list_pick"))
        picked = lists.draw(viewer, _listing(viewer, rows)).picked
    # a row stays picked after its report was opened, and another may be chosen above meanwhile
    if picked is not None and picked != st.session_state.get(_OPENED):
        kind, first = picked.split(":")[:2]
        for name, chosen in (("kind", kind), ("day", first)):
            st.session_state.pop(f"report_{name}", None)
            st.query_params[name] = chosen
        st.session_state[_OPENED] = picked
        st.rerun()
    st.session_state[_OPENED] = picked


def _listing(viewer: Viewer, rows: list[Issue]) -> Listing:
    t = viewer.t

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"report.page.list_{name}"), pd.Series(values), **more)

    def link(one: str) -> str:
        kind, first = one.split(":")[:2]
        return "?" + urlencode({"lang": viewer.language, "kind": kind, "day": first})

    columns = (
        column(
            "number",
            [t("report.issue_line", year=one.last.year, number=one.number) for one in rows],
            is_sorted=False, is_found=True,
        ),
        column(
            "kind", [one.kind for one in rows], is_cut=True,
            word=lambda one: t(f"report.kind.{one}"),
        ),
        column("first", [pd.Timestamp(one.first) for one in rows], kind="day"),
        column("last", [pd.Timestamp(one.last) for one in rows], kind="day"),
        column("by", [_who(viewer, one) for one in rows], is_cut=True),
        column("at", [one.recorded_at for one in rows], kind="moment"),
        column("hash", [one.sha256 for one in rows], is_sorted=False, is_found=True),
    )  # fmt: skip
    ids = pd.Series([f"{one.kind}:{one.first}:{one.number}" for one in rows])
    return Listing("report_issues", ids, columns, link=link, prefix=PREFIX)


def _who(viewer: Viewer, one: Issue) -> str:
    """In which role and by which account a report was issued."""
    who = viewer.t(f"words.role.{one.role}") if one.login else viewer.t("report.role_operator")
    return f"{who} {one.login or ''}".strip()


def comparing(viewer: Viewer, kind: str, day: dt.date, one: Issue | None) -> None:
    """A button that makes an issued report again as known then and says where it differs."""
    if one is None or not st.button(viewer.t("report.page.compare"), key="report_compare"):
        return
    with parts.told(viewer):
        compared = served.compare(state.db(), viewer.scope, kind, day)
        if not compared.differences:
            st.success(viewer.t("report.page.compare_same", sha256=one.sha256))
            return
        many = len(compared.differences)
        st.warning(viewer.t("report.page.compare_differs", count=many))
        parts.lines(
            viewer.t("report.page.compare_line", path=path, issued=before, now=now)
            for path, before, now in compared.differences[:MOST_DIFFERENCES]
        )
        parts.note(viewer.t("report.page.compare_why"))
