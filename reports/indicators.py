"""Service indicators (DOMAIN.md §7): every rate with its numerator and denominator.

The tables that come in are the record as it was known at the window's moment
(`Window.known_at`), or now if the window reaches past today. `standing` is what
`casework.standing` says of the same cases at the same moment.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from casework.groups import Packs
from casework.pack import Pack
from casework.pack import packs as shipped
from data.vocabulary import RATINGS

from .moments import at_case, counted_at, first_of, has_any, local_days, of_kind
from .rates import FEWEST, Rate
from .waiting import quantile_days

HOLDS_AFTER = pd.Timedelta(days=60)
"""An answer holds when so long has passed without objection, review or recheck."""
OBJECTIONS = ("not_solved", "review_requested", "recheck_requested")
EXIT_STAGES = ("declined", "referred", "no_remedy", "withdrawn")
"""Every way out other than an answer."""
OPEN_STAGES = ("registered", "transferred", "accepted", "reopened")


@dataclass(frozen=True)
class Window:
    """Local days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def known_at(self, zone: str) -> dt.datetime:
        """The moment at which its figures are taken: the end of its last day plus a day (UTC)."""
        end = dt.datetime.combine(self.last + dt.timedelta(days=2), dt.time(), ZoneInfo(zone))
        return end.astimezone(dt.UTC)

    def holds(self, days: pd.Series) -> pd.Series:
        """Whether each naive local day lies in the window; False for NaT."""
        return days.between(pd.Timestamp(self.first), pd.Timestamp(self.last)).astype(bool)


@dataclass(frozen=True)
class FiveShares:
    """What became of the answers whose limit ends in a window. The five add up to `total`."""

    on_time: int
    late: int
    late_open: int
    ended_otherwise: int
    not_due: int

    @property
    def total(self) -> int:
        """All cases whose limit ends in the window."""
        return self.on_time + self.late + self.late_open + self.ended_otherwise + self.not_due

    @property
    def rate(self) -> Rate:
        """On-time answers among those due; what is not due yet is in no rate."""
        return Rate(self.on_time, self.total - self.not_due)


@dataclass(frozen=True)
class ServiceFigures:
    """The indicators of one window and one set of cases; times in days, None = not to be said."""

    window: Window
    acceptance: Rate
    answers: FiveShares
    rated: Rate
    satisfaction: Rate
    held: Rate
    exits: Rate
    extended: Rate
    receipts_used: Rate
    median_days: float | None
    p90_days: float | None


def five_shares(outcomes: pd.Series) -> FiveShares:
    """The five shares of outcomes (`standing["outcome"]`); NA = no answer is owed, not counted."""
    counts = outcomes.value_counts()
    return FiveShares(
        *(
            int(counts.get(n, 0))
            for n in ("on_time", "late", "late_open", "ended_otherwise", "not_due")
        )
    )


