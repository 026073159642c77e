"""The case table for `zaojie backtest` (DESIGN.md §7): demo and open-data databases only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data import places
from data.db import Db
from data.reading import read_for_export
from data.scope import Scope

from .figures import compute
from .rules import rules_of

COLUMNS = ("case_id", "opened_at", "due_at", "closed_at", "category", "body")


@dataclass(frozen=True)
class CaseExport:
    """The table, and how many cases were left out, by reason."""

    table: pd.DataFrame
    left_out: dict[str, int]


def case_table(db: Db, scope: Scope, as_of: dt.datetime, seed: int | None = None) -> CaseExport:
    """Every case whose answer clock has started, as the contract of DESIGN.md §7.

    `opened_at` = start of the answer clock, `due_at` = its limit as first promised, `closed_at` =
    first answer; local times. Cases that ended otherwise before their limit are left out and
    counted. Ids are random, new in every file; no place, channel or text is in it.

    Args:
        seed: of the order of rows and their ids; None = from chance.

    Raises:
        NotAllowed: the database is a real county's (DOMAIN.md §2.14).
    """
    county = db.county()
    found = compute(rules_of(db), read_for_export(db, scope, as_of), as_of, county.zone)
    cases, stand, clocks = found.table.cases, found.standing, found.clocks
    started = clocks["first_answer_started_at"]
    due = clocks["first_answer_promised_at"]
    ended_otherwise = (stand["outcome"] == "ended_otherwise").fillna(False)
    reasons = {
        "unconfirmed": ~cases["is_confirmed"],
        "left_every_figure": ~stand["is_counted"],
        "answer_clock_not_started": started.isna(),
        "ended_otherwise": ended_otherwise,
    }
    left_out: dict[str, int] = {}
    kept = pd.Series(True, index=cases.index)
    for reason, holds in reasons.items():
        left_out[reason] = int((kept & holds).sum())
        kept &= ~holds
    names = places.read_bodies(db, scope).set_index("body_id")["name_en"]
    table = pd.DataFrame(
        {
            "opened_at": _local(started[kept], county.zone),
            "due_at": _local(due[kept], county.zone),
            "closed_at": _local(stand.loc[kept, "first_answered_at"], county.zone),
            "category": cases.loc[kept, "category"],
            "body": stand.loc[kept, "owing_body_id"].map(names),
        }
    )
    rng = np.random.default_rng(seed)
    table = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
    ids = rng.permutation(len(table)).astype(np.uint64) + np.uint64(
        rng.integers(10**11, 9 * 10**11)
    )
    table.insert(0, "case_id", ["c" + format(number, "x") for number in ids])
    table = table.sort_values(["opened_at", "case_id"], kind="stable", ignore_index=True)
    return CaseExport(table, left_out)


def _local(moments: pd.Series, zone: str) -> pd.Series:
    there = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return there.dt.strftime("%Y-%m-%dT%H:%M:%S").where(moments.notna())
