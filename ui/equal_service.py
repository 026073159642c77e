"""Equal service on screen: the questions in plain words, funnel, curves, and what is too few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from data.vocabulary import CHANNELS
from reports.charts import Chart, Series
from reports.covering import cover_list
from reports.equal_service import Against, Comparison, compare, funnel_limits
from reports.figures_book import Cell
from reports.indicators import Window
from reports.monthly_page import HIDDEN
from reports.office_lines import Filters
from reports.rates import FEWEST
from reports.waiting import quantile_days, survival

from . import address, chart, indicators, load, parts
from .guard import Viewer

COMPARED = ("township", "channel", "category")
FEWEST_DRAWN = 3
_SHARES = (0.25, 0.5, 0.75, 0.9)
"""A funnel of fewer groups says nothing that the table does not."""


def strata(viewer: Viewer, window: Window) -> pd.DataFrame:
    """The cases due in a window, one row each (`reports.monthly.strata_of`)."""
    return indicators.figures(viewer, window, Filters()).strata


def choose(viewer: Viewer) -> str:
    """What is compared; kept in the address."""
    return address.one(
        st.segmented_control, viewer.t("indicators.equal.by"), COMPARED, name="by",
        key="equal_by", usual=COMPARED[0], required=True,
        format_func=lambda name: viewer.t(f"indicators.equal.{name}"),
    )  # fmt: skip


def names(viewer: Viewer, by: str) -> dict[str, str]:
    """Names of the groups in their fixed order, by id."""
    if by == "township":
        return {str(one): str(name) for one, name in load.township_names(viewer).items()}
    if by == "channel":
        return {one: viewer.t(f"words.channel.{one}") for one in CHANNELS}
    return indicators.names(viewer, by)


def compared(rows: pd.DataFrame, by: str, known: dict[str, str]) -> tuple[Comparison, list[str]]:
    """The comparison of all groups with ten answers due or more, and the ids of those with fewer.

    Groups with fewer are part of what is expected and stand in no row.
    """
    due = rows.groupby(by, observed=True)["due"].sum() if len(rows) else pd.Series(dtype="int64")
    order = [*known, *sorted(set(due.index) - set(known))]
    few = [one for one in order if 0 < due.get(one, 0) < FEWEST]
    return compare(rows, by, [one for one in order if due.get(one, 0) >= FEWEST]), few


def questions(viewer: Viewer, found: Comparison, few: list[str], known: dict[str, str]) -> None:
    """What the office is asked, sentence by sentence; or that there is nothing, and why."""
    said = [line for row in found.rows for line in _asked(viewer, row, known)]
    if not found.rows:
        parts.note(viewer.t("indicators.equal.nothing"))
    else:
        parts.lines(said or [viewer.t("indicators.equal.none", count=len(found.rows))])
    comma = viewer.t("indicators.equal.comma")
    if few:
        called = comma.join(known.get(one, one) for one in few)
        parts.note(viewer.t("indicators.equal.few", names=called))
    zero = [name for one, name in known.items() if one not in {r.group for r in found.rows}
            and one not in few]  # fmt: skip
    if zero and found.rows:
        parts.note(viewer.t("indicators.equal.zero", names=comma.join(zero)))


def _asked(viewer: Viewer, row: Against, known: dict[str, str]) -> list[str]:
    name, said = known.get(row.group, row.group), []
    if row.is_question:
        more = "more" if row.ratio > 1 else "less"
        said.append(
            viewer.t(
                f"indicators.equal.late_{more}", name=name,
                expected=viewer.number(row.expected, 1), late=viewer.number(row.late),
                ratio=viewer.number(row.ratio, 2), low=viewer.number(row.low, 2),
                high=viewer.number(row.high, 2),
            )
        )  # fmt: skip
    if row.is_time_question:
        days, rest = row.days, row.rest_days
        way = "other"
        if days is not None and rest is not None and round(days) != round(rest):
            way = "slower" if days > rest else "quicker"
        said.append(
            viewer.t(
                f"indicators.equal.time_{way}", name=name, days=viewer.number(days),
                rest=viewer.number(rest),
            )
        )  # fmt: skip
    return said


def is_quarter(window: Window) -> bool:
    """Whether a window is one calendar quarter: two of them never overlap."""
    quarter = pd.Period(window.first, "Q")
    return (quarter.start_time.date(), quarter.end_time.date()) == (window.first, window.last)


def _safe(found: Comparison) -> list[bool]:
    """Which groups' late answers may leave the office: neither they nor the others are few, and
    no covered one follows from the rest."""
    late = pd.Series([row.late for row in found.rows], dtype="int64")
    rest = pd.Series([row.due - row.late for row in found.rows], dtype="int64")
    shown = cover_list(late)[0].notna() & cover_list(rest)[0].notna()
    return [bool(one) for one in shown]


def funnel_of(
    viewer: Viewer, window: Window, by: str, found: Comparison, known: dict[str, str]
) -> None:
    """The funnel plot of at least three groups."""
    if len(found.rows) < FEWEST_DRAWN:
        return
    rows, t = found.rows, viewer.t
    count = sum(row.is_question for row in rows)
    finding = t(
        f"indicators.equal.funnel_{'some' if count else 'none'}", count=count, shown=len(rows)
    )
    safe = _safe(found)
    limits = [funnel_limits(row.expected, found.dispersion) for row in rows]
    made = Chart(
        "funnel", f"late-by-{by}", finding, t("indicators.equal.funnel_what"), (),
        (
            Series("", tuple(r.ratio if ok else None for r, ok in zip(rows, safe, strict=True))),
            Series("", (), tuple(low for low, _ in limits), tuple(high for _, high in limits)),
        ),
        t("charts.unit.expected"), t("charts.unit.ratio"), at=tuple(r.expected for r in rows),
        marks=tuple(known.get(r.group, r.group) if r.is_question else "" for r in rows),
    )  # fmt: skip
    heads = [t("indicators.equal.group")]
    heads += [t(f"figures.column.{name}") for name in ("late", "expected", "ratio")]
    lines = [
        [known.get(r.group, r.group), viewer.number(r.late), viewer.number(r.expected, 1),
         viewer.number(r.ratio, 2)]
        for r in rows
    ]  # fmt: skip
    cells: list[list[Cell]] = [
        [known.get(r.group, r.group), *((r.late, r.expected, r.ratio) if ok else (HIDDEN,) * 3)]
        for r, ok in zip(rows, safe, strict=True)
    ]
    files = (
        cells
        if is_quarter(window) and window.known_at(viewer.county.zone) <= viewer.as_of
        else None
    )
    about = ("late_against_expected",)
    chart.show(viewer, made, heads, lines, files, why="charts.no_span", about=about)
    if found.dispersion > 1:
        times = viewer.number(found.dispersion, 1)
        parts.note(viewer.t("indicators.equal.dispersion", times=times))


def curves(
    viewer: Viewer, rows: pd.DataFrame, by: str, found: Comparison, known: dict[str, str]
) -> None:
    """One group's waiting times against all others', the group asked about first."""
    groups = [row.group for row in found.rows]
    asked = [row.group for row in found.rows if row.is_time_question or row.is_question]
    group = address.one(
        st.selectbox, viewer.t("indicators.equal.curve_of"), groups, name="group",
        key=f"equal_curve_{by}", usual=(asked or groups)[0],
        format_func=lambda one: known.get(one, one),
    )  # fmt: skip
    waits = rows[rows["days"] >= 0]
    inside = waits[by] == group
    sides = [waits[inside], waits[~inside]]
    if min(len(side) for side in sides) < FEWEST:
        parts.note(viewer.t("indicators.equal.curve_none"))
        return
    name = known.get(group, group)
    half = [quantile_days(side["days"], side["is_ended"], 0.5) for side in sides]
    key = "curve_open" if None in half else "curve"
    finding = viewer.t(
        f"indicators.equal.{key}", name=name, days=viewer.number(half[0]),
        rest=viewer.number(half[1]),
    )  # fmt: skip
    named = (name, viewer.t("indicators.equal.rest"))
    made = _waiting(viewer, named, sides, finding, f"waiting-{by}")
    if made is None:
        return
    heads = [
        viewer.t("indicators.equal.answered"),
        *(f"{x} {viewer.t('charts.days')}" for x in named),
    ]
    ends = [
        [viewer.number(quantile_days(side["days"], side["is_ended"], share)) for side in sides]
        for share in _SHARES
    ]
    rows = [[viewer.percent(x, 0), *days] for x, days in zip(_SHARES, ends, strict=True)]
    about = ("time_against_rest",)
    chart.show(viewer, made, heads, rows, None, why="charts.no_curve", about=about)


def _waiting(
    viewer: Viewer, named: tuple[str, str], sides: list[pd.DataFrame], finding: str, name: str
) -> Chart | None:
    """The share still waiting by days since asking (Kaplan-Meier); None without a case."""
    curves = [survival(side["days"], side["is_ended"]) for side in sides]
    if not all(len(times) for times, _ in curves):
        return None
    last = max(30.0, *(float(np.quantile(times, 0.98)) for times, _ in curves))
    grid = np.arange(int(last) + 1)
    series = []
    for called, (times, still) in zip(named, curves, strict=True):
        place = np.searchsorted(times, grid, "right")
        after = np.concatenate([[1.0], still])[place]
        series.append(Series(called, tuple(float(share) for share in after)))
    return Chart(
        "steps", name, finding, viewer.t("indicators.equal.curve_what"), (), tuple(series),
        viewer.t("charts.unit.days"), viewer.t("charts.unit.share_waiting"), is_share=True,
        at=tuple(float(day) for day in grid),
    )  # fmt: skip


def table(viewer: Viewer, found: Comparison, known: dict[str, str]) -> None:
    """Every comparison in numbers, in the fixed order of the groups."""
    heads = [viewer.t("indicators.equal.group")]
    columns = ("due", "late", "expected", "ratio", "days", "question")
    heads += [viewer.t(f"figures.column.{name}") for name in columns]
    lines = []
    for row in found.rows:
        interval = f"{viewer.number(row.low, 2)}–{viewer.number(row.high, 2)}"
        asked = {(False, False): "none", (True, False): "late", (False, True): "time"}
        word = asked.get((row.is_question, row.is_time_question), "both")
        days = viewer.t(
            "figures.days_elsewhere", days=viewer.number(row.days),
            rest=viewer.number(row.rest_days),
        )  # fmt: skip
        lines.append([
            known.get(row.group, row.group), viewer.number(row.due), viewer.number(row.late),
            viewer.number(row.expected, 1), f"{viewer.number(row.ratio, 2)} [{interval}]", days,
            viewer.t(f"figures.question.{word}"),
        ])  # fmt: skip
    about = ("due", "late_against_expected", "time_against_rest", "question")
    parts.table(heads, lines, stacks=True, about=about)
