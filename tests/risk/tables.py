"""Made-up case tables for the tests of this room, small enough to think about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

START = pd.Timestamp("2023-01-02")


def case_table(
    count: int,
    days: int,
    late: Callable[[np.random.Generator, pd.DataFrame], np.ndarray],
    seed: int = 0,
    bodies: int = 6,
    categories: int = 4,
    limits: tuple[float, ...] = (5.0, 10.0),
) -> pd.DataFrame:
    """A table of texts as `case_table.clean` takes it; `late` says who misses the limit.

    `late` gets a generator and a frame with `day` (float days since the start), `body`,
    `category` (ints) and returns probabilities.
    """
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "day": np.sort(rng.uniform(0, days, count)),
            "body": rng.integers(0, bodies, count),
            "category": rng.integers(0, categories, count),
        }
    )
    limit = rng.choice(limits, count)
    is_late = rng.random(count) < late(rng, frame)
    on_time, too_long = rng.beta(2, 1.5, count), 1 + rng.exponential(0.5, count)
    closed = frame["day"] + limit * np.where(is_late, too_long, on_time)
    return pd.DataFrame(
        {
            "case_id": [f"k{i:06d}" for i in range(count)],
            "opened_at": local(frame["day"]),
            "due_at": local(frame["day"] + limit),
            "closed_at": local(closed).where(closed <= days, ""),
            "category": "c" + frame["category"].astype("str"),
            "body": "b" + frame["body"].astype("str"),
        }
    )


def local(days: pd.Series) -> pd.Series:
    """ISO local times of days since `START`."""
    return (START + pd.to_timedelta(days, unit="D")).dt.strftime("%Y-%m-%dT%H:%M:%S")
