"""Features of many snapshots: sorted times and cumulative sums against the pandas group-by way.

Usage: python -m benchmarks.features [snapshots]      (default 1,000,000; smoke: 4,000)

Both ways compute the same late shares (four levels, four windows) for the same rows in one run,
and the run fails if they differ. Beside the ratio the time of all features together is shown.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from risk.features import LEVELS, PRIOR_COUNT, WINDOWS, features, late_shares
from risk.moments import DAY, Groups, Times
from risk.snapshots import seconds, snapshots


def made_up_cases(
    count: int, years: int = 4, limits: tuple[int, ...] = (15, 30, 60), seed: int = 1
) -> pd.DataFrame:
    """A case table of 30 bodies and 12 categories from 2020 on, limits in days."""
    rng = np.random.default_rng(seed)
    opened = np.sort(rng.integers(0, years * 365 * DAY, count))
    limit = rng.choice(limits, count) * DAY
    closed = opened + (limit * rng.gamma(2, 0.4, count)).astype("int64")
    base = np.datetime64("2020-01-01T00:00:00", "us")

    def moments(seconds: np.ndarray) -> np.ndarray:
        return base + seconds.astype("timedelta64[s]").astype("timedelta64[us]")

    return pd.DataFrame(
        {
            "opened_at": moments(opened),
            "due_at": moments(opened + limit),
            "closed_at": moments(closed),
            "category": rng.integers(0, 12, count).astype("str"),
            "body": rng.integers(0, 30, count).astype("str"),
        }
    )


def by_groups(cases: pd.DataFrame, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Late shares by pandas: per group and checkpoint a time-indexed rolling sum, then a merge."""
    cases = cases.assign(
        late=(cases["closed_at"] > cases["due_at"]).astype("float64"),
        known_at=cases[["closed_at", "due_at"]].min(axis="columns"),
        all="",
        body_category=cases["body"] + "|" + cases["category"],
    )
    outcomes = rows[["case", "stage"]].join(cases, on="case").sort_values("known_at")
    asked = rows.join(cases[["all", "category", "body", "body_category"]], on="case")
    asked = asked.rename_axis("row").reset_index().sort_values("at")
    result: dict[str, np.ndarray] = {}
    for window, length in WINDOWS.items():
        late, count = {}, {}
        for level in LEVELS:
            keys = [level, "stage"]
            events = pd.concat(
                [
                    outcomes[[*keys, "known_at", "late"]]
                    .rename(columns={"known_at": "moment"})
                    .assign(one=1.0, row=-1),
                    asked[[*keys, "at", "row"]]
                    .rename(columns={"at": "moment"})
                    .assign(late=0.0, one=0.0),
                ]
            ).sort_values(["moment", "row"], ascending=[True, False], kind="stable")
            grouped = events.set_index("moment").groupby(keys, sort=False)[["late", "one"]]
            if length is None:
                sums = grouped.expanding().sum()
            else:
                sums = grouped.rolling(f"{length}s", closed="both").sum()
            row = events.set_index("moment").groupby(keys, sort=False)["row"]
            order = np.concatenate([part.to_numpy() for _, part in row])
            mine = order >= 0
            late[level] = np.empty(len(rows))
            count[level] = np.empty(len(rows))
            late[level][order[mine]] = sums["late"].to_numpy()[mine]
            count[level][order[mine]] = sums["one"].to_numpy()[mine]
        result |= _chain(late, count, window)
    return result


def _chain(
    late: dict[str, np.ndarray], count: dict[str, np.ndarray], window: str
) -> dict[str, np.ndarray]:
    m = PRIOR_COUNT
    share = {"all": (late["all"] + 1) / (count["all"] + 2)}
    for level in ("category", "body"):
        share[level] = (late[level] + m * share["all"]) / (count[level] + m)
    odds = {level: np.log(p / (1 - p)) for level, p in share.items()}
    together = 1 / (1 + np.exp(odds["all"] - odds["category"] - odds["body"]))
    both = (late["body_category"] + m * together) / (count["body_category"] + m)
    odds["body_category"] = np.log(both / (1 - both))
    return {f"late_share_{level}_{window}": value for level, value in odds.items()}


def main(wanted: int) -> None:
    """Runs both ways on the same rows and prints times, ratio and the largest difference."""
    cases = made_up_cases(int(wanted / 2.6))
    rows = snapshots(cases, cases["closed_at"].max())
    print(f"{len(rows):,} snapshots of {len(cases):,} cases")
    start = time.perf_counter()
    everything = features(cases, rows)
    print(f"all {everything.shape[1]} features: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    case, stage = rows["case"].to_numpy(), rows["stage"].to_numpy()
    quick = late_shares(Times.of(cases), Groups.of(cases), case, seconds(rows["at"]), stage)
    quick_seconds = time.perf_counter() - start
    print(f"late shares by sorted times and cumulative sums: {quick_seconds:.2f} s")
    start = time.perf_counter()
    slow = by_groups(cases, rows)
    slow_seconds = time.perf_counter() - start
    print(f"the same {len(slow)} late shares by pandas group-by: {slow_seconds:.2f} s")
    difference = max(float(np.abs(quick[name] - value).max()) for name, value in slow.items())
    print(f"ratio {slow_seconds / quick_seconds:.1f}; largest difference {difference:.1e}")
    if difference > 1e-3:
        raise SystemExit("the two ways differ: one of them is wrong")


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000)
