"""Which areas touch: neighbours by a shared edge or corner."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from . import crs

TOUCH_METRES = 5.0
"""Areas this near count as touching: boundaries drawn by different hands leave slivers between."""

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
"""From, to: positions; both directions of every pair, sorted, nobody beside itself."""


def touching(areas: gpd.GeoDataFrame) -> Pairs:
    """Which areas are neighbours (queen contiguity).

    Args:
        areas: any number, any CRS; an area without a shape has no neighbour.

    Source: an index of rectangles asked for shapes within `TOUCH_METRES`.
    """
    drawn = np.flatnonzero(areas.geometry.notna() & ~areas.geometry.is_empty)
    if len(drawn) < 2:
        return np.array([], dtype=np.intp), np.array([], dtype=np.intp)
    shapes = crs.to_metres(areas.geometry.iloc[drawn]).to_numpy()
    near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_METRES)
    one, other = near[:, near[0] != near[1]]
    order = np.lexsort((other, one))
    return drawn[one[order]], drawn[other[order]]


def among(pairs: Pairs, kept: NDArray[np.bool_]) -> Pairs:
    """The pairs of which both are kept, numbered by their position among the kept."""
    one, other = pairs
    both = kept[one] & kept[other]
    number = np.cumsum(kept) - 1
    return number[one[both]], number[other[both]]


def counts(pairs: Pairs, areas: int) -> pd.Series:
    """Number of neighbours per position."""
    return pd.Series(np.bincount(pairs[0], minlength=areas))
