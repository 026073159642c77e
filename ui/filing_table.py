"""Desk × day as a table and months as calendars, in plain HTML that reads in grey and by keyboard.

Every cell holds a letter or a figure and, for screen readers, its state in words; colour only
repeats them.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd
import streamlit as st

from reports.filing import STATES
from reports.filing_span import counts_by, silence
from wording import formats

from .guard import Viewer

MOST_DAYS = 45
"""Asked days a matrix shows; longer spans show their newest ones and say so."""
SHARES = ("all", "most", "some", "few")
"""Classes of a county's day by the share that filed; the figures stand in the cell."""


def legend(viewer: Viewer, matrix: pd.DataFrame) -> None:
    """Every state with its mark, its name and how many desk-days it has."""
    counts = matrix["state"].value_counts()
    items = (
        (state, _mark(viewer, state), viewer.t(f"reports.filing.state.{state}"),
         viewer.number(int(counts.get(state, 0))))
        for state in STATES
    )  # fmt: skip
    _keys(viewer.t("desks.table.legend"), items)


def _keys(note: str, items: Iterable[tuple[str, str, str, str]]) -> None:
    """Marks and what they mean: (state for the style sheet, mark as HTML, name, number)."""
    listed = "".join(
        f'<span role="listitem"><span class="zf-key zf-{state}">{mark}</span>'
        f"{escape(name)} <b>{escape(number)}</b></span>"
        for state, mark, name, number in items
    )
    st.html(
        f'<div class="zj-note">{escape(note)}</div>'
        f'<div class="zf-legend" role="list">{listed}</div>'
    )


