"""A chart on a page: its finding in words, the picture, the numbers beside it, both as files.

The picture is the one of the Word report (`reports.charts`), drawn once per figures.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from data.audit import write_export
from reports.charts import Chart, draw
from reports.figures_book import Cell, Sheet, book

from . import kept, parts, state
from .guard import Viewer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(
    viewer: Viewer,
    chart: Chart,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    cells: Sequence[Sequence[Cell]] | None,
    *,
    why: str = "charts.no_file",
    about: Sequence[str] = (),
) -> None:
    """Draw it.

    Args:
        heads, rows: the table beside it (below it on a phone), as texts, exact.
        cells: the same rows as they may leave the office; None = no files are offered, and `why`
            (a catalogue key) says so.
        about: of `parts.table`.
    """
    st.html(f'<h3 class="zj-finding">{escape(chart.finding)}</h3>')
    left, right = st.columns([3, 2], gap="large")
    with left:
        picture(viewer, chart)
    with right:
        parts.table(heads, rows, about=about)
        if cells is None:
            parts.note(viewer.t(why))
        else:
            _files(viewer, chart, heads, cells)


def picture(viewer: Viewer, chart: Chart) -> None:
    """The picture alone, with a text for who cannot see it."""
    png = _drawn(viewer, chart, False)
    data = base64.b64encode(png).decode()
    said = escape(f"{chart.finding} {chart.what}")
    st.html(
        f'<figure class="zj-chart"><img alt="{said}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(chart.what)}</figcaption></figure>"
    )


def foot(viewer: Viewer) -> str:
    """Whose figures, and as of when."""
    return viewer.t(
        "charts.foot", scope=parts.scope_text(viewer), as_of=viewer.moment(viewer.as_of)
    )


def _mark(viewer: Viewer) -> str:
    return viewer.t("reports.daily.demo_mark") if viewer.county.is_demo else ""


def _drawn(viewer: Viewer, chart: Chart, with_title: bool) -> bytes:
    return _drawing(viewer, chart, foot(viewer), _mark(viewer), with_title)


@kept.own
def _drawing(viewer: Viewer, chart: Chart, foot: str, mark: str, with_title: bool) -> bytes:
    return draw(chart, viewer.language, foot, mark, with_title=with_title)


def _files(
    viewer: Viewer, chart: Chart, heads: Sequence[str], cells: Sequence[Sequence[Cell]]
) -> None:
    name = f"{chart.name}-{viewer.today}"
    made = {
        "png": ("image/png", partial(_png, viewer, chart, f"{name}.png")),
        "xlsx": (XLSX, partial(_xlsx, viewer, chart, heads, cells, f"{name}.xlsx")),
    }
    with st.container(horizontal=True, gap="small"):
        for kind, (mime, of) in made.items():
            st.download_button(
                viewer.t(f"charts.{kind}"), of, f"{name}.{kind}", mime,
                key=f"chart_{chart.name}_{kind}", on_click="ignore", type="tertiary",
            )  # fmt: skip
    st.html(f'<div class="zj-note zj-noprint">{escape(viewer.t("charts.logged"))}</div>')


def _png(viewer: Viewer, chart: Chart, name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    return _drawn(viewer, chart, True)


def _xlsx(
    viewer: Viewer,
    chart: Chart,
    heads: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    name: str,
) -> bytes:
    write_export(state.db(), viewer.scope, name)
    notes = [chart.finding, foot(viewer), chart.what]
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    return book([Sheet(viewer.t("charts.table"), notes, heads, cells)])
