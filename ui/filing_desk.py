"""A clerk's own desk: today first, then earlier days, the month, what was corrected."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from settings import ROOT
from wording import formats

from . import address, filing_county, filing_form, filing_table, load, parts
from .filing_filters import LOOK_BACK, Choice
from .guard import Viewer

_ASKS = ("missing", "contradicted")
MOST_NAMED = 5
"""Missing days named in the sentence; all stand in the list below it."""


def own_days(viewer: Viewer) -> pd.DataFrame:
    """The desk's rows of a `filing_matrix`, the last days up to today."""
    return load.desk_days(viewer, viewer.today - dt.timedelta(days=LOOK_BACK), viewer.today)


def show(viewer: Viewer) -> None:
    """The clerk's page, today's filing on top."""
    matrix = own_days(viewer)
    today = matrix[matrix["period"] == pd.Timestamp(viewer.today)]
    words = viewer.day(viewer.today, weekday=True)
    if today.empty:
        parts.empty(viewer, "ui.filing.not_asked", day=words)
    else:
        st.header(viewer.t("desks.clerk.today", day=words), anchor=False)
        filing_form.day_form(viewer, next(today.itertuples()), "file")
    if matrix.empty:
        parts.empty(viewer, "desks.nothing_asked", days=LOOK_BACK)
        return
    _earlier(viewer, matrix[matrix["period"] < pd.Timestamp(viewer.today)])
    first = viewer.today.replace(day=1)
    month = formats.month(first, viewer.language)
    st.header(viewer.t("desks.clerk.own", month=month), anchor=False)
    days = matrix[matrix["period"] >= pd.Timestamp(first)]
    filing_table.legend(viewer, days)
    name = load.township_names(viewer)[matrix["township_code"].iloc[0]]
    filing_table.calendars(viewer, days, [first], name, one_desk=True)
    since = viewer.today - dt.timedelta(days=LOOK_BACK)
    filing_county.corrections(viewer, Choice("month", "", since, viewer.today, ()))


def _earlier(viewer: Viewer, days: pd.DataFrame) -> None:
    """Days before today: those not filed are filed late, others corrected."""
    st.header(viewer.t("desks.clerk.earlier"), anchor=False)
    newest_first = days.sort_values("period", ascending=False)
    missing = newest_first.loc[newest_first["state"] == "missing", "period"]
    if missing.empty:
        parts.note(viewer.t("desks.clerk.earlier_none", days=LOOK_BACK))
    else:
        named = [viewer.day(day.date()) for day in missing[:MOST_NAMED]]
        if len(missing) > MOST_NAMED:
            named.append(viewer.t("desks.clerk.more"))
        said = viewer.t(
            "desks.clerk.earlier_missing", days=LOOK_BACK, count=viewer.number(len(missing)),
            list=viewer.t("desks.remind.separator").join(named),
        )  # fmt: skip
        st.warning(said)
    rows: dict[dt.date, Any] = {row.period.date(): row for row in newest_first.itertuples()}
    # what asks for something comes first: a thumb should not have to scroll for it
    ordered = sorted(rows, key=lambda day: (rows[day].state not in _ASKS, -day.toordinal()))
    day: dt.date | None = address.one(
        st.selectbox, viewer.t("desks.clerk.earlier_day"), ordered, name="day", key="filing_day",
        usual=None,
        format_func=lambda day: viewer.t(
            "desks.clerk.earlier_option", day=viewer.day(day, weekday=True),
            state=parts.desk_state(viewer, rows[day]),
        ),
        placeholder=viewer.t("desks.clerk.pick"),
    )  # fmt: skip
    if day is not None:
        filing_form.day_form(viewer, rows[day], f"past_{day}")


def link(viewer: Viewer) -> None:
    """Today's filing in one line on the work list, one press away from its page."""
    matrix = own_days(viewer)
    today = matrix[matrix["period"] == pd.Timestamp(viewer.today)]
    if today.empty:
        return
    state = parts.desk_state(viewer, next(today.itertuples()))
    day = viewer.day(viewer.today)
    with st.container(key="to_filing"):
        st.page_link(
            ROOT / "pages" / "filing.py",
            label=viewer.t("desks.clerk.to_page", day=day, state=state),
            width="stretch",
        )
