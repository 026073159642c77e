"""What became of every flag, kept for the evaluation: acted on or not, in time or not (§8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data import assignments, scores
from data.db import Db
from data.reading import read_for_scoring, read_worklist
from data.scope import OPERATOR, Scope
from reports.rates import Rate

from .assignments import standings
from .figures import CaseFigures, compute
from .ledger import Ledger
from .rules import rules_of

FATES = ("assigned", "confirmed", "dismissed", "proposed")
"""Acted on by an assignment; confirmed only; dismissed; no word on it."""


def flag_fates(
    db: Db, scope: Scope, as_of: dt.datetime, figures: CaseFigures | Ledger | None = None
) -> pd.DataFrame:
    """One row per flag, without its case, in the order in which they were proposed.

    Args:
        figures: `service.figures.worklist` of a supervisor at `as_of`, where it is there already.

    Returns:
        proposed_at, level, probability, model_version; fate: one of FATES; is_last: whether it is
        its case's last flag (a case is flagged again until somebody decides); assigned_at (NaT =
        not); in_time: whether the assignment was first answered by its day (NA = not assigned, or
        not answered yet); outcome: of the case's first answer (`casework.vocabulary.OUTCOMES`).

    Raises:
        NotAllowed: anybody but a supervisor or the server's operator.
    """
    scope.need(*scores.READERS)
    if figures is None:
        read = read_for_scoring if scope.role == OPERATOR else read_worklist
        figures = compute(rules_of(db), read(db, scope, as_of), as_of, db.county().zone)
    flags = scores.read_flags(db, scope, as_of)
    of = standings(db)
    kept: dict[str | None, tuple[dt.datetime, bool | None]] = {}
    for one in assignments.read_for_flags(db, scope, as_of):
        answered = [event.at for event in one.events if event.event == "answered"]
        ends = of(one, answered[0]).answer.state if answered else None
        kept[one.flag_id] = (one.at, None if ends is None else ends == "met")
    outcome = pd.Series(figures.standing["outcome"].to_numpy(), index=figures.cases["case_id"])
    is_assigned = flags["flag_id"].isin(list(kept))
    fate = np.where(is_assigned, "assigned", flags["decision"].fillna("proposed"))
    return pd.DataFrame(
        {
            "proposed_at": flags["proposed_at"],
            "level": flags["level"],
            "probability": flags["probability"],
            "model_version": flags["model_version"],
            "fate": pd.Series(fate, index=flags.index, dtype="str"),
            "is_last": ~flags["case_id"].duplicated(keep="last"),
            "assigned_at": pd.to_datetime(
                flags["flag_id"].map({k: at for k, (at, _) in kept.items()}), utc=True
            ),
            "in_time": flags["flag_id"].map({k: met for k, (_, met) in kept.items()}),
            "outcome": flags["case_id"].map(outcome),
        }
    )


@dataclass(frozen=True)
class FateLine:
    """The cases whose last flag had one fate.

    late: late or unanswered past their limit, of those whose limit has passed. in_time:
    assignments answered by their day, of those answered.
    """

    fate: str
    cases: int
    late: Rate
    in_time: Rate


def fate_lines(fates: pd.DataFrame) -> tuple[FateLine, ...]:
    """Acted and not acted flags apart (DOMAIN.md §8); each case once, by its last flag."""
    last = fates[fates["is_last"]]
    lines = []
    for fate in FATES:
        mine = last[last["fate"] == fate]
        due = mine["outcome"].isin(["on_time", "late", "late_open", "ended_otherwise"])
        late = mine["outcome"].isin(["late", "late_open"])
        said = mine["in_time"].dropna().astype(bool)
        lines.append(
            FateLine(
                fate, len(mine), Rate(int(late.sum()), int(due.sum())),
                Rate(int(said.sum()), len(said)),
            )
        )  # fmt: skip
    return tuple(lines)
