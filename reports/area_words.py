"""Classes and bands of area figures in words, for the screen and for files alike."""

from __future__ import annotations

from wording import t
from wording.formats import number, percent

from .area_bands import band_ends
from .area_classes import NONE, SCALE, TOO_FEW, UNKNOWN, Classes

SHARES = ("overdue_share", "late_share", "expected_late")
"""Layers whose classes are shares."""
MISSING = {NONE: "none", TOO_FEW: "too_few", UNKNOWN: "unknown"}
_OWN = {"expected_late": {"none"}, "longer_wait": {"too_few"}, "filing": {"unknown"}}
"""Layers that have their own words for an area without a figure."""


def band_text(start: int, language: str) -> str:
    """A band of cases in words: "10–19", "1,000 or more"."""
    end = band_ends(start)
    if end is None:
        return t("map.band.last", language, first=number(start, language))
    return t("map.band.range", language, first=number(start, language), last=number(end, language))


def missing_text(digit: str, layer: str, language: str) -> str:
    """Why an area has no figure."""
    name = MISSING[digit]
    if name in _OWN.get(layer, ()):
        return t(f"map.state.{layer}.{name}", language)
    return t(f"map.state.{name}", language)


def class_text(classes: Classes, digit: str, layer: str, language: str) -> str:
    """A class in words: "10–20 %", "over 90 days"; the reader's language."""
    if digit in classes.words:
        return t(classes.words[digit], language)
    if digit in MISSING:
        return missing_text(digit, layer, language)
    if digit not in SCALE or classes.words:
        return t("map.state.plain", language)

    def written(value: float) -> str:
        if layer in SHARES:
            return percent(value, language)
        return number(value, language, 0 if float(value).is_integer() else 1)

    lower, upper = classes.bounds(digit)
    suffix = "_days" if layer == "median_wait" else ""
    if lower is None and upper is None:
        return t("map.class.all", language)
    if lower is None:
        return t(f"map.class.up_to{suffix}", language, upper=written(upper or 0.0))
    if upper is None:
        return t(f"map.class.over{suffix}", language, lower=written(lower))
    return t(f"map.class.between{suffix}", language, lower=written(lower), upper=written(upper))
