"""The charts of the first page: answers on time by week, answers owed by days to their limit."""

from __future__ import annotations

import pandas as pd

from reports.charts import Chart, Series
from reports.covering import SMALLEST_SHOWN, cover_list
from reports.figures_book import Cell
from reports.lately import BANDS, Week
from reports.monthly_page import HIDDEN
from reports.rates import Rate
from risk.levels import DUE_SOON_DAYS
from wording import formats

from . import chart, load, parts
from .guard import Viewer


def on_time(viewer: Viewer) -> None:
    """The share of answers on time in each of the last 13 weeks."""
    weeks = load.weeks(viewer)
    if not any(week.is_said for week in weeks):
        return
    # the picture leaves the office as the workbook does: what is covered there is not drawn
    drawn = [(week, None if is_covered(week.rate) else week.interval) for week in weeks]
    t = viewer.t
    made = Chart(
        "lines", "on-time", _moved(viewer, *weeks[-2:]), t("charts.on_time.what"),
        tuple(formats.short_day(week.first, viewer.language) for week in weeks),
        (
            Series(
                t("charts.on_time.value"),
                tuple(None if span is None else week.rate.share for week, span in drawn),
                tuple(span and span[0] for _, span in drawn),
                tuple(span and span[1] for _, span in drawn),
            ),
        ),
        t("charts.unit.week"), t("charts.unit.share"), is_share=True,
    )  # fmt: skip
    heads = [t(f"charts.on_time.{name}") for name in ("week", "value", "of")]
    rows = [
        [formats.short_day(week.first, viewer.language), parts.rate_text(viewer, week.rate),
         parts.rate_note(viewer, week.rate)]
        for week in reversed(weeks)
    ]  # fmt: skip
    cells = [[week.first.isoformat(), *leaving(week.rate)] for week in reversed(weeks)]
    chart.show(viewer, made, heads, rows, cells, about=("on_time",))


def is_covered(rate: Rate) -> bool:
    """Whether a share may not leave the office: of under ten cases, or a part of one or two."""
    parts_of = (rate.numerator, rate.denominator - rate.numerator)
    return rate.is_small or any(0 < one < SMALLEST_SHOWN for one in parts_of)


def leaving(rate: Rate) -> list[Cell]:
    """A share and its parts as they may leave the office: share, "numerator ÷ denominator"."""
    if is_covered(rate):
        return [HIDDEN, HIDDEN]
    return [rate.share, f"{rate.numerator} ÷ {rate.denominator}"]


def _moved(viewer: Viewer, before: Week, now: Week) -> str:
    """The last week's share, and by how much it moved."""
    span = formats.span(now.first, now.last, viewer.language)
    if now.rate.share is None or not now.is_said:
        return viewer.t("charts.on_time.few", span=span)
    if is_covered(now.rate):
        return viewer.t("charts.on_time.covered", span=span)
    share = viewer.percent(now.rate.share)
    if before.rate.share is None or not before.is_said:
        return viewer.t("charts.on_time.first", span=span, share=share)
    if is_covered(before.rate):
        return viewer.t("charts.on_time.first_covered", span=span, share=share)
    # of the shares as they are written, so that the sentence agrees with the table
    points = round(round(now.rate.share * 100, 1) - round(before.rate.share * 100, 1), 1)
    way = "up" if points > 0 else "down" if points < 0 else "equal"
    return viewer.t(
        f"charts.on_time.{way}", span=span, share=share, points=viewer.number(abs(points), 1)
    )


def owed(viewer: Viewer) -> None:
    """Answers owed, by days to their limit."""
    counts = load.owed(viewer)
    t, total = viewer.t, int(counts.sum())
    if not total:
        parts.note(t("charts.owed.none"))
        return
    shown, whole = cover_list(counts)
    late, soon = shown[["very_late", "overdue"]].sum(skipna=False), shown["to_3"]
    if whole is None:
        finding = t("charts.owed.few")
    elif shown[["very_late", "overdue", "to_3"]].isna().any():
        finding = t("charts.owed.covered", owed=viewer.number(whole), days=DUE_SOON_DAYS)
    else:
        finding = t(
            "charts.owed.some", owed=viewer.number(whole), overdue=viewer.number(int(late)),
            soon=viewer.number(int(soon)), days=DUE_SOON_DAYS,
        )  # fmt: skip
    names = [t(f"charts.owed.{band}") for band in BANDS]
    values = [None if pd.isna(one) else int(one) for one in shown]
    made = Chart(
        "bars", "owed", finding, t("charts.owed.what"), tuple(names),
        (Series(t("charts.owed.count"), tuple(values)),),
        t("charts.unit.days_left"), t("charts.unit.cases"),
    )  # fmt: skip
    heads = [t("charts.owed.band"), t("charts.owed.count")]
    rows = [[name, viewer.number(int(counts[b]))] for name, b in zip(names, BANDS, strict=True)]
    cells: list[list[Cell]] = [
        [name, HIDDEN if value is None else value]
        for name, value in zip(names, values, strict=True)
    ]
    chart.show(viewer, made, heads, rows, cells)
