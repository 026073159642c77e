"""Answers that will be due, per body and week, against what the body answers in a week (§8).

From cases already registered only; weeks are blocks of seven local days from today on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .moments import at_case, counted_at, local_days
from .rates import FEWEST

AHEAD = 8
BEFORE = 13
"""Whole weeks before today whose answers say what a body answers in a week."""
ORDER = (3, 11)
"""Of 13 weeks in order of size: between the 3rd and the 11th the median lies in 97.8 % of cases
(exact, by the binomial: the narrowest pair that reaches 95 %)."""


@dataclass(frozen=True)
class BodyLoad:
    """One body's answers.

    due: answers due in each of the weeks to come. overdue: owed past their last day. undecided:
    open cases whose answer clock has not begun (no day yet). answered: in all the weeks before.
    median, low, high: answers given in a week, lately, and the interval of the median; None = the
    record is younger than the weeks.
    """

    body_id: str
    due: tuple[int, ...]
    overdue: int
    undecided: int
    answered: int
    median: float | None
    low: int | None
    high: int | None

    @property
    def owed(self) -> int:
        """Overdue and due in the weeks to come."""
        return self.overdue + sum(self.due)

    @property
    def weeks_needed(self) -> float | None:
        """Weeks the body would need for what it owes at its usual pace; None = not to be said."""
        return self.owed / self.median if self.median and not self.is_few else None

    @property
    def is_few(self) -> bool:
        """Whether it answered fewer than ten cases in all these weeks: its pace says nothing."""
        return self.answered < FEWEST

    @property
    def is_more_than_answered(self) -> bool:
        """Whether more is owed than even the upper end of its pace answers in those weeks."""
        if self.high is None or self.is_few:
            return False
        return self.owed > self.high * len(self.due)


@dataclass(frozen=True)
class Workload:
    """weeks: first days of the weeks to come; bodies: in the order given, those with anything."""

    weeks: tuple[dt.date, ...]
    bodies: tuple[BodyLoad, ...]
    known_weeks: int


def workload(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    clocks: pd.DataFrame,
    today: dt.date,
    zone: str,
    bodies: list[str],
) -> Workload:
    """Answers due per body and week, and what each body answers in a week.

    Args:
        cases, events, standing: as in `indicators.service_figures`; standing with owing_body_id.
        clocks: `casework.clock_table.clock_table`: answer_due_on and answer_state of the latest
            round, as lawfully extended (an extension not granted yet moves nothing).
        bodies: ids in the order of the page; others follow.

    Returns:
        Answers of every round count, due and given alike.
    """
    counted = standing["is_counted"].astype(bool)
    open_now = counted & standing["is_open"].astype(bool)
    day = pd.Timestamp(today)
    state = clocks["answer_state"].astype("object")
    runs = open_now & state.isin(["running", "paused", "overdue"]) & clocks["answer_due_on"].notna()
    ahead = (clocks["answer_due_on"] - day).dt.days
    week = (ahead // 7).where(runs)
    owing = standing["owing_body_id"].astype("object")
    due = _table(owing, week, AHEAD)
    overdue = owing[runs & (ahead < 0)].value_counts()
    undecided = owing[open_now & ~runs].value_counts()

    given = events[(events["event"] == "answered") & events["case"].isin(cases.index[counted])]
    who = given["body_id"].astype("object").fillna(at_case(owing, given))
    on = local_days(counted_at(given["occurred_at"], given["known_at"]), zone)
    back = ((day - on).dt.days - 1) // 7
    answered = _table(who, back.where(on < day), BEFORE)
    opened = local_days(cases["opened_at"], zone)
    known = int((day - opened.min()).days // 7) if len(opened) else 0

    ids = [*bodies, *sorted({*due, *answered, *overdue.index, *undecided.index} - set(bodies))]
    made = []
    for body in ids:
        weeks = answered.get(body, (0,) * BEFORE)
        pace: tuple[float | None, int | None, int | None] = (None, None, None)
        if known >= BEFORE:
            inorder = sorted(weeks)
            pace = (float(np.median(weeks)), inorder[ORDER[0] - 1], inorder[ORDER[1] - 1])
        one = BodyLoad(
            body, due.get(body, (0,) * AHEAD), int(overdue.get(body, 0)),
            int(undecided.get(body, 0)), sum(weeks), *pace,
        )  # fmt: skip
        if one.owed or one.undecided or any(weeks):
            made.append(one)
    days = tuple(today + dt.timedelta(days=7 * n) for n in range(AHEAD))
    return Workload(days, tuple(made), known)


def _table(groups: pd.Series, week: pd.Series, weeks: int) -> dict[str, tuple[int, ...]]:
    """Counts per group and week number 0..weeks-1; what lies outside is left out."""
    some = week.between(0, weeks - 1) & groups.notna()
    rows = pd.crosstab(groups[some], week[some].astype("int64"))
    rows = rows.reindex(columns=range(weeks), fill_value=0)
    return {
        str(name): tuple(int(n) for n in line)
        for name, line in zip(rows.index, rows.to_numpy(), strict=True)
    }
