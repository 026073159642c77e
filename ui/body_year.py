"""A body's year on screen and as a workbook: the same covered cells in both."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.audit import write_export
from reports.body_year import BodyYear, YearCell
from reports.figures_book import Cell, Sheet, book
from reports.monthly_page import HIDDEN
from reports.rates import Rate
from service import indicators as served
from wording import formats

from . import address, indicators, kept, load, parts, state
from .chart import XLSX
from .guard import Viewer

COUNTS = ("due", "corrections")


def choose(viewer: Viewer) -> tuple[str, int]:
    """Body and year; kept in the address."""
    names = indicators.names(viewer, "body")
    opened = load.figures(viewer).cases["opened_at"]
    years = list(range(viewer.today.year, opened.min().year - 1, -1))
    left, right = st.columns([3, 1])
    body = address.one(
        left.selectbox, viewer.t("indicators.year.body"), names, name="body", key="year_body",
        usual=next(iter(names)), format_func=lambda one: names.get(one, one),
    )  # fmt: skip
    year = address.one(
        right.selectbox, viewer.t("indicators.year.which"), years, name="year", key="year_year",
        usual=years[0], is_always_said=True,
    )  # fmt: skip
    return body, year


@kept.county
def found(viewer: Viewer, body: str, year: int) -> tuple[BodyYear, Rate]:
    """The body's year, and the county's answers that held."""
    now = load.figures(viewer)
    return served.year_of(state.db(), viewer.scope, now, body, year, viewer.as_of)


def table(viewer: Viewer, made: BodyYear, held: Rate) -> None:
    """The figures by month and for the year, with what stands for the county only."""
    about = ["held", *made.rows]
    parts.table(_heads(viewer, made), _texts(viewer, made), stacks=True, about=about)
    parts.note(viewer.t("indicators.year.mark"))
    if held.is_small:
        parts.note(viewer.t("indicators.year.held_none"))
    else:
        share, count = viewer.percent(held.share), viewer.number(held.denominator)
        parts.note(viewer.t("indicators.year.held", of=count, share=share))


def _heads(viewer: Viewer, made: BodyYear) -> list[str]:
    months = (formats.short_month(int(month[5:]), viewer.language) for month in made.months)
    return [viewer.t("indicators.year.item"), *months, viewer.t("indicators.year.total")]


def _name(viewer: Viewer, name: str) -> str:
    return viewer.t(f"indicators.{'year' if name in COUNTS else 'line'}.{name}")


def _texts(viewer: Viewer, made: BodyYear) -> list[list[str]]:
    return [
        [_name(viewer, name), *(_text(viewer, cell) for cell in cells)]
        for name, cells in made.rows.items()
    ]


def _text(viewer: Viewer, cell: YearCell) -> str:
    if cell.covered:
        return HIDDEN
    if cell.rate is None:
        return viewer.number(cell.numerator)
    if not cell.denominator:
        return viewer.percent(None)
    return f"{viewer.percent(cell.rate.share)} ({viewer.number(cell.numerator)})"


def download(viewer: Viewer, made: BodyYear) -> None:
    """The same cells as a workbook; the download is noted."""
    name = f"year-{made.body_id}-{made.year}.xlsx"
    st.download_button(
        viewer.t("indicators.year.xlsx"), partial(_file, viewer, made, name), name,
        XLSX, key="year_xlsx", on_click="ignore",
    )  # fmt: skip


def _file(viewer: Viewer, made: BodyYear, name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    return year_book(viewer, made)


def year_book(viewer: Viewer, made: BodyYear) -> bytes:
    """Counts and shares on a sheet each row: numerator, denominator, share per month."""
    body = indicators.names(viewer, "body").get(made.body_id, made.body_id)
    notes = [viewer.t("indicators.year.chart", name=body, year=made.year)]
    notes.append(viewer.t("indicators.year.mark"))
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    heads = [viewer.t("indicators.year.item")]
    heads += [viewer.t(f"indicators.file.{one}") for one in ("numerator", "denominator", "share")]
    heads.insert(1, viewer.t("indicators.head.month"))
    rows: list[list[Cell]] = []
    for name, cells in made.rows.items():
        for month, cell in zip(
            (*made.months, viewer.t("indicators.year.total")), cells, strict=True
        ):
            values: list[Cell] = [HIDDEN] * 3
            if not cell.covered:
                share = cell.rate.share if cell.rate else None
                values = [cell.numerator, cell.denominator, share]
            rows.append([_name(viewer, name), month, *values])
    return book([Sheet(str(made.year), notes, heads, rows)])
