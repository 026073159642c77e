"""The four levels of an open case, their order and cut-offs: the one place for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wording.palette import tone

DEFAULT_CAPACITY = 10
"""Cases a day that can be pushed, until the supervisor says otherwise."""
DUE_SOON_DAYS = 3
"""A case due within so many days is "due soon" (DOMAIN.md §9, section 4 of the daily report)."""


@dataclass(frozen=True)
class Level:
    """A level: its id (catalogue `risk.level.<id>`) and the sign that stands before its word."""

    id: str

    @property
    def mark(self) -> str:
        return tone("level", self.id).sign


LEVELS = tuple(Level(one) for one in ("overdue", "likely_late", "due_soon", "on_course"))
"""Most urgent first; their colours stand in `wording.palette`."""


def levels(
    probability: pd.Series, due_at: pd.Series, as_of: pd.Timestamp, capacity: int = DEFAULT_CAPACITY
) -> pd.Series:
    """The level of each open case, cut by how many can be pushed a day.

    Args:
        probability: P(late), in [0, 1]. due_at: the limit first promised, on the same index and
            in the same kind of time as `as_of`.
        capacity: cases that can be pushed a day, >= 0.

    Returns:
        Ids of `LEVELS` on the same index. Overdue: the limit has passed. Likely late: the
        `capacity` highest of the others, earlier limits first among equals. Due soon: of the rest
        those due within 3 days.

    Raises:
        ValueError: for a negative capacity.
    """
    if capacity < 0:
        raise ValueError(f"capacity must be 0 or more; got {capacity}")
    result = pd.Series("on_course", index=probability.index, dtype="str")
    overdue = due_at < as_of
    result[due_at <= as_of + pd.Timedelta(days=DUE_SOON_DAYS)] = "due_soon"
    place = np.lexsort((due_at.to_numpy(), -probability.to_numpy(), overdue.to_numpy()))
    running = int((~overdue).sum())
    result.iloc[place[: min(capacity, running)]] = "likely_late"
    result[overdue] = "overdue"
    return result
