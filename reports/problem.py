"""One problem a month (每月一题): the combination of category, cause and body behind most answers
that came late or came back, and what was done about the one before.

Nothing here speaks of a case or of who asked: causes are what the office did or left undone. Counts
are given in full tens and shares in twentieths, so that nothing is got back by subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .indicators import OBJECTIONS, Window
from .moments import at_case, has_any, local_days
from .rates import FEWEST

CAUSES = ("came_back", "wrong_body", "late_decision", "no_step", "extended", "long_handling")
"""Each late or returned answer has the first that fits: answered in time but called not solved or
taken to review; sent to more than one body; decided late on; no step taken before its limit but
the answer; extended; none of these."""
STEPS = ("contacted", "mediated", "met", "received", "aided", "funded", "hearing_opened")


@dataclass(frozen=True)
class Problem:
    """A combination. at_least: its late or returned answers, full tens; share_of_due: of all
    answers due there (category and body) those late or returned, in twentieths; None = n<10."""

    category: str
    cause: str
    body_id: str
    at_least: int
    share_of_due: float | None


@dataclass(frozen=True)
class Followed:
    """What became of the problem named before.

    now_at_least: its late or returned answers in this span, full tens, 0 = fewer than ten; share
    as in `Problem`. assigned, answered: assignments to its body in this span.
    """

    before: Problem
    now_at_least: int
    share_of_due: float | None
    assigned: int
    answered: int


def bad_answers(
    cases: pd.DataFrame, events: pd.DataFrame, standing: pd.DataFrame, window: Window, zone: str
) -> pd.DataFrame:
    """The answers due in a window with what is wrong with them.

    Args: as `indicators.service_figures`.

    Returns:
        One row per answer due: category, body_id (owing), is_bad, cause (NA where nothing is).
    """
    due = standing["is_counted"].astype(bool) & window.holds(standing["answer_due_on"])
    due &= standing["outcome"].isin(["on_time", "late", "late_open"])
    late = standing["outcome"].isin(["late", "late_open"])
    back = has_any(events, OBJECTIONS, cases.index) & standing["first_answered_at"].notna()
    sent = events[events["event"] == "transferred"]["case"].value_counts()
    fits = {
        "came_back": back & ~late,
        "wrong_body": (sent.reindex(cases.index, fill_value=0) > 1)
        | has_any(events, ["objected"], cases.index),
        "late_decision": standing["acceptance_state"].isin(["late", "overdue"]),
        "no_step": ~_had_step(events, standing, zone),
        "extended": has_any(events, ["extended"], cases.index),
        "long_handling": pd.Series(True, index=cases.index),
    }
    cause = pd.Series(pd.NA, index=cases.index, dtype="str")
    for name in reversed(CAUSES):
        cause[fits[name].fillna(False).astype(bool)] = name
    bad = (late | back).fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "category": cases["category"],
            "body_id": standing["owing_body_id"].fillna(""),
            "is_bad": bad,
            "cause": cause.where(bad),
        }
    )[due]


def _had_step(events: pd.DataFrame, standing: pd.DataFrame, zone: str) -> pd.Series:
    """Whether a step towards an answer was taken by the last day of its limit."""
    steps = events[events["event"].isin(STEPS)]
    in_time = local_days(steps["occurred_at"], zone) <= at_case(standing["answer_due_on"], steps)
    return pd.Series(standing.index.isin(steps.loc[in_time, "case"].unique()), standing.index)


def problem_of(bad: pd.DataFrame) -> Problem | None:
    """The combination with most late or returned answers; None where none has ten."""
    groups = bad[bad["is_bad"]].groupby(["category", "cause", "body_id"], observed=True).size()
    groups = groups[groups >= FEWEST]
    if groups.empty:
        return None
    # of equal ones the first by name, so that the same record gives the same answer
    category, cause, body = groups.sort_index().idxmax()
    many = int(groups[(category, cause, body)])
    return Problem(
        str(category), str(cause), str(body), many // 10 * 10, _share(bad, category, body)
    )


def followed(bad: pd.DataFrame, before: Problem, assigned: int, answered: int) -> Followed:
    """What became of an earlier problem in the span of `bad`."""
    same = bad["is_bad"] & (bad["category"] == before.category) & (bad["cause"] == before.cause)
    many = int((same & (bad["body_id"] == before.body_id)).fillna(False).sum())
    share = _share(bad, before.category, before.body_id)
    return Followed(before, many // 10 * 10, share, assigned, answered)


def _share(bad: pd.DataFrame, category: str, body: str) -> float | None:
    there = bad[(bad["category"] == category) & (bad["body_id"] == body)]["is_bad"]
    return None if len(there) < FEWEST else twentieths(float(there.mean()))


def twentieths(share: float) -> float:
    """A share in steps of 5 %."""
    return round(share * 20) / 20
