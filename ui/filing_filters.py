"""Which desks and days a filing page is about; what is chosen stays in the address."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from . import address, load, parts
from .guard import Viewer

VIEWS = ("matrix", "month", "quarter")
LOOK_BACK = 92
"""Days that reminders, runs of silence and late filings look back: the longest quarter."""
_USUAL_DAYS = 30
_COUNTY = ""


@dataclass(frozen=True)
class Choice:
    """What is shown: a view of `VIEWS`, one desk's code (empty = the county), days in order.

    months: first days of the months a calendar shows; empty for the matrix.
    """

    view: str
    desk: str
    first: dt.date
    last: dt.date
    months: tuple[dt.date, ...]


def choose(viewer: Viewer) -> Choice | None:
    """The filters as one row; None, with a sentence, where the days are in the wrong order."""
    today, names = viewer.today, load.township_names(viewer)
    ended = load.townships(viewer).set_index("township_code")["valid_to"] < str(today)
    kind, desk_at, from_at, to_at = st.columns([2, 2, 1, 1], vertical_alignment="bottom")
    view = address.one(
        kind.segmented_control, viewer.t("desks.filter.view"), VIEWS, name="view",
        key="filing_view", usual=VIEWS[0], required=True,
        format_func=lambda name: viewer.t(f"desks.filter.{name}"),
    )  # fmt: skip

    def named(code: str) -> str:
        if code == _COUNTY:
            return viewer.t("desks.filter.county")
        return viewer.t("desks.filter.closed", name=names[code]) if ended[code] else names[code]

    desk = address.one(
        desk_at.selectbox, viewer.t("desks.filter.desk"), [_COUNTY, *names.index], name="desk",
        key="filing_desk", usual=_COUNTY, format_func=named,
    )  # fmt: skip
    if view == "matrix":
        first = _day(viewer, from_at, "first", "from", today - dt.timedelta(days=_USUAL_DAYS))
        last = _day(viewer, to_at, "last", "to", today)
        if first > last:
            st.error(viewer.t("desks.error.order"))
            return None
        return Choice(view, desk, first, last, ())
    day = _day(viewer, from_at, "of_day", "on", today)
    months = months_of(day, 1 if view == "month" else 3)
    end = months[-1].replace(day=calendar.monthrange(day.year, months[-1].month)[1])
    return Choice(view, desk, months[0], min(end, today), months)


def months_of(day: dt.date, count: int) -> tuple[dt.date, ...]:
    """First days of the month (`count` 1) or quarter (3) in which a day lies."""
    first = (day.month - 1) // count * count + 1
    return tuple(dt.date(day.year, first + number, 1) for number in range(count))


def _day(viewer: Viewer, column: DeltaGenerator, name: str, key: str, usual: dt.date) -> dt.date:
    # an earlier day chosen in the sidebar may leave a day that has not come yet by then
    return address.day(
        column.date_input, viewer.t(f"desks.filter.{name}"), name=key, key=f"filing_{key}",
        usual=usual, first=parts.FIRST_DAY, last=viewer.today,
    )  # fmt: skip
