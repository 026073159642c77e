"""A layer as the browser gets it: once, small, with nothing in it that changes with figures.

The drawn areas are the finest of the layer, simplified together so that shared edges stay shared
(`shapely.coverage_simplify`), rounded to five decimals (about a metre, for display only) and
written as whole-number steps from point to point.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .tree import Tree

SIMPLIFY_DEGREES = 0.0001
"""Largest departure from the stored outline: some ten metres."""
SCALE = 100_000


class Geometry(NamedTuple):
    """What `ui.map` and the route that serves it need.

    content_hash: 32 hexadecimal digits of the body: its address and its ETag.
    body: JSON, UTF-8: `areas` [[code, parent's position or -1, depth, name_zh, name_en], …]
        (widest first); `leaves` positions of the drawn areas, in the order in which classes are
        sent; `shapes` per leaf: polygons > rings > [x0, y0, dx1, dy1, …] in 1/100000 degree;
        `lines` [[position, rings, [x, y]], …] outlines of the areas of every wider level (the
        widest only where there is no other) and where a name has most room; `bounds`
        [[south, west], [north, east]].
    drawn: codes of the drawn areas, in the order of `leaves`.
    bounds: ((south, west), (north, east)), degrees.
    """

    content_hash: str
    body: bytes
    drawn: pd.Index
    bounds: tuple[tuple[float, float], tuple[float, float]]


def geometry_payload(
    layer: gpd.GeoDataFrame, tolerance_degrees: float = SIMPLIFY_DEGREES
) -> Geometry:
    """The layer for the browser; the same layer gives the same bytes.

    Args:
        layer: of `geo.layers` or `geo.outline`. Areas without a shape are listed, not drawn.
        tolerance_degrees: of the simplification; 0 = none.

    Raises:
        ValueError: where the layer has no shape to draw.
    """
    codes = pd.Index(layer["code"])
    tree = Tree.of(pd.Series(layer["parent_code"].to_numpy(), index=codes))
    deepest = int(tree.depth.max(initial=0))
    shapes = layer.geometry.to_numpy()
    drawable = ~shapely.is_missing(shapes)
    leaves = np.flatnonzero((tree.depth == deepest) & drawable)
    if not len(leaves):
        raise ValueError("no area of the layer has a shape; load the boundaries first")
    leaves = leaves[np.argsort(codes[leaves].to_numpy(dtype=object), kind="stable")]
    simple = shapes[leaves]
    if tolerance_degrees:
        simple = shapely.coverage_simplify(simple, tolerance_degrees)
    lines = []
    for depth in range(min(1, max(deepest - 1, 0)), max(deepest, 1)):
        lines += _outlines(tree.ancestor_at(depth)[leaves], simple)
    west, south, east, north = shapely.total_bounds(simple).tolist()
    bounds = ((south, west), (north, east))
    table = zip(
        codes.tolist(),
        tree.parent.tolist(),
        tree.depth.tolist(),
        layer["name_zh"].tolist(),
        layer["name_en"].tolist(),
        strict=True,
    )
    content = {
        "areas": [list(row) for row in table],
        "leaves": leaves.tolist(),
        "shapes": [_rings(shape) for shape in simple],
        "lines": lines,
        "bounds": bounds,
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Geometry(hashlib.sha256(body).hexdigest()[:32], body, codes[leaves], bounds)


def _outlines(outer: NDArray[np.intp], simple: NDArray[np.object_]) -> list[list[object]]:
    """Outline and label point of each area that holds drawn ones, in order of position."""
    order = np.argsort(outer, kind="stable")
    positions, starts = np.unique(outer[order], return_index=True)
    lines: list[list[object]] = []
    for position, members in zip(positions, np.split(order, starts[1:]), strict=True):
        if position >= 0:
            united = shapely.union_all(simple[members])
            rings = [ring for polygon in _rings(united) for ring in polygon]
            lines.append([int(position), rings, _label_point(united)])
    return lines


def _rings(shape: shapely.Geometry) -> list[list[list[int]]]:
    """Polygons > rings > steps; the closing point is left out, the browser closes rings."""
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return [[_steps(ring) for ring in (p.exterior, *p.interiors)] for p in polygons]


def _label_point(shape: shapely.Geometry) -> list[int]:
    """Centre of the largest circle that fits in: where a name has most room."""
    west, south, east, north = shape.bounds
    circle = shapely.maximum_inscribed_circle(shape, tolerance=max(east - west, north - south) / 50)
    return np.rint(shapely.get_coordinates(circle)[0] * SCALE).astype(int).tolist()


def _steps(ring: shapely.LinearRing) -> list[int]:
    points: NDArray[np.int64] = np.rint(shapely.get_coordinates(ring)[:-1] * SCALE).astype(np.int64)
    return np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
