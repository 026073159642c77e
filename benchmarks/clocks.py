"""How long the clocks of many cases take, against the one-case function on a sample.

    python benchmarks/clocks.py --cases 1000000 --sample 500

Prints seconds, the ratio per case, and whether the sample agrees; exits non-zero when it does not.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from casework.calendar import load_calendar
from casework.clock_table import clock_table
from casework.clocks import CaseEvent, clocks
from casework.pack import load
from casework.standing import standing
from data.vocabulary import ACTORS, EVENTS

ZONE = "Asia/Shanghai"
AS_OF = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)
STEPS = (
    "registered", "transferred", "accepted", "contacted", "extended", "answered", "not_solved",
    "answered",
)  # fmt: skip
"""The eight events of each made-up case, in order; gaps in hours are drawn per case."""


def made_up(size: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`Cases` and `Events` of `size` cases with eight events each, over three years."""
    rng = np.random.default_rng(seed)
    start = np.datetime64("2023-11-01T01:00", "us") + rng.integers(0, 1_100 * 24, size).astype(
        "timedelta64[h]"
    )
    longest = np.array([0, 300, 300, 200, 400, 900, 500, 900])
    gaps = rng.integers(0, longest[None, :] + 1, (size, len(STEPS)))
    at = start[:, None] + np.cumsum(gaps, axis=1).astype("timedelta64[h]")
    opened = pd.Series(pd.DatetimeIndex(start, tz="UTC"))
    same = {
        "township_code": "330102001", "grid_code": None, "domain": "labour",
        "category": "unpaid_wages", "kind": "redress", "channel": "desk",
        "procedure": "ordinary", "pack": "cn_xinfang_2022", "body_id": "b01", "desk": "b09",
    }  # fmt: skip
    cases = pd.DataFrame({"case_id": pd.Series(np.arange(size)).astype("str"), "opened_at": opened})
    cases["known_at"] = opened
    for name, value in same.items():
        cases[name] = pd.Series(value, index=cases.index, dtype="str")
    cases["limit_at"] = pd.Series(pd.NaT, index=cases.index, dtype="datetime64[us, UTC]")
    cases["is_confirmed"] = True
    cases.index.name = "case"
    codes = np.tile([EVENTS.index(name) for name in STEPS], size)
    moments = pd.DatetimeIndex(at.ravel(), tz="UTC")
    blank = pd.Series(None, index=range(size * len(STEPS)), dtype="str")
    events = pd.DataFrame(
        {
            "case": np.repeat(np.arange(size), len(STEPS)),
            "event": pd.Categorical.from_codes(codes, categories=list(EVENTS)),
            "occurred_at": moments,
            "known_at": moments,
            "actor": pd.Categorical.from_codes(np.zeros(len(codes), "i1"), list(ACTORS)),
            "body_id": blank,
            "to_body_id": blank,
            "days": pd.array(np.full(len(codes), 30), dtype="Int16"),
            "code": blank,
        }
    )
    return cases, events


def disagreements(table: pd.DataFrame, events: pd.DataFrame, sample: int) -> tuple[int, float]:
    """How many of the first `sample` cases differ in the one-case function, and its seconds."""
    pack, calendar = load("cn_xinfang_2022"), load_calendar("cn")
    wrong, spent = 0, 0.0
    for case in range(sample):
        rows = events.iloc[case * len(STEPS) : (case + 1) * len(STEPS)]
        own = [
            CaseEvent(name, at.to_pydatetime())
            for name, at in zip(rows["event"], rows["occurred_at"], strict=True)
        ]
        started = time.perf_counter()
        found = clocks(pack, "ordinary", own, AS_OF, ZONE, calendar)
        spent += time.perf_counter() - started
        for clock in found:
            if clock.clock not in ("forward", "acceptance", "answer"):
                continue
            if clock.clock == "answer" and clock.round != table["round"].iloc[case]:
                continue
            row = table.iloc[case]
            due = row[f"{clock.clock}_due_on"]
            same_day = pd.isna(due) if clock.due_on is None else due.date() == clock.due_on
            wrong += not (same_day and row[f"{clock.clock}_state"] == clock.state)
    return wrong, spent


def main() -> int:
    """Run it with the sizes given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    cases, events = made_up(given.cases, given.seed)
    packs = {"cn_xinfang_2022": load("cn_xinfang_2022")}
    calendars = {"cn": load_calendar("cn")}
    started = time.perf_counter()
    table = clock_table(cases, events, packs, calendars, AS_OF, ZONE)
    whole = time.perf_counter() - started
    started = time.perf_counter()
    standing(cases, events, packs, calendars, AS_OF, ZONE)
    stands = time.perf_counter() - started
    wrong, single = disagreements(table, events, min(given.sample, given.cases))
    ratio = (single / min(given.sample, given.cases)) / (whole / given.cases)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"clocks of {given.cases:,} cases x {len(STEPS)} events: {whole:.2f} s")
    print(f"standing of the same (clocks included): {stands:.2f} s; peak {peak:.2f} GB")
    print(f"one-case function per case / table per case: {ratio:,.0f} x")
    print(f"sample of {min(given.sample, given.cases)}: {wrong} clocks differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
