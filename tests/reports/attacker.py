"""A reader of the public figures who adds and subtracts everything that was published."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from reports.monthly import COUNTY, MonthCounts
from reports.monthly_content import INDICATORS, Content, rows_of
from reports.monthly_covering import INSIDE as NESTED
from reports.monthly_covering import SPLITS, cover
from reports.monthly_files import to_csv

Cell = tuple[str, str, str]


class Attacker:
    """Knows what every count is a sum of, and every number of the CSV; wants the rest."""

    def __init__(
        self,
        rows: list[dict[str, str]],
        tables: dict[str, pd.DataFrame],
        names: set[str],
        inside: dict[str, str],
    ):
        self.inside = inside
        self.number: dict[Cell, int] = {}
        self.equations: list[tuple[dict[int, float], float]] = []
        for by, table in tables.items():
            for group in table.index:
                self._identities(by, group)
        self._totals(tables)
        for row in rows:
            name = row["indicator"]
            if name not in names or row["numerator"] == "":
                continue
            _, part, whole = INDICATORS[name]
            where = row["by"], row["group"]
            self._add({(*where, part): 1}, float(row["numerator"]))
            if whole:
                self._add({(*where, whole): 1}, float(row["denominator"]))

    def _add(self, terms: dict[Cell, float], value: float) -> None:
        numbered = {self.number.setdefault(c, len(self.number)): f for c, f in terms.items()}
        self.equations.append((numbered, value))

    def _identities(self, by: str, group: str) -> None:
        for split in SPLITS:
            if split.whole and (by == COUNTY or by in split.by):
                terms = {(by, group, part): 1.0 for part in split.parts}
                self._add({**terms, (by, group, split.whole): -1.0}, 0)
        answered = {(by, group, "on_time"): 1.0, (by, group, "late_answered"): 1.0}
        self._add({**answered, (by, group, "answered"): -1.0}, 0)

    def _totals(self, tables: dict[str, pd.DataFrame]) -> None:
        for by, table in tables.items():
            for split in SPLITS:
                if by == COUNTY or by not in split.by:
                    continue
                for cell in {split.whole or split.parts[0], *split.parts}:
                    if by in NESTED:
                        for outer in sorted(set(self.inside.values())):
                            inner = [g for g in table.index if self.inside[g] == outer]
                            terms = {(by, g, cell): 1.0 for g in inner}
                            self._add({**terms, (NESTED[by], outer, cell): -1.0}, 0)
                    else:
                        terms = {(by, g, cell): 1.0 for g in table.index}
                        self._add({**terms, (COUNTY, COUNTY, cell): -1.0}, 0)

    def matrix(self) -> tuple[np.ndarray, np.ndarray]:
        a = np.zeros((len(self.equations), len(self.number)))
        for row, (terms, _) in enumerate(self.equations):
            for column, factor in terms.items():
                a[row, column] = factor
        return a, np.array([value for _, value in self.equations])

    def determined(self) -> set[Cell]:
        """Counts that some sum and difference of what is known gives exactly."""
        a, _ = self.matrix()
        known = np.zeros(a.shape[1], dtype=bool)
        while True:  # what stands alone in an equation is known, and then so is what it leaves
            alone = np.flatnonzero((a != 0).sum(axis=1) == 1)
            if not alone.size:
                break
            columns = np.unique(np.abs(a[alone]).argmax(axis=1))
            known[columns] = True
            a[:, columns] = 0
        rest = np.flatnonzero((a != 0).any(axis=0))
        left = csr_array(a[:, rest])
        normal = (left.T @ left).tocsr()
        count, part_of = connected_components(normal, directed=False)
        for part in (np.flatnonzero(part_of == n) for n in range(count)):
            sizes, vectors = np.linalg.eigh(normal[part][:, part].toarray())
            free = np.abs(vectors[:, sizes < 1e-9 * sizes[-1]]).max(axis=1, initial=0.0)
            known[rest[part[free < 1e-7]]] = True
        return {cell for cell, n in self.number.items() if known[n]}

    def small(self, counts: MonthCounts) -> tuple[int, dict[Cell, int]]:
        """How many counts it got, and of them those of 1 and 2: there should be none."""
        got = {
            cell: int(counts.by[cell[0]].at[cell[1], cell[2]])
            for cell in self.determined()
            if cell[2] in counts.by[cell[0]]
        }
        return len(got), {cell: value for cell, value in got.items() if 0 < value < 3}

    def range_of(self, cell: Cell) -> tuple[float, float]:
        """Between which values a count can lie, all counts being at least 0."""
        a, b = self.matrix()
        cost = np.zeros(a.shape[1])
        cost[self.number[cell]] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * cost, A_eq=csr_array(a), b_eq=b, method="highs")
            assert found.status in {0, 3}, found.message  # found, or without a bound
            ends.append(sign * found.fun if found.status == 0 else sign * -np.inf)
        return round(ends[0], 6), round(ends[1], 6)


def attackers(
    content: Content, now: MonthCounts, earlier: MonthCounts, inside: dict[str, str]
) -> Iterator[tuple[Attacker, MonthCounts]]:
    """One for the month; one for the month before, who has all that its own publication said and
    the satisfaction that comes a month later."""
    rows = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    rows = [r for r in rows if r["month"] == content["month"] or r["indicator"] == "satisfied"]
    names = set(INDICATORS) - {"satisfied"}
    yield Attacker(rows, now.by, names, inside), now
    before = [
        {k: "" if v is None else str(v) for k, v in row.items()}
        for row in rows_of(earlier, cover(earlier.by, inside), names)
    ]
    late = [row for row in rows if row["indicator"] == "satisfied"]
    yield Attacker(before + late, earlier.by, set(INDICATORS), inside), earlier
