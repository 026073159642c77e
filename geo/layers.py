"""Layers: areas with codes, levels and shapes, checked when they come in; points found in them.

A layer is a GeoDataFrame in the stored system with one row per area of every level: code, level,
parent_code (NA for the outermost), name_zh, name_en, geometry. What is wrong with a file is said
in whole sentences, all of it at once; nothing is mended silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import crs
from .codes import CodeSystem
from .findings import Finding, LayerRefused, found
from .layer_files import read_layer_file
from .tree import Tree

COLUMNS = ("code", "level", "parent_code", "name_zh", "name_en", "geometry")
TOLERANCE_M = 50.0
"""How far outside an area a point may lie and still be taken as in it (DOMAIN.md §3)."""
_OUTSIDE_SHARE = 0.005
"""Part of an area that may stick out of its parent: coarser drawn outlines are no error."""


@dataclass(frozen=True)
class LoadedLayer:
    """A usable layer, and what its owner should look at (repaired or empty shapes)."""

    areas: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Outermost:
    """The county or city around areas that come without one: its shape is their union."""

    code: str
    level: str
    name_zh: str
    name_en: str


def load_layer(
    source: bytes | Path,
    system: str,
    *,
    codes: CodeSystem | None = None,
    columns: Mapping[str, str] | None = None,
    level: str | None = None,
    outermost: Outermost | None = None,
    present: gpd.GeoDataFrame | None = None,
) -> LoadedLayer:
    """A layer from a GeoPackage, GeoJSON or zipped Shapefile (`geo.layer_files`).

    Args:
        source: the file's bytes, or where it lies.
        system: coordinate system its owner states (`geo.crs.stored_frame`).
        codes: code system that gives level and parent; without it both are columns, or `level`
            and `outermost` are given.
        columns: our name -> the file's name, where they differ. `name_en` may be missing (then
            it repeats `name_zh`), and the other way round.
        level: level of every area in the file, for files that hold one level.
        outermost: the area around them all, if the file does not hold it.
        present: the layer so far; areas of levels that the file does not hold are taken from it.

    Returns:
        The layer (widest areas first, then by code) and findings that do not prevent its use.

    Raises:
        LayerRefused: with every reason at once.
    """
    frame = read_layer_file(source)
    try:
        frame = crs.stored_frame(frame, system)
    except ValueError:
        raise LayerRefused([found("unknown_system", system=system)]) from None
    _check_where(frame, system, present)
    areas = _with_columns(frame, columns or {}, codes, level, outermost, present)
    areas, notes = _mended(areas)
    if present is not None:
        areas, taken = _completed(areas, present, has_english="name_en" in (columns or frame))
        notes += taken
    if outermost is not None:
        areas = _with_outermost(areas, outermost)
    tree = _checked_tree(areas)
    order = np.lexsort((areas["code"].to_numpy(dtype=object), tree.depth))
    return LoadedLayer(areas.iloc[order].reset_index(drop=True), tuple(notes))


def _check_where(frame: gpd.GeoDataFrame, system: str, present: gpd.GeoDataFrame | None) -> None:
    """Refuses shapes that lie nowhere on earth, or nowhere near the present layer."""
    west, south, east, north = frame.total_bounds
    is_turned = abs(west) <= 90 and abs(east) <= 90
    if not np.isfinite([west, south, east, north]).all():
        raise LayerRefused([found("out_of_range", system=system)])
    if west < -180 or east > 180 or south < -90 or north > 90:
        swapped = is_turned and south >= -180 and north <= 180
        name = "swapped" if swapped else "out_of_range"
        raise LayerRefused([found(name, system=system)])
    if present is None or present.empty or not present.geometry.notna().any():
        return
    here = shapely.box(*present.total_bounds)
    if not shapely.box(west, south, east, north).intersects(here):
        swapped = is_turned and shapely.box(south, west, north, east).intersects(here)
        raise LayerRefused([found("swapped" if swapped else "elsewhere", system=system)])


def _completed(
    areas: gpd.GeoDataFrame, present: gpd.GeoDataFrame, *, has_english: bool
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The layer with the present areas of levels that the file does not hold."""
    missing = [
        level for level in dict.fromkeys(present["level"]) if level not in set(areas["level"])
    ]
    if not has_english:
        # a file in Chinese only renames nothing in English
        before = present.set_index(["code", "name_zh"])["name_en"]
        keys = pd.MultiIndex.from_frame(areas[["code", "name_zh"]])
        kept = before[~before.index.duplicated()].reindex(keys).to_numpy()
        english = pd.Series(kept, index=areas.index)
        areas = areas.assign(name_en=english.where(english.notna(), areas["name_en"]))
    kept = present[present["level"].isin(missing)]
    notes = [found("level_kept", level=level) for level in missing]
    both = pd.concat([kept[list(COLUMNS)], areas], ignore_index=True)
    return gpd.GeoDataFrame(both, crs=areas.crs), notes


