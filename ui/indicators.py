"""The office's indicators on screen: lines, groups, trend, and a settled month to take along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.audit import write_export
from data.vocabulary import DOMAINS
from reports.charts import Chart, Series
from reports.figures_book import Cell, Sheet, book
from reports.indicators import Window
from reports.monthly_page import HIDDEN, limits_text
from reports.office_lines import (
    TRENDS,
    Filters,
    Line,
    OfficeFigures,
    is_whole_months,
    labels_of,
    trend,
)
from reports.rates import Rate, wilson
from service import indicators as served
from service.publish import office_limits
from wording import formats

from . import address, chart, kept, load, making, parts, state
from .chart import XLSX
from .guard import Viewer
from .lately import is_covered, leaving

TREND_MONTHS = 12
BREAKDOWNS = ("body", "domain", "category", "desk")
_RATES = {
    "on_time": "due", "late_answered": "due", "late_open": "due", "ended_otherwise": "due",
    "decided_in_time": "decision_due", "extended": "due", "exits": "ended", "rated": "answered",
}  # fmt: skip
"""Columns of a breakdown and what each is of."""


def filters(viewer: Viewer) -> Filters:
    """Bodies, domains and categories chosen; kept in the address."""
    options: dict[str, Mapping[str, str]] = {
        "bodies": names(viewer, "body"), "domains": names(viewer, "domain"),
        "categories": names(viewer, "category"),
    }  # fmt: skip
    chosen = {}
    for (name, known), column in zip(options.items(), st.columns(3), strict=True):
        picked = address.several(
            column.multiselect, viewer.t(f"indicators.filter.{name}"), known, name=name,
            key=f"indicators_{name}", format_func=partial(_called, known),
            placeholder=viewer.t("indicators.filter.all"),
        )  # fmt: skip
        chosen[name] = frozenset(picked)
    return Filters(**chosen)


def _called(known: Mapping[str, str], one: str) -> str:
    return known.get(one, one)


def names(viewer: Viewer, by: str) -> dict[str, str]:
    """Names of a breakdown's groups in their fixed order, by id."""
    if by in {"body", "desk"}:
        return {str(one): str(name) for one, name in load.body_names(viewer).items()}
    if by == "domain":
        return {one: viewer.t(f"words.domain.{one}") for one in DOMAINS}
    kinds = sorted(load.categories(viewer), key=lambda kind: DOMAINS.index(str(kind.domain)))
    return {kind.category_id: kind.names[viewer.language] for kind in kinds}


@kept.county
def figures(viewer: Viewer, window: Window, chosen: Filters) -> OfficeFigures:
    """A window's indicators (`service.indicators.of_window`)."""
    now = load.figures(viewer)
    return served.of_window(state.db(), viewer.scope, now, window, viewer.as_of, chosen)


def boxes(viewer: Viewer, found: OfficeFigures) -> None:
    """The office's own time first: five figures with their limits."""
    by_name = {line.name: line for line in found.lines}
    shown = []
    for name in ("decided_in_time", "on_time", "with_body", "first_step", "told"):
        line = by_name[name]
        note = count_text(viewer, line)
        shown.append(parts.Figure(_title(viewer, name), value_text(viewer, line), note, name))
    parts.figures_row(shown)


def value_text(viewer: Viewer, line: Line) -> str:
    """A line's value; n<10 below ten cases, a dash where there is none."""
    if line.why == "small":
        return viewer.t("ui.rate.small")
    if line.why:
        return viewer.t("indicators.dash")
    if line.rate is not None:
        return viewer.percent(line.rate.share)
    return viewer.number(line.count) if line.count is not None else viewer.t("indicators.dash")


def count_text(viewer: Viewer, line: Line) -> str:
    """Numerator and denominator, or why there is no figure."""
    if line.why or line.rate is None:
        return viewer.t(f"indicators.why.{line.why}") if line.why else ""
    return parts.rate_note(viewer, line.rate)


