"""How long people wait, open cases counted: time to answer and 7-1-7 (DOMAIN.md §5, §7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from .moments import at_case, first_after, first_of, local_days, of_kind
from .rates import Rate

if TYPE_CHECKING:
    from .indicators import Window

REAL_STEPS = ("contacted", "mediated", "met", "received", "answered")
DECISIONS = ("accepted", "declined")
TOLD = ("notified", "delivered")
_DAY = pd.Timedelta(days=1)


def quantile_days(waits: pd.Series, observed: pd.Series, quantile: float) -> float | None:
    """The wait within which a share of all cases had its end (Kaplan–Meier, product limit).

    Args:
        waits: days waited until the end, or until now; negative or missing ones are left out.
        observed: whether the wait has ended; False = still waiting (censored).
        quantile: 0-1; 0.5 = the median.

    Returns:
        Days; None when there is no case, or so many still wait that it cannot be said yet.

    Source:
        Kaplan and Meier 1958, JASA 53(282); at equal times ends come before censorings.
    """
    times, still = survival(waits, observed)
    reached = np.flatnonzero(still <= 1 - quantile + 1e-12)
    return float(times[reached[0]]) if reached.size else None


def survival(waits: pd.Series, observed: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The share still waiting after each time at which a wait ended or was left (Kaplan-Meier).

    Args: as `quantile_days`.

    Returns:
        Times in days, ascending, and the share (0-1) still waiting after each; both empty without
        a case.
    """
    valid = waits.notna() & (waits >= 0)
    days = waits[valid].to_numpy(dtype="float64")
    ended = observed[valid].to_numpy(dtype=bool)
    if not days.size:
        return days, days
    times, position = np.unique(days, return_inverse=True)
    ends = np.bincount(position, weights=ended, minlength=times.size)
    leaving = np.bincount(position, minlength=times.size)
    at_risk = days.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    return times, np.cumprod(1 - ends / at_risk)


@dataclass(frozen=True)
class StepTarget:
    """One of the three steps of 7-1-7, over the cases for which it fell due in the window.

    limit_days: the target. met: taken within it, by local days. median_days, p90_days: elapsed,
    those still waiting counted; None = not to be said yet.
    """

    step: str
    limit_days: int
    met: Rate
    median_days: float | None
    p90_days: float | None


def seven_one_seven(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    window: Window,
    as_of: dt.datetime,
    zone: str,
) -> tuple[StepTarget, ...]:
    """The most demanding public target: with the body in 1 day, a first step in 7, told in 7 more.

    A step falls due on the local day of the one before plus its days; a case that ended before
    that without the step stays in its denominator. The responsible body has a case from the last
    transfer before its first decision; without one from registration, if the desk is itself
    that body, else from the decision.

    Args:
        cases, events, standing: as in `indicators.service_figures`, standing with is_counted.

    Returns:
        Three targets: with_body (1 day after asking), first_step (7 days after that), told
        (7 days after that).
    """
    cases = cases.loc[standing["is_counted"].astype(bool), ["opened_at", "desk", "body_id"]]
    with_body = _with_body_at(cases, events)
    first_step = first_after(events, REAL_STEPS, with_body)
    told = first_after(events, TOLD, first_step)
    steps = (
        ("with_body", 1, cases["opened_at"], with_body),
        ("first_step", 7, with_body, first_step),
        ("told", 7, first_step, told),
    )
    return tuple(_target(*step, window, as_of, zone) for step in steps)


def _with_body_at(cases: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    decided = first_of(events, [*DECISIONS, "answered"], cases.index)
    sent = of_kind(events, ["transferred"], "occurred_at")
    limit = at_case(decided, sent)
    sent = sent[limit.isna() | (sent["occurred_at"] <= limit)]
    arrived = sent.drop_duplicates("case", keep="last").set_index("case")["occurred_at"]
    registered = first_of(events, ["registered"], cases.index).where(
        cases["desk"] == cases["body_id"]
    )
    return arrived.reindex(cases.index).fillna(registered).fillna(decided)


def _target(
    name: str,
    limit_days: int,
    start: pd.Series,
    end: pd.Series,
    window: Window,
    as_of: dt.datetime,
    zone: str,
) -> StepTarget:
    today = pd.Timestamp(as_of.astimezone(ZoneInfo(zone)).date())
    due_on = local_days(start, zone) + pd.Timedelta(days=limit_days)
    due = window.holds(due_on) & (due_on < today)
    met = due & (local_days(end, zone) <= due_on)
    waits = (end.fillna(pd.Timestamp(as_of)) - start)[due] / _DAY
    observed = end[due].notna()
    return StepTarget(
        step=name,
        limit_days=limit_days,
        met=Rate(int(met.sum()), int(due.sum())),
        median_days=quantile_days(waits, observed, 0.5),
        p90_days=quantile_days(waits, observed, 0.9),
    )
