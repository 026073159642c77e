"""The made-up county's offices: departments, township offices, and the lives of the townships."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wording import t

from .. import frames
from .moments import Floats, Ints
from .process import DEPARTMENTS

REVIEWER = "review"
"""Id of the office that reviews what departments and townships answered (复查复核)."""
OPENED_LATER_AFTER = 0.4
"""Share of the span after which the last township opens (when there are several)."""


@dataclass(frozen=True)
class Places:
    """What the simulation needs of the areas.

    township_codes: code per township. grid_codes: code per grid. grid_township: index of the
    township of each grid. weight: share of the county's requests per grid, sums to 1.
    opens: first day (days since 1970) of each township.
    """

    township_codes: npt.NDArray[np.str_]
    grid_codes: npt.NDArray[np.str_]
    grid_township: Ints
    weight: Floats
    opens: Ints


def read_areas(
    areas: pd.DataFrame, first_day: int, last_day: int, rng: np.random.Generator
) -> Places:
    """Townships and grids of a layer, with a made-up share of the requests for each grid.

    Args:
        areas: columns `code`, `level` (with "township" and "grid" among its values),
            `parent_code`; levels in between are climbed through.
        first_day, last_day: of the history, days since 1970.
        rng: draws the shares.

    Raises:
        ValueError: when a grid lies in no township, or there are none.
    """
    levels = areas["level"].astype(str)
    towns = areas.loc[levels == "township"].sort_values("code")
    grids = areas.loc[levels == "grid"].sort_values("code")
    parent = dict(zip(areas["code"], areas["parent_code"], strict=True))
    index = {code: number for number, code in enumerate(towns["code"])}

    def township(code: str) -> int:
        while code not in index:
            if not isinstance(above := parent.get(code), str):
                raise ValueError(f"area {code} lies in no township of the table")
            code = above
        return index[code]

    if grids.empty or towns.empty:
        raise ValueError("the areas hold no township or no grid; give the whole layer")
    home = np.array([township(code) for code in grids["code"]], dtype=np.int64)
    weight = np.exp(rng.normal(0, 0.7, len(grids)) + rng.normal(0, 0.35, len(towns))[home])
    opens = np.full(len(towns), first_day, dtype=np.int64)
    if len(towns) > 1:
        opens[-1] = first_day + int((last_day - first_day) * OPENED_LATER_AFTER)
    return Places(
        towns["code"].to_numpy(dtype=str), grids["code"].to_numpy(dtype=str), home,
        weight / weight.sum(), opens,
    )  # fmt: skip


def office_id(township_code: str) -> str:
    """Id of the office of a township: a body that owes answers, and a desk."""
    return f"t{township_code}"


def bodies(areas: pd.DataFrame) -> pd.DataFrame:
    """`frames.Bodies`: 12 departments, one office per township of the areas, and their reviewer."""
    towns = areas.loc[areas["level"].astype(str) == "township"].sort_values("code")
    rows: list[tuple[str, str, str, str, str | None, str | None]] = [
        (
            body,
            t(f"demo.body.{body}", "zh"),
            t(f"demo.body.{body}", "en"),
            "department",
            None,
            REVIEWER,
        )
        for body in DEPARTMENTS
    ]
    for town in towns.itertuples():
        urban = str(town.name_zh).endswith("街道")
        key = "demo.office.street" if urban else "demo.office.town"
        names = (t(key, "zh", name=town.name_zh), t(key, "en", name=town.name_en))
        rows.append(
            (office_id(str(town.code)), *names, "township_office", str(town.code), REVIEWER)
        )
    reviewer = (t("demo.body.review", "zh"), t("demo.body.review", "en"))
    rows.append((REVIEWER, *reviewer, "review_office", None, None))
    columns = ["body_id", "name_zh", "name_en", "kind", "township_code", "reviewed_by"]
    return frames.check(frames.Bodies, pd.DataFrame(rows, columns=columns).astype("str"))


def townships(areas: pd.DataFrame, places: Places) -> pd.DataFrame:
    """`frames.Townships`: every township with its first day; none has closed."""
    towns = areas.loc[areas["level"].astype(str) == "township"].sort_values("code")
    table = pd.DataFrame(
        {
            "township_code": towns["code"].to_numpy(dtype=str),
            "name_zh": towns["name_zh"].to_numpy(dtype=str),
            "name_en": towns["name_en"].to_numpy(dtype=str),
            "valid_from": places.opens.astype("datetime64[D]").astype("datetime64[us]"),
            "valid_to": np.full(len(towns), np.datetime64("NaT", "us")),
        }
    )
    return frames.check(
        frames.Townships, table.astype({"township_code": "str", "name_zh": "str", "name_en": "str"})
    )
