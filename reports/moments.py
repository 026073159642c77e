"""Which events of a table of cases came first, and on which local day they count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ONE_DAY = pd.Timedelta(days=1)


def local_days(moments: pd.Series, zone: str) -> pd.Series:
    """The local calendar day (midnight, naive) of each instant; NaT stays NaT."""
    return moments.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()


def counted_at(occurred_at: pd.Series, known_at: pd.Series) -> pd.Series:
    """The moment that counts: its own when known within a day, else the one it was known."""
    return occurred_at.where(known_at - occurred_at <= ONE_DAY, known_at)


def of_kind(events: pd.DataFrame, names: Sequence[str], *columns: str) -> pd.DataFrame:
    """`case` and these columns of the events of those names, in their order; a record has millions
    of events, so that the columns nobody asked for are not copied."""
    kinds = events["event"].cat
    wanted = np.append(kinds.categories.isin(names), False)  # the last: of a missing one, -1
    chosen = np.flatnonzero(wanted[kinds.codes.to_numpy()])
    return events[["case", *columns]].take(chosen)


def at_case(values: pd.Series, events: pd.DataFrame) -> pd.Series:
    """Each event's value of its case, NaT or NaN for a case that is not there."""
    return pd.Series(values.reindex(events["case"]).array, index=events.index)


def first_of(events: pd.DataFrame, names: Sequence[str], cases: pd.Index) -> pd.Series:
    """When the first event of those names occurred in each case; NaT = none did.

    Args:
        events: an `Events`, in its order.
        cases: the case numbers of `Cases`.
    """
    some = of_kind(events, names, "occurred_at").drop_duplicates("case")
    return some.set_index("case")["occurred_at"].reindex(cases)


def first_after(events: pd.DataFrame, names: Sequence[str], after: pd.Series) -> pd.Series:
    """When the first event of those names occurred at or after each case's moment; NaT = none."""
    some = of_kind(events, names, "occurred_at")
    later = some[some["occurred_at"] >= at_case(after, some)]
    return later.drop_duplicates("case").set_index("case")["occurred_at"].reindex(after.index)


def has_any(events: pd.DataFrame, names: Sequence[str], cases: pd.Index) -> pd.Series:
    """Whether each case has an event of those names; bool on the case numbers."""
    having = of_kind(events, names)["case"].unique()
    return pd.Series(cases.isin(having), index=cases)
