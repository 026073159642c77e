"""What pages show: read within the viewer's scope, kept as `ui.kept` keeps.

Every function takes the viewer. A kept answer is shared by viewers who reach the same rows, never
by others: role, townships, bodies and desk are part of its key.
"""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd

from casework.calendar import WorkingCalendar
from casework.pack import Pack
from data import filings as data_filings
from data import places, steering
from data.categories import Categories
from data.issues import Issue
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
from service.kept_figures import is_at_hand, kept_figures
from service.ledger import Ledger
from service.near import Near, narrowed, near_figures
from service.report import Report
from service.rules import rules_of
from service.rules_change import NewFile
from service.summary import summary_cut_off

from . import kept, state
from .guard import Viewer, end_of_day


@kept.county
def figures(viewer: Viewer) -> CaseFigures:
    """Every case as of the viewer's moment, without its identity (`read_figures`).

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    return kept_figures(state.db(), viewer.scope, viewer.as_of)


def figures_at(viewer: Viewer, as_of: dt.datetime) -> CaseFigures:
    """`figures` as of another moment: a window's or a report's."""
    return figures(viewer) if as_of == viewer.as_of else _figures_at(viewer, as_of)


@kept.county
def _figures_at(viewer: Viewer, as_of: dt.datetime) -> CaseFigures:
    return kept_figures(state.db(), viewer.scope, as_of)


@kept.kept
def ledger(viewer: Viewer) -> Ledger:
    """Where every case this viewer owes an answer to stands; a supervisor: all (`service.ledger`).

    Raises:
        NotAllowed: a role that has no work list.
    """
    return served_ledger.ledger(state.db(), viewer.scope, viewer.as_of)


@kept.county
def near(viewer: Viewer) -> Near:
    """The cases that can count in a figure of the last three months (`service.near`), as of the
    viewer's moment; a fifth of a large county's.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    db, since = state.db(), viewer.today - dt.timedelta(days=SILENCE_DAYS)
    if is_at_hand(db, viewer.as_of):
        return narrowed(figures(viewer), since, viewer.county.zone)
    return near_figures(db, viewer.scope, viewer.as_of, since)


def has_cases(viewer: Viewer) -> bool:
    """Whether the record knows any case at the viewer's moment."""
    return not pd.isna(near(viewer).first_known)


@kept.county
def daily(viewer: Viewer, day: dt.date) -> DailyReport:
    """The daily report of a local day: as known at its end, or at the viewer's moment if earlier.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    as_of = min(viewer.as_of, end_of_day(day, viewer.county.zone))
    now = None if as_of == viewer.as_of else figures_at(viewer, as_of)
    return served_daily.daily(state.db(), viewer.scope, day, as_of, now=now)


@kept.county
def today(viewer: Viewer) -> DailyReport:
    """The report of the viewer's own day and moment, without the comparison to earlier evenings."""
    return served_daily.daily(
        state.db(), viewer.scope, viewer.today, viewer.as_of, now=near(viewer), compared_days=()
    )


def report(viewer: Viewer, kind: str, day: dt.date) -> Report:
    """The report of a kind that a day lies in, made from the record: as known at its cut-off, or
    at the viewer's moment if that is earlier.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    if kind == "daily":
        return daily(viewer, day)
    return _summary(viewer, kind, *served_report.span(kind, day))


@kept.county
def _summary(viewer: Viewer, kind: str, first: dt.date, last: dt.date) -> Report:
    as_of = min(viewer.as_of, summary_cut_off(state.db(), first, last))
    return served_report.made(state.db(), viewer.scope, kind, last, as_of)


@kept.kept
def pictures(viewer: Viewer, kind: str, day: dt.date) -> dict[str, bytes]:
    """The map and charts of `report` in the viewer's language: PNG by name; no map without a
    layer."""
    made = report(viewer, kind, day)
    return served_report.pictures(state.db(), viewer.scope, made, viewer.language)


def issued_pictures(viewer: Viewer, one: Issue, issued: Report) -> dict[str, bytes]:
    """The same of a report that was issued."""
    return _issued_pictures(viewer, kept.Same(issued, one.sha256))


@kept.office
def _issued_pictures(viewer: Viewer, of: kept.Same[Report]) -> dict[str, bytes]:
    return served_report.pictures(state.db(), viewer.scope, of.value, viewer.language)


@kept.kept
def county_map(viewer: Viewer) -> bytes | None:
    """The small map of `today` alone; None without a layer."""
    return served_report.county_map(state.db(), viewer.scope, today(viewer), viewer.language, True)


@kept.county
def window_figures(viewer: Viewer, window: Window) -> ServiceFigures | None:
    """The indicators of a window of the last three months, as known on its last day plus a day, or
    at the viewer's moment; None where the record holds no case by then."""
    now, first_known = near(viewer).figures, near(viewer).first_known
    found, moment = as_known(state.db(), now, window, viewer.as_of)
    if not first_known <= moment:
        return None
    return service_figures(*found.table, found.standing, window, moment, viewer.county.zone)


