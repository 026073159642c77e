"""A consultation before a decision: where it stands, and what a notice has to keep to.

Days are counted as everywhere (DOMAIN.md §5): the first one is the day after the notice is out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

USUAL_DAYS = 30
"""Days for comments; fewer need a reason from the list, which is published.

Source: 重大行政决策程序暂行条例 (State Council, order 713 of 2019), Art. 15: as a rule no fewer
than 30 days; a shorter time for urgent reasons is explained in the notice. Read second-hand.
"""

Stage = Literal["announced", "open", "waiting", "decided"]
STAGES: tuple[Stage, ...] = ("open", "announced", "waiting", "decided")
"""In the order in which a reader looks for them."""


@dataclass(frozen=True)
class Where:
    """Where a consultation stands on a local day.

    days_left: until the last day for comments, 0 = today; None when it is over or not yet begun.
    days_waited: since that last day, while no decision was published; None otherwise.
    """

    stage: Stage
    days_left: int | None = None
    days_waited: int | None = None


def where(starts_on: dt.date, ends_on: dt.date, is_decided: bool, today: dt.date) -> Where:
    """Where a consultation with these days stands; both days are days on which comments count."""
    if is_decided:
        return Where("decided")
    if today < starts_on:
        return Where("announced")
    if today <= ends_on:
        return Where("open", days_left=(ends_on - today).days)
    return Where("waiting", days_waited=(today - ends_on).days)


def days_given(starts_on: dt.date, ends_on: dt.date) -> int:
    """How many days there are for comments: the first is the day after the notice is out."""
    return (ends_on - starts_on).days


def is_short(starts_on: dt.date, ends_on: dt.date) -> bool:
    """Whether a reason has to be given for so few days."""
    return days_given(starts_on, ends_on) < USUAL_DAYS


def unanswered(comments: Mapping[str, tuple[int, str | None]]) -> tuple[str, ...]:
    """The themes that were commented on and have no reply.

    Args:
        comments: by theme, how many comments and the reply.
    """
    return tuple(
        theme
        for theme, (count, reply) in comments.items()
        if count > 0 and not (reply or "").strip()
    )
