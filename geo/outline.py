"""A made-up county: nested areas without gaps or overlaps, and an outline that looks like one.

Voronoi cells of a jittered, here and there denser lattice; every shared edge is bent once, so both
neighbours have the very same points. A bent edge stays within the two triangles between the edge
and its two seeds, and those triangles belong to no other edge: nothing can cross, whatever the
noise. Cells grow into villages and villages' townships along shared edges, so all are connected.

It lies in the open East China Sea under a division code whose first two digits (99) the state has
given to no province: nobody can take it for a real place, or look for themselves in it.
"""

from __future__ import annotations

import heapq
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from wording import t

from . import crs

COUNTY_CODE = "990101"
CENTRE_LON, CENTRE_LAT = 124.2, 29.1
LEVELS = ("county", "township", "village", "grid")
GRIDS_PER_VILLAGE = 3
_CELL_M = 1000.0
_DEGREE_M = 111_320.0
_BEND = 0.30
"""How far an edge may bend towards a neighbour's seed, as a share of the way there."""

Points = NDArray[np.float64]
Numbers = NDArray[np.intp]


def made_county(grids: int = 1200, townships: int = 25, seed: int = 7) -> gpd.GeoDataFrame:
    """A county that does not exist, as a layer.

    Args:
        grids: leaf areas, from `townships` up to some 25,000.
        townships: 1 to 999; villages follow (about three grids each).
        seed: the same three numbers give the same county to the byte.

    Returns:
        GeoDataFrame in the stored system: code, level, parent_code (NA for the county), name_zh,
        name_en, geometry; county first, then townships, villages and grids, each by code.

    Raises:
        ValueError: for sizes the codes cannot hold.
    """
    if not 1 <= townships <= min(grids, 999) or grids / townships > 2400:
        raise ValueError(f"{grids} grids in {townships} townships do not fit the codes")
    for attempt in range(20):
        random = np.random.default_rng([seed, grids, townships, attempt])
        cells, centres = _cells(grids, random)
        whole = shapely.coverage_union_all(cells)
        # an outer cell enclosed by inner ones would be a hole: draw again, rare
        if whole.geom_type == "Polygon" and not whole.interiors:
            break
    else:
        raise RuntimeError("no outline in one piece was found; this is a bug, not bad luck")
    neighbours = _neighbours(cells)
    return _as_layer(cells, centres, neighbours, townships, random)


def _cells(count: int, random: np.random.Generator) -> tuple[NDArray[np.object_], Points]:
    """`count` bent Voronoi cells (degrees) inside a noisy blob, and their seeds (metres)."""
    radius = np.sqrt(count / np.pi) * _CELL_M
    steps = np.arange(-1.9 * radius - 6 * _CELL_M, 1.9 * radius + 6 * _CELL_M, _CELL_M)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    x = x + np.tile(np.repeat([0.0, _CELL_M / 2], [len(steps), len(steps)]), len(steps))[: len(x)]
    seeds = np.column_stack([x, y]) + random.uniform(-0.33, 0.33, (len(x), 2)) * _CELL_M
    # towns: the lattice is drawn together around a few centres, so their grids are smaller
    for pull, reach in ((0.45, 0.45), (0.3, 0.22), (0.3, 0.22)):
        town = random.uniform(-0.5, 0.5, 2) * radius
        away = seeds - town
        near = np.clip(1 - np.hypot(*away.T) / (reach * radius + _CELL_M), 0, 1)
        seeds = town + away * (1 - pull * near**2)[:, None]
    angle = np.arctan2(seeds[:, 1], seeds[:, 0])
    border = np.ones(len(seeds))
    for wave in range(2, 9):
        border += random.uniform(0.2, 0.45) / wave * np.cos(wave * angle + random.uniform(0, 6.28))
    inner = np.argsort(np.hypot(*seeds.T) / np.clip(border, 0.35, None), kind="stable")[:count]
    return _bent_cells(Voronoi(seeds), np.sort(inner), random), seeds[np.sort(inner)]


