"""An attacker who adds and subtracts everything that was published gets no count under 3."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from reports.monthly import COUNTY, MonthCounts
from reports.monthly_content import INDICATORS, TARGETED, Content, rows_of
from reports.monthly_covering import INSIDE as NESTED
from reports.monthly_covering import SPLITS, cover
from reports.monthly_files import flat_rows, to_csv, to_json
from reports.monthly_page import fragment

from .monthly_county import INSIDE, publication

COUNTIES = [(1, 400), (2, 150), (3, 60), (4, 900), (5, 250)]
LINKS = {"csv": "a", "meta": "b", "json": "c", "feed": "d"}
Cell = tuple[str, str, str]


class Attacker:
    """Knows what every count is a sum of, and every number of the CSV; wants the rest."""

    def __init__(self, rows: list[dict[str, str]], tables: dict[str, pd.DataFrame], names: set):
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
                        for outer in sorted(set(INSIDE.values())):
                            inner = [g for g in table.index if INSIDE[g] == outer]
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
        sizes, vectors = np.linalg.eigh(a.T @ a)
        free = np.abs(vectors[:, sizes < 1e-9 * sizes[-1]]).max(axis=1, initial=0.0)
        return {cell for cell, n in self.number.items() if free[n] < 1e-7}

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
    content: Content, now: MonthCounts, earlier: MonthCounts
) -> Iterator[tuple[Attacker, MonthCounts]]:
    """One for the month; one for the month before, who has all that its own publication said and
    the satisfaction that comes a month later."""
    rows = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    rows = [r for r in rows if r["month"] == content["month"] or r["indicator"] == "satisfied"]
    names = set(INDICATORS) - {"satisfied"}
    yield Attacker(rows, now.by, names), now
    before = [
        {k: "" if v is None else str(v) for k, v in row.items()}
        for row in rows_of(earlier, cover(earlier.by, INSIDE), names)
    ]
    late = [row for row in rows if row["indicator"] == "satisfied"]
    yield Attacker(before + late, earlier.by, set(INDICATORS)), earlier


@pytest.mark.parametrize(("seed", "size"), COUNTIES)
def test_no_count_under_three_is_got_by_adding_and_subtracting(seed: int, size: int) -> None:
    for attacker, counts in attackers(*publication(seed, size)):
        got = {
            cell: int(counts.by[cell[0]].at[cell[1], cell[2]])
            for cell in attacker.determined()
            if cell[2] in counts.by[cell[0]]
        }
        assert {cell: value for cell, value in got.items() if 0 < value < 3} == {}
        assert len(got) > 20


@pytest.mark.parametrize(("seed", "size"), [(1, 400), (2, 150)])
def test_small_counts_stay_open_between_several_values(seed: int, size: int) -> None:
    attacker, counts = next(attackers(*publication(seed, size)))
    small = [
        cell
        for cell in attacker.number
        if cell[2] in counts.by[cell[0]] and 0 < counts.by[cell[0]].at[cell[1], cell[2]] < 3
    ]
    assert len(small) > 20
    for cell in small[:: max(1, len(small) // 25)]:
        low, high = attacker.range_of(cell)
        assert high - low >= 2, (cell, low, high)


def test_the_attacker_finds_what_plain_covering_leaves_open() -> None:
    """Covering only counts of 1 and 2 themselves: the total gives them back."""
    _, now, _ = publication(1, 400)
    rows = []
    for by, table in now.by.items():
        for name, (split, part, whole) in INDICATORS.items():
            if by != COUNTY and by not in next(s for s in SPLITS if s.name == split).by:
                continue
            for group in table.index:
                k = int(table.at[group, part])
                n = int(table.at[group, whole]) if whole else ""
                if not 0 < k < 3:
                    row = {"by": by, "group": group, "indicator": name}
                    rows.append({**row, "numerator": str(k), "denominator": str(n)})
    attacker = Attacker(rows, now.by, set(INDICATORS) - {"satisfied"})
    small = [c for c in attacker.determined() if 0 < now.by[c[0]].at[c[1], c[2]] < 3]
    assert small


@pytest.mark.parametrize(("seed", "size"), COUNTIES)
def test_every_format_says_the_same_and_no_more(seed: int, size: int) -> None:
    content, _, _ = publication(seed, size)
    from_json = json.loads(to_json(content))
    flat = {tuple(r[k] for k in ("month", "by", "group", "indicator")): r
            for r in flat_rows(content)}  # fmt: skip
    in_csv = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    assert len(in_csv) == len(flat)
    for row in in_csv:
        one = flat[row["month"], row["by"], row["group"], row["indicator"]]
        assert row["numerator"] == ("" if one["numerator"] is None else str(one["numerator"]))
        if row["covered"] == "true":
            cells = ("numerator", "denominator", "share", "low", "high", "days")
            assert [row[name] for name in cells] == [""] * 6
    for row in from_json["figures"] + from_json["satisfaction"]["figures"]:
        assert not row["covered"] or row["numerator"] is row["denominator"] is row["share"] is None
        assert row["covered"] or row["denominator"] is None or row["denominator"] >= 10 or (
            row["denominator"] == 0 or row["by"] == COUNTY or row["indicator"] in
            {"declined", "referred", "no_remedy", "withdrawn"})  # fmt: skip
    html = fragment(content, "en", LINKS, "ab")
    assert "<script" not in html
    assert "style=" not in html
    shown = {r["numerator"] for r in from_json["figures"] if r["numerator"] is not None}
    said = re.findall(r">(\d[\d,]*) of (\d[\d,]*), ", html)
    assert {int(k.replace(",", "")) for k, _ in said} <= shown | {
        r["numerator"] for r in from_json["satisfaction"]["figures"] if r["numerator"] is not None
    }


def test_a_trend_repeats_what_each_month_published() -> None:
    content, _, _ = publication(4, 900)
    own = {r["group"]: r["numerator"] for r in content["figures"]
           if r["by"] == "body" and r["indicator"] == "on_time"}  # fmt: skip
    line = {r["group"]: r["numerator"] for r in content["trend"] if r["by"] == "body"}
    assert line == own


def test_how_many_asked_moves_no_place_and_asking_has_no_target() -> None:
    content, _, _ = publication(1, 400)
    other, _, _ = publication(2, 150)
    order = [[r["group"] for r in c["figures"] if r["by"] == "body"] for c in (content, other)]
    assert order[0] == order[1]
    assert not set(TARGETED) & {"rated", "satisfied", "held", "withdrawn", "used", "disowned"}


def test_covering_is_the_same_each_time() -> None:
    _, now, _ = publication(2, 150)
    assert cover(now.by, INSIDE) == cover(now.by, INSIDE)
