"""A body's own sweep (自查): which cases are on its list, which steps a finding may owe, what came.

The list is the whole of one kind as the log gives it; nobody picks a case. A finding is a word
about the office's handling and moves nothing: no clock, no step, no place in a list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from .standing import DISOWNED_LEAVES_AFTER_DAYS

MOST_DAYS = 60
"""How many days ahead a sweep may end, and a step may be promised: further is no promise."""
FINDING_STEPS: Mapping[str, tuple[str, ...]] = {
    "in_order": (),
    "tell_asker": ("tell", "contact"),
    "step_due": ("contact", "accept", "answer", "mediate", "joint_meeting", "reception",
                 "legal_aid", "hardship_fund", "review", "recheck"),
    "limit_passed": ("answer", "contact", "accept", "review", "recheck"),
    "wrong_body": ("transfer",),
    "deliver_answer": ("deliver",),
    "redo_answer": ("answer", "mediate", "joint_meeting", "reception"),
    "ended_since": (),
}  # fmt: skip
"""The steps of DOMAIN.md §2.6 that each finding may owe, the usual one first; () = none is owed."""
STEP_EVENTS: Mapping[str, tuple[str, ...]] = {
    "accept": ("accepted", "declined"), "transfer": ("transferred", "objected"),
    "contact": ("contacted",), "answer": ("answered", "no_remedy", "declined", "referred"),
    "deliver": ("delivered",), "tell": ("notified", "delivered"), "mediate": ("mediated",),
    "joint_meeting": ("met",), "reception": ("received",), "legal_aid": ("aided",),
    "hardship_fund": ("funded",), "review": ("reviewed",), "recheck": ("rechecked",),
}  # fmt: skip
"""The events that show that a step was taken."""
STATES = ("running", "done", "done_late", "past")
"""How a promised step stands; a finding that owes none has no state."""

Step = tuple[str, dt.datetime]
"""An event of a case and when it was known."""


def members(kind: str, standing: pd.DataFrame, is_extended: pd.Series) -> pd.Series:
    """Which cases are on the list of a kind: bool on the index of `standing`.

    Args:
        kind: of `SWEEP_KINDS`. standing: `casework.standing`. is_extended: on the same index.

    Raises:
        KeyError: another kind.
    """
    counted, is_open = standing["is_counted"].astype(bool), standing["is_open"].astype(bool)
    of = {
        "open": is_open, "extended": is_open & is_extended.astype(bool),
        "not_solved": standing["is_not_solved"].astype(bool),
    }  # fmt: skip
    return counted & of[kind]


def has_left(steps: Sequence[Step], as_of: dt.datetime) -> bool:
    """Whether the case was disowned so long ago that it has left every figure (§2.1)."""
    words = [step for step in steps if step[0] in ("disowned", "confirmed")]
    if not words or words[-1][0] != "disowned":
        return False
    return words[-1][1] + dt.timedelta(days=DISOWNED_LEAVES_AFTER_DAYS) <= as_of


def state(
    step: str | None, due_on: dt.date | None, since: dt.datetime, steps: Sequence[Step],
    as_of: dt.datetime, zone: str,
) -> str | None:  # fmt: skip
    """How a promised step stands at a moment; None where none was promised.

    Args:
        since: when the finding was noted. steps: the case's events in order.
    """
    if step is None or due_on is None:
        return None
    tz = ZoneInfo(zone)
    taken = [at for event, at in steps if event in STEP_EVENTS[step] and since < at <= as_of]
    if taken:
        return "done" if min(taken).astimezone(tz).date() <= due_on else "done_late"
    return "running" if as_of.astimezone(tz).date() <= due_on else "past"
