"""Where answers are slow, in the shape in which the map draws figures: labels, or smoothed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.tree import Tree

from .area_bands import band_of
from .area_classes import UNKNOWN, Classes
from .hotspot_words import digits, smooth_digits
from .hotspots import Hotspots


def hotspot_figures(found: Hotspots, areas: pd.DataFrame) -> tuple[pd.DataFrame, Classes]:
    """Every area of the layer shows the label of the judged area around it.

    Args:
        areas: the layer that was judged: code, level, parent_code.

    Returns:
        As `reports.areas.area_figures` (value, amount and base are missing: a label has none), and
        a class digit per area; areas wider than the level are not judged.
    """
    figures, own, around = _frame(found, areas)
    of = digits(found)
    digit = own.map(of.digits).where(around >= 0, UNKNOWN).fillna(UNKNOWN).astype("str")
    return figures, Classes(digit.rename("digit"), (), of.words)


def smooth_figures(found: Hotspots, areas: pd.DataFrame) -> tuple[pd.DataFrame, Classes]:
    """Every area of the layer shows the smoothed figure of the judged area around it, in one tone.

    Args, Returns:
        As `hotspot_figures`, with value and base; no number and bands of cases only where the
        areas judged lie below the protection level.
    """
    figures, own, around = _frame(found, areas)
    of, table = smooth_digits(found), found.table
    has = table["smooth"].notna()
    base = table["base"].where(has)
    figures = figures.assign(
        shown_code=own.fillna(pd.Series(figures.index, index=figures.index)).astype("str"),
        value=own.map(table["smooth"]).to_numpy(dtype=float),
        base=pd.array(own.map(base), dtype="Int64"),
        state=own.map(has.map({True: "shown", False: "unknown"})).fillna("unknown").astype("str"),
    )
    if found.is_fine:
        known = figures["base"].notna().to_numpy(dtype=bool)
        rough = figures["base"].copy()
        rough[known] = band_of(figures["base"][known].to_numpy(dtype=np.int64))
        figures = figures.assign(value=np.nan, base=rough, is_band=known)
    digit = own.map(of.digits).where(around >= 0, UNKNOWN).fillna(UNKNOWN).astype("str")
    return figures, Classes(digit.rename("digit"), (), of.words)


def _frame(
    found: Hotspots, areas: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series, NDArray[np.intp]]:
    """Figures without numbers; per area the judged one around it; its position (-1 = none)."""
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    depth = int(tree.depth[tree.codes.get_loc(found.table.index[0])])
    around = tree.ancestor_at(depth)
    own = pd.Series(tree.codes[np.maximum(around, 0)], index=tree.codes, dtype="str")
    few = found.table["shown_code"][found.table["state"] == "few"].dropna().to_dict()
    shown = [few.get(one, one) if place >= 0 else code
             for code, one, place in zip(tree.codes, own, around, strict=True)]  # fmt: skip
    figures = pd.DataFrame(
        {
            "level": by_code["level"],
            "shown_code": pd.array(shown, dtype="str"),
            "value": np.nan,
            "amount": np.nan,
            "base": pd.array([pd.NA] * len(by_code), dtype="Int64"),
            "state": own.map(found.table["state"]).fillna("unknown").astype("str"),
            "is_approximate": False,
            "is_band": False,
        },
        index=pd.Index(tree.codes, name="code"),
    )
    return figures, own.where(around >= 0), around
