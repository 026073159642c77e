"""What an export became when its mapping was applied: cases, steps, and what was set aside."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .errors import RowProblem

REASONS = (
    "no_id", "repeated_id", "person_in_id", "bad_opened", "opened_before", "opened_after",
    "marked_duplicate", "unknown_channel", "not_asked", "unknown_category", "unknown_procedure",
    "unknown_status", "bad_closed", "closed_without_date", "closed_before_opened", "in_future",
    "unknown_place", "unknown_body",
)  # fmt: skip
"""Why a row is set aside, in the order of looking: a row counts for the first that holds
(words in `intake.aside.*`). Repeats are found first, among all rows, the first one kept."""


@dataclass(frozen=True)
class Names:
    """What the county calls its areas and bodies: code, or id, by id and by either name."""

    areas: Map[str, str]
    bodies: Map[str, str]


@dataclass(frozen=True)
class Mapped:
    """What an export became.

    cases: one row per case in the order of the export, index 0..n-1: `bulk.CASE_COLUMNS`,
        source_id, summary (redacted; NA = none), `row` (the export's row) and the category's
        pack, and how it was `placed`. `known_at` is when the source knew; limit_at NaT = by the
        pack.
    events: `bulk.EVENT_COLUMNS`; case = index in `cases`; by case, `registered` first, then
        the closing where there is one.
    bodies: `frames.Bodies` of everybody named, the desk among them.
    set_aside: row, source_id, reason (of `REASONS`).
    misplaced: row, stated, by_point: the stated area was kept, the point says another.
    rows: of the export; = len(cases) + len(set_aside).
    problems: of steps that cannot be read, or may not follow each other; their rows are in
        `set_aside` under the first problem's name. strays: lines of a second file that belong to
        no row. notes: columns that were not read, and why.
    """

    cases: pd.DataFrame
    events: pd.DataFrame
    bodies: pd.DataFrame
    set_aside: pd.DataFrame
    misplaced: pd.DataFrame
    rows: int
    problems: tuple[RowProblem, ...] = ()
    strays: tuple[RowProblem, ...] = ()
    notes: tuple[RowProblem, ...] = ()

    @property
    def aside_counts(self) -> dict[str, int]:
        """How many rows were set aside, by reason: in the order of `REASONS`, then broken rules."""
        counts = self.set_aside["reason"].value_counts()
        names = [*REASONS, *sorted(set(counts.index) - set(REASONS))]
        return {reason: int(counts[reason]) for reason in names if reason in counts.index}

    @property
    def placed(self) -> dict[str, int]:
        """Number of cases by how they were placed (`intake.placed.*`)."""
        return {str(k): int(v) for k, v in self.cases["placed"].value_counts().items()}

    def without(self, problems: Sequence[RowProblem]) -> Mapped:
        """The same without the rows that have a problem: they are set aside under its name."""
        if not problems:
            return self
        first: dict[int, str] = {}
        for problem in problems:
            first.setdefault(problem.row, problem.key.rsplit(".", 1)[-1])
        goes = self.cases["row"].isin(list(first))
        aside = self.cases.loc[goes, ["row", "source_id"]]
        aside = aside.assign(reason=aside["row"].map(first))
        number = pd.Series(np.arange(int((~goes).sum())), index=self.cases.index[~goes])
        events = self.events[~self.events["case"].map(goes)]
        return replace(
            self,
            cases=self.cases[~goes].reset_index(drop=True),
            events=events.assign(case=events["case"].map(number)).reset_index(drop=True),
            set_aside=pd.concat([self.set_aside, aside]).sort_values("row", ignore_index=True),
            misplaced=self.misplaced[~self.misplaced["row"].isin(list(first))],
            problems=(*self.problems, *problems),
        )