def lines(viewer: Viewer, found: OfficeFigures) -> None:
    """Every indicator in one table, with the office's time limits beside it."""
    heads = ("indicator", "value", "of", "interval", "median", "p90", "limit")
    limits = office_limits(load.pack(viewer))
    parts.table(
        [viewer.t(f"indicators.head.{name}") for name in heads],
        [_row(viewer, line, limits) for line in found.lines],
        words_from=len(heads) - 1,
        stacks=True,
        about=[*(formula_of(line.name) for line in found.lines), "interval"],
    )
    parts.note(viewer.t("indicators.page.how"))


def _row(viewer: Viewer, line: Line, limits: dict[str, Any]) -> list[str]:
    dash = viewer.t("indicators.dash")
    span = line.interval
    interval = _interval(viewer, *span) if span else dash
    limit = limits_text(limits[line.name], viewer.language) if line.name in limits else dash
    return [
        _title(viewer, line.name), value_text(viewer, line),
        count_text(viewer, line) or dash, interval,
        *(_days(viewer, None if line.why else value) for value in (line.days, line.p90)), limit,
    ]  # fmt: skip


def _interval(viewer: Viewer, low: float, high: float) -> str:
    return f"{viewer.number(low * 100, 1)}–\u2060{viewer.percent(high)}"  # not broken at the dash


def formula_of(name: str) -> str:
    """A line's id in `reports.formulas`."""
    return "median_days" if name == "time" else name


def _title(viewer: Viewer, name: str) -> str:
    return viewer.t(f"indicators.line.{name}")


def _days(viewer: Viewer, value: float | None) -> str:
    return viewer.number(value, 1) if value is not None else viewer.t("indicators.dash")


def groups(viewer: Viewer, found: OfficeFigures) -> None:
    """One breakdown chosen: each group's figures, below ten cases none; only bodies are ranked."""
    by = address.one(
        st.segmented_control, viewer.t("indicators.groups.by"), BREAKDOWNS, name="by",
        key="indicators_by", usual=BREAKDOWNS[0], required=True,
        format_func=lambda name: viewer.t(f"indicators.groups.{name}"),
    )  # fmt: skip
    known, table = names(viewer, by), found.groups[by]
    order = [one for one in known if one in table.index]
    order += [one for one in table.index if one not in known]
    if not order:
        parts.note(viewer.t("indicators.why.none"))
        return
    columns = {"used": "opened"} if by == "desk" else dict(_RATES)
    if by in {"domain", "category"}:
        columns["held"] = "ripe"
    heads = [viewer.t(f"indicators.groups.{by}")]
    heads += [viewer.t("indicators.head.rank")] if by == "body" else []
    heads += [_title(viewer, name) for name in columns]
    heads += [] if by == "desk" else [viewer.t(f"indicators.head.{n}") for n in ("median", "p90")]
    rows = []
    for group in order:
        line = table.loc[group]
        cells = [known.get(group, group)]
        if by == "body":
            cells.append(viewer.number(None if pd.isna(line["rank"]) else line["rank"]))
        cells += [_group_rate(viewer, line, k, n) for k, n in columns.items()]
        if by != "desk":
            times = (line["median_days"], line["p90_days"])
            cells += [_days(viewer, None if pd.isna(one) else one) for one in times]
        rows.append(cells)
    about = [*columns, *(["rank"] if by == "body" else [])]
    about += [] if by == "desk" else ["median_days", "p90_days"]
    parts.table(heads, rows, stacks=True, about=about)
    parts.note(viewer.t(f"indicators.groups.note_{'desk' if by == 'desk' else 'cases'}"))


