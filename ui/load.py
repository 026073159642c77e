"""What pages show, read once and kept: by what the record holds, who may see it, as of when.

Every function takes the viewer. A kept answer is shared by viewers who reach the same rows, never
by others: role, townships, bodies and desk are part of its key. What comes back is the caller's
own copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from casework.calendar import WorkingCalendar
from casework.pack import Pack
from data import filings as data_filings
from data import places, steering
from data.categories import Categories
from data.frames import CaseTable
from data.scope import Scope
from reports.daily import SILENCE_DAYS
from reports.daily_facts import DailyReport
from reports.indicators import ServiceFigures, Window, service_figures
from reports.lately import Week, on_time_weeks, owed_by_days
from service import daily as served_daily
from service import figures as served
from service import filing as served_filing
from service import ledger as served_ledger
from service import report as served_report
from service import rules_change
from service.figures import CaseFigures
from service.indicators import as_known
from service.ledger import Ledger
from service.near import Near, near_figures
from service.report import Report
from service.rules import rules_of
from service.rules_change import NewFile
from service.summary import summary_cut_off

from . import state
from .guard import Viewer, end_of_day


def key(viewer: Viewer) -> tuple[object, ...]:
    """What a kept answer depends on, besides the moment: the record, and the rows reached."""
    scope = viewer.scope
    reach = (scope.role, tuple(sorted(scope.townships)), tuple(sorted(scope.bodies)), scope.desk)
    return (str(state.db().engine.url), state.db().version(), reach)


def figures(viewer: Viewer) -> CaseFigures:
    """Every case as of the viewer's moment, without its identity (`read_figures`).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    return figures_at(viewer, viewer.as_of)


def figures_at(viewer: Viewer, as_of: dt.datetime) -> CaseFigures:
    """`figures` as of another moment: a window's or a report's."""
    return _own(_figures(key(viewer), as_of, viewer.scope))


def _own(kept: CaseFigures) -> CaseFigures:
    """The caller's own frames; their values are shared, and copied where somebody writes."""
    cases, events = (frame.copy(deep=False) for frame in kept.table)
    standing, clocks = kept.standing.copy(deep=False), kept.clocks.copy(deep=False)
    return CaseFigures(CaseTable(cases, events), standing, clocks)


def ledger(viewer: Viewer) -> Ledger:
    """Where every case this viewer owes an answer to stands; a supervisor: all (`service.ledger`).

    Raises:
        NotAllowed: a role that has no work list.
    """
    return served_ledger.ledger(state.db(), viewer.scope, viewer.as_of)


@st.cache_resource(max_entries=6, show_spinner=False)
def _figures(key: tuple[object, ...], as_of: dt.datetime, _scope: Scope) -> CaseFigures:
    return served.county_figures(state.db(), _scope, as_of)


def near(viewer: Viewer) -> Near:
    """The cases that can count in a figure of the last three months (`service.near`), as of the
    viewer's moment; a fifth of a large county's.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    kept = _near(key(viewer), viewer.as_of, viewer.today, viewer.scope)
    return kept._replace(figures=_own(kept.figures))


def has_cases(viewer: Viewer) -> bool:
    """Whether the record knows any case at the viewer's moment."""
    return not pd.isna(near(viewer).first_known)


@st.cache_resource(max_entries=6, show_spinner=False)
def _near(key: tuple[object, ...], as_of: dt.datetime, today: dt.date, _scope: Scope) -> Near:
    since = today - dt.timedelta(days=SILENCE_DAYS)
    return near_figures(state.db(), _scope, as_of, since)


def daily(viewer: Viewer, day: dt.date) -> DailyReport:
    """The daily report of a local day: as known at its end, or at the viewer's moment if earlier.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    as_of = min(viewer.as_of, end_of_day(day, viewer.county.zone))
    now = None if as_of == viewer.as_of else figures_at(viewer, as_of)
    return _kept(
        (*key(viewer), as_of),
        f"daily {day}",
        lambda: served_daily.daily(state.db(), viewer.scope, day, as_of, now=now),
    )


def today(viewer: Viewer) -> DailyReport:
    """The report of the viewer's own day and moment, without the comparison to earlier evenings."""
    found = near(viewer)
    return _kept(
        (*key(viewer), viewer.as_of),
        "today",
        lambda: served_daily.daily(
            state.db(), viewer.scope, viewer.today, viewer.as_of, now=found, compared_days=()
        ),
    )


def report(viewer: Viewer, kind: str, day: dt.date) -> Report:
    """The report of a kind that a day lies in, made from the record: as known at its cut-off, or
    at the viewer's moment if that is earlier.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if kind == "daily":
        return daily(viewer, day)
    first, last = served_report.span(kind, day)
    as_of = min(viewer.as_of, summary_cut_off(state.db(), first, last))
    return _kept(
        (*key(viewer), as_of),
        f"{kind} {first}",
        lambda: served_report.made(state.db(), viewer.scope, kind, day, as_of),
    )


def pictures(viewer: Viewer, report: Report) -> dict[str, bytes]:
    """The report's map and charts in the viewer's language: PNG by name; no map without a layer."""
    what = report.day if isinstance(report, DailyReport) else f"{report.kind} {report.first}"
    return _kept(
        (*key(viewer), report.as_of, viewer.language),
        f"pictures {what}",
        lambda: served_report.pictures(state.db(), viewer.scope, report, viewer.language),
    )


def county_map(viewer: Viewer, report: DailyReport) -> bytes | None:
    """The report's small map alone; None without a layer."""
    return _kept(
        (*key(viewer), report.as_of, viewer.language),
        f"map {report.day}",
        lambda: served_report.county_map(state.db(), viewer.scope, report, viewer.language),
    )


