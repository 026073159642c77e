"""What is said of a place where answers are slow: its label, its figures, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from wording import t
from wording.formats import number, percent

from .area_bands import band_of, blurred
from .area_classes import PLAIN, TOO_FEW, UNKNOWN, Classes, classify
from .area_words import band_text, class_text
from .hotspot_why import Part, Why
from .hotspots import Hotspots, Measure

LABELS = ("persistent", "new", "apart", "fading", "usual")
_DIGITS = {"persistent": "7", "new": "6", "apart": "5", "fading": "4", "usual": PLAIN}
_STATES = {"few": TOO_FEW, "island": UNKNOWN, "no_shape": UNKNOWN, "none": UNKNOWN}
_CLASSED = {"late_share": "late_share", "days_waited": "median_wait"}
"""The layer whose fixed classes, in words, a smoothed figure falls into."""
FEW_P = 0.001


def digits(found: Hotspots) -> Classes:
    """One class digit per area of the level, with the words of each."""
    table = found.table
    digit = table["label"].map(_DIGITS).fillna(table["state"].map(_STATES)).fillna(UNKNOWN)
    words = {_DIGITS[label]: f"hotspots.label.{label}" for label in LABELS}
    words |= {TOO_FEW: "hotspots.state.few", UNKNOWN: "hotspots.state.unjudged"}
    return Classes(digit.astype("str").rename("digit"), (), words)


def smooth_digits(found: Hotspots) -> Classes:
    """The same tone for every area with a smoothed figure: smoothing moves it with the number of
    cases, so that it may have no colour (DOMAIN.md §2.4); it is read as a number."""
    table = found.table
    digit = pd.Series(UNKNOWN, index=table.index, dtype="str", name="digit")
    digit[table["state"] == "few"] = TOO_FEW
    digit[table["smooth"].notna()] = PLAIN
    words = {PLAIN: "smoothed", TOO_FEW: "not_smoothed", UNKNOWN: "nothing_to_smooth"}
    return Classes(digit, (), {one: f"hotspots.state.{name}" for one, name in words.items()})


def label_text(row: pd.Series, language: str) -> str:
    """What an area is called; why it was not judged where it was not."""
    if isinstance(row["label"], str):
        return t(f"hotspots.label.{row['label']}", language)
    if row["state"] == "judged":
        return t("hotspots.state.none_judged", language)
    return t(f"hotspots.state.{row['state']}", language)


def base_text(row: pd.Series, language: str, *, is_exact: bool) -> str:
    """The cases a figure rests on; a band where nothing exact may be said."""
    if pd.isna(row["base"]):
        return number(None, language)
    if is_exact:
        return number(int(row["base"]), language)
    return band_text(int(band_of(pd.Series([int(row["base"])]).to_numpy())[0]), language)


def figure_text(found: Hotspots, row: pd.Series, language: str, column: str = "smooth") -> str:
    """A share or a number of days; below the protection level its fixed class."""
    value = row[column]
    if pd.isna(value):
        return number(None, language)
    if found.is_fine:
        return class_of(found.measure, float(value), language)
    return percent(value, language) if found.measure == "late_share" else number(value, language, 1)


def class_of(measure: Measure, value: float, language: str) -> str:
    """The fixed class of a figure, in words."""
    layer = _CLASSED[measure]
    one = pd.DataFrame(
        {"value": [value], "amount": [float("nan")], "base": pd.array([10], dtype="Int64"),
         "state": ["shown"]}
    )  # fmt: skip
    cut = classify(blurred(one, pd.Series([True]).to_numpy(), layer), layer)
    return class_text(cut, cut.digits.iloc[0], layer, language)


def chance_text(found: Hotspots, row: pd.Series, language: str) -> tuple[str, str]:
    """z and p as written; below the protection level no z, and p only as a band: exact ones would
    move with single cases."""
    z, p = row["z"], row["p_adjusted"]
    if pd.isna(z):
        return number(None, language), number(None, language)
    if not found.is_fine:
        written = number(p, language, 3)
        return number(z, language, 2), f"<{FEW_P}" if p < FEW_P else written
    for edge in (0.01, 0.05):
        if p <= edge:
            return number(None, language), f"≤{edge}"
    return number(None, language), ">0.05"


def why_text(
    found: Why, bodies: Mapping[str, str], categories: Mapping[str, str], area: str, language: str
) -> str:
    """In one sentence: whose answers and of which kind are late here, and how many elsewhere.

    Args:
        bodies, categories: names by id. area: name of `found.code`.
    """
    parts = [
        _part(part, names, language)
        for part, names in ((found.body, bodies), (found.category, categories))
        if part is not None
    ]
    if not parts:
        return t("hotspots.why.none", language, area=area)
    return t("hotspots.why.most", language, area=area,
             parts=t("hotspots.why.and", language).join(parts))  # fmt: skip


def _part(part: Part, names: Mapping[str, str], language: str) -> str:
    values = {
        "name": names.get(part.id, part.id),
        "late": number(part.here.numerator, language),
        "due": number(part.here.denominator, language),
    }
    if part.elsewhere is None:
        return t("hotspots.why.part_only", language, **values)
    return t(
        "hotspots.why.part", language, **values, elsewhere=percent(part.elsewhere, language, 0)
    )