def bodies(viewer: Viewer, found: OfficeFigures) -> None:
    """The share on time of every body with ten answers due or more, in the bodies' fixed order."""
    known, table = names(viewer, "body"), found.groups["body"]
    order = [one for one in known if one in table.index and table.loc[one, "due"] > 0]
    rates = [Rate(int(table.loc[one, "on_time"]), int(table.loc[one, "due"])) for one in order]
    shares = [rate.share for rate in rates if not rate.is_small and rate.share is not None]
    if not shares:
        parts.note(viewer.t("charts.body.none"))
        return
    spans = [None if rate.is_small else wilson(rate.numerator, rate.denominator) for rate in rates]
    finding = viewer.t(
        f"charts.body.{'one' if len(shares) == 1 else 'all'}", shown=len(shares),
        low=viewer.percent(min(shares)), high=viewer.percent(max(shares)),
    )  # fmt: skip
    made = Chart(
        "rows", "on-time-by-body", finding, viewer.t("charts.body.what"),
        tuple(known[one] for one in order),
        (
            Series(
                _title(viewer, "on_time"),
                tuple(None if rate.is_small else rate.share for rate in rates),
                tuple(span and span[0] for span in spans),
                tuple(span and span[1] for span in spans),
            ),
        ),
        viewer.t("charts.unit.share"), "", is_share=True,
    )  # fmt: skip
    heads = [viewer.t("charts.body.name"), _title(viewer, "on_time"), viewer.t("charts.on_time.of")]
    rows = [
        [known[one], parts.rate_text(viewer, rate), parts.rate_note(viewer, rate)]
        for one, rate in zip(order, rates, strict=True)
    ]
    # between bodies and months covered rows could be taken from one another: the month's own
    # workbook below covers all of them together
    chart.show(viewer, made, heads, rows, None, why="charts.body.file", about=("on_time",))


def _group_rate(viewer: Viewer, line: pd.Series, some: str, among: str) -> str:
    rate = Rate(int(line[some]), int(line[among]))
    if rate.is_small:
        return parts.rate_text(viewer, rate)
    counts = parts.rate_note(viewer, rate).replace(" ", "\u00a0")
    return f"{viewer.percent(rate.share)} ({counts})"


def trends(viewer: Viewer, chosen: Filters) -> None:
    """A rate by month: the chart with its finding, and the table beside it."""
    name = address.one(
        st.segmented_control, viewer.t("indicators.trend.which"), TRENDS, name="trend",
        key="indicators_trend", usual="on_time", required=True,
        format_func=lambda one: _title(viewer, one),
    )  # fmt: skip
    rows = _trend(viewer, name, chosen)
    drawn = rows
    if not chosen.is_on:  # picture and workbook may leave the office: neither shows what is covered
        covered = [is_covered(_rate(row)) for row in _each(rows)]
        drawn = rows.assign(**{one: rows[one].mask(covered) for one in ("share", "low", "high")})
    said = drawn.dropna(subset=["share"])
    if len(said) < 2:
        parts.note(viewer.t("indicators.trend.none"))
        return
    heads = [viewer.t(f"indicators.head.{one}") for one in ("month", "value", "of", "interval")]
    cells = None if chosen.is_on else [[row.month, *leaving(_rate(row))] for row in _each(rows)]
    chart.show(
        viewer, _trend_chart(viewer, name, drawn, said), heads,
        [_month(viewer, row) for row in _each(rows)], cells, about=(name, "interval"),
    )  # fmt: skip
    parts.note(viewer.t("indicators.trend.how"))


@kept.county
def _trend(viewer: Viewer, name: str, chosen: Filters) -> pd.DataFrame:
    now = load.figures(viewer)
    labels = labels_of(now.cases, now.standing, served.inside(state.db(), viewer.scope))
    return trend(
        now.cases, now.table.events, now.standing, name, TREND_MONTHS, viewer.as_of,
        viewer.county.zone, chosen.holds(labels) if chosen.is_on else None,
    )  # fmt: skip