@kept.county
def weeks(viewer: Viewer) -> tuple[Week, ...]:
    """Answers on time in each of the last weeks (`reports.lately.on_time_weeks`)."""
    now = near(viewer).figures
    return on_time_weeks(*now.table, now.standing, viewer.as_of, viewer.county.zone)


@kept.county
def owed(viewer: Viewer) -> pd.Series:
    """Answers owed by days to their limit (`reports.lately.owed_by_days`)."""
    now = near(viewer).figures
    return owed_by_days(now.standing, now.clocks, viewer.today)


@kept.office
def bodies(viewer: Viewer) -> pd.DataFrame:
    """`frames.Bodies`, in order of id."""
    return places.read_bodies(state.db(), viewer.scope)


@kept.office
def townships(viewer: Viewer) -> pd.DataFrame:
    """`frames.Townships`, in order of code."""
    return places.read_townships(state.db(), viewer.scope)


def body_names(viewer: Viewer) -> pd.Series:
    """Name of every body in the viewer's language, on `body_id`."""
    return bodies(viewer).set_index("body_id")[viewer.name_column]


def township_names(viewer: Viewer) -> pd.Series:
    """Name of every township in the viewer's language, on `township_code`."""
    return townships(viewer).set_index("township_code")[viewer.name_column]


@kept.office
def areas(viewer: Viewer) -> gpd.GeoDataFrame:
    """The layer in force on the viewer's day: code, level, parent_code, names, geometry."""
    return places.read_areas(state.db(), viewer.scope, viewer.today)


@kept.office
def files(viewer: Viewer) -> list[steering.FileInForce]:
    """The files in force that an administrator loaded, by name."""
    return steering.files_in_force(state.db(), viewer.scope)


@kept.office
def categories(viewer: Viewer) -> Categories:
    """The categories in force; names are `category.names[viewer.language]`."""
    return served.categories(state.db(), viewer.scope)


@kept.kept
def provisional(viewer: Viewer) -> dict[int, int]:
    """Running clocks whose last day is provisional, by year (`service.rules_change`)."""
    if viewer.scope.role == "supervisor":
        return rules_change.provisional_in(figures(viewer))
    return rules_change.provisional(state.db(), viewer.scope)


def would_move(viewer: Viewer, new: NewFile) -> pd.DataFrame:
    """What would move, were a checked file in force (`service.rules_change.preview`)."""
    return _would_move(viewer, kept.Same(new, (new.name, new.content)))


@kept.kept
def _would_move(viewer: Viewer, new: kept.Same[NewFile]) -> pd.DataFrame:
    return rules_change.preview(state.db(), viewer.scope, new.value)


@kept.kept
def moved(viewer: Viewer) -> pd.DataFrame:
    """The cases whose last day moved when rules changed (`service.rules_change.moved`)."""
    return rules_change.moved(state.db(), viewer.scope, viewer.as_of)


def pack(viewer: Viewer) -> Pack:
    """The rules of a case asked today, of filing and calendar."""
    return rules_of(state.db()).pack(viewer.county.pack, viewer.today)


def calendar(viewer: Viewer) -> WorkingCalendar:
    """The working days of the county's pack."""
    return rules_of(state.db()).calendar(pack(viewer).calendar)


@kept.kept
def filing_revisions(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Every filing of the local days `first`..`last` (`data.filings.read_revisions`).

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    return data_filings.read_revisions(state.db(), viewer.scope, first, last, viewer.as_of)


@kept.kept
def excuses(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Every excuse of a desk's day and those taken back (`data.filings.read_excuses`)."""
    return data_filings.read_excuses(state.db(), viewer.scope, first, last, viewer.as_of)


def desk_days(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    """What every desk did on the asked days `first`..`last` (`service.filing.span_matrix`).

    Raises:
        NotAllowed: a role that has nothing to do with filings.
    """
    if viewer.scope.sees_county_figures:
        return _county_days(viewer, first, last)
    return _own_days(viewer, first, last, data_filings.desk_version(state.db(), viewer.scope))


@kept.kept
def _county_days(viewer: Viewer, first: dt.date, last: dt.date) -> pd.DataFrame:
    cases = figures(viewer).table.cases
    return served_filing.span_matrix(state.db(), viewer.scope, first, last, viewer.as_of, cases)


@kept.own
def _own_days(
    viewer: Viewer, first: dt.date, last: dt.date, _version: tuple[object, ...]
) -> pd.DataFrame:
    return served_filing.span_matrix(state.db(), viewer.scope, first, last, viewer.as_of)