def window_figures(viewer: Viewer, window: Window) -> ServiceFigures | None:
    """The indicators of a window of the last three months, as known on its last day plus a day, or
    at the viewer's moment; None where the record holds no case by then."""
    now, first_known = near(viewer).figures, near(viewer).first_known

    def read() -> ServiceFigures | None:
        found, moment = as_known(state.db(), now, window, viewer.as_of)
        if not first_known <= moment:
            return None
        return service_figures(
            *found.table, found.standing, window, moment, viewer.county.zone
        )  # fmt: skip

    return _kept((*key(viewer), viewer.as_of), f"window {window}", read)


def weeks(viewer: Viewer) -> tuple[Week, ...]:
    """Answers on time in each of the last weeks (`reports.lately.on_time_weeks`)."""
    now = near(viewer).figures
    return _kept(
        (*key(viewer), viewer.as_of),
        "on-time weeks",
        lambda: on_time_weeks(*now.table, now.standing, viewer.as_of, viewer.county.zone),
    )


def owed(viewer: Viewer) -> pd.Series:
    """Answers owed by days to their limit (`reports.lately.owed_by_days`)."""
    now = near(viewer).figures
    return _kept(
        (*key(viewer), viewer.as_of),
        "owed by days",
        lambda: owed_by_days(now.standing, now.clocks, viewer.today),
    )


def bodies(viewer: Viewer) -> pd.DataFrame:
    """`frames.Bodies`, in order of id."""
    return _kept(key(viewer), "bodies", lambda: places.read_bodies(state.db(), viewer.scope))


def townships(viewer: Viewer) -> pd.DataFrame:
    """`frames.Townships`, in order of code."""
    return _kept(key(viewer), "townships", lambda: places.read_townships(state.db(), viewer.scope))


def body_names(viewer: Viewer) -> pd.Series:
    """Name of every body in the viewer's language, on `body_id`."""
    return bodies(viewer).set_index("body_id")[viewer.name_column]


def township_names(viewer: Viewer) -> pd.Series:
    """Name of every township in the viewer's language, on `township_code`."""
    return townships(viewer).set_index("township_code")[viewer.name_column]


def areas(viewer: Viewer) -> gpd.GeoDataFrame:
    """The layer in force on the viewer's day: code, level, parent_code, names, geometry."""
    day = viewer.today
    return _kept(
        key(viewer),
        f"areas {day}",
        lambda: places.read_areas(state.db(), viewer.scope, day),
    )


def files(viewer: Viewer) -> list[steering.FileInForce]:
    """The files in force that an administrator loaded, by name."""
    return _kept(key(viewer), "files", lambda: steering.files_in_force(state.db(), viewer.scope))


def categories(viewer: Viewer) -> Categories:
    """The categories in force; names are `category.names[viewer.language]`."""
    return _kept(key(viewer), "categories", lambda: served.categories(state.db(), viewer.scope))


def provisional(viewer: Viewer) -> dict[int, int]:
    """Running clocks whose last day is provisional, by year (`service.rules_change`)."""
    if viewer.scope.role == "supervisor":
        return rules_change.provisional_in(figures(viewer))
    return _kept(
        (*key(viewer), viewer.latest),
        "provisional",
        lambda: rules_change.provisional(state.db(), viewer.scope),
    )


def would_move(viewer: Viewer, new: NewFile) -> pd.DataFrame:
    """What would move, were a checked file in force (`service.rules_change.preview`)."""
    return _kept(
        (*key(viewer), viewer.latest),
        f"preview {new.name} {new.content}",
        lambda: rules_change.preview(state.db(), viewer.scope, new),
    )


def moved(viewer: Viewer) -> pd.DataFrame:
    """The cases whose last day moved when rules changed (`service.rules_change.moved`)."""
    return _kept(
        (*key(viewer), viewer.as_of),
        "moved",
        lambda: rules_change.moved(state.db(), viewer.scope, viewer.as_of),
    )


def pack(viewer: Viewer) -> Pack:
    """The rules of a case asked today, of filing and calendar."""
    return rules_of(state.db()).pack(viewer.county.pack, viewer.today)


def calendar(viewer: Viewer) -> WorkingCalendar:
    """The working days of the county's pack."""
    return rules_of(state.db()).calendar(pack(viewer).calendar)


def filing_revisions(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Every filing of the local days `first`..`last` (`data.filings.read_revisions`).

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    read = data_filings.read_revisions
    return _kept(
        (*key(viewer), viewer.as_of),
        f"filings {first} {last}",
        lambda: read(state.db(), viewer.scope, first, last, viewer.as_of),
    )


def excuses(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Every excuse of a desk's day and those taken back (`data.filings.read_excuses`)."""
    read = data_filings.read_excuses
    return _kept(
        (*key(viewer), viewer.as_of),
        f"excuses {first} {last}",
        lambda: read(state.db(), viewer.scope, first, last, viewer.as_of),
    )


def desk_days(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """What every desk did on the asked days `first`..`last` (`service.filing.span_matrix`).

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    cases = figures(viewer).table.cases if viewer.scope.sees_county_figures else None
    return _kept(
        (*key(viewer), viewer.as_of),
        f"desk days {first} {last}",
        lambda: served_filing.span_matrix(
            state.db(), viewer.scope, first, last, viewer.as_of, cases
        ),
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _kept(key: tuple[object, ...], what: str, _read: Callable[[], Any]) -> Any:
    return _read()
