"""A year and a half of a small county with two bodies, two townships, three channels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data import bulk
from data.db import Db
from data.scope import Scope
from tests.rules.conftest import cases, events

FIRST = pd.Timestamp("2024-09-02 02:00", tz="UTC")


def fill(db: Db, count: int = 700, seed: int = 3) -> Db:
    """Take over `count` cases; the second township's answers come later than the first one's."""
    rng = np.random.default_rng(seed)
    rows, which = [], {}
    for number in range(count):
        opened = FIRST + pd.Timedelta(hours=float(number * 18.5))
        is_second = number % 2 == 1
        rows.append(
            {
                "grid_code": None, "opened_at": opened, "known_at": opened,
                "township_code": "990000002000" if is_second else "990000001000",
                "channel": ("desk", "online", "hotline")[number % 3],
                "body_id": "b01" if number % 5 else "b02",
                "category": "unpaid_wages" if number % 4 else "housing_handover",
                "domain": "labour" if number % 4 else "construction",
            }
        )  # fmt: skip
        steps: list[tuple[str, float]] = [("confirmed", 0.5)] if rng.random() < 0.8 else []
        steps.append(("accepted", float(rng.integers(1, 20))))
        answered = float(rng.normal(62 if is_second else 45, 14))
        if rng.random() < 0.04:
            steps.append(("declined", 3.0))
            steps = [one for one in steps if one[0] != "accepted"]
        elif rng.random() < 0.93:
            steps.append(("answered", max(answered, 22)))
            if rng.random() < 0.2:
                steps.append(("not_solved", max(answered, 22) + 9))
        now = pd.Timestamp("2026-03-05 02:00", tz="UTC")
        which[number] = [one for one in steps if opened + pd.Timedelta(days=one[1]) < now]
    frame = cases(rows)
    frame = frame[frame["opened_at"] < pd.Timestamp("2026-03-04", tz="UTC")]
    which = {number: which[number] for number in range(len(frame))}
    made = events(frame, which).sort_values(["occurred_at"], kind="stable")
    bulk.take_over(db, Scope.operator(), frame, made.reset_index(drop=True), source_name="c.csv")
    return db