def matrix_table(viewer: Viewer, matrix: pd.DataFrame, names: Mapping[str, str], said: str) -> None:
    """A row per desk, a column per asked day; then what was filed of what was due, and the run.

    Args:
        matrix: rows of a `filing_matrix`, not empty. said: the caption.
    """
    days = sorted(matrix["period"].unique())
    if len(days) > MOST_DAYS:
        shown, every = viewer.number(MOST_DAYS), viewer.number(len(days))
        st.caption(viewer.t("desks.table.newest", shown=shown, all=every))
    days = days[-MOST_DAYS:]
    cells = {(row.township_code, row.period): row.state for row in matrix.itertuples()}
    counts, runs = counts_by(matrix, "township_code"), silence(matrix)["silent_days"]
    heads = [escape(viewer.t(f"desks.table.{name}")) for name in ("desk", "share", "silent")]
    before = [None, *days]
    for day, last in zip(days, before, strict=False):
        is_new = last is None or day.month != last.month
        date = f"{day.month}/{day.day}" if is_new else str(day.day)
        heads.append(f"{date}<br>{_weekday(viewer, day)}")
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    rows = []
    for code in sorted(runs.index):
        of = counts.loc[code]
        filed = f"{of['filed']}/{of['expected']}" if of["expected"] else "—"
        line = f'<td class="n">{filed}</td><td class="n">{runs[code]}</td>'
        line += "".join(_cell(viewer, cells.get((code, day))) for day in days)
        rows.append(f'<tr><th scope="row">{escape(names.get(code, code))}</th>{line}</tr>')
    table = (
        f'<table class="zf"><caption>{escape(said)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    _scrolling(said, table)


def calendars(
    viewer: Viewer, matrix: pd.DataFrame, months: list[dt.date], level: str, *, one_desk: bool
) -> None:
    """Months as calendars: of one desk its state each day, of more what share of them filed.

    Args:
        months: first days of months. level: the desk's or the county's name.
    """
    if one_desk:
        days = {row.period.date(): _cell_of_day(viewer, row) for row in matrix.itertuples()}
    else:
        counts = counts_by(matrix, "period")
        days = {row.Index.date(): _share_of_day(viewer, row) for row in counts.itertuples()}
        keys = ((name, "&nbsp;", viewer.t(f"desks.calendar.{name}"), "") for name in SHARES)
        _keys(viewer.t("desks.table.legend_share"), keys)
    made = "".join(_month(viewer, month, days, level) for month in months)
    _scrolling(level, f'<div class="zf-months">{made}</div>')


def _month(viewer: Viewer, month: dt.date, days: Mapping[dt.date, str], level: str) -> str:
    said = viewer.t(
        "desks.calendar.title", month=formats.month(month, viewer.language), level=level
    )
    head = "".join(
        f'<th scope="col">{escape(viewer.t(f"desks.weekday.d{number}"))}</th>'
        for number in range(7)
    )
    off = escape(viewer.t("desks.calendar.not_asked"))
    rows = ""
    for week in calendar.Calendar().monthdatescalendar(month.year, month.month):
        line = ""
        for day in week:
            if day.month != month.month:
                line += '<td class="blank"></td>'
            elif day in days:
                line += days[day]
            else:
                line += _day_cell(viewer, day, "off", "", "" if day > viewer.today else off)
        rows += f"<tr>{line}</tr>"
    head = f"<caption>{escape(said)}</caption><thead><tr>{head}</tr></thead>"
    return f'<table class="zf cal">{head}<tbody>{rows}</tbody></table>'


def _cell_of_day(viewer: Viewer, row: object) -> str:
    state = str(row.state)  # type: ignore[attr-defined]
    words = escape(viewer.t(f"reports.filing.state.{state}"))
    day = row.period.date()  # type: ignore[attr-defined]
    return _day_cell(viewer, day, f"zf-{state}", _mark(viewer, state), words)


def _share_of_day(viewer: Viewer, row: object) -> str:
    expected, filed, wrong = row.expected, row.filed, row.contradicted  # type: ignore[attr-defined]
    day = row.Index.date()  # type: ignore[attr-defined]
    if not expected:
        is_open = row.not_due > 0  # type: ignore[attr-defined]
        state = "open" if is_open else "excused"
        words = viewer.t(f"desks.calendar.{'not_yet' if is_open else 'excused_all'}")
        return _day_cell(viewer, day, f"zf-{state}", _mark(viewer, state), escape(words))
    share = filed / expected
    name = SHARES[0 if share == 1 else 1 if share >= 0.9 else 2 if share >= 0.5 else 3]
    shown = f"{filed}/{expected}"
    if wrong:
        shown += f"<br>{_mark(viewer, 'contradicted')}{wrong}"
    words = viewer.t(
        "desks.calendar.county_day", expected=expected, filed=filed, contradicted=wrong
    )
    return _day_cell(viewer, day, f"zf-{name}", shown, escape(words))


def _day_cell(viewer: Viewer, day: dt.date, css: str, shown: str, words: str) -> str:
    """A day of a month: its number, what is shown, and the same in words for those who hear it."""
    number = escape(viewer.t("desks.calendar.day", day=day.day))
    hidden = f'<span class="zf-hidden">{number} {words}</span>'
    title = f' title="{words}"' if words else ""
    seen = f'<span aria-hidden="true"><small>{day.day}</small>{shown}</span>'
    return f'<td class="{css}"{title}>{seen}{hidden}</td>'


def _cell(viewer: Viewer, state: str | None) -> str:
    if state is None:
        return '<td class="none"></td>'
    words = escape(viewer.t(f"reports.filing.state.{state}"))
    return (
        f'<td class="zf-{state}" title="{words}"><span aria-hidden="true">{_mark(viewer, state)}'
        f'</span><span class="zf-hidden">{words}</span></td>'
    )


def _mark(viewer: Viewer, state: str) -> str:
    return escape(viewer.t(f"desks.mark.{state}"))


def _weekday(viewer: Viewer, day: pd.Timestamp) -> str:
    return escape(viewer.t(f"desks.weekday.d{day.weekday()}"))


def _scrolling(label: str, html: str) -> None:
    """A wide table in a region that the keyboard reaches and scrolls."""
    st.html(
        f'<div class="zf-scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"{html}</div>"
    )
