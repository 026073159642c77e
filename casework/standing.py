"""Where every case stands at a moment: open or not, with whom, late or not, answered how.

One row per case, for lists, maps, indicators and the report; the words and rules are those of
DOMAIN.md §5 and §7, the clocks those of `casework/clock_table.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from .calendar import WorkingCalendar
from .clock_table import REMEDY_CLOCKS, from_milestones, void_times
from .groups import Packs, groups
from .lateness import VERY_LATE_DAYS, very_late
from .milestones import NAT, Mask, Milestones, Times, utc
from .vocabulary import OFFICE_STEPS, OPEN_STAGES, OUTCOMES, STAGES

DISOWNED_LEAVES_AFTER_DAYS = 15
"""A disowned case leaves every figure after this many days, unless undone (DOMAIN.md §2.1)."""
ANSWER_CLOCKS = ("acknowledge", "forward", "acceptance", "answer")
"""Of the table's clocks, those up to an answer: what figures about answers look at."""
OFFICE_CLOCKS = (*ANSWER_CLOCKS, *REMEDY_CLOCKS)
"""Those a body has to keep, each once."""

__all__ = [
    "ANSWER_CLOCKS", "DISOWNED_LEAVES_AFTER_DAYS", "OFFICE_CLOCKS", "VERY_LATE_DAYS",
    "standing", "standing_from",
]  # fmt: skip


def standing(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    packs: Packs,
    calendars: Mapping[str, WorkingCalendar],
    as_of: dt.datetime,
    zone: str,
) -> pd.DataFrame:
    """Where each case stands, as known at a moment.

    Args: as `casework.clock_table.clock_table`.

    Returns:
        On the index of `cases`:

        - stage: categorical of `vocabulary.STAGES`. round: Int16, 1 until reopened.
        - is_open: the latest round has neither an answer nor another end.
        - is_not_solved: the asker's last word on the latest answer is "not solved".
        - is_disowned: `disowned` is known and no code undid it; is_counted: False once that is
          15 days old: the case has left every figure but the desk's count of such cases.
        - owing_body_id: body that owes the answer, after transfers: for figures.
        - next_body_id: body that must act next: the receiver of the latest transfer, request for
          review or request for recheck that names one.
        - accepted_at, first_answered_at, last_answered_at: instants that count (UTC), NaT = not.
        - ended_at: when the case stopped being open (answer or other end); NaT while open.
        - last_step_at: when the office last took a step of §2.6; NaT = none yet.
        - next_clock: the office's running clock whose last day is nearest, NA = none runs;
          next_due_on: its last local day.
        - answer_started_at: when the answer clock began; promised_on, promised_at: the limit of
          the first round as first promised, before any extension (local day; instant, UTC).
        - answer_due_on: last local day of the first round, as lawfully extended; NaT where the
          answer clock has not started or has no rule. answer_due_at: the instant, where given.
        - is_overdue: a clock of `ANSWER_CLOCKS` runs past its last day; days_over: calendar days
          past it (Int32; NA = not overdue); is_very_late. For figures and lists.
        - is_review_overdue, is_review_very_late: the same of a review or recheck, whose limit is
          the reviewing body's: for lists; no figure about answers counts it.
        - outcome: of the first answer, categorical of `vocabulary.OUTCOMES`; NA where no answer
          has been due yet (not accepted, declined before, no rule).
        - wait_days: days from `opened_at` to the first answer, or to its other end or `as_of`
          without one; NaN where that is negative (a wrong time is not a short wait).
          wait_observed: whether an answer ended it (the event of Kaplan-Meier).

    Source: DOMAIN.md §2.1, §2.9, §5, §7.
    """
    stones = Milestones(cases, events, as_of, zone)
    clocks = from_milestones(cases, stones, packs, calendars)
    return standing_from(cases, events, stones, clocks, packs)