def case_cells(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    window: Window,
    as_of: dt.datetime,
    zone: str,
    packs: Packs | None = None,
) -> pd.DataFrame:
    """Which cases count in which figure of a window: the one place that decides it.

    Staff pages, the daily report and the public month all sum these.

    Args:
        cases, events: a `Cases` and its `Events`, as known at `as_of`.
        standing: as in `service_figures`.
        packs: by id, as `casework.standing` takes them; None = those that are shipped.

    Returns:
        bool on the index of `cases`. expected: the answer's limit ends in the window; due: it is
        over or answered (`expected` less what is not yet due); its parts on_time, late_answered,
        late_open, ended_otherwise; not_on_time, late, extended, not_extended. answered: among the
        due, and rated, unrated, pleased, displeased, ripe (60 days ago), held, not_held of them.
        decision_due, decided_in_time, decided_late: likewise of the acceptance. ended: the limit
        (without an answer's one: the acceptance's) ends in the window and the case is closed; its
        parts ended_answered and exits, and the exits' parts by stage. opened: asked in the window;
        used, unused. backlog: at `as_of`.
    """
    counted = standing["is_counted"].astype(bool)
    outcome, stage = standing["outcome"].astype("object"), standing["stage"].astype("object")
    c = pd.DataFrame({"expected": counted & window.holds(standing["answer_due_on"])})
    c["expected"] &= standing["outcome"].notna()
    c["due"] = c["expected"] & (outcome != "not_due")
    c["on_time"] = c["due"] & (outcome == "on_time")
    c["not_on_time"] = c["due"] & ~c["on_time"]
    c["late_answered"] = c["due"] & (outcome == "late")
    c["late_open"] = c["due"] & (outcome == "late_open")
    c["late"] = c["late_answered"] | c["late_open"]
    c["ended_otherwise"] = c["due"] & (outcome == "ended_otherwise")
    c["extended"] = c["due"] & has_any(events, ["extended"], cases.index)
    c["not_extended"] = c["due"] & ~c["extended"]

    c["answered"] = c["on_time"] | c["late_answered"]
    ratings = _latest_ratings(events).reindex(cases.index)
    c["rated"] = c["answered"] & ratings.notna()
    c["unrated"] = c["answered"] & ~c["rated"]
    c["pleased"] = c["rated"] & ratings.isin(["satisfied", "fairly"])
    c["displeased"] = c["rated"] & ~c["pleased"]
    c["ripe"] = c["answered"] & (pd.Timestamp(as_of) - standing["first_answered_at"] >= HOLDS_AFTER)
    c["not_held"] = c["ripe"] & _objected(events, standing)
    c["held"] = c["ripe"] & ~c["not_held"]

    waits = standing["acceptance_state"].isin(["running", "paused", "not_started", "no_rule"])
    c["decision_due"] = counted & window.holds(standing["acceptance_due_on"]) & ~waits
    met = standing["acceptance_state"].astype("object") == "met"
    c["decided_in_time"] = c["decision_due"] & met
    c["decided_late"] = c["decision_due"] & ~met

    limit = standing["answer_due_on"].fillna(standing["acceptance_due_on"])
    c["ended"] = counted & window.holds(limit) & ~stage.isin(OPEN_STAGES)
    for name in EXIT_STAGES:
        c[name] = c["ended"] & (stage == name)
    c["exits"] = c[list(EXIT_STAGES)].any(axis=1)
    c["ended_answered"] = c["ended"] & ~c["exits"]

    c["opened"] = counted & window.holds(local_days(cases["opened_at"], zone))
    c["used"] = c["opened"] & has_any(events, ["confirmed"], cases.index)
    c["unused"] = c["opened"] & ~c["used"]
    c["backlog"] = backlog(cases, events, standing, as_of, zone, packs)["is_backlog"]
    return c.astype(bool)


def service_figures(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    window: Window,
    as_of: dt.datetime,
    zone: str,
) -> ServiceFigures:
    """The indicators of the cases due in a window.

    Args:
        cases, events: a `Cases` and its `Events`, as known at `as_of`.
        standing: on the index of `cases`: stage, outcome, answer_due_on, first_answered_at,
            wait_days, wait_observed, acceptance_due_on, acceptance_state, is_counted, is_open.
        as_of: aware moment at which all three were read.
        zone: IANA name of the county's zone.

    Returns:
        Acceptance is of cases whose acceptance limit ends in the window; exits of cases whose
        answer limit (without one: acceptance limit) does; receipts of cases opened in it; all
        else of cases whose answer limit does. Cases that count nowhere (`is_counted` False)
        are left out. An extension is of the cases due, each of which was accepted: without that
        no answer clock runs (in a pack without acceptance it runs from the start).
    """
    return figures_of(case_cells(cases, events, standing, window, as_of, zone), standing, window)


def figures_of(cells: pd.DataFrame, standing: pd.DataFrame, window: Window) -> ServiceFigures:
    """`service_figures` of cells that are there already (`case_cells`, or some of its rows)."""
    count = cells.sum()
    standing = standing.loc[cells.index]

    def rate(some: str, among: str) -> Rate:
        return Rate(int(count[some]), int(count[among]))

    expected = cells["expected"]
    waits = standing.loc[expected, "wait_days"], standing.loc[expected, "wait_observed"]
    return ServiceFigures(
        window=window,
        acceptance=rate("decided_in_time", "decision_due"),
        answers=five_shares(standing.loc[expected, "outcome"]),
        rated=rate("rated", "answered"),
        satisfaction=rate("pleased", "rated"),
        held=rate("held", "ripe"),
        exits=rate("exits", "ended"),
        extended=rate("extended", "due"),
        receipts_used=rate("used", "opened"),
        median_days=quantile_days(*waits, 0.5),
        p90_days=quantile_days(*waits, 0.9),
    )


def _latest_ratings(events: pd.DataFrame) -> pd.Series:
    """The latest rating of each case: it may be changed within its days; one without a code took
    the rating back."""
    given = of_kind(events, ["rated"], "code").drop_duplicates("case", keep="last")
    return given[given["code"].isin(RATINGS)].set_index("case")["code"]


