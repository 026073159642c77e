"""Backlog plans as figures (DOMAIN.md §7): cleared (held) ÷ assigned, by level and body.

Assigned: backlog cases that were given a plan, that is a responsible leader's post and a day.
Cleared: answered, and held. There is no target, no quota and no order by it: how many are cleared
says nothing of how they were (§2.4), so it stands with its numerator and denominator, by level
and body in their fixed order, and below ten as n<10.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from .covering import SMALLEST_SHOWN
from .indicators import EXIT_STAGES, HOLDS_AFTER, OBJECTIONS
from .moments import at_case
from .monthly import COUNTY
from .monthly_covering import Shown, Split, cover
from .rates import Rate

PARTS = ("cleared", "answered", "back", "ended", "open")
"""What became of a planned case; the five add up to the assigned: held; answered, and 60 days are
not over yet; answered, and a review or recheck was asked for; ended otherwise; open."""
AGES = ("to_6_months", "to_1_year", "to_2_years", "over_2_years")
_AGE_DAYS = (183, 366, 731)
"""Whole days since registration at which the next band begins."""
UNPLANNED = "no_plan"
"""Backlog without a plan yet: in a table that leaves the office beside the parts, so that nobody
gets it by taking the planned ones from all."""
SPLIT = Split("cleared", "listed", (*PARTS, UNPLANNED), (), ("body", "level"))
YEAR_SPLIT = Split("cleared", "assigned", ("cleared", "not_cleared"), (), ("body",))
AGE_SPLIT = Split("backlog", None, ("backlog",), (), ("age",))
"""What leaves the office is covered by these splits, all parts of a group or none (§2.10)."""


def parts_of(
    cases: pd.DataFrame, events: pd.DataFrame, standing: pd.DataFrame, as_of: dt.datetime
) -> pd.Series:
    """What became of each planned case at a moment: one of `PARTS`, on the index of `cases`; NA
    for a case that has left every figure.

    It is the latest answer that counts: a case that was answered and reopened is open.
    """
    stage = standing["stage"].astype("object")
    answered_at = standing["last_answered_at"]
    some = events[events["event"].isin(OBJECTIONS)]
    since = some["occurred_at"] - at_case(answered_at, some)
    soon = some.loc[(since >= pd.Timedelta(0)) & (since <= HOLDS_AFTER), "case"].unique()
    found = pd.Series("open", index=cases.index, dtype="object")
    is_answered = stage == "answered"
    found[is_answered] = "answered"
    found[is_answered & (pd.Timestamp(as_of) - answered_at >= HOLDS_AFTER)] = "cleared"
    found[is_answered & cases.index.isin(soon)] = "back"
    found[stage.isin(EXIT_STAGES)] = "ended"
    return found.where(standing["is_counted"].astype(bool))


def cleared(parts: pd.Series) -> Rate:
    """Cleared ÷ assigned; of no case: no share."""
    counted = parts.dropna()
    return Rate(int((counted == "cleared").sum()), len(counted))


def by_group(parts: pd.Series, groups: pd.Series, order: Sequence[str]) -> pd.DataFrame:
    """The planned cases per level or body.

    Args:
        groups: what each case counts under, on the index of `parts`. order: the groups in their
            fixed order, which is the table's; one that is not among them comes after, by name.

    Returns:
        int64 columns assigned and `PARTS`, one row per group; a group without a case has zeros.
    """
    counted = parts.dropna()
    table = pd.crosstab(groups[counted.index].to_numpy(), counted.to_numpy())
    ids = [*order, *sorted(set(map(str, table.index)) - set(order))]
    table = table.reindex(index=ids, columns=list(PARTS), fill_value=0)
    table.insert(0, "assigned", table.sum(axis=1))
    return table.astype("int64").rename_axis(index=None, columns=None)


def by_month(parts: pd.Series, since: pd.Series, zone: str) -> pd.DataFrame:
    """Planned cases added up by the local month of their first plan.

    Returns:
        int64 columns assigned and cleared on every month (period) from the first to the last.
    """
    counted = parts.dropna()
    if counted.empty:
        return pd.DataFrame(columns=["assigned", "cleared"], dtype="int64")
    local = pd.to_datetime(since[counted.index]).dt.tz_convert(zone).dt.tz_localize(None)
    table = pd.DataFrame({"assigned": 1, "cleared": (counted == "cleared").astype("int64")})
    table = table.groupby(local.dt.to_period("M")).sum()
    months = pd.period_range(table.index.min(), table.index.max(), freq="M")
    return table.reindex(months, fill_value=0).cumsum().astype("int64")


def steps_to_leave(added_up: pd.Series) -> list[int | None]:
    """Counts added up, as they may leave the office: the last is given, and one before it where
    it equals the next one given or lies at least three below, and is 0 or at least three itself;
    None for the others."""
    given: list[int | None] = []
    following: int | None = None
    for value in (int(one) for one in added_up.iloc[::-1]):
        is_small = 0 < value < SMALLEST_SHOWN
        is_near = following is not None and 0 < following - value < SMALLEST_SHOWN
        given.append(None if is_small or is_near else value)
        following = following if is_small or is_near else value
    return given[::-1]


def age_bands(age_days: pd.Series) -> pd.Series:
    """How many cases of each age (whole days since registration): int64 on `AGES`."""
    edges = [-1, *(days - 1 for days in _AGE_DAYS), 10**6]
    bands = pd.cut(age_days, edges, labels=list(AGES))
    return bands.value_counts().reindex(list(AGES), fill_value=0).astype("int64")


def to_leave(planned: pd.DataFrame, unplanned: pd.Series) -> pd.DataFrame:
    """A table of parts with the backlog without a plan beside: what `SPLIT` covers.

    Args:
        planned: as `by_group` gives it. unplanned: int64 by group; groups of one may lack in the
            other.
    """
    ids = [*planned.index, *(one for one in unplanned.index if one not in planned.index)]
    table = planned.reindex(index=ids, columns=list(PARTS), fill_value=0)
    table[UNPLANNED] = unplanned.reindex(ids, fill_value=0)
    table.insert(0, "listed", table.sum(axis=1))
    return table.astype("int64")


def covered(tables: Mapping[str, pd.DataFrame], split: Split) -> Shown:
    """Which groups of each breakdown may leave the office with their figures.

    Args:
        tables: per breakdown (level, body) counts that add up to the same county.
    """
    first = next(iter(tables.values()))
    county = first.sum().to_frame().T.set_axis([COUNTY])
    return cover({COUNTY: county, **tables}, {}, (split,))
