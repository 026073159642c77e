"""What changed since the last report, in figures: open and owed then and now, and what came
between. The last report is the last one issued; without one, the evening before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from casework.groups import Packs
from casework.standing import ANSWER_CLOCKS

from .indicators import EXIT_STAGES, backlog

DUE_SOON_DAYS = 3
MARKS = ("very_late", "overdue", "due_soon", "backlog", "not_solved")
"""What asks for work first; a case may bear several. Overdue: those not yet very late."""
COUNTED = ("open", "all_overdue", *MARKS)


@dataclass(frozen=True)
class Change:
    """One count at the last report and now."""

    name: str
    before: int
    now: int


@dataclass(frozen=True)
class SinceLast:
    """The last report and what changed since it.

    kind: issued (with its number) or evening (of the day before; nothing was issued). new,
    answered, ended_otherwise: what became known after its cut-off.
    """

    kind: str
    number: int | None
    day: dt.date
    as_of: dt.datetime
    new: int
    answered: int
    ended_otherwise: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Earlier:
    """The last report as `since` takes it; counts by the names of `COUNTED`."""

    kind: str
    number: int | None
    day: dt.date
    as_of: dt.datetime
    counts: Mapping[str, int]


def marks(
    cases: pd.DataFrame, events: pd.DataFrame, standing: pd.DataFrame, day: dt.date,
    as_of: dt.datetime, zone: str, packs: Packs | None,
) -> pd.DataFrame:  # fmt: skip
    """Which of `MARKS` each case bears, whether open or not: bool columns on the index of `cases`.

    Args: as `daily.Record`; day: the local day of `as_of`.
    """
    very_late = standing["is_very_late"].astype(bool)
    overdue = standing["is_overdue"].astype(bool)
    soon_end = pd.Timestamp(day + dt.timedelta(days=DUE_SOON_DAYS))
    aged = backlog(cases, events, standing, as_of, zone, packs)["is_backlog"]
    return pd.DataFrame(
        {
            "very_late": very_late,
            "overdue": overdue & ~very_late,
            "due_soon": ~overdue
            & standing["next_clock"].isin(ANSWER_CLOCKS)
            & (standing["next_due_on"] <= soon_end),
            "backlog": aged,
            "not_solved": (standing["stage"] == "reopened"),
        }
    )


def counts(marked: pd.DataFrame, open_now: pd.Series, overdue: pd.Series) -> dict[str, int]:
    """How many open cases there are, and how many bear each mark, by the names of `COUNTED`."""
    found = {"open": int(open_now.sum()), "all_overdue": int((open_now & overdue).sum())}
    return found | {name: int((marked[name] & open_now).sum()) for name in MARKS}


def counts_of_issued(facts: Mapping[str, Any]) -> dict[str, int]:
    """The same counts as an issued daily report said them (its JSON)."""
    lines = facts["priority"]
    found = {
        "open": int(facts["open_now"]["today"]),
        "all_overdue": int(facts["overdue"]["numerator"]),
    }
    return found | {name: sum(int(line[name]) for line in lines) for name in MARKS}


def since_last(
    earlier: Earlier, now: Mapping[str, int], cases: pd.DataFrame, events: pd.DataFrame,
    standing: pd.DataFrame,
) -> SinceLast:  # fmt: skip
    """What changed since an earlier report, from the record as known now."""
    counted = standing["is_counted"].astype(bool)
    then = pd.Timestamp(earlier.as_of)
    of_counted = events["case"].isin(cases.index[counted])
    answered = (events["event"] == "answered") & (events["known_at"] > then) & of_counted
    left = counted & standing["stage"].isin(EXIT_STAGES) & (standing["ended_at"] > then)
    return SinceLast(
        kind=earlier.kind,
        number=earlier.number,
        day=earlier.day,
        as_of=earlier.as_of.astimezone(dt.UTC),
        new=int((counted & (cases["known_at"] > then)).sum()),
        answered=int(answered.sum()),
        ended_otherwise=int(left.sum()),
        changes=tuple(Change(name, int(earlier.counts[name]), now[name]) for name in COUNTED),
    )
