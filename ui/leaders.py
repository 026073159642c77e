"""One screen for who leads: five figures with change and target, map, bodies, silent desks."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from data import issues
from data.audit import write_export
from reports.daily import WINDOW_DAYS
from reports.daily_facts import DailyReport, LikelyLate
from reports.files import MIME
from reports.indicators import ServiceFigures, Window
from reports.monthly_page import limits_text
from reports.pictures import ON_SCREEN
from reports.rates import Rate
from service import report as served
from service.publish import office_limits

from . import assign, load, making, parts, state
from .guard import Viewer

BODIES_SHOWN, DESKS_SHOWN = 8, 8
FIGURES = ("acceptance", "on_time", "held", "satisfaction", "receipts")
TARGETS = {"acceptance": "decided_in_time", "on_time": "on_time"}
FORMULAS = {
    "acceptance": "decided_in_time", "on_time": "on_time", "held": "held",
    "satisfaction": "satisfied", "receipts": "used",
}  # fmt: skip
"""Figures of the office's own time, and whose limits they are held against; others have none."""


def window_of(viewer: Viewer) -> Window:
    """The window the five figures are of; it ends on the viewer's day."""
    return Window(viewer.today - dt.timedelta(days=WINDOW_DAYS - 1), viewer.today)


def figures(viewer: Viewer) -> None:
    """The five service figures, each with its change since the window before and its target."""
    window = window_of(viewer)
    earlier = Window(
        window.first - dt.timedelta(days=WINDOW_DAYS), window.first - dt.timedelta(days=1)
    )
    now, before = load.window_figures(viewer, window), load.window_figures(viewer, earlier)
    if now is None:
        return
    targets = office_limits(load.pack(viewer))
    shown = [name for name in FIGURES if _is_had(viewer, name)]
    parts.figures_row(
        parts.Figure(
            viewer.t(f"ui.overview.{name}"),
            parts.rate_text(viewer, _rate(now, name)),
            viewer.t("ui.overview.note", of=parts.rate_note(viewer, _rate(now, name)),
                     change=_change(viewer, name, now, before),
                     target=_target(viewer, name, targets)),
            FORMULAS[name],
        )
        for name in shown
    )  # fmt: skip


def _is_had(viewer: Viewer, name: str) -> bool:
    """An extract comes without receipts: 0 % would be no figure."""
    return name != "receipts" or viewer.county.kind != "open_data"


def _rate(figures: ServiceFigures, name: str) -> Rate:
    rates = {
        "acceptance": figures.acceptance, "on_time": figures.answers.rate, "held": figures.held,
        "satisfaction": figures.satisfaction, "receipts": figures.receipts_used,
    }  # fmt: skip
    return rates[name]


def _change(viewer: Viewer, name: str, now: ServiceFigures, before: ServiceFigures | None) -> str:
    """By how many points a share moved since the window before, or why that cannot be said."""
    new, old = _rate(now, name), None if before is None else _rate(before, name)
    if old is None or old.is_small or new.is_small or old.share is None or new.share is None:
        return viewer.t("ui.overview.no_change")
    points = round((new.share - old.share) * 100, 1)
    if not points:
        return viewer.t("ui.overview.unchanged")
    direction = "up" if points > 0 else "down"
    return viewer.t(f"ui.overview.{direction}", points=viewer.number(abs(points), 1))


def _target(viewer: Viewer, name: str, targets: dict[str, list[dict[str, object]]]) -> str:
    if name not in TARGETS:
        return viewer.t("ui.overview.no_target")
    limits = limits_text(targets[TARGETS[name]], viewer.language)
    return viewer.t("ui.overview.target", limits=limits)


def actions(viewer: Viewer, report: DailyReport) -> None:
    """The day's report as Word, and an instruction (a supervisor: a notice) to a body."""
    done = served.issued(state.db(), viewer.scope, "daily", viewer.today)
    name = f"{viewer.t('report.kind.daily')}-{viewer.today}.docx"
    word, instruct = st.columns(2)
    making.offer(
        viewer, word, viewer.t("ui.report.docx"), partial(_word, viewer, done, name), name,
        MIME["docx"], what="report_daily_docx", key="overview_word", type="primary",
        width="stretch",
    )  # fmt: skip
    making.shown(viewer, "supervisor", "leader")
    if viewer.is_earlier:
        return
    kind = "instruction" if viewer.scope.role == "leader" else "notice"
    # another box after each one sent: what was sent is said above, and an open box would cover it
    box = instruct.popover(
        viewer.t(f"assignments.make.{kind}_title"), width="stretch",
        key=f"instruct_{st.session_state.get(assign.MADE, 0)}",
    )  # fmt: skip
    with box:
        assign.about_a_subject(viewer)


