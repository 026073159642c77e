"""The points of many rows, found in the layer all at once: their codes, and what to say of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.stated import Asked, Placed, place_points

from .errors import RowProblem

TEXTS = ("lon", "lat", "coordinate_system")


def placed_rows(
    frame: pd.DataFrame,
    columns: Mapping[str, int],
    grids: Mapping[str, str],
    townships: Mapping[str, set[str]],
    locator: Asked | None,
) -> list[Placed]:
    """What came of each row's point.

    Args:
        frame: what was sent. columns: place of each field's column, by field name.
        grids: township code by grid code. townships: codes by name or code, case-folded.
        locator: None = there is no layer; then points are not looked at.

    Returns:
        one `Placed` per row; an empty one where there is no point.
    """
    if locator is None or not {"lon", "lat"} & columns.keys():
        return [Placed()] * len(frame)
    given = {
        name: frame.iloc[:, columns[name]].fillna("").astype("str").str.strip()
        if name in columns
        else pd.Series("", index=frame.index, dtype="str")
        for name in (*TEXTS, "grid", "township")
    }
    given["grid"] = given["grid"].str.normalize("NFKC")
    town = given["township"].map(lambda text: _only(townships.get(text.casefold(), set())))
    stated = given["grid"].where(given["grid"].isin(list(grids)), town)
    said = pd.DataFrame(
        {"lon": given["lon"], "lat": given["lat"], "system": given["coordinate_system"]}
    ).assign(stated=stated)
    return place_points(said, locator)


def _only(codes: set[str]) -> str:
    return next(iter(codes)) if len(codes) == 1 else ""


def told(placed: Placed, row: int, column: str) -> tuple[list[RowProblem], list[RowProblem]]:
    """Problems and notes of one row's point, under the sender's name of the column."""
    wrong = [RowProblem(row, column, found.key, found.values) for found in placed.problems]
    return wrong, [RowProblem(row, column, found.key, found.values) for found in placed.notes]
