"""The covered figures of one month: the one object all its formats are made from.

It is plain data (what `json` reads and writes): frozen in the store when it is published, and
read back for HTML, CSV, JSON, charts, feed and bulletin alike. Nothing uncovered is in it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from .equal_service import compare
from .monthly import COUNTY, TIMED, MonthCounts
from .monthly_covering import SPLITS, Shown
from .rates import wilson

Content = dict[str, Any]
VERSION = 2

INDICATORS: dict[str, tuple[str, str, str | None]] = {
    "on_time": ("on_time", "on_time", "due"),
    "late_answered": ("late_open", "late_answered", "due"),
    "late_open": ("late_open", "late_open", "due"),
    "ended_otherwise": ("late", "ended_otherwise", "due"),
    "decided_in_time": ("decided", "decided_in_time", "decision_due"),
    "with_body": ("with_body", "with_body_met", "with_body_due"),
    "first_step": ("first_step", "first_step_met", "first_step_due"),
    "told": ("told", "told_met", "told_due"),
    "extended": ("extended", "extended", "due"),
    "exits": ("exits", "exits", "ended"),
    "declined": ("exit_kinds", "declined", "ended"),
    "referred": ("exit_kinds", "referred", "ended"),
    "no_remedy": ("exit_kinds", "no_remedy", "ended"),
    "withdrawn": ("exit_kinds", "withdrawn", "ended"),
    "backlog": ("backlog", "backlog", None),
    "transfers": ("transfers", "transfers", None),
    "back_dated": ("back_dated", "back_dated", None),
    "rated": ("rated", "rated", "answered"),
    "satisfied": ("pleased", "pleased", "rated"),
    "held": ("held", "held", "ripe"),
    "used": ("used", "used", "opened"),
    "disowned": ("disowned", "disowned", None),
    "reissued": ("reissued", "reissued", None),
    "corrections": ("corrections", "corrections", None),
    "not_me": ("not_me", "not_me", None),
    "texts_opened": ("texts_opened", "texts_opened", None),
}
"""Indicator: the split it is shown with, its numerator, its denominator (None = a count)."""
TARGETED = ("on_time", "decided_in_time", "with_body", "first_step", "told")
"""The office's own time: the limit is the target. Nothing else has one (DOMAIN.md §2.4, §7)."""
DAYS = ("median_days", "p90_days")
COMPARED = ("township", "channel", "category")
_SPLITS = {split.name: split for split in SPLITS}


def figure(numerator: int | None, denominator: int | None) -> dict[str, Any]:
    """One figure under the names that files use; a covered one has neither part.

    share, low, high: 4 decimals; None for a count, for nothing due, and where it is covered.
    """
    if numerator is None or not denominator:
        share = low = high = None
    else:
        share = round(numerator / denominator, 4)
        low, high = wilson(numerator, denominator)
    return {
        "numerator": numerator, "denominator": denominator, "share": share, "low": low,
        "high": high,
    }  # fmt: skip


def whole_days(days: float | None) -> int | None:
    """Days as they are published: whole ones."""
    return None if days is None else round(days)


def rows_of(counts: MonthCounts, shown: Shown, names: set[str]) -> list[dict[str, Any]]:
    """Every figure of the named indicators, covered where it is not shown."""
    rows = []
    for by, table in counts.by.items():
        for name, (split, part, whole) in INDICATORS.items():
            if name not in names or (by != COUNTY and by not in _SPLITS[split].by):
                continue
            for group in table.index:
                is_shown = group in shown[by][split]
                k = int(table.at[group, part]) if is_shown else None
                n = int(table.at[group, whole]) if is_shown and whole else None
                rows.append({
                    "by": by, "group": group, "indicator": name, **figure(k, n),
                    "covered": not is_shown,
                })  # fmt: skip
    return rows


def day_rows(counts: MonthCounts, shown: Shown) -> list[dict[str, Any]]:
    """Median and 90th percentile, in whole days, where the group's answers are shown."""
    rows = []
    for by in TIMED:
        for group, line in counts.days[by].iterrows():
            is_shown = group in shown[by]["on_time"]
            for name in DAYS:
                value = line[name]
                known = is_shown and pd.notna(value)
                rows.append({
                    "by": by, "group": group, "indicator": name,
                    "days": round(float(value)) if known else None, "covered": not is_shown,
                })  # fmt: skip
    return rows


def content_of(
    month: str,
    known_at: dt.datetime,
    county: dict[str, Any],
    groups: dict[str, list[dict[str, Any]]],
    counts: MonthCounts,
    shown: Shown,
    earlier: tuple[MonthCounts, Shown, str],
    published: list[Content],
    limits: dict[str, Any],
    files: list[dict[str, str]],
) -> Content:
    """The content of a publication.

    Args:
        county: name_zh, name_en, kind, zone.
        groups: per breakdown its groups with id, zh, en and, for categories, inside.
        earlier: counts, covering and name of the month before, as known at its own moment:
            satisfaction is shown thirty days late.
        published: contents of earlier months, oldest first: the trend repeats them unchanged.
        limits: what the pack says the office's time is: days and unit per indicator.
        files: name and sha256 of every file in force.
    """
    satisfied = rows_of(earlier[0], earlier[1], {"satisfied"})
    rows = rows_of(counts, shown, set(INDICATORS) - {"satisfied"})
    equal = {}
    for by in COMPARED:
        found = compare(counts.strata, by, [g for g in counts.by[by].index if g in shown[by]["late"]
                                            and counts.by[by].at[g, "due"]])  # fmt: skip
        equal[by] = {
            "dispersion": found.dispersion,
            "rows": [
                {
                    "group": row.group, "due": row.due, "late": row.late,
                    "expected": row.expected, "ratio": round(row.ratio, 2),
                    "low": round(row.low, 2), "high": round(row.high, 2),
                    "question": row.is_question, "days": whole_days(row.days),
                    "rest_days": whole_days(row.rest_days), "time_question": row.is_time_question,
                }
                for row in found.rows
            ],
        }  # fmt: skip
    trend = [line for before in published for line in before["trend"] if line["month"] ==
             before["month"]]  # fmt: skip
    trend += [
        {"month": month, **{k: v for k, v in row.items() if k not in {"indicator"}}}
        for row in rows
        if row["indicator"] == "on_time" and row["by"] in {COUNTY, "body"}
    ]
    return {
        "version": VERSION, "month": month, "known_at": known_at.isoformat(),
        "county": county, "demo": county["kind"] == "demo", "groups": groups,
        "targets": limits, "figures": rows, "days": day_rows(counts, shown),
        "satisfaction": {"month": earlier[2], "figures": satisfied},
        "equal_service": equal, "trend": trend, "files": files,
    }  # fmt: skip