def _word(viewer: Viewer, done: tuple[issues.Issue, served.Report] | None, name: str) -> bytes:
    one, report = (None, load.daily(viewer, viewer.today)) if done is None else done
    made = served.file(state.db(), viewer.scope, report, "docx", viewer.language, one)
    write_export(state.db(), viewer.scope, name)
    return made


def county_map(viewer: Viewer) -> None:
    """The small map of overdue shares, or that there is none."""
    drawn = load.county_map(viewer)
    if drawn is None:
        parts.note(viewer.t("ui.overview.no_map"))
        return
    # its legend says what it is of: a caption would make the page longer than the screen
    with st.container(width=ON_SCREEN):
        st.image(drawn, width="stretch", alt=viewer.t("reports.daily.overview.map"))


def bodies(viewer: Viewer, report: DailyReport) -> None:
    """Overdue, due soon and likely late by body, with what became of yesterday's."""
    names = load.body_names(viewer)
    owed = {row.body_id: row for row in report.priority}
    order = [*owed, *(x.body_id for x in report.likely_late or () if x.body_id not in owed)]
    parts.note(_said_of_bodies(viewer, report, len(order) - BODIES_SHOWN))
    if not order:
        parts.empty(viewer, "ui.overview.none_due")
        return
    unknown = viewer.percent(None)

    def row(body: str) -> list[str]:
        mine, flags = owed.get(body), flags_of(report, body)
        marks = ("very_late", "overdue", "due_soon")
        counted = [viewer.number(getattr(mine, name) if mine else 0) for name in marks]
        said = viewer.t(
            "ui.overview.of_yesterday", flags=viewer.number(flags.yesterday),
            since=viewer.number(flags.answered_since),
        )  # fmt: skip
        said = unknown if flags.yesterday is None else said
        return [str(names.get(body, "—")), *counted, viewer.number(flags.flags), said]

    columns = ("body", "very_late", "overdue", "due_soon", "likely", "yesterday")
    heads = [viewer.t(f"ui.overview.{name}") for name in columns]
    about = ("open", "overdue_share", "very_late", "overdue", "due_soon", "flags", "of_yesterday")
    parts.table(heads, [row(body) for body in order[:BODIES_SHOWN]], stacks=True, about=about)


def _said_of_bodies(viewer: Viewer, report: DailyReport, left: int) -> str:
    """What is open, why a column has no figures, how many bodies are left out: in one line, since
    the page is to be one screen."""
    late, share = viewer.number(report.overdue.numerator), viewer.percent(report.overdue.share)
    open_now = viewer.number(report.open_now.today)
    said = [viewer.t("ui.overview.open", open=open_now, overdue=late, share=share)]
    if "likely" in report.failed:
        said.append(viewer.t("ui.overview.likely_failed"))
    elif flags_of(report, "").flags is None:
        said.append(viewer.t("ui.overview.likely_none"))
    elif flags_of(report, "").yesterday is None:
        said.append(viewer.t("ui.overview.yesterday_none"))
    if left > 0:
        said.append(viewer.t("ui.overview.more", count=left))
    return " · ".join(said)


def flags_of(report: DailyReport, body: str) -> LikelyLate:
    """A body's flags: none where others have some, None for a day that was not scored."""
    lines = report.likely_late
    if lines is None:
        return LikelyLate(body, None, None, None)
    if mine := [line for line in lines if line.body_id == body]:
        return mine[0]
    today = 0 if not lines or lines[0].flags is not None else None
    before = 0 if not lines or lines[0].yesterday is not None else None
    return LikelyLate(body, today, before, before)


def desks(viewer: Viewer, report: DailyReport) -> None:
    """The desks that did not file today, or why there is no such list."""
    if "filing" in report.failed:
        parts.note(viewer.t("report.part_failed"))
    elif report.filing is None:
        parts.note(viewer.t("ui.overview.filing_none"))
    elif not report.reminders:
        parts.note(viewer.t("ui.overview.filing_all"))
    else:
        parts.note(viewer.t("ui.overview.remind", count=len(report.reminders)))
        named = [parts.silent_desk(viewer, desk) for desk in report.reminders[:DESKS_SHOWN]]
        parts.lines([viewer.t("reports.separator").join(named)])
        if (left := len(report.reminders) - DESKS_SHOWN) > 0:
            parts.note(viewer.t("ui.overview.more_desks", count=left))
