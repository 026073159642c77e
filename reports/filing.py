"""Daily filing: who said today that the desk was open and its register complete (DOMAIN.md §6).

A missing filing and a zero filing are different facts; a filing says nothing about the place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .rates import Rate

STATES = ("filed", "zero", "late", "missing", "excused", "overtaken", "contradicted", "open")
"""What one desk's day can be, one word for each cell. Where several hold, the one that asks for
something wins: contradicted, then late, then overtaken, then zero; the columns of the matrix keep
them all apart."""

DEADLINE = dt.time(17, 0)
"""Default deadline of a period, local time."""


def asked_days(first: dt.date, last: dt.date, working_days: np.ndarray) -> pd.DatetimeIndex:
    """The days from `first` to `last` (both included) for which a filing is asked: working days.

    Args:
        working_days: datetime64[D], in any order, make-up working days included.
    """
    days = np.unique(np.asarray(working_days, dtype="datetime64[D]"))
    inside = days[(days >= np.datetime64(first)) & (days <= np.datetime64(last))]
    return pd.DatetimeIndex(inside.astype("datetime64[us]"), name="period")


def filing_matrix(
    filings: pd.DataFrame,
    townships: pd.DataFrame,
    cases: pd.DataFrame,
    bodies: pd.DataFrame,
    periods: pd.DatetimeIndex,
    as_of: dt.datetime,
    zone: str,
    deadline: dt.time = DEADLINE,
    excused: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What every active desk did for every period, as known at `as_of`.

    Args:
        filings: a `Filings`; duplicates, revisions and other periods are welcome.
        townships: a `Townships`; a township is asked from its first day to its last.
        cases: a `Cases`, whose `desk` is a body of `bodies`: they contradict a zero.
        bodies: a `Bodies`; a desk's township is the one of its office.
        periods: local days for which a filing is asked (`asked_days`).
        as_of: aware moment; later filings and cases are not known yet.
        zone: IANA name of the county's zone.
        deadline: local time of the same day until which a first filing is timely (included).
        excused: columns township_code, period, reason: days excused by the county; None = none.

    Returns:
        One row per township active in the period, sorted by township and period, columns:
        township_code; period; state (categorical of `STATES`); is_expected (the deadline has
        passed and the day is not excused: only these enter rates); is_filed; is_timely; is_zero
        (of the latest filing); first_filed_at, latest_filed_at (UTC; NaT = nothing filed);
        filing_count (different filings, revisions included); reason (of the latest filing or of
        the excuse, NA = none given); cases_before, cases_after (cases of that desk opened in the
        period and known before, or not before, the latest filing; all `after` if none).
    """
    moment = pd.Timestamp(as_of).tz_convert("UTC")
    cells = _active(townships, periods)
    cells = cells.merge(_by_cell(filings, moment), how="left", validate="1:1", on=_CELL)
    cells = _with_excuses(cells, excused)
    cells = _with_cases(cells, cases, bodies, moment, zone)

    limit = _limits(cells["period"], zone, deadline)
    filed = cells["latest_filed_at"].notna()
    zero = filed & cells["kind"].eq("zero").fillna(False).astype(bool)
    timely = filed & (cells["first_filed_at"] <= limit)
    due = limit < moment
    cells["is_expected"] = due & ~cells["is_excused"]
    cells["is_filed"], cells["is_timely"], cells["is_zero"] = filed, timely, zero
    state = np.select(
        [
            cells["is_excused"],
            zero & (cells["cases_before"] > 0),
            filed & ~timely,
            zero & (cells["cases_after"] > 0),
            zero,
            filed,
            due,
        ],
        ["excused", "contradicted", "late", "overtaken", "zero", "filed", "missing"],
        default="open",
    )
    cells["state"] = pd.Categorical(state, categories=list(STATES))
    cells["filing_count"] = cells["filing_count"].fillna(0).astype("int64")
    return cells[_COLUMNS].sort_values(_CELL, ignore_index=True)


_CELL = ["township_code", "period"]
_COLUMNS = [
    "township_code", "period", "state", "is_expected", "is_filed", "is_timely", "is_zero",
    "first_filed_at", "latest_filed_at", "filing_count", "reason", "cases_before", "cases_after",
]  # fmt: skip


def _active(townships: pd.DataFrame, periods: pd.DatetimeIndex) -> pd.DataFrame:
    days = pd.DataFrame({"period": periods.unique().astype("datetime64[us]")})
    cells = townships[["township_code", "valid_from", "valid_to"]].merge(days, how="cross")
    alive = (cells["period"] >= cells["valid_from"]) & (
        cells["valid_to"].isna() | (cells["period"] <= cells["valid_to"])
    )
    return cells.loc[alive, _CELL].reset_index(drop=True)