def _trend_chart(viewer: Viewer, name: str, rows: pd.DataFrame, said: pd.DataFrame) -> Chart:
    first, last = said.iloc[0], said.iloc[-1]
    way = "up" if last["low"] > first["high"] else "down" if last["high"] < first["low"] else "same"
    finding = viewer.t(
        f"indicators.trend.{way}", name=_title(viewer, name),
        first=formats.month(first["month"], viewer.language),
        before=viewer.percent(first["share"]),
        last=formats.month(last["month"], viewer.language),
        after=viewer.percent(last["share"]),
    )  # fmt: skip
    shown = [tuple(None if pd.isna(x) else float(x) for x in rows[one])
             for one in ("share", "low", "high")]  # fmt: skip
    return Chart(
        "lines", f"trend-{name}", finding, viewer.t("indicators.trend.what"),
        tuple(rows["month"]), (Series(_title(viewer, name), *shown),),
        viewer.t("charts.unit.month"), _title(viewer, name), is_share=True,
    )  # fmt: skip


def _each(rows: pd.DataFrame) -> list[Any]:
    return list(rows.itertuples())


def _rate(row: Any) -> Rate:
    return Rate(int(row.numerator), int(row.denominator))


def _month(viewer: Viewer, row: Any) -> list[str]:
    rate, month = _rate(row), formats.month(row.month, viewer.language)
    if rate.is_small:
        why = viewer.t("indicators.why.small" if rate.denominator else "indicators.why.none")
        return [month, parts.rate_text(viewer, rate), why, viewer.t("indicators.dash")]
    interval = _interval(viewer, row.low, row.high)
    return [month, viewer.percent(row.share), parts.rate_note(viewer, rate), interval]


def download(viewer: Viewer, window: Window, chosen: Filters) -> None:
    """The workbook of a settled month, covered as in public; else why there is none."""
    month = f"{window.first:%Y-%m}"
    is_month = is_whole_months(window) and f"{window.last:%Y-%m}" == month
    if not is_month or chosen.is_on:
        parts.note(viewer.t("indicators.file.only_month"))
    elif window.known_at(viewer.county.zone) > viewer.as_of:
        parts.note(viewer.t("indicators.file.not_settled"))
    else:
        name = f"indicators-{month}.xlsx"
        making.offer(
            viewer, st, viewer.t("indicators.file.xlsx"), partial(_file, viewer, month, name),
            name, XLSX, what="indicators_xlsx", key="indicators_xlsx",
        )  # fmt: skip
        parts.note(viewer.t("indicators.file.how"))
    making.shown(viewer, "supervisor", "leader")


def _file(viewer: Viewer, month: str, name: str) -> bytes:
    now = load.figures(viewer)
    rows, known = served.month_rows(state.db(), viewer.scope, now, month, viewer.as_of)
    write_export(state.db(), viewer.scope, name)
    return month_book(viewer, month, rows, known)


def month_book(
    viewer: Viewer, month: str, rows: list[dict[str, Any]], known: dict[str, list[dict[str, Any]]]
) -> bytes:
    """Covered rows as a workbook, one sheet per breakdown."""
    heads = ("group", "indicator", "numerator", "denominator", "share", "low", "high", "days")
    notes = [f"{viewer.county_name} · {month}", viewer.t("figures.mark")]
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    sheets = []
    for by in dict.fromkeys(row["by"] for row in rows):
        called = {one["id"]: one[viewer.language] for one in known.get(by, [])}
        lines: list[list[Cell]] = []
        for row in rows:
            if row["by"] != by:
                continue
            who = viewer.county_name if by == "county" else called.get(row["group"], row["group"])
            cells: list[Cell] = [who, viewer.t(f"figures.indicator.{row['indicator']}")]
            values = [row.get(head) for head in heads[2:]]
            cells += [HIDDEN if row["covered"] else value for value in values]
            lines.append(cells)
        title = viewer.t(f"indicators.file.by_{by}")
        sheets.append(Sheet(title, notes, [viewer.t(f"indicators.file.{h}") for h in heads], lines))
    return book(sheets)
