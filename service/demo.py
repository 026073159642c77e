"""Making the demo county: outline, history and record, from a size and a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from casework.limits import last_days
from data import bulk
from data.db import Db
from data.demo import DemoHistory, make_history
from data.demo.build import build
from data.vocabulary import PROCEDURES
from geo.outline import made_county

from .rules import rules_of

PACK = "cn_xinfang_2022"
ZONE = "Asia/Shanghai"


def make_demo(
    db: Db,
    *,
    grids: int = 1200,
    townships: int = 25,
    cases_per_year: int = 15_000,
    years: float = 3,
    seed: int = 7,
    truth_path: Path | None = None,
    progress: bulk.Progress = lambda what, done, of: None,
) -> DemoHistory:
    """Fill an empty database with a made-up county whose history ends now.

    Args:
        truth_path: where the true probability of a late answer is written (Parquet), beside the
            record and never in it; None = nowhere.

    Raises:
        ConfigError: the database was set up before; nothing is changed.
        ValueError: sizes that do not fit each other.
    """
    progress("outline", 0, 1)
    areas = made_county(grids, townships, seed)
    rules = rules_of(db)
    pack = rules.packs[PACK].newest
    calendar = rules.calendar(pack.calendar)

    def due_of(clock: str, starts: Any, procedures: Any, added: Any) -> Any:
        due = np.full(len(starts), np.datetime64("NaT", "D"))
        for procedure in PROCEDURES:
            mine = procedures == procedure
            rule = pack.rules[procedure][clock]
            extended = added[mine] * rule.has_extension
            due[mine] = last_days(rule, calendar, starts[mine], extended).due_on
        return due

    def is_working(days: Any) -> Any:
        plain = days.astype("datetime64[D]").astype(object)
        return np.array([calendar.is_working(day) for day in plain])

    progress("history", 0, 1)
    history = make_history(
        areas, end=db.now(), seed=seed, due_of=due_of, is_working=is_working,
        cases_per_year=cases_per_year, years=years, zone=ZONE,
    )  # fmt: skip
    build(db, areas, history, pack=PACK, zone=ZONE, progress=progress)
    if truth_path is not None:
        truth_path.parent.mkdir(parents=True, exist_ok=True)
        history.truth.to_parquet(truth_path)
    return history
