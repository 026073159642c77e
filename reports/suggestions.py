"""What became of suggestions (人民建议) in a quarter, as published: by domain, counts covered.

Quarters do not overlap and each is frozen once, so that no two publications can be subtracted.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wording import LANGUAGES, t

from .covering import cover_table

Content = dict[str, Any]
LEAST = 10
"""A domain stands by itself from this many suggestions on, and the whole quarter too."""
TOGETHER = "together"
"""The line of the domains that have fewer, taken together."""

COLUMNS: dict[str, str] = {
    "quarter": "string", "domains": "string", "domains_zh": "string", "domains_en": "string",
    "outcome": "string", "outcome_zh": "string", "outcome_en": "string", "count": "integer",
    "covered": "boolean", "demo": "boolean",
}  # fmt: skip
"""Columns of suggestions.csv and their datatype in CSV on the Web, in order."""
TOTAL = "total"
_QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]", re.ASCII)


@dataclass(frozen=True)
class Span:
    """A calendar quarter: its name (2026-Q1), first and last local day."""

    name: str
    first: dt.date
    last: dt.date


def quarter_of(name: str) -> Span:
    """The quarter of a name.

    Raises:
        ValueError: no quarter's name.
    """
    if not _QUARTER.fullmatch(name):
        raise ValueError(name)
    first = dt.date(int(name[:4]), int(name[-1]) * 3 - 2, 1)
    after = (first + dt.timedelta(days=93)).replace(day=1)
    return Span(name, first, after - dt.timedelta(days=1))


def quarter_before(day: dt.date) -> Span:
    """The newest quarter that is over on a local day."""
    last = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) - dt.timedelta(days=1)
    return quarter_of(f"{last.year}-Q{(last.month + 2) // 3}")


def folded(counts: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The counts with the domains of fewer than `LEAST` suggestions in one line.

    Where that line would have fewer as well, the smallest of the others joins it.

    Args:
        counts: domain × outcome, whole numbers.

    Returns:
        The table, its last line `TOGETHER` where there is one; and the domains in that line.
    """
    sums = counts.sum(axis=1)
    sums = sums[sums > 0].sort_values(kind="stable")
    small = list(sums.index[sums < LEAST])
    for domain in sums.index:
        if not small or sums[small].sum() >= LEAST:
            break
        if domain not in small:
            small.append(domain)
    apart = [domain for domain in counts.index if domain in sums.index and domain not in small]
    table = counts.loc[apart]
    if small:
        line = counts.loc[small].sum().to_frame(TOGETHER).T
        table = pd.concat([table, line]).astype("int64")
    return table, tuple(domain for domain in counts.index if domain in small)


def content_of(span: Span, counts: pd.DataFrame, county: Mapping[str, str], demo: bool) -> Content:
    """The covered object of a quarter.

    Args:
        counts: domain × outcome, as `data.suggestions.totals`. county: its name by language.

    Returns:
        `lines` (domains, counts by outcome, total; None = covered), `totals` by outcome, `total`,
        or `too_few` where the whole quarter has fewer than `LEAST`: then there are no figures.
    """
    whole: Content = {
        "quarter": span.name, "first": span.first.isoformat(), "last": span.last.isoformat(),
        "county": dict(county), "demo": demo, "outcomes": list(counts.columns),
        "too_few": bool(counts.to_numpy().sum() < LEAST), "lines": [], "totals": {}, "total": None,
    }  # fmt: skip
    if whole["too_few"]:
        return whole
    table, together = folded(counts)
    covered = cover_table(table)
    for name in table.index:
        cells = covered.cells.loc[name]
        whole["lines"].append({
            "domains": list(together) if name == TOGETHER else [str(name)],
            "counts": {outcome: _plain(cells[outcome]) for outcome in table.columns},
            "total": _plain(covered.row_totals[name]),
        })  # fmt: skip
    whole["totals"] = {name: _plain(covered.column_totals[name]) for name in table.columns}
    whole["total"] = covered.total
    return whole


def _plain(cell: Any) -> int | None:
    return None if pd.isna(cell) else int(cell)


def name_of(domains: list[str], language: str) -> str:
    """What a line is called: its domain, or those that are taken together."""
    named = t("suggestions.and", language).join(
        t(f"words.domain.{domain}", language) for domain in domains
    )
    return named if len(domains) == 1 else t("suggestions.together", language, domains=named)


def rows(content: Content) -> list[dict[str, Any]]:
    """Every figure as one row with all of `COLUMNS`; count None = covered."""
    made = []
    lines = [(one["domains"], one["counts"] | {TOTAL: one["total"]}) for one in content["lines"]]
    if lines:
        lines.append(([TOTAL], content["totals"] | {TOTAL: content["total"]}))
    for domains, counts in lines:
        named = {
            lang: t("suggestions.all", lang) if domains == [TOTAL] else name_of(domains, lang)
            for lang in LANGUAGES
        }
        for outcome, count in counts.items():
            said = {lang: t(f"suggestions.outcome.{outcome}", lang) for lang in LANGUAGES}
            made.append({
                "quarter": content["quarter"], "domains": " ".join(domains),
                "domains_zh": named["zh"], "domains_en": named["en"], "outcome": outcome,
                "outcome_zh": said["zh"], "outcome_en": said["en"], "count": count,
                "covered": count is None, "demo": content["demo"],
            })  # fmt: skip
    return made


def to_csv(contents: list[Content]) -> bytes:
    """suggestions.csv of some quarters: UTF-8, one header line, an empty cell where covered."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for content in contents:
        for row in rows(content):
            flags = {name: str(row[name]).lower() for name in ("covered", "demo")}
            writer.writerow(row | flags)
    return text.getvalue().encode()


def to_json(contents: list[Content], is_demo: bool) -> bytes:
    """suggestions.json: the quarters as they were frozen, with their dictionary."""
    whole: dict[str, Any] = {
        "quarters": contents,
        "dictionary": {
            name: {"type": kind,
                   **{lang: t(f"suggestions.field.{name}", lang) for lang in LANGUAGES}}
            for name, kind in COLUMNS.items()
        },
        "covered": {lang: t("suggestions.covered", lang) for lang in LANGUAGES},
    }  # fmt: skip
    if is_demo:
        whole["demo_note"] = {lang: t("consultations.demo", lang) for lang in LANGUAGES}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def as_text(content: Content) -> str:
    """The content as it is frozen."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
