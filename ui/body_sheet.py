"""A body's assessment sheet on the page of its year: shown below it, taken along as Word or PDF."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from data.audit import write_export
from reports.body_sheet import BodySheet, sheet_document, sheet_name
from reports.body_year import BodyYear
from reports.daily_facts import County
from reports.document import Table
from reports.files import MIME
from service import body_sheet as served

from . import load, making, parts, state
from .guard import Viewer

KINDS = ("docx", "pdf")


def show(viewer: Viewer, made: BodyYear) -> None:
    """What stands on the sheet beside the year's figures, why it has no sum, and its files."""
    now = load.figures(viewer)
    at = viewer.as_of if viewer.is_earlier else state.db().now()
    sheet = served.body_sheet(state.db(), viewer.scope, now, made, at, viewer.language)
    facts = viewer.county
    county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
    document = sheet_document(sheet, county, at, viewer.language)
    st.header(viewer.t("supervision.sheet.heading"), anchor=False)
    parts.note(viewer.t("supervision.sheet.no_score"))
    first, *others = document.sections
    parts.note(viewer.t("supervision.sheet.first_above", title=first.title))
    for section in others:
        st.markdown(f"**{section.title}**")
        for block in section.blocks:
            if isinstance(block, str):
                parts.lines([block])
            elif isinstance(block, Table):
                parts.table(block.headers, block.rows, block.numbers_from, stacks=True,
                            about=section.about)  # fmt: skip
    for kind, column in zip(KINDS, st.columns(len(KINDS)), strict=True):
        name = f"{sheet_name(sheet.body, made.year, viewer.language)}.{kind}"
        making.offer(
            viewer, column, viewer.t(f"supervision.sheet.button_{kind}"),
            partial(_file, viewer, sheet, at, kind, name), name, MIME[kind],
            what=f"body_sheet_{kind}", key=f"body_sheet_{kind}",
        )  # fmt: skip
    making.shown(viewer, "supervisor", "leader")


def _file(viewer: Viewer, sheet: BodySheet, at: dt.datetime, kind: str, name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    return served.sheet_file(state.db(), sheet, kind, at, viewer.language)
