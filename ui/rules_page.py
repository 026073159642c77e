"""The rules page: what is in force since when, a file to be put in force, whose last days move."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
import streamlit as st

from casework.calendar_file import file_name, template
from data.audit import write_export
from data.errors import ConfigError
from reports.csv_cells import text_cell
from service import rules_change
from service.rules_change import NewFile
from settings import ROOT

from . import lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

NUMBER = "rules_upload"
"""Session key: counts the uploads, so that the field is empty after one was applied."""


def years(viewer: Viewer) -> None:
    """Which years nobody has published yet, and how many running clocks rest on them."""
    counts, next_year = load.provisional(viewer), viewer.latest_day.year + 1
    calendar = load.calendar(viewer)
    if not calendar.is_known(viewer.latest_day.replace(year=next_year, month=1, day=1)):
        counts = {next_year: 0} | counts
    for year, count in counts.items():
        st.warning(viewer.t("steering.page.provisional", year=year, count=viewer.number(count)))
    if not counts:
        st.success(viewer.t("steering.page.known", year=next_year))


def in_force(viewer: Viewer) -> None:
    """Every file in force, with its hash and since when; and the pack of a case asked today."""
    pack = load.pack(viewer)
    st.header(viewer.t("steering.page.in_force"), anchor=False)
    heads = [viewer.t(f"steering.page.{name}") for name in ("file", "since", "hash")]
    whose = "own" if pack.tightens else "shipped"
    shipped = viewer.t(f"steering.page.{whose}", day=viewer.day(pack.effective_from))
    rows = [[f"{pack.id} ({pack.version})", shipped, pack.file_hash[:16]]]
    rows += [[f.name, viewer.moment(f.recorded_at), f.sha256[:16]] for f in load.files(viewer)]
    parts.table(heads, rows, numbers_from=len(heads), stacks=True)


def offer(viewer: Viewer) -> None:
    """A template for next year, a file to load, what it would move, and the button to apply it."""
    st.header(viewer.t("steering.page.load"), anchor=False)
    st.markdown(viewer.t("steering.page.how"))
    calendar, year = load.calendar(viewer).name, viewer.latest_day.year + 1
    st.download_button(
        viewer.t("steering.page.template", year=year), template(calendar, year),
        file_name=file_name(calendar, year), on_click="ignore", key="rules_template",
    )  # fmt: skip
    number = st.session_state.get(NUMBER, 0)
    upload = st.file_uploader(
        viewer.t("steering.page.upload"), type=["toml"], key=f"rules_file_{number}"
    )
    if upload is None:
        return
    try:
        content = upload.getvalue().decode("utf-8")
    except UnicodeDecodeError as err:
        raise ConfigError("steering.unreadable", reason=str(err)) from None
    new = rules_change.check(state.db(), viewer.scope, content)
    parts.lines([said_of(viewer, new)])
    rows = load.would_move(viewer, new)
    _say_how_many(viewer, rows)
    if st.button(viewer.t("steering.page.apply"), type="primary", key="rules_apply"):
        rules_change.apply(state.db(), viewer.scope, new)
        st.session_state[NUMBER] = number + 1
        parts.say_after_rerun(viewer.t("steering.page.applied", file=new.name))
    would_move(viewer, rows)


def said_of(viewer: Viewer, new: NewFile) -> str:
    """What a checked file says, in a sentence."""
    if new.pack is not None:
        return viewer.t(
            "steering.page.pack_checked", id=new.pack.id, version=new.pack.version,
            day=viewer.day(new.pack.effective_from),
            governs=viewer.t(f"steering.page.governs_{new.pack.governs}"),
        )  # fmt: skip
    assert new.year is not None
    return viewer.t(
        "steering.page.year_checked", year=new.year.year, source=new.year.source,
        free=viewer.number(len(new.year.published.free)),
        working=viewer.number(len(new.year.published.working)),
    )  # fmt: skip


def _say_how_many(viewer: Viewer, rows: pd.DataFrame) -> None:
    if rows.empty:
        parts.note(viewer.t("steering.page.none_would"))
        return
    total = viewer.number(int(rows["count"].sum()))
    st.markdown(f"**{viewer.t('steering.page.would', count=total)}**")


def would_move(viewer: Viewer, rows: pd.DataFrame) -> None:
    """Counts of clocks that would move, by body, clock and day; no case is named here."""
    if rows.empty:
        return
    heads = ("body", "clock", "old_on", "new_on", "count")
    parts.table(
        [viewer.t(f"steering.page.{name}") for name in heads],
        [[*_named(viewer, row), viewer.number(row.count_)] for row in _rows(rows)],
        numbers_from=2,
        stacks=True,
    )


def moved(viewer: Viewer) -> None:
    """The cases whose last day moved, for whoever supervises; with a CSV, which is logged."""
    st.header(viewer.t("steering.page.moved"), anchor=False)
    rows = load.moved(viewer).reset_index(drop=True)
    if rows.empty:
        parts.empty(viewer, "steering.page.none_moved")
        return
    heads = [
        viewer.t(f"steering.page.{name}")
        for name in ("case", "body", "clock", "old_on", "new_on", "changed_at", "file")
    ]
    lines = [
        [row.case_id, *_named(viewer, row), viewer.moment(row.changed_at), row.file]
        for row in rows.itertuples()
    ]
    st.download_button(
        viewer.t("steering.page.download"), lambda: _csv(viewer, heads, lines),
        file_name=viewer.t("steering.page.download_file") + ".csv", mime="text/csv",
        on_click="ignore", key="rules_moved",
    )  # fmt: skip
    picked = lists.draw(viewer, _moved(viewer, rows)).picked
    if picked is not None:
        case_id = picked.split(":")[0]
        st.switch_page(ROOT / "pages" / "case.py", query_params={"case": case_id})


def _moved(viewer: Viewer, rows: pd.DataFrame) -> Listing:
    t, names = viewer.t, load.body_names(viewer)

    def column(name: str, of: str = "", **more: Any) -> Column:
        return Column(name, t(f"steering.page.{name}"), rows[of or name], **more)

    columns = (
        column("case", "case_id", is_found=True),
        column("body", "body_id", is_cut=True, word=lambda one: str(names.get(one, one))),
        column("clock", is_cut=True, word=lambda one: t(f"casework.clock.{one}")),
        column("old_on", kind="day"),
        column("new_on", kind="day"),
        column("changed_at", kind="moment"),
        column("file", is_cut=True),
    )
    # a case may have moved by several files, and several of its clocks by one
    at = pd.Series(range(len(rows))).astype("str")
    return Listing(
        "moved", rows["case_id"] + ":" + at, columns,
        link=lambda one: f"case?lang={viewer.language}&case={one.split(':')[0]}",
    )  # fmt: skip


def _csv(viewer: Viewer, heads: list[str], lines: list[list[str]]) -> bytes:
    write_export(state.db(), viewer.scope, "cases whose last day moved")
    out = io.StringIO()
    csv.writer(out).writerows([[text_cell(cell) for cell in line] for line in (heads, *lines)])
    return out.getvalue().encode("utf-8-sig")  # spreadsheets take it for UTF-8 only by this mark


def _rows(rows: pd.DataFrame) -> list[Any]:
    return list(rows.rename(columns={"count": "count_"}).itertuples())


def _named(viewer: Viewer, row: Any) -> list[str]:
    names = load.body_names(viewer)
    return [
        str(names.get(row.body_id, row.body_id)),
        viewer.t(f"casework.clock.{row.clock}"),
        viewer.day(row.old_on.date()),
        viewer.day(row.new_on.date()),
    ]
