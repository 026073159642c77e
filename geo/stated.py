"""Points as senders state them: texts, a named system, perhaps an area said beside them.

One reading for every door (form, spreadsheet, mapping, API). A point helps to find the area and
is forgotten (DOMAIN.md §2.10, §3): what comes back holds a code and sentences, never a coordinate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wording import t

from . import crs
from .findings import Finding
from .layers import TOLERANCE_M
from .places import Locator

_DEGREES = re.compile(r"[EWNS]?([+-]?\d{1,12}(?:\.\d*)?)°?[EWNS]?")

_SIGNS = {"E": "east", "W": "west", "N": "north", "S": "south", "°": "degree"}

Asked = Callable[[], Locator]
"""Gives the layer's locator when a point is there to be found; it is costly to make."""


@dataclass(frozen=True)
class Placed:
    """What came of one point.

    code: the area it helped to find (the stated one where one was stated); None = none.
    problems: why it cannot be used; the sender has to mend it, nothing is guessed.
    notes: what the sender should know although the point was used or left aside.
    """

    code: str | None = None
    problems: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()


def degrees(text: str) -> float | None:
    """A number of degrees out of "120.15", "120.15°E", "W 87.6" (Chinese too); None = it is none.

    Degrees with minutes and seconds are none: the sentence asks for decimals.
    """
    plain = text.translate(crs.FULL_WIDTH).upper().replace(" ", "")
    for sign in "EWNS°":
        plain = plain.replace(t(f"placing.sign.{_SIGNS[sign]}", "zh"), sign)
    found = _DEGREES.fullmatch(plain)
    if found is None:
        return None
    value = float(found[1])
    return -value if set(plain) & {"W", "S"} else value


def place_points(said: pd.DataFrame, locator: Asked) -> list[Placed]:
    """What came of each stated point.

    Args:
        said: texts in the columns lon, lat, system, stated; any index. Empty = not given.
            `system` is one of `crs.SYSTEMS`, or anything `crs.system_named` knows; `stated` is
            the code of the area the sender named (of any level).
        locator: asked only if a point is there.

    Returns:
        one `Placed` per row, in the rows' order; a row without a point: the stated code.
    """
    texts = said.fillna("").astype(str).apply(lambda column: column.str.strip())
    results = [Placed(stated or None) for stated in texts["stated"]]
    usable = []
    for at, row in enumerate(texts.itertuples(index=False)):
        if not row.lon and not row.lat:
            continue
        wrong, lon, lat, system = _read(row.lon, row.lat, row.system)
        if wrong:
            results[at] = Placed(None, tuple(wrong))
        else:
            usable.append((at, lon, lat, system))
    if usable:
        _find(usable, texts["stated"].tolist(), locator(), results)
    return results


def place_point(lon: str, lat: str, system: str, locator: Asked, stated: str = "") -> Placed:
    """`place_points` for one point."""
    said = pd.DataFrame([{"lon": lon, "lat": lat, "system": system, "stated": stated}])
    return place_points(said, locator)[0]


def _wrong(name: str, **values: object) -> Finding:
    return Finding(f"placing.point.{name}", tuple(values.items()))


def _read(lon: str, lat: str, system: str) -> tuple[list[Finding], float, float, str]:
    """Degrees and system of one point, or everything that is wrong with how it was written."""
    wrong = []
    x, y = degrees(lon) if lon else None, degrees(lat) if lat else None
    named = crs.system_named(system) if system else None
    if not lon or not lat:
        wrong.append(_wrong("half_point"))
    elif x is None or y is None:
        wrong.append(_wrong("not_a_number"))
    elif abs(y) > 90 and abs(y) <= 180 and abs(x) <= 90:
        wrong.append(_wrong("swapped"))
    elif abs(x) > 180 or abs(y) > 90:
        wrong.append(_wrong("not_degrees"))
    if not system:
        wrong.append(_wrong("no_system"))
    elif named is None:
        wrong.append(_wrong("unknown_system"))
    return wrong, x or 0.0, y or 0.0, named or ""


def _find(
    usable: list[tuple[int, float, float, str]],
    stated: list[str],
    locator: Locator,
    results: list[Placed],
) -> None:
    frame = pd.DataFrame(usable, columns=["at", "lon", "lat", "system"])
    lon, lat = np.array(frame["lon"]), np.array(frame["lat"])
    x, y = lon.copy(), lat.copy()
    turned_x, turned_y = lat.copy(), lon.copy()
    can_turn = np.abs(lon) <= 90
    for system in frame["system"].unique():
        own = (frame["system"] == system).to_numpy()
        x[own], y[own] = crs.to_stored(lon[own], lat[own], system)
        turned_x[own], turned_y[own] = crs.to_stored(lat[own], lon[own], system)
    points = crs.points(x, y, "cgcs2000")
    said = pd.Series([stated[at] for at in frame["at"]])
    found = locator.place(points)
    outside = locator.distance(points, said)
    turned = crs.points(
        np.where(can_turn, turned_x, np.nan), np.where(can_turn, turned_y, np.nan), "cgcs2000"
    )
    nowhere = found["code"].isna()
    is_swapped = nowhere & locator.place(turned.where(nowhere))["code"].notna()
    for row, at in enumerate(frame["at"]):
        code = found["code"].iloc[row] if not nowhere[row] else None
        results[at] = _outcome(code, said[row], float(outside[row]), is_swapped[row], locator)


def _outcome(
    code: str | None, stated: str, outside_m: float, is_swapped: bool, locator: Locator
) -> Placed:
    if is_swapped:
        return Placed(None, (_wrong("swapped"),))
    if not stated:
        return Placed(code) if code else Placed(None, (_wrong("nowhere"),))
    if np.isnan(outside_m):
        return Placed(stated, notes=(_wrong("unchecked", area=stated),))
    if outside_m > TOLERANCE_M:
        metres = _rounded(outside_m)
        key = "outside" if code is None else "elsewhere"
        values = {"area": stated, "metres": metres} | ({"found": code} if code else {})
        return Placed(stated, notes=(_wrong(key, **values),))
    return Placed(code if code and locator.enclosing(code, frozenset({stated})) else stated)


def _rounded(metres: float) -> int:
    """Two leading digits are enough to find the slip, and too few to find the spot again."""
    size = 10 ** max(int(np.floor(np.log10(metres))) - 1, 0)
    return int(round(metres / size) * size)
