"""Finding the area a point lies in, and how far a point is from the area it is said to lie in.

The point is only a help to find the grid and is forgotten afterwards (DOMAIN.md §2.10): nothing
here keeps one.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import crs
from .layers import TOLERANCE_M
from .tree import Tree


class Locator:
    """The finest drawn areas of a layer in metres, with a spatial index: made once, asked often.

    An area that encloses a drawn one is not searched: a township whose grids are drawn is found by
    way of them, one without grids by itself.
    """

    def __init__(self, layer: gpd.GeoDataFrame) -> None:
        parents = pd.Series(layer["parent_code"].to_numpy(), index=pd.Index(layer["code"]))
        self._tree = Tree.of(parents)
        drawn = ~shapely.is_missing(layer.geometry.to_numpy())
        drawn &= ~shapely.is_empty(layer.geometry.to_numpy())
        self._zone = crs.metric_zone_of(layer.geometry)
        # by code, so that of two areas whose edge a point lies on always the same one is found
        every = layer[drawn].sort_values("code")
        self._every = pd.Index(every["code"])
        self._outlines = crs.to_metres(every.geometry, self._zone).to_numpy()
        around = self._tree.parent[drawn]
        enclosing = set(self._tree.codes[around[around >= 0]])
        leaf = ~self._every.isin(enclosing)
        self._codes = self._every[leaf].to_numpy(dtype=object)
        self._shapes = self._outlines[leaf]
        self._index = shapely.STRtree(self._shapes)

    def enclosing(self, inner: str, among: frozenset[str]) -> str | None:
        """The one of `among` that `inner` is or lies in, by the layer's own parents."""
        at = int(self._tree.codes.get_indexer(pd.Index([inner]))[0])
        while at >= 0 and self._tree.codes[at] not in among:
            at = int(self._tree.parent[at])
        return str(self._tree.codes[at]) if at >= 0 else None

    def to_metres(self, points: gpd.GeoSeries) -> gpd.GeoSeries:
        """Points in the layer's own zone: for those that are asked about more than once."""
        return crs.to_metres(points, self._zone)

    def place(self, points: gpd.GeoSeries) -> pd.DataFrame:
        """The finest area each point lies in, or within the tolerance of.

        Args:
            points: in any stated CRS (`geo.crs.points`), any index; missing points allowed.

        Returns:
            on the same index: code (NA where no area is within `TOLERANCE_M`, or no point) and
            distance_m (0 inside; else metres to the nearest area, whether taken or not; NaN
            without a point).
        """
        spots = crs.to_metres(points, self._zone).to_numpy()
        found = pd.DataFrame(
            {"code": pd.array([None] * len(spots), dtype="str"), "distance_m": np.nan},
            index=points.index,
        )
        # the zone turns a point far outside it into no number at all
        usable = np.flatnonzero(np.isfinite(shapely.get_x(spots) + shapely.get_y(spots)))
        if not len(usable) or not len(self._shapes):
            return found
        (which, area), distance = self._index.query_nearest(
            spots[usable], return_distance=True, all_matches=True
        )
        order = np.lexsort((area, which))
        first = order[np.r_[True, which[order][1:] != which[order][:-1]]]
        row, distance = usable[which[first]], distance[first]
        code = np.where(distance <= TOLERANCE_M, self._codes[area[first]], None)
        found.iloc[row, 0] = pd.array(code, dtype="str")
        found.iloc[row, 1] = distance
        return found

    def distance(self, points: gpd.GeoSeries, codes: pd.Series) -> pd.Series:
        """Metres from each point to the area it is said to lie in.

        Args:
            points: as for `place`.
            codes: the stated area of each point (of any level), on the same index.

        Returns:
            float64: 0 inside; NaN without a point, or where the code has no shape in the layer.
            More than `TOLERANCE_M` is to be told to the sender, not mended (DOMAIN.md §3).
        """
        spots = crs.to_metres(points, self._zone).to_numpy()
        place = self._every.get_indexer(pd.Index(codes))
        metres = np.full(len(spots), np.nan)
        known = (place >= 0) & np.isfinite(shapely.get_x(spots) + shapely.get_y(spots))
        metres[known] = shapely.distance(spots[known], self._outlines[place[known]])
        return pd.Series(metres, index=points.index, name="distance_m")


def place(points: gpd.GeoSeries, layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """`Locator(layer).place(points)`, for a single question."""
    return Locator(layer).place(points)
