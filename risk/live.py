"""The county's own record as the forecast's table: which cases, which moments, which steps.

What goes in is fixed here and nothing else can (DOMAIN.md §8): confirmed, counted cases; the clock
of the first answer; category, procedure, owing body; steps the office took. Place, channel, text
and whatever the asker did have no way in. `confirmed`, `disowned` and `withdrawn` decide whether
an answer is owed at all, and so which cases are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .features import STEPS
from .reasons import compare_by_step
from .snapshots import snapshots

COLUMNS = (
    "case_id", "opened_at", "due_at", "closed_at", "category", "body", "procedure",
)  # fmt: skip


@dataclass(frozen=True)
class LiveTable:
    """What the engine reads.

    cases: `COLUMNS` on index 0..n-1, sorted by opening; times naive local. opened_at: start of the
        answer clock. due_at: the limit first promised; NaT where the case ended otherwise before
        it (it counts as load only). closed_at: first answer or other end; NaT = open.
    steps: `case` (row number in `cases`), `event` of `features.STEPS`, `known_at` (naive local).
    left_out: why cases are not here -> how many.
    """

    cases: pd.DataFrame
    steps: pd.DataFrame
    left_out: dict[str, int]


def live_table(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    clocks: pd.DataFrame,
    zone: str,
) -> LiveTable:
    """The engine's table of a record read at a moment.

    Args:
        cases, events: `data.frames.Cases` with ids, and their `data.frames.Events`.
        standing, clocks: `casework.standing.standing` and `casework.clock_table.clock_table` of
            them, as of the same moment. zone: the county's.
    """
    started = clocks["first_answer_started_at"]
    due, ended = clocks["first_answer_promised_at"], clocks["first_answer_ended_at"]
    rules = {
        "unconfirmed": ~cases["is_confirmed"],
        "disowned": ~standing["is_counted"],
        "not_accepted": started.isna(),
        "due_before_start": due <= started,
        "ended_before_start": ended < started,
    }
    kept = pd.Series(True, index=cases.index)
    left_out: dict[str, int] = {}
    for reason, holds in rules.items():
        left_out[reason] = int((kept & holds).sum())
        kept &= ~holds
    is_censored = (standing["outcome"] == "ended_otherwise").fillna(False) & (ended <= due)
    closed = standing["first_answered_at"].where(standing["first_answered_at"].notna(), ended)
    table = pd.DataFrame(
        {
            "case_id": cases["case_id"],
            "opened_at": local(started, zone),
            "due_at": local(due.where(~is_censored), zone),
            "closed_at": local(closed, zone),
            "category": cases["category"],
            "body": standing["owing_body_id"],
            "procedure": cases["procedure"],
        }
    )[kept]
    table = table.sort_values(["opened_at", "case_id"], kind="stable")
    number = pd.Series(np.arange(len(table)), index=table.index)
    return LiveTable(table.reset_index(drop=True), _steps(events, number, zone), left_out)


def _steps(events: pd.DataFrame, number: pd.Series, zone: str) -> pd.DataFrame:
    """The office's steps, by the row numbers of the table."""
    mine = events["event"].isin(STEPS) & (events["actor"] == "office")
    mine &= events["case"].isin(number.index)
    part = events[mine]
    return pd.DataFrame(
        {
            "case": number.loc[part["case"]].to_numpy(),
            "event": part["event"].astype("str").to_numpy(),
            "known_at": local(part["known_at"], zone).to_numpy(),
        }
    )


RECENT_DAYS = 550


def recent(table: LiveTable, now: pd.Timestamp) -> LiveTable:
    """What was opened in the last year and a half: enough for a first list within a minute."""
    kept = (table.cases["opened_at"] >= now - pd.Timedelta(days=RECENT_DAYS)).to_numpy()
    number = np.cumsum(kept) - 1
    steps = table.steps[kept[table.steps["case"]]]
    steps = steps.assign(case=number[steps["case"]]).reset_index(drop=True)
    return LiveTable(table.cases[kept].reset_index(drop=True), steps, table.left_out)


COMPARED_DAYS = 365
"""Only cases whose limit passed in the last year are compared."""


def contact_comparison(
    table: LiveTable, rows: pd.DataFrame, now: pd.Timestamp
) -> list[dict[str, float] | None]:
    """Late shares of the last year's cases of the same category, at the same checkpoint, with and
    without a first contact by then: a comparison, not a promise.

    Args:
        rows: `case`, `stage` of open cases. now: naive local moment.

    Returns:
        Per row, in order: `with_count`, `with_late_share`, `without_count`, `without_late_share`;
        None where the case was contacted already or either side holds fewer than ten cases.
    """
    contacts = table.steps[(table.steps["event"] == "contacted") & (table.steps["known_at"] < now)]
    first = contacts.groupby("case")["known_at"].min()
    past = snapshots(table.cases, now)
    due = table.cases["due_at"].to_numpy()[past["case"]]
    past = past[past["is_scorable"] & (due > np.datetime64(now - pd.Timedelta(days=COMPARED_DAYS)))]
    when = first.reindex(past["case"]).to_numpy()
    taken = when < past["at"].to_numpy()
    if not len(past) or taken.all() or not taken.any():
        return [None] * len(rows)
    found = compare_by_step(table.cases, past, taken, past["late"].to_numpy())
    found = found.set_index(["category", "stage"]).dropna()
    category = table.cases["category"].to_numpy()[rows["case"]]
    return [
        None
        if case in first.index or (kind, stage) not in found.index
        else {str(name): float(value) for name, value in found.loc[(kind, stage)].items()}
        for case, kind, stage in zip(rows["case"], category, rows["stage"], strict=True)
    ]


def local(moments: pd.Series, zone: str) -> pd.Series:
    """Instants as the county's local times, naive."""
    return moments.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[us]")
