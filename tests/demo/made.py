"""A small stand-in county, calendar and rule, so that these tests need no other room."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from data.demo import DemoHistory, make_history

END = dt.datetime(2026, 3, 18, 8, 30, tzinfo=dt.UTC)
"""A Wednesday, 16:30 in Shanghai."""
ZONE = "Asia/Shanghai"


def is_working(days: np.ndarray) -> np.ndarray:
    """Monday to Friday."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7 < 5


def due_of(
    clock: str, start: np.ndarray, procedure: np.ndarray, extended: np.ndarray
) -> np.ndarray:
    """60 days and the extension, moved to a Monday from a weekend; simple: 10 working days."""
    assert clock == "answer"
    ordinary = start + 60 + extended.astype("timedelta64[D]")
    rolled = np.busday_offset(ordinary, 0, roll="forward")
    return np.where(procedure == "simple", np.busday_offset(start, 10, roll="backward"), rolled)


def areas(grids: int = 60, townships: int = 5) -> pd.DataFrame:
    """A county, its townships, one village each, and grids dealt out in turn."""
    towns = [f"990101{number:03d}" for number in range(1, townships + 1)]
    rows: list[tuple[str, str, str | None, str, str]] = [
        ("990101", "county", None, "某县", "County")
    ]
    rows += [(code, "township", "990101", f"{n}镇", f"T{n}") for n, code in enumerate(towns)]
    rows += [(f"{code}001", "village", code, "村", "Village") for code in towns]
    for number in range(grids):
        village = f"{towns[number % townships]}001"
        rows.append((f"{village}{number:04d}", "grid", village, f"网格{number}", f"Grid {number}"))
    return pd.DataFrame(rows, columns=["code", "level", "parent_code", "name_zh", "name_en"])


def history(
    seed: int = 1, years: float = 2, cases_per_year: int = 7000, townships: int = 5
) -> DemoHistory:
    """A history of the stand-in county."""
    return make_history(
        areas(townships=townships), end=END, seed=seed, due_of=due_of, is_working=is_working,
        years=years, cases_per_year=cases_per_year, zone=ZONE,
    )  # fmt: skip
