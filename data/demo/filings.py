"""The desks' daily filings: on time, late, missing, zero, contradicted and revised."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .arrivals import Arrivals
from .moments import Floats, Ints, WorkDays, office_time, to_utc
from .places import Places

MISSING, LATE = 0.02, 0.05
"""Usual share of periods missing and filed late; each desk's habit is up to some three times so."""
FALSE_ZERO = 0.012
"""Of the periods with cases: those for which a zero filing is sent all the same."""
REVISED = 0.008
"""Of all filings, those sent once more; of the false zero filings two in five are put right."""
EXCUSED = 4 / 250
"""Share of working days on which a desk is excused by the county."""
_LATE_REASONS = ("late_by_oversight", "clerk_absent", "system_down")
_EXCUSES = ("training", "power_cut", "system_down", "office_moved")


def desk_days(places: Places, work_days: WorkDays, first: int, last: int) -> tuple[Ints, Ints]:
    """Every (township index, local day) a filing is expected for, in order of day."""
    days = work_days.days[(work_days.days >= first) & (work_days.days <= last)]
    towns = np.arange(len(places.township_codes))
    town, day = np.tile(towns, len(days)), np.repeat(days, len(towns))
    open_then = places.opens[town] <= day
    return town[open_then], day[open_then]


def known_cases(cases: Arrivals, town: Ints, day: Ints, filed: Floats) -> Ints:
    """Cases of each desk opened on each day and registered before the filing."""
    lag = np.minimum(cases.registered - np.floor(cases.opened), 90)
    keys = np.sort((cases.township * 100_000.0 + np.floor(cases.opened)) * 100 + lag)
    start = (town * 100_000.0 + day) * 100
    until = start + np.clip(filed - day, 0, 90)
    return np.searchsorted(keys, until) - np.searchsorted(keys, start)


def draw(
    cases: Arrivals, places: Places, work_days: WorkDays, span: tuple[int, float], zone: str,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Filings (`frames.Filings` and `revision`), and excused days (township_code, period, reason,
    recorded_at).

    Args:
        span: first local day, and the moment after which nothing is recorded.
    """
    first, end = span
    town, day = desk_days(places, work_days, first, int(np.floor(end)))
    size = len(day)
    habit = np.exp(rng.normal(0, 0.5, len(places.township_codes)))[town]
    excused = rng.random(size) < EXCUSED
    draw = rng.random(size)
    missing = excused | (draw < MISSING * habit)
    late = ~missing & (draw < (MISSING + LATE) * habit)
    on_time = day + (15 + 1.95 * rng.random(size)) / 24
    evening = day + (17.05 + 3 * rng.random(size)) / 24
    morning = work_days.day(work_days.upto(day)) + office_time(0.4 * rng.random(size))
    filed = np.where(late, np.where(rng.random(size) < 0.5, evening, morning), on_time)
    busy = known_cases(cases, town, day, filed) > 0
    false_zero = busy & (rng.random(size) < FALSE_ZERO)
    kind = np.where(busy & ~false_zero, "report", "zero")
    reason = np.where(late, np.array(_LATE_REASONS)[rng.choice(3, size, p=[0.6, 0.25, 0.15])], "")
    again = rng.random(size) < np.where(false_zero, 0.4, REVISED)
    next_day = work_days.day(work_days.upto(day)) + office_time(0.3 + 0.5 * rng.random(size))
    second = np.flatnonzero(~missing & again)
    sent = np.flatnonzero(~missing)
    busy_later = known_cases(cases, town, day, next_day) > 0
    changed = busy_later[second] & (kind[second] == "zero")
    table = pd.DataFrame(
        {
            "township_code": places.township_codes[np.concatenate([town[sent], town[second]])],
            "day": np.concatenate([day[sent], day[second]]),
            "kind": np.concatenate(
                [kind[sent], np.where(busy_later[second], "report", kind[second])]
            ),
            "filed": np.concatenate([filed[sent], next_day[second]]),
            "reason": np.concatenate([reason[sent], np.where(changed, "case_added", "")]),
            "revision": np.repeat([1, 2], [len(sent), len(second)]),
        }
    )
    table = table[table["filed"] <= end].sort_values("filed", kind="stable", ignore_index=True)
    return _filings(table, zone), _excused(town, day, excused, places, zone, end, rng)


def _filings(table: pd.DataFrame, zone: str) -> pd.DataFrame:
    reason = table["reason"].astype("str")
    return pd.DataFrame(
        {
            "township_code": table["township_code"].astype("str"),
            "period": table["day"].to_numpy().astype("datetime64[D]").astype("datetime64[us]"),
            "kind": table["kind"].astype("str"),
            "filed_at": to_utc(table["filed"].to_numpy(), zone),
            "reason": reason.mask(reason == ""),
            "revision": table["revision"],
        }
    )


def _excused(
    town: Ints, day: Ints, excused: np.ndarray, places: Places, zone: str, end: float,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    every = np.flatnonzero(excused)
    at = day[every] + office_time(0.2 * rng.random(len(every)))
    reasons = np.array(_EXCUSES)[rng.choice(len(_EXCUSES), len(every))][at <= end]
    which, recorded = every[at <= end], at[at <= end]
    return pd.DataFrame(
        {
            "township_code": pd.Series(places.township_codes[town[which]]).astype("str"),
            "period": day[which].astype("datetime64[D]").astype("datetime64[us]"),
            "reason": pd.Series(reasons).astype("str"),
            "recorded_at": to_utc(recorded, zone),
        }
    )
