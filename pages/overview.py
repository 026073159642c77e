"""Is the service on time, where are answers owed, who has not filed?"""

import datetime as dt

import streamlit as st

from reports.daily import WINDOW_DAYS
from reports.indicators import Window, service_figures
from ui import guard, load, parts

BODIES_SHOWN, DESKS_SHOWN = 9, 12

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "overview")
found = load.figures(viewer)
if found.table.cases.empty:
    parts.empty(viewer, "ui.overview.empty")
    st.stop()

window = Window(viewer.today - dt.timedelta(days=WINDOW_DAYS - 1), viewer.today)
cases, events = found.table
figures = service_figures(cases, events, found.standing, window, viewer.as_of, viewer.county.zone)
report = load.today(viewer)

span = {"first": viewer.day(window.first), "last": viewer.day(window.last)}
st.subheader(viewer.t("ui.overview.figures", days=WINDOW_DAYS, **span), anchor=False)
rates = {
    "acceptance": figures.acceptance,
    "on_time": figures.answers.rate,
    "held": figures.held,
    "satisfaction": figures.satisfaction,
    "receipts": figures.receipts_used,
}
if viewer.county.kind == "open_data":  # an extract comes without receipts: 0 % would be no figure
    del rates["receipts"]
parts.figures_row(
    parts.rate_figure(viewer, viewer.t(f"ui.overview.{name}"), rate) for name, rate in rates.items()
)
five = figures.answers
parts.note(
    viewer.t(
        "ui.overview.five",
        total=viewer.number(five.total), on_time=viewer.number(five.on_time),
        late=viewer.number(five.late), late_open=viewer.number(five.late_open),
        ended=viewer.number(five.ended_otherwise), not_due=viewer.number(five.not_due),
        median=viewer.number(figures.median_days), p90=viewer.number(figures.p90_days),
    )
)  # fmt: skip

owed, filing = st.columns([3, 1], gap="large")
with owed:
    st.subheader(viewer.t("ui.overview.by_body"), anchor=False)
    count, overdue = report.open_now.today, report.overdue
    late, share = viewer.number(overdue.numerator), viewer.percent(overdue.share)
    parts.note(viewer.t("ui.overview.open", open=viewer.number(count), overdue=late, share=share))
    names = load.body_names(viewer)
    marks = ("very_late", "overdue", "due_soon", "backlog")
    if not report.priority:
        parts.empty(viewer, "ui.overview.none_due")
    else:
        parts.table(
            [viewer.t("ui.overview.body"), *(viewer.t(f"ui.overview.{mark}") for mark in marks)],
            [
                [names.get(row.body_id, "—"), *(viewer.number(getattr(row, m)) for m in marks)]
                for row in report.priority[:BODIES_SHOWN]
            ],
        )
        if (left := len(report.priority) - BODIES_SHOWN) > 0:
            parts.note(viewer.t("ui.overview.more", count=left))
with filing:
    st.subheader(viewer.t("ui.overview.filing"), anchor=False)
    if report.filing is None:
        parts.note(viewer.t("ui.overview.filing_none"))
    elif not report.reminders:
        parts.note(viewer.t("ui.overview.filing_all"))
    else:
        parts.note(viewer.t("ui.overview.remind", count=len(report.reminders)))
        parts.lines(parts.silent_desk(viewer, desk) for desk in report.reminders[:DESKS_SHOWN])
        if (left := len(report.reminders) - DESKS_SHOWN) > 0:
            parts.note(viewer.t("ui.overview.more_desks", count=left))
