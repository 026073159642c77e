"""What was forecast, read back: open cases with their recorded scores, flags and reasons."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from data import scores
from data.db import Db
from data.scope import Scope
from data.scores import Model
from reports.daily_facts import MOST_REASONS, LikelyLate
from risk.levels import DUE_SOON_DAYS, levels
from risk.reasons import Reason

from .figures import CaseFigures
from .forecast import moment, settled_cases
from .ledger import Ledger


@dataclass(frozen=True)
class Listed:
    """The open cases that were scored and still wait for their first answer.

    model: in force when they were scored; None before the first one. as_of: of the scoring.
    table: `case_id`, `category`, `body_id`, `due_at` (first promised, UTC), `due_on` (local day),
        `days_left` (calendar days, negative = over), `probability`, `flag_id` and `reasons` (of
        the flag proposed in this scoring; NA = none), `decision` (confirmed, dismissed; NA = none
        that still counts), `decision_reason` and `decided_flag_id` (the flag it was said of);
        most likely late first, index 0..n-1.
    waiting: open cases without a score yet (accepted since, or not accepted or confirmed).
    """

    model: Model | None
    as_of: dt.datetime | None
    table: pd.DataFrame
    waiting: int


def listed(
    db: Db,
    scope: Scope,
    figures: CaseFigures | Ledger,
    as_of: dt.datetime,
    known: dt.datetime | None = None,
) -> Listed:
    """Joins recorded scores and flags to the cases of a work list; nothing is forecast here.

    Args:
        figures: `service.ledger.ledger` or `service.figures.worklist` of the same scope and moment.
        known: up to when scores, flags and decisions are read; None = as known at `as_of`.

    Raises:
        NotAllowed: not a supervisor.
    """
    if known is None:
        known = db.now() if db.county().ends_on is not None and as_of >= moment(db) else as_of
    found = scores.read_scores(db, scope, known)
    model = scores.in_force(db, scope, known)
    cases, stand = figures.cases, figures.standing
    waits = stand["is_open"] & stand["first_answered_at"].isna() & stand["is_counted"]
    table = pd.DataFrame(
        {
            "case_id": cases["case_id"],
            "category": cases["category"],
            "body_id": stand["owing_body_id"],
            "due_at": stand["promised_at"],
            "due_on": stand["promised_on"],
        }
    )[waits]
    total = len(table)
    table = table.merge(
        found[["case_id", "probability"]], on="case_id", how="inner", validate="1:1"
    )
    today = pd.Timestamp(as_of.astimezone(ZoneInfo(db.county().zone)).date())
    table["days_left"] = (table["due_on"] - today).dt.days.astype("Int64")
    flags = scores.read_flags(db, scope, known)
    made = found["as_of"].max() if len(found) else None
    ours = flags[flags["as_of"] == made].drop_duplicates("case_id", keep="last")
    table = table.merge(
        ours[["case_id", "flag_id", "reasons"]], on="case_id", how="left", validate="1:1"
    )
    settled = settled_cases(flags, known)
    decided = flags[flags["decision"].notna() & flags["case_id"].isin(settled)]
    decided = decided.sort_values("decided_at", kind="stable").drop_duplicates(
        "case_id", keep="last"
    )
    table = table.merge(
        decided[["case_id", "decision", "decision_reason", "flag_id"]].rename(
            columns={"flag_id": "decided_flag_id"}
        ),
        on="case_id", how="left", validate="1:1",
    )  # fmt: skip
    order = np.lexsort((table["due_at"].to_numpy(), -table["probability"].to_numpy()))
    table = table.iloc[order].reset_index(drop=True)
    return Listed(model, made, table, total - len(table))


def cut(table: pd.DataFrame, as_of: dt.datetime, capacity: int) -> pd.Series:
    """The level of every listed case when so many can be pushed a day.

    Cases already decided on take nobody's place: a confirmed one stays likely late, a dismissed
    one is due soon or on course. Overdue is overdue.

    Returns:
        Ids of `risk.levels.LEVELS` on the index of `table`.
    """
    now = pd.Timestamp(as_of)
    result = pd.Series("on_course", index=table.index, dtype="str")
    result[table["due_at"] <= now + pd.Timedelta(days=DUE_SOON_DAYS)] = "due_soon"
    result[table["decision"] == "confirmed"] = "likely_late"
    free = table[table["decision"].isna()]
    result[free.index] = levels(free["probability"], free["due_at"], now, capacity)
    result[table["due_at"] < now] = "overdue"
    return result


def in_words(reasons: str, language: str) -> list[str]:
    """The reasons of a flag as sentences, in order of weight."""
    return [
        Reason("", 0.0, key, tuple(values.items())).text(language)
        for key, values in json.loads(reasons)
    ]


def newest_flags(db: Db, scope: Scope, language: str = "en") -> list[dict[str, Any]]:
    """The flags of the newest scoring, for the command line: plain values, reasons in words.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    found = scores.read_flags(db, scope, db.now())
    rows = found[found["as_of"] == found["as_of"].max()]
    return [
        {
            "case_id": row.case_id,
            "as_of": row.as_of.isoformat(),
            "probability": round(row.probability, 4),
            "level": row.level,
            "model_version": row.model_version,
            "reasons": json.loads(row.reasons),
            "in_words": in_words(row.reasons, language),
            "decision": None if pd.isna(row.decision) else row.decision,
            "decision_reason": None if pd.isna(row.decision_reason) else row.decision_reason,
        }
        for row in rows.itertuples()
    ]


def daily_lines(
    db: Db, scope: Scope, day: dt.date, as_of: dt.datetime
) -> tuple[LikelyLate, ...] | None:
    """Part 3 of the daily report: a local day's flags by body with how many carry which reason,
    and what became of yesterday's.

    Returns:
        Most flags first; None where today was not scored and yesterday flagged nothing, or was not
        scored either: there is no forecast.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    zone = ZoneInfo(db.county().zone)
    midnights = [
        dt.datetime.combine(day + dt.timedelta(days=n), dt.time.min, zone).astimezone(dt.UTC)
        for n in (-1, 0, 1)
    ]
    before = scores.flagged_bodies(db, scope, midnights[0], midnights[1], as_of)
    today = scores.flagged_bodies(db, scope, midnights[1], midnights[2], as_of)
    if before is None and today is None:
        return None
    now = None if today is None else today["body_id"].value_counts()
    was = None if before is None else before["body_id"].value_counts()
    done = None if before is None else before.groupby("body_id")["is_answered"].sum()
    bodies = {body for counts in (now, was) if counts is not None for body in counts.index}
    if today is None and not bodies:
        return None
    lines = [
        LikelyLate(
            body, _of(now, body), _of(was, body), _of(done, body),
            () if today is None else _reasons(today.loc[today["body_id"] == body, "reasons"]),
        )
        for body in sorted(bodies)
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda x: (-(x.flags or 0), -(x.yesterday or 0), x.body_id)))


def _of(counts: pd.Series | None, body: str) -> int | None:
    """A body's count on a day that was scored."""
    return None if counts is None else int(counts.get(body, 0))


def _reasons(flags: pd.Series) -> tuple[tuple[str, int], ...]:
    """How many flags carry each kind of reason: the most frequent, of equal ones by name."""
    counts = Counter(kind for kinds in flags for kind in set(kinds))
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))[:MOST_REASONS]
