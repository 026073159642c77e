"""Do the areas of a level cover the county once? Overlaps and gaps, their size and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from . import crs
from .tree import Tree

LEAST_M2 = 10.0
"""Smaller pieces come from rounding; they are neither listed nor counted."""
_BESIDE_DEGREES = 0.00001
"""About a metre."""


@dataclass(frozen=True)
class Flaw:
    """An overlap of two areas, or a gap between some.

    kind: overlap or gap. area_m2: its size, square metres. codes: the areas that overlap, or that
    lie beside the gap, in order; a gap at the edge may have one only. level: of those areas.
    """

    kind: str
    level: str
    area_m2: float
    codes: tuple[str, ...]


def flaws(layer: gpd.GeoDataFrame) -> list[Flaw]:
    """Overlaps and gaps among the areas of each level, the largest first.

    A level is looked at by itself; a gap is what the outermost area holds and no area of the
    level does, or a hole between areas. Areas without a shape are left out. Shapes are compared
    in degrees (in metres a corner on a straight line lies beside it), and measured in metres.
    """
    shapes, zone = layer.geometry.to_numpy(), crs.metric_zone_of(layer.geometry)
    tree = Tree.of(pd.Series(layer["parent_code"].to_numpy(), index=pd.Index(layer["code"])))
    codes = layer["code"].to_numpy(dtype=object)
    root = shapes[np.flatnonzero(tree.depth == 0)[0]]
    listed: list[Flaw] = []
    for depth in range(1, int(tree.depth.max(initial=0)) + 1):
        here = np.flatnonzero((tree.depth == depth) & ~shapely.is_missing(shapes))
        if len(here):
            level = str(layer["level"].iloc[here[0]])
            listed += _overlaps(shapes[here], codes[here], level, zone)
            listed += _gaps(shapes[here], codes[here], level, root, zone)
    return sorted(listed, key=lambda flaw: (-flaw.area_m2, flaw.codes))


def _square_metres(shapes: NDArray[np.object_], zone: int) -> NDArray[np.float64]:
    return shapely.area(crs.to_metres(gpd.GeoSeries(shapes, crs=crs.STORED), zone).to_numpy())


def _overlaps(
    shapes: NDArray[np.object_], codes: NDArray[np.object_], level: str, zone: int
) -> list[Flaw]:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < two
    one, two = one[pairs], two[pairs]
    # neighbours that only touch are most of the pairs, and cheap to tell
    touch = shapely.touches(shapes[one], shapes[two])
    one, two = one[~touch], two[~touch]
    size = _square_metres(shapely.intersection(shapes[one], shapes[two]), zone)
    return [
        Flaw("overlap", level, float(m2), tuple(sorted((codes[a], codes[b]))))
        for a, b, m2 in zip(one, two, size, strict=True)
        if m2 >= LEAST_M2
    ]


def _gaps(
    shapes: NDArray[np.object_],
    codes: NDArray[np.object_],
    level: str,
    root: shapely.Geometry | None,
    zone: int,
) -> list[Flaw]:
    covered = shapely.union_all(shapes)
    around = [shapely.Polygon(part.exterior) for part in shapely.get_parts(covered)]
    whole = shapely.union_all([*around, *([root] if root is not None else [])])
    pieces = shapely.get_parts(shapely.difference(whole, covered))
    size = _square_metres(pieces, zone)
    is_large = size >= LEAST_M2
    index = shapely.STRtree(shapes)
    found = []
    for piece, m2 in zip(pieces[is_large], size[is_large], strict=True):
        beside = index.query(piece, predicate="dwithin", distance=_BESIDE_DEGREES)
        found.append(Flaw("gap", level, float(m2), tuple(sorted(codes[beside]))))
    return found
