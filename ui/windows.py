"""The window a page of figures speaks of: week, month, quarter or any span; kept in the address."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from reports.indicators import Window
from wording import formats

from . import address, parts
from .guard import Viewer

KINDS = ("week", "month", "quarter", "span")
_FREQUENCY = {"week": ("W-SUN", 26), "month": ("M", 36), "quarter": ("Q-DEC", 12)}
"""How a kind is counted, and how many of them can be chosen."""
_USUAL_DAYS = 90


def choose(viewer: Viewer, page: str, usual: str = "month") -> Window:
    """The window chosen on a page; the newest one that is settled is preset."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    kind = address.one(
        left.segmented_control, viewer.t("indicators.window.kind"), KINDS, name="window",
        key=f"{page}_kind", usual=usual, required=True, is_always_said=True,
        format_func=lambda name: viewer.t(f"indicators.window.{name}"),
    )  # fmt: skip
    with right:
        window = _span(viewer, page) if kind == "span" else _one_of(viewer, page, kind)
    # the days always stand there: a link opens the same ones a month later
    address.keep("from", window.first.isoformat())
    address.keep("to", window.last.isoformat())
    return window


def known_sentence(viewer: Viewer, window: Window, as_of: dt.datetime) -> str:
    """Of which days the figures are, and as known when."""
    key = "settled" if window.known_at(viewer.county.zone) <= viewer.as_of else "running"
    return viewer.t(
        f"indicators.window.{key}", first=viewer.day(window.first), last=viewer.day(window.last),
        known=viewer.moment(as_of),
    )  # fmt: skip


def _one_of(viewer: Viewer, page: str, kind: str) -> Window:
    frequency, count = _FREQUENCY[kind]
    newest = pd.Period(viewer.today, frequency)
    windows = {
        period.start_time.date(): Window(period.start_time.date(), period.end_time.date())
        for period in (newest - n for n in range(count))
    }
    settled = [
        first for first, one in windows.items() if one.known_at(viewer.county.zone) <= viewer.as_of
    ]
    key, kept = f"{page}_{kind}", address.day_of("from")
    if st.session_state.get(key) not in windows:
        st.session_state[key] = kept if kept in windows else settled[0]
    first = st.selectbox(
        viewer.t(f"indicators.window.which_{kind}"), list(windows), key=key,
        format_func=lambda day: _name(viewer, kind, windows[day]),
    )  # fmt: skip
    return windows[first]


def _name(viewer: Viewer, kind: str, window: Window) -> str:
    if kind == "month":
        return formats.month(window.first, viewer.language)
    if kind == "quarter":
        number = (window.first.month + 2) // 3
        return viewer.t("indicators.window.quarter_name", year=window.first.year, number=number)
    return formats.span(window.first, window.last, viewer.language)


def _span(viewer: Viewer, page: str) -> Window:
    """Any days; an end before its beginning is said and taken for one day."""
    last_usual = viewer.today
    usual = (
        address.day_of("from") or last_usual - dt.timedelta(days=_USUAL_DAYS - 1),
        address.day_of("to"),
    )
    ends = (usual[0], usual[1] or last_usual)
    chosen = []
    furthest = viewer.today + dt.timedelta(days=366)
    for name, value, column in zip(("first", "last"), ends, st.columns(2), strict=True):
        key = f"{page}_{name}"
        st.session_state.setdefault(key, min(max(value, parts.FIRST_DAY), furthest))
        day = column.date_input(
            viewer.t(f"indicators.window.{name}"), key=key, min_value=parts.FIRST_DAY,
            max_value=furthest, format="YYYY-MM-DD",
        )  # fmt: skip
        chosen.append(day if isinstance(day, dt.date) else value)
    if chosen[1] < chosen[0]:
        st.warning(viewer.t("indicators.window.turned"))
        return Window(chosen[0], chosen[0])
    return Window(*chosen)
