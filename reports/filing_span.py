"""Filing over any span and level: figures, the counts of each day, how long each desk is silent.

All take the rows of a `filing.filing_matrix` that the span and the level leave: right across
townships that open, close or merge, because each row is a desk that was active on that day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .filing import STATES, FilingFigures, filing_figures, silent_days
from .rates import Rate

DUE_STATES = tuple(state for state in STATES if state not in ("excused", "open"))
"""What an expected desk-day can be; their numbers add up to `expected`."""


@dataclass(frozen=True)
class SpanFigures:
    """Filing over a span (DOMAIN.md §6); every rate rests on expected desk-days only.

    periods, desks: days for which a filing was asked, and desks asked on any of them.
    figures: expected, excused, not due, completeness, timeliness, zero share.
    due: expected desk-days by state of `DUE_STATES`; they add up to `figures.expected`.
    contradictions: zero filings against the record as it was known then ÷ zero filings.
    overtaken: zero filings (late ones too) after which a case of the day came ÷ zero filings.
    """

    periods: int
    desks: int
    figures: FilingFigures
    due: dict[str, int]
    contradictions: Rate
    overtaken: Rate


def span_figures(matrix: pd.DataFrame) -> SpanFigures:
    """The figures of the rows of a `filing_matrix`; without any, every rate is of nothing."""
    due = matrix[matrix["is_expected"]]
    zero = due[due["is_zero"]]
    before, after = zero["cases_before"] > 0, zero["cases_after"] > 0
    states = due["state"].value_counts()
    return SpanFigures(
        periods=int(matrix["period"].nunique()),
        desks=int(matrix["township_code"].nunique()),
        figures=filing_figures(matrix),
        due={state: int(states.get(state, 0)) for state in DUE_STATES},
        contradictions=Rate(int(before.sum()), len(zero)),
        overtaken=Rate(int((after & ~before).sum()), len(zero)),
    )


def counts_by(matrix: pd.DataFrame, column: str) -> pd.DataFrame:
    """How many desk-days were expected, filed and timely, per day or per desk.

    Args:
        column: period or township_code.

    Returns:
        int64 columns expected, filed, timely, contradicted, excused, not_due on the sorted values
        of `column`; expected, excused and not_due add up to all rows.
    """
    due = matrix["is_expected"]
    excused = matrix["state"] == "excused"
    marks = pd.DataFrame(
        {
            "expected": due,
            "filed": due & matrix["is_filed"],
            "timely": due & matrix["is_timely"],
            "contradicted": due & (matrix["state"] == "contradicted"),
            "excused": excused,
            "not_due": ~due & ~excused,
        }
    )
    return marks.astype("int64").groupby(matrix[column]).sum()


def silence(matrix: pd.DataFrame) -> pd.DataFrame:
    """Each desk's run of silent days, and since when.

    Returns:
        On township_code: silent_days (`filing.silent_days`); since (first day of the run, NaT =
        not silent); is_whole (nothing was filed in all the matrix: the run may be older than it).
    """
    runs = silent_days(matrix)
    missing = matrix[matrix["is_expected"] & ~matrix["is_filed"]]
    newest_first = missing.sort_values("period", ascending=False)
    place = newest_first.groupby("township_code").cumcount() + 1
    begins = newest_first[place == newest_first["township_code"].map(runs)]
    expected = counts_by(matrix, "township_code")["expected"].reindex(runs.index, fill_value=0)
    return pd.DataFrame(
        {
            "silent_days": runs,
            "since": begins.set_index("township_code")["period"].reindex(runs.index),
            "is_whole": (runs > 0) & (runs == expected),
        }
    )


def revised(revisions: pd.DataFrame) -> pd.DataFrame:
    """Every revision of the desk-days that were filed more than once, the newest day first.

    Args:
        revisions: columns of `frames.Filings` and is_imported, in order of arrival.

    Returns:
        township_code, period, number (1 = the first filing), filed_at (UTC), kind_before (NA =
        none before), kind, reason (NA = none given), is_imported. The same row twice counts once.
    """
    cell = ["township_code", "period"]
    rows = revisions.drop_duplicates([*cell, "kind", "filed_at", "reason"])
    rows = rows.sort_values([*cell, "filed_at"], ascending=[True, False, True], kind="stable")
    groups = rows.groupby(cell, sort=False)
    rows = rows.assign(number=groups.cumcount() + 1, kind_before=groups["kind"].shift())
    rows = rows[groups["kind"].transform("size") > 1]
    columns = [*cell, "number", "filed_at", "kind_before", "kind", "reason", "is_imported"]
    newest = rows.sort_values("period", ascending=False, kind="stable", ignore_index=True)
    return newest[columns]