def _objected(events: pd.DataFrame, standing: pd.DataFrame) -> pd.Series:
    """Whether the first answer was objected to, reviewed or rechecked before it held."""
    some = of_kind(events, OBJECTIONS, "occurred_at")
    since = some["occurred_at"] - at_case(standing["first_answered_at"], some)
    soon = some.loc[(since >= pd.Timedelta(0)) & (since <= HOLDS_AFTER), "case"].unique()
    return pd.Series(standing.index.isin(soon), index=standing.index)


def on_time_by(standing: pd.DataFrame, groups: pd.Series, window: Window) -> pd.DataFrame:
    """On-time answers per body, domain or township, and their order.

    Args:
        standing: as in `service_figures`.
        groups: what each case counts under, on the same index; NA = nowhere.

    Returns:
        One row per group, sorted by group: numerator, denominator (int64), share (float64, NaN
        where nothing was due), is_small (n<10), rank (Int64; 1 = the best share, ties share the
        better place; NA for small ones, which are ranked nowhere). How many asked moves nothing.
    """
    due = standing["is_counted"].astype(bool) & window.holds(standing["answer_due_on"])
    due &= standing["outcome"].notna() & (standing["outcome"] != "not_due")
    met = (standing["outcome"] == "on_time").fillna(False).astype(bool)
    table = pd.DataFrame({"group": groups[due], "met": met[due]}).groupby("group")["met"]
    result = table.agg(numerator="sum", denominator="size").astype("int64").sort_index()
    result["share"] = result["numerator"] / result["denominator"]
    result["is_small"] = result["denominator"] < FEWEST
    ranked = result["share"].mask(result["is_small"]).round(9)
    result["rank"] = ranked.rank(ascending=False, method="min").astype("Int64")
    return result


def flows(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    days: pd.DatetimeIndex,
    zone: str,
) -> pd.DataFrame:
    """New and answered cases by local day.

    A case counts on the day the person asked, an answer (of any round) on the day it was given,
    if the record knew within a day; else on the day the record knew.

    Returns:
        int64 columns new, answered on `days` (naive local midnights).
    """
    counted = standing["is_counted"].astype(bool)
    opened = counted_at(cases["opened_at"], cases["known_at"])[counted]
    given = of_kind(events, ["answered"], "occurred_at", "known_at")
    given = given[given["case"].isin(cases.index[counted])]
    answered = counted_at(given["occurred_at"], given["known_at"])
    index = pd.DatetimeIndex(days.astype("datetime64[us]"), name="day")
    return pd.DataFrame(
        {
            name: local_days(moments, zone).value_counts().reindex(index, fill_value=0)
            for name, moments in (("new", opened), ("answered", answered))
        }
    ).astype("int64")


def backlog(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    as_of: dt.datetime,
    zone: str,
    packs: Packs | None = None,
) -> pd.DataFrame:
    """The backlog (积案): cases not closed so many months after registration as their pack says.

    Calendar months (31 January + 3 months = 30 April); in the backlog from the day after. A
    lawful extension keeps no case out; under a pack that names no backlog there is none.

    Args:
        packs: by id, as `casework.standing` takes them; None = those that are shipped.

    Returns:
        On the index of `cases`: is_backlog (bool), age_days (int64, whole local days since
        registration).
    """
    registered = first_of(events, ["registered"], cases.index).fillna(cases["opened_at"])
    since = local_days(registered, zone)
    today = pd.Timestamp(as_of.astimezone(ZoneInfo(zone)).date())
    past = _backlog_from(cases, since, shipped(cases["pack"].unique()) if packs is None else packs)
    past = past < today
    open_now = standing["is_open"].astype(bool) & standing["is_counted"].astype(bool)
    return pd.DataFrame(
        {"is_backlog": open_now & past, "age_days": (today - since).dt.days.astype("int64")}
    )


def _backlog_from(cases: pd.DataFrame, since: pd.Series, packs: Packs) -> pd.Series:
    """The last day before each case is backlog, by the version in force when it was registered;
    NaT = its pack names none."""
    found = pd.Series(pd.NaT, index=cases.index, dtype=since.dtype)
    for pack_id in cases["pack"].unique():
        rules = packs[pack_id]
        versions = (rules,) if isinstance(rules, Pack) else rules.versions
        starts = np.array([pack.effective_from for pack in versions], dtype="datetime64[us]")
        number = np.searchsorted(starts, since.to_numpy(), side="right") - 1
        for place, pack in enumerate(versions):
            if pack.backlog is not None:
                mine = (cases["pack"] == pack_id) & (np.maximum(number, 0) == place)
                found[mine] = since[mine] + pd.DateOffset(months=pack.backlog.limit)
    return found
