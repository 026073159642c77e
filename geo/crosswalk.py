"""From one version of a layer to the next: which areas were split, merged or renamed, by land.

History stays with the code it was recorded under; the crosswalk carries it to today's areas by
the share of the old area's land in the new one (DOMAIN.md §3). Where an area was split this is
approximate, because cases do not spread like land, and it is said wherever such a figure stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import crs

Kind = Literal["split", "merged", "renamed"]
KINDS: tuple[Kind, ...] = ("split", "merged", "renamed")
TRACE = 0.01
"""A smaller share of an area's land is how a line was drawn, not a change."""

COLUMNS = ("from_code", "to_code", "kind", "share")


@dataclass(frozen=True)
class Crosswalk:
    """What changed between two versions of a layer.

    changes: from_code, to_code, kind, share (0-1, of the old area's land; the shares of an old
        area add up to 1); areas that stayed what they were are not in it.
    new: codes whose land was in no area of that level. gone: codes whose land is in none now;
        their history is shown in the area around.
    renamed: code -> (old name, new name), for areas that kept their code.
    lost: code -> share of its land that is in no area any more, where that is more than a trace.
    """

    changes: pd.DataFrame
    new: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: dict[str, tuple[str, str]]
    lost: dict[str, float]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed that somebody would see."""
        return not (len(self.changes) or self.new or self.gone or self.renamed)


def crosswalk(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Crosswalk:
    """Compare two versions, level by level; levels are matched by name.

    Args:
        old, new: layers (`geo.layers`) in the stored system.
    """
    zone = crs.metric_zone_of(new.geometry)
    rows: list[tuple[str, str, str, float]] = []
    added: list[str] = []
    gone: list[str] = []
    lost: dict[str, float] = {}
    before, after = (
        layer.assign(geometry=crs.to_metres(layer.geometry, zone)) for layer in (old, new)
    )
    for level in dict.fromkeys(new["level"]):
        one, two = before[before["level"] == level], after[after["level"] == level]
        if not len(one):
            continue
        shares = _shares(one, two)
        rows += _rows(shares)
        added += sorted(set(two["code"]) - set(shares["to_code"]) - set(one["code"]))
        covered = shares.groupby("from_code")["share"].sum()
        for code in one["code"]:
            part = float(covered.get(code, 0.0))
            if part < TRACE and code not in set(two["code"]):
                gone.append(code)
            elif TRACE <= part < 1 - TRACE:
                lost[code] = 1 - part
    names = new.set_index("code")["name_zh"]
    renamed = {
        code: (name, str(names[code]))
        for code, name in zip(old["code"], old["name_zh"], strict=True)
        if code in names.index and names[code] != name
    }
    changes = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"share": "float64"})
    return Crosswalk(changes, tuple(added), tuple(sorted(gone)), renamed, lost)


def _shares(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Share of each old area's land in each new one, traces left out: from_code, to_code, share."""
    old_shapes, new_shapes = old.geometry.to_numpy(), new.geometry.to_numpy()
    there = ~shapely.is_missing(old_shapes)
    index = shapely.STRtree(new_shapes)
    one, two = index.query(old_shapes[there], predicate="intersects")
    one = np.flatnonzero(there)[one]
    touch = shapely.touches(old_shapes[one], new_shapes[two])
    one, two = one[~touch], two[~touch]
    land = shapely.area(shapely.intersection(old_shapes[one], new_shapes[two]))
    share = land / np.maximum(shapely.area(old_shapes[one]), 1e-9)
    table = pd.DataFrame(
        {
            "from_code": old["code"].to_numpy()[one],
            "to_code": new["code"].to_numpy()[two],
            "share": np.minimum(share, 1.0),
        }
    )
    return table[table["share"] >= TRACE]


def _rows(shares: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    into = shares.groupby("to_code")["from_code"].nunique()
    rows: list[tuple[str, str, str, float]] = []
    for code, group in shares.groupby("from_code", sort=True):
        targets = group.sort_values(["share", "to_code"], ascending=[False, True])
        if len(targets) == 1:
            to = str(targets["to_code"].iloc[0])
            if to != code:
                rows.append((str(code), to, "merged" if into[to] > 1 else "renamed", 1.0))
            continue
        whole = float(targets["share"].sum())
        for to, share in zip(targets["to_code"], targets["share"], strict=True):
            rows.append((str(code), str(to), "split", float(share) / whole))
    return rows