def _bent_cells(
    voronoi: Voronoi, inner: Numbers, random: np.random.Generator
) -> NDArray[np.object_]:
    """Polygons of the inner seeds, every edge bent, both sides from the same points."""
    ridges, bounds = voronoi.ridge_points, np.asarray(voronoi.ridge_vertices)
    used = np.isin(ridges, inner).any(axis=1)
    ridges, bounds = ridges[used], bounds[used]
    bent = _bend(voronoi, ridges, bounds, random)
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(bounds)}
    corners = voronoi.vertices
    polygons = []
    for cell in inner:
        region = np.asarray(voronoi.regions[voronoi.point_region[cell]])
        away = corners[region] - voronoi.points[cell]
        ring = region[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]
        parts = []
        for a, b in pairwise([*ring.tolist(), int(ring[0])]):
            parts.append(corners[[a]])
            forward = number.get((a, b))
            parts.append(bent[forward] if forward is not None else bent[number[b, a]][::-1])
        xy = np.vstack(parts)
        polygons.append(shapely.polygons(_degrees(np.vstack([xy, xy[:1]]))))
    return np.array(polygons, dtype=object)


def _bend(
    voronoi: Voronoi, ridges: Numbers, bounds: Numbers, random: np.random.Generator
) -> list[Points]:
    """The points between the ends of each edge, in the direction of `bounds`.

    A sample on the edge moves towards one of the two seeds by a share `pull` of the way (the sign
    says which). Where two samples lie on different sides, the edge's own point between them is
    kept, so that no segment leaves the two triangles.
    """
    start, end = (voronoi.vertices[bounds[:, side]][:, None, :] for side in (0, 1))
    seed_a, seed_b = (voronoi.points[ridges[:, side]][:, None, :] for side in (0, 1))
    along = np.array([0.25, 0.5, 0.75])
    drift = random.normal(0, 0.5, (len(ridges), 1)) + random.normal(
        0, 0.6, (len(ridges), len(along))
    )
    pull = _BEND * np.tanh(drift)
    on_edge = start + (end - start) * along[None, :, None]
    moved = on_edge + np.abs(pull)[:, :, None] * (
        np.where(pull[:, :, None] > 0, seed_a, seed_b) - on_edge
    )
    share = np.abs(pull[:, :-1]) / (np.abs(pull[:, :-1]) + np.abs(pull[:, 1:]))
    crossing = along[:-1] + share * np.diff(along)[None, :]
    between = start + (end - start) * crossing[:, :, None]
    points = np.empty((len(ridges), 2 * len(along) - 1, 2))
    points[:, 0::2], points[:, 1::2] = moved, between
    keep = np.ones(points.shape[:2], dtype=bool)
    keep[:, 1::2] = (pull[:, :-1] > 0) != (pull[:, 1:] > 0)
    return [row[mask] for row, mask in zip(points, keep, strict=True)]


def _degrees(xy: Points) -> Points:
    """Metres around the centre as longitude and latitude on a sphere: the place is made up."""
    lat = CENTRE_LAT + xy[:, 1] / _DEGREE_M
    lon = CENTRE_LON + xy[:, 0] / (_DEGREE_M * np.cos(np.radians(CENTRE_LAT)))
    return np.column_stack([lon, lat])


def _neighbours(cells: NDArray[np.object_]) -> list[list[int]]:
    """For each cell the cells it shares an edge with."""
    tree = shapely.STRtree(cells)
    left, right = tree.query(cells, predicate="intersects")
    other = left != right
    left, right = left[other], right[other]
    shared = shapely.length(shapely.intersection(cells[left], cells[right])) > 0
    lists: list[list[int]] = [[] for _ in cells]
    for a, b in zip(left[shared].tolist(), right[shared].tolist(), strict=True):
        lists[a].append(b)
    return [sorted(near) for near in lists]