def standing_from(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    stones: Milestones,
    clocks: pd.DataFrame,
    packs: Packs,
) -> pd.DataFrame:
    """`standing` of milestones already found and clocks already counted."""
    void_at = void_times(stones, cases, packs)
    stage = _stage(cases, stones, packs, void_at)
    is_open = np.isin(stage, [STAGES.index(name) for name in OPEN_STAGES])
    disowned, counted = _disowned(stones)
    first_answer = stones.first("answered")
    last_answer = stones.last("answered")
    closed = np.fmin(void_at, stones.counted_at(stones.latest_close))
    answered_at = stones.counted_at(first_answer)
    table = pd.DataFrame(
        {
            "stage": pd.Categorical.from_codes(stage, categories=list(STAGES)),
            "is_open": is_open,
            "is_not_solved": _not_solved(stones),
            "is_disowned": disowned,
            "is_counted": counted,
            "owing_body_id": _receiver(cases, events, stones, "transferred"),
            "next_body_id": _receiver(
                cases, events, stones, "transferred", "review_requested", "recheck_requested"
            ),
            "accepted_at": _instants(stones.counted_at(stones.accepted)),
            "first_answered_at": _instants(answered_at),
            "last_answered_at": _instants(stones.counted_at(last_answer)),
            "ended_at": _instants(np.where(is_open, NAT, closed)),
            "last_step_at": _instants(stones.occurred_at(stones.last(*OFFICE_STEPS))),
            "round": clocks["round"].to_numpy(),
        },
        index=cases.index,
    )
    table = table.join(_due(clocks, stones)).join(_outcome(clocks))
    return table.join(_wait(cases, stones, answered_at, void_at))


def _instants(moments: Times) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(moments.astype("datetime64[us]"), tz="UTC")


def _stage(cases: pd.DataFrame, stones: Milestones, packs: Packs, void_at: Times) -> np.ndarray:
    """Code of the stage per case."""
    withdrawn = ~np.isnat(void_at) & (stones.declined < 0) & (stones.referred < 0)
    answered = stones.latest_close >= 0
    reopened = (stones.round > 1) | _not_solved(stones)
    code = {name: number for number, name in enumerate(STAGES)}
    accepts = np.zeros(len(cases), dtype=bool)
    for group in groups(cases, packs, stones):
        accepts[group.rows] = "acceptance" in group.pack.rules[group.procedure]
    accepted = accepts & (stones.accepted >= 0)
    return np.select(
        [
            stones.referred >= 0,
            stones.declined >= 0,
            withdrawn,
            _not_solved(stones),
            stones.is_kind(stones.latest_close, "no_remedy"),
            answered,
            reopened,
            accepted,
            stones.transferred >= 0,
        ],
        [
            code[name]
            for name in (
                "referred", "declined", "withdrawn", "reopened", "no_remedy", "answered",
                "reopened", "accepted", "transferred",
            )
        ],
        default=code["registered"],
    ).astype(np.int8)  # fmt: skip


def _not_solved(stones: Milestones) -> Mask:
    """Whether "not solved" is the asker's last word on the latest answer, in review too."""
    objected = stones.last("not_solved")
    closed = stones.last("answered", "no_remedy")
    return (objected >= 0) & (closed >= 0) & (objected > closed)


def _disowned(stones: Milestones) -> tuple[Mask, Mask]:
    """Whether each case is disowned, and whether it still counts in figures."""
    at = stones.last("disowned")
    is_disowned = (at >= 0) & (stones.last("confirmed") < at)
    leaves = stones.occurred_at(at) + np.timedelta64(DISOWNED_LEAVES_AFTER_DAYS, "D")
    return is_disowned, ~(is_disowned & (leaves <= stones.as_of))


