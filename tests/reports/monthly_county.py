"""Random counties for the public figures: microdata in the shapes of the record."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from data.vocabulary import ACTORS, CHANNELS, EVENTS
from reports.monthly import MonthCounts, MonthRecord, month_counts, month_of, months_before
from reports.monthly_content import Content, content_of
from reports.monthly_covering import Shown, cover

ZONE = "Asia/Shanghai"
BODIES = [f"b{n:02d}" for n in range(9)]
INSIDE = {f"c{n}": ("labour", "rural", "other")[n % 3] for n in range(9)}
TOWNS = [f"t{n}" for n in range(6)]
ROLES = ["supervisor", "township_clerk", "department_clerk"]


def groups() -> dict[str, list[dict[str, str]]]:
    """Every breakdown's groups with names."""

    def named(ids: list[str]) -> list[dict[str, str]]:
        return [{"id": one, "zh": f"名{one}", "en": f"Name {one}"} for one in ids]

    kinds = [
        {**one, "inside": INSIDE[one["id"]]}
        for one in named(sorted(INSIDE, key=lambda c: (INSIDE[c], c)))
    ]
    return {
        "body": named(BODIES), "domain": named(["labour", "rural", "other"]), "category": kinds,
        "township": named(TOWNS), "channel": named(list(CHANNELS)), "desk": named(BODIES),
        "role": named(ROLES),
    }  # fmt: skip


def record(seed: int, size: int, month: str = "2026-10") -> MonthRecord:
    """A month of a county of about `size` cases due, spread unevenly; small counts everywhere."""
    random = np.random.default_rng(seed)
    window, n = month_of(month), size * 3
    as_of = window.known_at(ZONE)

    def pick(values: list[str], tilt: float = 1.2) -> np.ndarray:
        weight = 1 / (1 + np.arange(len(values))) ** tilt
        return random.choice(values, n, p=weight / weight.sum())

    day = pd.Timedelta(days=1)
    first = pd.Timestamp(window.first)
    due_on = first + pd.to_timedelta(random.integers(-31, 62, n), unit="D")
    outcome = random.choice(
        ["on_time", "late", "late_open", "ended_otherwise", "not_due"], n,
        p=[0.8, 0.07, 0.07, 0.04, 0.02],
    )  # fmt: skip
    answered = np.isin(outcome, ["on_time", "late"])
    exits = random.choice(["declined", "referred", "no_remedy", "withdrawn"], n)
    stage = np.where(
        answered, "answered", np.where(outcome == "ended_otherwise", exits, "accepted")
    )
    ended = pd.Series(due_on - pd.to_timedelta(random.integers(0, 40, n), unit="D"))
    ended = ended.dt.tz_localize(ZONE).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    is_open = stage == "accepted"
    opened = pd.Series(due_on - 62 * day).dt.tz_localize(ZONE).dt.tz_convert("UTC")
    opened = opened.astype("datetime64[us, UTC]")
    opened = opened.mask(random.random(n) < 0.3, ended - 3 * day)
    category = pick(list(INSIDE), 0.8)
    cases = pd.DataFrame(
        {
            "case_id": pd.Series([None] * n, dtype="str"), "opened_at": opened, "known_at": opened,
            "township_code": pick(TOWNS), "domain": [INSIDE[c] for c in category],
            "category": category, "channel": pick(list(CHANNELS)),
            "procedure": random.choice(["ordinary", "simple"], n, p=[0.8, 0.2]),
            "body_id": pick(BODIES), "desk": pick(BODIES), "pack": "cn_xinfang_2022",
        }
    ).rename_axis("case")  # fmt: skip
    standing = pd.DataFrame(
        {
            "stage": stage, "is_open": is_open, "is_counted": random.random(n) > 0.02,
            "is_disowned": random.random(n) < 0.03, "owing_body_id": pick(BODIES),
            "outcome": pd.Series(outcome, dtype="str"), "answer_due_on": due_on,
            "acceptance_due_on": due_on - 45 * day,
            "acceptance_state": random.choice(["met", "late"], n, p=[0.9, 0.1]),
            "first_answered_at": ended.where(answered), "accepted_at": opened,
            "ended_at": ended.where(~is_open), "wait_days": random.uniform(1, 90, n),
            "wait_observed": answered,
        },
        index=cases.index,
    )  # fmt: skip
    rows: list[tuple[int, str, str | None]] = []
    for case in range(n):
        rows += [(case, "confirmed", None)] if random.random() < 0.6 else []
        rows += [(case, "extended", None)] if random.random() < 0.08 else []
        rows += [(case, "transferred", None)] if random.random() < 0.1 else []
        if answered[case] and random.random() < 0.4:
            rows.append((case, "rated", str(random.choice(["satisfied", "fairly", "not"]))))
        if answered[case] and random.random() < 0.1:
            rows.append((case, "not_solved", None))
    at = pd.Series([ended[row[0]] for row in rows])
    events = pd.DataFrame(
        {
            "case": [row[0] for row in rows],
            "event": pd.Categorical([row[1] for row in rows], categories=list(EVENTS)),
            "occurred_at": at, "known_at": at,
            "actor": pd.Categorical(["office"] * len(rows), categories=list(ACTORS)),
            "body_id": pd.Series([None] * len(rows), dtype="str"),
            "to_body_id": pd.Series([None] * len(rows), dtype="str"),
            "code": pd.Series([row[2] for row in rows], dtype="str"),
        }
    )  # fmt: skip
    beside = {
        "corrections": ("desk", pd.Series(random.integers(0, 5, len(BODIES)), BODIES)),
        "reissued": ("desk", pd.Series(random.integers(0, 3, len(BODIES)), BODIES)),
        "not_me": ("desk", pd.Series(random.integers(0, 6, len(BODIES)), BODIES)),
        "texts_opened": ("role", pd.Series(random.integers(0, 9, len(ROLES)), ROLES)),
    }
    return MonthRecord(cases, events, standing, window, as_of, ZONE, beside)


def covered(made: MonthRecord) -> tuple[MonthCounts, Shown]:
    """The counts of a month and what of them is shown."""
    counts = month_counts(
        made, {by: [one["id"] for one in gs] for by, gs in groups().items()}, INSIDE
    )
    return counts, cover(counts.by, INSIDE)


@cache
def publication(
    seed: int, size: int, month: str = "2026-10", repeats: int = 0
) -> tuple[Content, MonthCounts, MonthCounts]:
    """A month's content, its own counts and those of the month before (for satisfaction).

    repeats: so many months before were published as well, and its trend repeats them.
    """
    before = months_before(month, 1)
    now, earlier = covered(record(seed, size, month)), covered(record(seed + 1, size, before))
    past = [publication(seed + n, size, months_before(month, n))[0] for n in range(repeats, 0, -1)]
    whose = {"name_zh": "试县", "name_en": "Test", "kind": "real", "zone": ZONE, "pack": "x"}
    made = content_of(
        month, month_of(month).known_at(ZONE), whose, groups(), *now, (*earlier, before), past,
        {}, [],
    )  # fmt: skip
    return made, now[0], earlier[0]