def _grow(
    members: Numbers,
    parts: int,
    centres: Points,
    near: list[list[int]],
    random: np.random.Generator,
) -> dict[int, int]:
    """Split connected cells into `parts` connected groups: cell -> group, 0..parts-1.

    The group that is smallest for its weight grows next, by the free cell closest to its start.
    """
    starts = [int(random.choice(members))]
    gap = np.hypot(*(centres[members] - centres[starts[0]]).T)
    while len(starts) < parts:
        starts.append(int(members[np.argmax(gap * random.uniform(0.6, 1, len(members)))]))
        gap = np.minimum(gap, np.hypot(*(centres[members] - centres[starts[-1]]).T))
    weight = random.uniform(0.7, 1.5, parts)
    group = {start: place for place, start in enumerate(starts)}
    free = set(members.tolist()) - set(starts)
    edge: list[list[tuple[float, int]]] = [[] for _ in starts]

    def reach(cell: int, place: int) -> None:
        for other in near[cell]:
            if other in free:
                away = centres[other] - centres[starts[place]]
                heapq.heappush(edge[place], (float(away @ away), other))

    for place, start in enumerate(starts):
        reach(start, place)
    turn = [(1 / weight[place], place) for place in range(parts)]
    heapq.heapify(turn)
    sizes = [1] * parts
    while turn and free:
        _, place = heapq.heappop(turn)
        while edge[place] and edge[place][0][1] not in free:
            heapq.heappop(edge[place])
        if not edge[place]:
            continue  # walled in: it stays as it is
        cell = heapq.heappop(edge[place])[1]
        free.remove(cell)
        group[cell] = place
        sizes[place] += 1
        reach(cell, place)
        heapq.heappush(turn, (sizes[place] / weight[place], place))
    return group


def _as_layer(
    cells: NDArray[np.object_],
    centres: Points,
    near: list[list[int]],
    townships: int,
    random: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Group, name, number and unite the cells into the layer."""
    everything = np.arange(len(cells))
    county = (t("geo.demo.county", "zh"), t("geo.demo.county", "en"))
    rows: dict[str, list[tuple[str, str | None, str, str, shapely.Geometry]]]
    rows = {level: [] for level in LEVELS}
    rows["county"].append((COUNTY_CODE, None, *county, shapely.coverage_union_all(cells)))
    in_township = _grow(everything, townships, centres, near, random)
    township_names = _names(townships, random)
    for place in range(townships):
        members = np.array([cell for cell in everything if in_township[int(cell)] == place])
        township = f"{COUNTY_CODE}{place + 1:03d}"
        # the first is the county town (a subdistrict), the last third are rural townships
        kind = "subdistrict" if place < 2 else "town" if place < townships * 2 / 3 else "township"
        names = _named(f"geo.demo.{kind}", township_names[place])
        shape = shapely.coverage_union_all(cells[members])
        rows["township"].append((township, COUNTY_CODE, *names, shape))
        count = max(1, round(len(members) / GRIDS_PER_VILLAGE))
        in_village = _grow(members, count, centres, near, random)
        for number, pair in enumerate(_names(count, random)):
            inside = [cell for cell in members.tolist() if in_village[cell] == number]
            village = f"{township}{number + 1:03d}"
            kind = "community" if place < 2 else "village"
            names = _named(f"geo.demo.{kind}", pair)
            shape = shapely.coverage_union_all(cells[inside])
            rows["village"].append((village, township, *names, shape))
            for order, cell in enumerate(inside, start=1):
                called = _named("geo.demo.grid", names, number=order)
                rows["grid"].append((f"{village}{order:03d}", village, *called, cells[cell]))
    frames = [
        pd.DataFrame(found, columns=["code", "parent_code", "name_zh", "name_en", "geometry"])
        .assign(level=level)
        .sort_values("code")
        for level, found in rows.items()
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame["parent_code"] = frame["parent_code"].astype("str")
    columns = ["code", "level", "parent_code", "name_zh", "name_en", "geometry"]
    return gpd.GeoDataFrame(frame[columns], geometry="geometry", crs=crs.STORED)


def _names(count: int, random: np.random.Generator) -> list[tuple[str, str]]:
    """`count` different invented names, Chinese and romanised, from the catalogues' syllables."""
    first = [t("geo.demo.first", language).split() for language in ("zh", "en")]
    second = [t("geo.demo.second", language).split() for language in ("zh", "en")]
    pairs = random.permutation(len(first[0]) * len(second[0]))[:count]
    if len(pairs) < count:
        raise ValueError(f"{count} names are more than the syllables give")
    return [
        (
            first[0][pair // len(second[0])] + second[0][pair % len(second[0])],
            first[1][pair // len(second[0])] + second[1][pair % len(second[0])],
        )
        for pair in pairs.tolist()
    ]


def _named(key: str, names: tuple[str, str], **values: int) -> tuple[str, str]:
    """The catalogue's pattern around a name, in both languages."""
    return t(key, "zh", name=names[0], **values), t(key, "en", name=names[1], **values)
