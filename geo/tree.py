"""The tree of areas: adding up once for all levels, and the rule of ten (DOMAIN.md §2.10).

A figure of a place rests on at least ten cases. An area with fewer shows the figure of the
smallest enclosing area that has them. That alone is not enough: where a township shows 48 and
its villages 30 and 14, anybody subtracts and reads 4 off the village that was covered. So an area
is shown only if what is left of the smallest shown area around it, after everything shown within,
is nothing or at least ten; else the smallest of those within is covered too.

Why this is enough: call what is left of a shown area after all shown within it its *rest*. Every
total that can be computed from shown figures by adding and subtracting is a sum of rests with
whole factors, because the shown areas form a tree. Each rest is 0 or at least ten, so no
subtraction isolates one to nine cases. One sibling always suffices: it has ten itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MINIMUM = 10
"""Cases below which no figure of a place is shown (DOMAIN.md §2.10); not a setting."""

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Tree:
    """Areas by position: who encloses whom.

    codes: code per area, in the order of the layer.
    parent: position of the enclosing area; -1 for the root.
    depth: 0 for the root, growing inwards.
    """

    codes: pd.Index
    parent: Places
    depth: Places

    @classmethod
    def of(cls, parents: pd.Series) -> Tree:
        """The tree of a layer.

        Args:
            parents: code of the enclosing area, index = the area's own code; NA for the root.

        Raises:
            ValueError: for repeated codes, unknown parents, a circle, or not exactly one root.
        """
        codes = pd.Index(parents.index)
        if not codes.is_unique:
            raise ValueError("codes repeat; a layer's codes are unique")
        known = parents.notna().to_numpy()
        parent = np.full(len(codes), -1, dtype=np.intp)
        parent[known] = codes.get_indexer(pd.Index(parents[known]))
        if (parent[known] < 0).any() or (~known).sum() != 1:
            raise ValueError("every area but one root needs a parent that is in the layer")
        depth = np.zeros(len(codes), dtype=np.intp)
        above = parent.copy()
        while (above >= 0).any():
            depth += above >= 0
            if depth.max() >= len(codes):
                raise ValueError("areas enclose each other in a circle")
            above = np.where(above >= 0, parent[above], -1)
        return cls(codes, parent, depth)

    def add_up(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Counts of every area, from counts of where each case lies.

        Args:
            counts: whole numbers, any columns, index = codes (areas of any level; a case that is
                known to the township only lies there). Areas that are not named have none.

        Returns:
            int64, the same columns, index = all codes of the tree.

        Raises:
            ValueError: for a code that is not in the tree: a case may not vanish from a total.
        """
        place = self.codes.get_indexer(counts.index)
        if (place < 0).any():
            strange = counts.index[place < 0][0]
            raise ValueError(f"{strange!r} is no area of this layer; place its cases at the root")
        total = np.zeros((len(self.codes), counts.shape[1]), dtype=np.int64)
        np.add.at(total, place, counts.to_numpy(dtype=np.int64))
        for level in range(int(self.depth.max(initial=0)), 0, -1):
            here = np.flatnonzero(self.depth == level)
            np.add.at(total, self.parent[here], total[here])
        return pd.DataFrame(total, index=self.codes, columns=counts.columns)

    def ancestor_at(self, depth: int) -> Places:
        """Position of each area's enclosing area at `depth`, or itself; -1 for wider areas."""
        place = np.arange(len(self.codes), dtype=np.intp)
        for _ in range(int(self.depth.max(initial=0))):
            deeper = self.depth[place] > depth
            place = np.where(deeper, self.parent[place], place)
        return np.where(self.depth[place] == depth, place, -1)


def cover(base: pd.Series, parents: pd.Series, minimum: int = MINIMUM) -> pd.Series:
    """The area whose figure each area shows: itself, or the smallest enclosing one with enough.

    Args:
        base: cases the figure rests on, per area of every level, added up (`Tree.add_up`): a
            parent's number is at least the sum of its children's.
        parents: enclosing area per code; NA for the root. Same codes as `base`.
        minimum: cases needed; tests lower it, nothing else does.

    Returns:
        code of the shown area per code; NA where even the root has too few.

    Raises:
        ValueError: where children hold more than their parent, or as `Tree.of`.
    """
    return cover_tree(base, Tree.of(parents), minimum)


def cover_tree(base: pd.Series, tree: Tree, minimum: int = MINIMUM) -> pd.Series:
    """`cover` on a tree made before: the form for many layers of figures on the same areas."""
    count = base.reindex(tree.codes).to_numpy(dtype=np.int64)
    shown_at = np.full(len(count), -1, dtype=np.intp)
    rest = count.copy()
    root = np.flatnonzero(tree.depth == 0)
    shown_at[root] = np.where(count[root] >= minimum, root, -1)
    for level in range(1, int(tree.depth.max(initial=0)) + 1):
        here = np.flatnonzero(tree.depth == level)
        around = shown_at[tree.parent[here]]
        shown = (around >= 0) & (count[here] >= minimum)
        np.subtract.at(rest, around[shown], count[here[shown]])
        if (rest[around[shown]] < 0).any():
            raise ValueError("children hold more cases than their parent; add up the tree first")
        betrays = shown & (rest[around] > 0) & (rest[around] < minimum)
        hidden = _smallest_of_each(np.flatnonzero(betrays), count[here], around)
        np.add.at(rest, around[hidden], count[here[hidden]])
        shown[hidden] = False
        shown_at[here] = np.where(shown, here, around)
    codes = pd.Series(tree.codes.to_numpy(), dtype="str")
    picked = codes.reindex(np.where(shown_at >= 0, shown_at, len(codes)))
    return pd.Series(picked.to_numpy(), index=tree.codes, name="shown_code", dtype="str")


def _smallest_of_each(places: Places, count: NDArray[np.int64], group: Places) -> Places:
    """Of `places`, the one with the smallest count in each group; the first among equals."""
    order = places[np.lexsort((places, count[places], group[places]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = group[order[1:]] != group[order[:-1]]
    return order[first]