def _receiver(
    cases: pd.DataFrame, events: pd.DataFrame, stones: Milestones, *names: str
) -> pd.Series:
    """The receiver in the last of these events that names one; else the body of the
    registration."""
    at = stones.where(*names)
    receivers = events["to_body_id"].array[stones.source[at]]
    named = ~np.asarray(pd.isna(receivers))
    owing = cases["body_id"].to_numpy(dtype=object).copy()
    # positions rise with time, so the last assignment to a row is the latest event
    owing[stones.row[at[named]]] = np.asarray(receivers, dtype=object)[named]
    return pd.Series(owing, index=cases.index, dtype="str")


def _due(clocks: pd.DataFrame, stones: Milestones) -> pd.DataFrame:
    """The nearest running office clock, and how far past it a case is."""
    today = np.full(len(clocks), stones.day(np.array([stones.as_of]))[0])
    nearest = np.full(len(clocks), np.datetime64("NaT", "D"))
    which = np.full(len(clocks), -1, dtype=np.int8)
    none = np.zeros(len(clocks), dtype=bool)
    overdue, is_very_late = none.copy(), none.copy()
    review_overdue, is_review_very_late = none.copy(), none.copy()
    days_over = np.zeros(len(clocks), dtype=np.int64)
    for number, name in enumerate(OFFICE_CLOCKS):
        state = clocks[f"{name}_state"]
        due = clocks[f"{name}_due_on"].to_numpy().astype("datetime64[D]")
        runs = state.isin(["running", "overdue"]).to_numpy()
        sooner = runs & (np.isnat(nearest) | (due < nearest))
        nearest[sooner], which[sooner] = due[sooner], number
        late = (state == "overdue").to_numpy()
        length = clocks[f"{name}_limit_days"].to_numpy(dtype=np.int64, na_value=0)
        over = (today - due).astype(np.int64)
        if name in REMEDY_CLOCKS:
            review_overdue |= late
            is_review_very_late |= late & very_late(over, length)
            continue
        overdue |= late
        is_very_late |= late & very_late(over, length)
        days_over[late] = np.maximum(days_over, over)[late]
    names = pd.Categorical.from_codes(which, categories=list(OFFICE_CLOCKS))
    days = pd.array(days_over, dtype="Int32")
    days[~overdue] = pd.NA
    return pd.DataFrame(
        {
            "next_clock": names,
            "next_due_on": nearest.astype("datetime64[us]"),
            "answer_started_at": clocks["first_answer_started_at"],
            "promised_on": clocks["first_answer_promised_on"],
            "promised_at": clocks["first_answer_promised_at"],
            "answer_due_on": clocks["first_answer_due_on"],
            "answer_due_at": clocks["first_answer_due_at"],
            "is_overdue": overdue,
            "days_over": days,
            "is_very_late": is_very_late,
            "is_review_overdue": review_overdue,
            "is_review_very_late": is_review_very_late,
        },
        index=clocks.index,
    )


def _outcome(clocks: pd.DataFrame) -> pd.DataFrame:
    """What became of the first round of the answer clock."""
    state = clocks["first_answer_state"].astype("str")
    names = {
        "met": "on_time", "late": "late", "overdue": "late_open", "running": "not_due",
        "paused": "not_due", "ended": "ended_otherwise",
    }  # fmt: skip
    outcome = state.map(names).where(clocks["first_answer_due_on"].notna())
    return pd.DataFrame(
        {"outcome": pd.Categorical(outcome, categories=list(OUTCOMES))}, index=clocks.index
    )


def _wait(
    cases: pd.DataFrame, stones: Milestones, answered_at: Times, void_at: Times
) -> pd.DataFrame:
    """Time to the first answer, censored where another end or the moment came first."""
    no_remedy = stones.counted_at(stones.first("no_remedy"))
    other_end = np.fmin(void_at, no_remedy)
    observed = ~np.isnat(answered_at)
    until = np.where(observed, answered_at, np.fmin(other_end, stones.as_of))
    days = (until - utc(cases["opened_at"])) / np.timedelta64(1, "D")
    return pd.DataFrame(
        {"wait_days": np.where(days < 0, np.nan, days), "wait_observed": observed},
        index=cases.index,
    )
