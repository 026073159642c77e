"""Where answers are slow, in the shape in which the map draws figures: labels, no numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.tree import Tree

from .area_classes import UNKNOWN, Classes
from .hotspot_words import digits
from .hotspots import Hotspots


def hotspot_figures(found: Hotspots, areas: pd.DataFrame) -> tuple[pd.DataFrame, Classes]:
    """Every area of the layer shows the label of the judged area around it.

    Args:
        areas: the layer that was judged: code, level, parent_code.

    Returns:
        As `reports.areas.area_figures` (value, amount and base are missing: a label has none), and
        a class digit per area; areas wider than the level are not judged.
    """
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    depth = int(tree.depth[tree.codes.get_loc(found.table.index[0])])
    around = tree.ancestor_at(depth)
    own = pd.Series(tree.codes[np.maximum(around, 0)], index=tree.codes, dtype="str")
    of = digits(found)
    digit = own.map(of.digits).where(around >= 0, UNKNOWN).fillna(UNKNOWN).astype("str")
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
    return figures, Classes(digit.rename("digit"), (), of.words)
