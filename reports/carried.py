"""Where each case counts in today's layer, when its area was split, merged or renamed since.

A case keeps the code it was recorded under; here it counts in today's areas by the crosswalk
(`geo.crosswalk`), a split one by parts of a whole. Parts are whole numbers of `UNIT`, so that sums
are exact and the rule of ten judges them as it judges cases: a carried figure below ten stays
covered, and what surrounds the parts of a split area holds the case entirely.
"""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.tree import Tree

UNIT = 10_000
"""Parts that one case has."""


class Carried(NamedTuple):
    """Parts of cases in areas; the parts of one case add up to `UNIT`.

    row: number of the case in the table; place: position of the area in the tree; units: parts.
    """

    row: NDArray[np.intp]
    place: NDArray[np.intp]
    units: NDArray[np.int64]


class Crossings:
    """The crosswalk of a layer, ready to be asked; without changes every code stays itself."""

    def __init__(self, tree: Tree, changes: pd.DataFrame | None, zone: str) -> None:
        """
        Args:
            tree: of today's layer.
            changes: `data.places.read_changes`: from_code, to_code, share, valid_from; None = none.
            zone: the county's; a version begins with its local day.
        """
        self.tree, self.zone = tree, zone
        self._days: list[np.datetime64] = []
        self._steps: list[dict[str, list[tuple[str, float]]]] = []
        for day, group in [] if changes is None else changes.groupby("valid_from", sort=True):
            step: dict[str, list[tuple[str, float]]] = {}
            for row in group.itertuples():
                step.setdefault(str(row.from_code), []).append((str(row.to_code), row.share))
            self._days.append(np.datetime64(day, "D"))
            self._steps.append(step)
        self._affected = {code for step in self._steps for code in step}

    def places(self, cases: pd.DataFrame) -> Carried:
        """Where each case counts.

        Args:
            cases: `data.frames.Cases`: grid_code, township_code, known_at.

        A case lies in its grid, without one in its township; one whose place is in no version of
        the layer counts for the whole county only.
        """
        tree = self.tree
        grid = tree.codes.get_indexer(pd.Index(cases["grid_code"]))
        town = tree.codes.get_indexer(pd.Index(cases["township_code"]))
        root = int(np.flatnonzero(tree.depth == 0)[0])
        place = np.where(grid >= 0, grid, np.where(town >= 0, town, root)).astype(np.intp)
        row = np.arange(len(cases))
        units = np.full(len(cases), UNIT, dtype=np.int64)
        own = cases["grid_code"].where(cases["grid_code"].notna(), cases["township_code"])
        moved = own.isin(self._affected) | cases["township_code"].isin(self._affected)
        if not moved.any():
            return Carried(row, place, units)
        at = np.flatnonzero(moved)
        local = cases["known_at"].iloc[at].dt.tz_convert(ZoneInfo(self.zone))
        known_on = local.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
        first = np.searchsorted(np.array(self._days), known_on, side="right")
        rows, places, parts = [np.delete(row, at)], [np.delete(place, at)], [np.delete(units, at)]
        kept: dict[tuple[object, ...], list[tuple[int, int]]] = {}
        for number, start in zip(at, first, strict=True):
            codes = (cases["grid_code"].iat[number], cases["township_code"].iat[number])
            key = (*codes, int(start))
            if key not in kept:
                kept[key] = self._shares(codes, int(start), root)
            for where, share in kept[key]:
                rows.append(np.array([number]))
                places.append(np.array([where]))
                parts.append(np.array([share]))
        return Carried(
            np.concatenate(rows).astype(np.intp),
            np.concatenate(places).astype(np.intp),
            np.concatenate(parts).astype(np.int64),
        )

    def approximate(self) -> NDArray[np.bool_]:
        """Areas into which only a part of an old area goes: their history is by share of land.

        Told by the layers alone, whether or not a case lies there: a mark that came and went with
        cases would tell of them.
        """
        marked = np.zeros(len(self.tree.codes), dtype=bool)
        for start, step in enumerate(self._steps):
            for code in step:
                part = np.zeros(len(self.tree.codes))
                for where, share in self._targets(code, start):
                    at = where
                    while at >= 0:
                        part[at] += share
                        at = int(self.tree.parent[at])
                marked |= (part > 1e-9) & (part < 1 - 1e-9)
        return marked

    def _targets(self, code: str, start: int) -> list[tuple[int, float]]:
        """(position, share) of a code as it was before step `start`; shares of codes that are in
        no area any more are left out."""
        if code not in self.tree.codes:
            start = 0  # recorded late, under a code that had already ended
        spread = {code: 1.0}
        for step in self._steps[start:]:
            after: dict[str, float] = {}
            for old, share in spread.items():
                for new, part in step.get(old, [(old, 1.0)]):
                    after[new] = after.get(new, 0.0) + share * part
            spread = after
        found = self.tree.codes.get_indexer(pd.Index(list(spread)))
        return [(int(at), s) for at, s in zip(found, spread.values(), strict=True) if at >= 0]

    def _shares(self, codes: tuple[object, object], start: int, root: int) -> list[tuple[int, int]]:
        """Positions and units of a case by its grid, else its township, else the county."""
        for code in codes:
            if isinstance(code, str) and (targets := self._targets(code, start)):
                return _units(targets)
        return [(root, UNIT)]


def _units(targets: list[tuple[int, float]]) -> list[tuple[int, int]]:
    """Whole parts that add up to `UNIT`, by largest remainder; the first among equals."""
    whole = sum(share for _, share in targets)
    exact = [(at, share / whole * UNIT) for at, share in targets]
    units = {at: int(share) for at, share in exact}
    left = UNIT - sum(units.values())
    for at, _ in sorted(exact, key=lambda pair: (int(pair[1]) - pair[1], pair[0]))[:left]:
        units[at] += 1
    return [(at, share) for at, share in units.items() if share]
