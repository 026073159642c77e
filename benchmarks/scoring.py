"""One day's scoring of a city's open cases (goal: 400,000 in under 60 s on 2 cores).

Usage: python -m benchmarks.scoring [open cases]      (default 400,000; smoke: 2,000)

The record holds two years of a city; the model is fitted on a sample of it beforehand, and that is
not part of the time. Timed: cutting the record at the moment, features, probability, levels.
"""

from __future__ import annotations

import sys
import time

import pandas as pd

from benchmarks.features import made_up_cases
from risk.forecaster import fit, score
from risk.levels import levels
from risk.serving import Choice


def main(wanted: int) -> None:
    """Prints the seconds a day's scoring takes, step by step."""
    # two million openings a year and some 70 days to an answer leave 400,000 open at a time
    cases = made_up_cases(wanted * 10, years=2, limits=(60, 90, 120))
    as_of = pd.Timestamp("2021-11-01 03:00")
    few = cases.sample(min(len(cases), 60_000), random_state=1).sort_values("opened_at")
    choice = Choice("direct_hazard_mean", "record_12_months", "direct_hazard_mean")
    forecaster = fit(few.reset_index(drop=True), as_of, choice, seed=1)
    start = time.perf_counter()
    scores, x = score(forecaster, cases, as_of)
    scored = time.perf_counter() - start
    due = cases["due_at"].iloc[scores["case"]].set_axis(scores.index)
    made = levels(scores["probability"], due, as_of)
    total = time.perf_counter() - start
    print(f"{len(cases):,} cases in the record, {len(scores):,} open, {x.shape[1]} features")
    print(f"features and probability {scored:.1f} s, levels {total - scored:.1f} s")
    print(f"in all {total:.1f} s; {made.value_counts().to_dict()}")


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 400_000)