def _with_columns(
    frame: gpd.GeoDataFrame,
    columns: Mapping[str, str],
    codes: CodeSystem | None,
    level: str | None,
    outermost: Outermost | None,
    present: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """The layer's columns out of the file's; refuses missing columns and codes, all at once."""
    source = {name: columns.get(name, name) for name in COLUMNS if name != "geometry"}
    have = {name: frame[column] for name, column in source.items() if column in frame}
    needed = {"code"}
    if codes is None:
        needed |= {"level"} if level is None else set()
        needed |= {"parent_code"} if outermost is None else set()
    if not {"name_zh", "name_en"} & have.keys():
        needed.add("name_zh")
    missing = sorted(needed - have.keys())
    if missing:
        raise LayerRefused([found("missing_column", column=source[name]) for name in missing])
    code = have["code"].map(_text).astype("str")
    if code.isna().any():
        rows = np.flatnonzero(code.isna()) + 1
        raise LayerRefused([found("missing_code", row=int(row)) for row in rows])
    given = {"code": code}
    if codes is not None:
        given |= _by_system(code, codes, present)
    else:
        given["level"] = have["level"] if level is None else pd.Series(level, frame.index)
        if "parent_code" in have:
            given["parent_code"] = have["parent_code"].map(_text)
        else:
            assert outermost is not None
            given["parent_code"] = pd.Series(outermost.code, frame.index)
    names = have.get("name_zh", have.get("name_en"))
    given["name_zh"] = names
    given["name_en"] = have.get("name_en", names)
    table = pd.DataFrame(given).astype("str")
    return gpd.GeoDataFrame(table, geometry=frame.geometry)[list(COLUMNS)]


def _text(value: object) -> str | None:
    """A code as text: GeoPackage and GeoJSON files often hold numbers."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _by_system(
    code: pd.Series, codes: CodeSystem, present: gpd.GeoDataFrame | None
) -> dict[str, pd.Series]:
    """Plain code, level and parent by the code system; refuses codes that are not of it."""
    bad = []
    for value in code:
        try:
            codes.plain(value)
        except ValueError:
            bad.append(found("bad_code", code=value))
    if bad:
        raise LayerRefused(bad)
    plain = code.map(codes.plain)
    parent = plain.map(codes.parent)
    inside = parent.isin(set(plain) if present is None else {*plain, *present["code"]})
    widest = plain.str.len() == plain.str.len().min()
    # the layer begins at its widest areas: a county's own parent is not part of it
    return {
        "code": plain,
        "level": plain.map(codes.level),
        "parent_code": parent.where(inside | ~widest),
    }


def _mended(areas: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Valid polygons only; what was repaired or is empty is reported by code."""
    notes = []
    shapes = shapely.force_2d(areas.geometry.to_numpy())
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    broken = ~missing & ~shapely.is_valid(shapes)
    if broken.any():
        before = shapely.area(shapes[broken])
        mended = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        change = np.abs(shapely.area(mended) - before) / np.maximum(np.abs(before), 1e-18) * 100
        shapes[broken] = mended
        for code, share in zip(areas["code"][broken], change, strict=True):
            notes.append(found("repaired_geometry", code=code, share=f"{share:.1f}"))
        missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    notes += [found("empty_geometry", code=code) for code in areas["code"][missing]]
    shapes[missing] = None
    return areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs)), notes


def _with_outermost(areas: gpd.GeoDataFrame, outermost: Outermost) -> gpd.GeoDataFrame:
    """The layer with the area around all of it, and parents where there were none."""
    whole = shapely.union_all(areas.geometry.dropna().to_numpy())
    row = gpd.GeoDataFrame(
        {
            "code": [outermost.code],
            "level": [outermost.level],
            "parent_code": [None],
            "name_zh": [outermost.name_zh],
            "name_en": [outermost.name_en],
        },
        geometry=[whole],
        crs=areas.crs,
    ).astype({"parent_code": "str"})
    inner = areas.assign(parent_code=areas["parent_code"].fillna(outermost.code))
    return gpd.GeoDataFrame(pd.concat([row, inner], ignore_index=True), crs=areas.crs)


def _checked_tree(areas: gpd.GeoDataFrame) -> Tree:
    """The layer's tree; refuses repeated codes, lost parents, mixed levels and bad nesting."""
    code, parent = areas["code"], areas["parent_code"]
    wrong = [found("repeated_code", code=c) for c in sorted(set(code[code.duplicated()]))]
    lost = parent.notna() & ~parent.isin(set(code))
    wrong += [
        found("unknown_parent", code=c, parent=p)
        for c, p in zip(code[lost], parent[lost], strict=True)
    ]
    if parent.isna().sum() != 1:
        wrong.append(found("one_root", count=int(parent.isna().sum())))
    if wrong:
        raise LayerRefused(wrong)
    try:
        tree = Tree.of(pd.Series(parent.to_numpy(), index=pd.Index(code)))
    except ValueError:
        raise LayerRefused([found("circle")]) from None
    depths = pd.Series(tree.depth).groupby(areas["level"].to_numpy()).nunique()
    wrong = [found("mixed_depth", level=name) for name in depths.index[depths > 1]]
    wrong += _outside_parent(areas, tree)
    if wrong:
        raise LayerRefused(wrong)
    return tree


def _outside_parent(areas: gpd.GeoDataFrame, tree: Tree) -> list[Finding]:
    """Areas of which more than a trace lies outside the enclosing area."""
    shapes = areas.geometry.to_numpy()
    inner = np.flatnonzero(tree.parent >= 0)
    inner = inner[~shapely.is_missing(shapes[inner])]
    inner = inner[~shapely.is_missing(shapes[tree.parent[inner]])]
    size = shapely.area(shapes[inner])
    shared = shapely.area(shapely.intersection(shapes[inner], shapes[tree.parent[inner]]))
    share = 1 - shared / np.maximum(size, 1e-18)
    return [
        found(
            "not_nested",
            code=areas["code"].iloc[place],
            parent=areas["parent_code"].iloc[place],
            share=f"{part * 100:.1f}",
        )
        for place, part in zip(inner, share, strict=True)
        if part > _OUTSIDE_SHARE
    ]