def _by_cell(filings: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """First and latest filing per cell; of two at the same moment the later arrival is latest."""
    known = filings[filings["filed_at"] <= moment].sort_values("filed_at", kind="stable")
    known = known.assign(period=known["period"].astype("datetime64[us]"))
    groups = known.groupby(_CELL, sort=False)
    latest = known.drop_duplicates(_CELL, keep="last").set_index(_CELL)
    different = known.drop_duplicates([*_CELL, "kind", "filed_at", "reason"])
    table = pd.DataFrame(
        {
            "first_filed_at": groups["filed_at"].min(),
            "latest_filed_at": latest["filed_at"],
            "kind": latest["kind"],
            "reason": latest["reason"],
            "filing_count": different.groupby(_CELL, sort=False).size(),
        }
    )
    # with nothing filed the group keys have lost their types
    return table.reset_index(names=_CELL).astype(
        {"township_code": "str", "period": "datetime64[us]"}
    )


def _with_excuses(cells: pd.DataFrame, excused: pd.DataFrame | None) -> pd.DataFrame:
    if excused is None or excused.empty:
        return cells.assign(is_excused=False)
    given = excused.drop_duplicates(_CELL, keep="last").assign(is_excused=True)
    given = given.assign(period=given["period"].astype("datetime64[us]"))
    given = given[[*_CELL, "is_excused", "reason"]].rename(columns={"reason": "excuse"})
    cells = cells.merge(given, how="left", validate="1:1", on=_CELL)
    is_excused = cells["is_excused"].eq(True).fillna(False).astype(bool)
    reason = cells["reason"].where(~is_excused, cells["excuse"])
    return cells.assign(is_excused=is_excused, reason=reason).drop(columns="excuse")


def _with_cases(
    cells: pd.DataFrame, cases: pd.DataFrame, bodies: pd.DataFrame, moment: pd.Timestamp, zone: str
) -> pd.DataFrame:
    """The cases each desk's register held when the latest filing came, and those since."""
    offices = bodies.dropna(subset=["township_code"]).set_index("body_id")["township_code"]
    known = cases[cases["known_at"] <= moment]
    opened = known["opened_at"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    held = pd.DataFrame(
        {
            "township_code": known["desk"].map(offices).astype("str"),
            "period": opened.astype("datetime64[us]"),
            "known_at": known["known_at"],
        }
    ).dropna(subset=["township_code"])
    held = held.merge(cells[[*_CELL, "latest_filed_at"]], on=_CELL, validate="m:1")
    held["before"] = held["known_at"] < held["latest_filed_at"]
    counts = held.groupby(_CELL)["before"].agg(["sum", "size"]).reset_index()
    cells = cells.merge(counts, how="left", validate="1:1", on=_CELL)
    before = cells["sum"].fillna(0).astype("int64")
    after = cells["size"].fillna(0).astype("int64") - before
    return cells.assign(cases_before=before, cases_after=after).drop(columns=["sum", "size"])


def deadline_at(period: dt.date, zone: str, deadline: dt.time = DEADLINE) -> dt.datetime:
    """The moment (UTC) until which, included, a first filing of a period is timely."""
    day = pd.Series([pd.Timestamp(period)])
    moment: pd.Timestamp = _limits(day, zone, deadline).iloc[0]
    return moment.to_pydatetime()


def _limits(periods: pd.Series, zone: str, deadline: dt.time) -> pd.Series:
    """The deadline of each period as an instant."""
    local = periods + pd.Timedelta(hours=deadline.hour, minutes=deadline.minute)
    first_of_two = np.ones(len(local), dtype=bool)
    aware = local.dt.tz_localize(zone, ambiguous=first_of_two, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC")


@dataclass(frozen=True)
class FilingFigures:
    """The figures of a set of desk-days. Rates rest on `expected` only.

    states: cells by state; they add up to `cells`.
    not_due: cells whose deadline has not passed: shown, but in no rate.
    """

    cells: int
    expected: int
    excused: int
    not_due: int
    states: dict[str, int]
    completeness: Rate
    timeliness: Rate
    zero_share: Rate


def filing_figures(matrix: pd.DataFrame) -> FilingFigures:
    """Expected, completeness, timeliness and zero share of the rows of a `filing_matrix`."""
    states = matrix["state"].value_counts()
    excused = int(states.get("excused", 0))
    due = matrix[matrix["is_expected"]]
    filed = due[due["is_filed"]]
    return FilingFigures(
        cells=len(matrix),
        expected=len(due),
        excused=excused,
        not_due=len(matrix) - len(due) - excused,
        states={state: int(states.get(state, 0)) for state in STATES},
        completeness=Rate(len(filed), len(due)),
        timeliness=Rate(int(filed["is_timely"].sum()), len(due)),
        zero_share=Rate(int(filed["is_zero"].sum()), len(filed)),
    )


def silent_days(matrix: pd.DataFrame) -> pd.Series:
    """How many periods each desk has been missing in a row, up to the newest whose deadline passed.

    Excused periods and those not yet due neither end a run nor lengthen it; a filing before its
    deadline does end it.

    Returns:
        int64 on township_code, sorted by it; 0 = the newest period asked for was filed.
    """
    asked = matrix["is_expected"] | (matrix["is_filed"] & (matrix["state"] != "excused"))
    due = matrix[asked].sort_values(_CELL, ascending=[True, False])
    filed_since = due["is_filed"].astype("int64").groupby(due["township_code"]).cumsum()
    runs = (filed_since == 0).groupby(due["township_code"]).sum()
    codes = sorted(matrix["township_code"].unique())
    return runs.reindex(codes, fill_value=0).astype("int64").rename("silent_days")


def to_remind(matrix: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """The desks that have filed nothing for `day`, the longest silence first.

    Returns:
        Columns township_code, state (open or missing), silent_days; ties by code. Empty when
        all have filed or nothing was asked.
    """
    today = matrix[
        (matrix["period"] == pd.Timestamp(day)) & matrix["state"].isin(["open", "missing"])
    ]
    runs = silent_days(matrix)
    rows = today[["township_code", "state"]].assign(
        silent_days=today["township_code"].map(runs).astype("int64")
    )
    return rows.sort_values(
        ["silent_days", "township_code"], ascending=[False, True], ignore_index=True
    )
