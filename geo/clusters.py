"""Do high values lie together more than chance explains? Local statistics with permutations.

Values are judged against the same values dealt out at random over the other areas (conditional
permutation), with a fixed seed; what is called a finding holds the false-discovery rate over all
areas and both statistics together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from esda.getisord import G_Local
from esda.moran import Moran_Local
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from .neighbours import Pairs, among, counts

PERMUTATIONS = 9999
SEED = 20220501
FALSE_DISCOVERY = 0.05
FEWEST_AREAS = 10
"""Fewer areas cannot be told from chance: there are too few ways to deal their values out."""


class Clusters(NamedTuple):
    """What was found, one row per area in the order given.

    table: z (Getis-Ord Gi*, standard deviations; NaN = not judged), p (one-sided: high values
        together), p_adjusted, moran (local Moran's I), moran_p (two-sided), moran_p_adjusted (all
        0-1); is_high (high itself, in a cluster of high values), is_apart (high among low); state
        `judged`, `no_value`, `island` (no judged neighbour).
    reason: None; why nothing was judged at all: `few_areas` or `all_equal`.
    """

    table: pd.DataFrame
    reason: str | None


_COLUMNS = ("z", "p", "p_adjusted", "moran", "moran_p", "moran_p_adjusted")


def clusters(
    values: NDArray[np.float64],
    pairs: Pairs,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
    false_discovery: float = FALSE_DISCOVERY,
) -> Clusters:
    """Clusters of high values.

    Args:
        values: one per area; NaN = it has none, and takes no part.
        pairs: of `touching`, on the same positions.

    Returns:
        An area without a judged neighbour is an island: it takes no part and says so.

    Sources: Ord and Getis (1995), Geographical Analysis 27 (Gi*, binary weights, the area itself
    included); Anselin (1995), Geographical Analysis 27 (local Moran, conditional permutation);
    Benjamini and Hochberg (1995), JRSS B 57. z and I by esda; permutations as esda.crand.
    """
    known = ~np.isnan(values)
    alone = counts(among(pairs, known), int(known.sum())).to_numpy() == 0
    kept = known.copy()
    kept[np.flatnonzero(known)[alone]] = False
    state = np.where(kept, "judged", np.where(known, "island", "no_value"))
    table = pd.DataFrame(np.nan, index=range(len(values)), columns=list(_COLUMNS))
    table = table.assign(is_high=False, is_apart=False, state=state)
    y = values[kept]
    if len(y) < FEWEST_AREAS:
        return Clusters(table, "few_areas")
    if np.ptp(y) < 1e-12:
        return Clusters(table, "all_equal")
    found = _judged(y, among(pairs, kept), permutations, seed)
    both = np.concatenate([found["p"], found["moran_p"]])
    adjusted = false_discovery_control(both)
    found["p_adjusted"], found["moran_p_adjusted"] = adjusted[: len(y)], adjusted[len(y) :]
    table.loc[kept, list(_COLUMNS)] = found[list(_COLUMNS)].to_numpy()
    high, hot = y > y.mean(), found["p_adjusted"].to_numpy() <= false_discovery
    moran = found["moran_p_adjusted"].to_numpy() <= false_discovery
    together = found["moran"].to_numpy() > 0
    table.loc[kept, "is_high"] = high & (hot | (moran & together))
    table.loc[kept, "is_apart"] = moran & high & ~together
    return Clusters(table, None)


def _judged(y: NDArray[np.float64], pairs: Pairs, permutations: int, seed: int) -> pd.DataFrame:
    graph = Graph.from_arrays(*pairs, np.ones(len(pairs[0])))
    # Gi* divides by the sum of all values; a shift changes neither its z nor its order
    gi = G_Local(y - y.min() + 1.0, graph.assign_self_weight(1), transform="B", permutations=0,
                 star=True)  # fmt: skip
    moran = Moran_Local(y, graph, permutations=0)
    rising, falling = neighbour_sums(y, pairs, permutations, seed)
    return pd.DataFrame(
        {
            "z": gi.Zs,
            "p": rising,
            "moran": moran.Is,
            "moran_p": np.minimum(1.0, 2 * np.minimum(rising, falling)),
        }
    )


def neighbour_sums(
    y: NDArray[np.float64], pairs: Pairs, permutations: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often the neighbours' values add up to as much, and to as little, by chance.

    The area keeps its own value and the others are dealt out anew, so both statistics only depend
    on this sum: Gi* rises with it, and so does Moran's I where the area's own value is high.

    Args:
        y: no NaN. pairs: every area has a neighbour.

    Returns:
        Two shares per area, what was found counted in; ties count as reached.
    """
    size = counts(pairs, len(y)).to_numpy()
    found = np.bincount(pairs[0], weights=y[pairs[1]], minlength=len(y))
    rng = np.random.default_rng(seed)
    others = np.arange(len(y) - 1, dtype=np.int32)
    dealt = np.concatenate(
        [  # in blocks, so that many areas do not fill the memory
            rng.permuted(np.tile(others, (rows, 1)), axis=1)[:, : int(size.max())]
            for rows in np.diff(np.r_[0:permutations:1000, permutations])
        ]
    )
    rising, falling = np.empty(len(y)), np.empty(len(y))
    for i, k in enumerate(size):
        picked = dealt[:, :k]
        sums = y[picked + (picked >= i)].sum(axis=1)
        rising[i] = (sums >= found[i] - 1e-12).sum() + 1
        falling[i] = (sums <= found[i] + 1e-12).sum() + 1
    return rising / (permutations + 1), falling / (permutations + 1)
