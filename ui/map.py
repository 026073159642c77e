"""The map of areas: geometry to the browser once, one class digit per area on every rerun.

streamlit-folium remounts its frame whenever the base script changes, so the base script holds
only what stays (the geometry's address, colours, the language's words); figures travel in a
feature group, whose script is run anew. What goes into scripts is plain letters, or base64 of JSON:
no other character can get there, whatever a name or an address holds. `areas.js` sets every text
as textContent. Centre, zoom and selection live in the frame and survive reruns.

Static files are served without sign-in, so they hold code only. The geometry comes from a route
of the application, which asks who is there.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import folium
import numpy as np
import pandas as pd
import streamlit as st
from branca.element import MacroElement
from jinja2 import Template
from markupsafe import escape
from streamlit_folium import st_folium

from geo.web import Geometry
from reports.area_bands import BANDS
from reports.area_classes import APART, COLOURS, EDGE, HATCHED, PLAIN, SCALE, Classes, legend
from reports.area_words import MISSING, band_text, class_text
from reports.map_sheet import Frame
from wording import t
from wording.formats import number
from wording.palette import SOFT

_STATIC = "../../app/static"
"""From the component's frame (<base>/component/streamlit_folium.st_folium/index.html)."""
GEOMETRY_URL = "../../geometry/{content_hash}.json"
"""Address of a layer's geometry, as seen from the frame; the application's route serves it."""
FIGURES_AT_MOST = 1000
"""Shown areas of which more than the class is sent for tooltips; beyond it a drawn area that shows
its own figure names its class only, so that a city's rerun stays small."""


class Written(NamedTuple):
    """How a layer's number is written: whole numbers travel as it times `scale`.

    column: which of an area's numbers it is. decimals: shown. unit: on the map's labels.
    """

    column: str
    scale: int
    decimals: int = 0
    unit: str = ""

    @property
    def divisor(self) -> float:
        """By what the travelling number is divided: a share travels in thousandths, is read in
        percent."""
        return self.scale / 100 if self.unit == "%" else self.scale


WRITTEN: Mapping[str, Written] = {
    "open": Written("value", 1),
    "overdue_share": Written("value", 1000, 1, "%"),
    "late_share": Written("value", 1000, 1, "%"),
    "expected_late": Written("amount", 10, 1),
    "median_wait": Written("value", 10, 1),
    "longer_wait": Written("value", 100, 2, "×"),
    "receptions": Written("amount", 1),
    "filing": Written("value", 1),
    "slow_late_share": Written("value", 1),
    "slow_days_waited": Written("value", 1),
    "smooth_late_share": Written("value", 1000, 1, "%"),
    "smooth_days_waited": Written("value", 10, 1),
}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Click(NamedTuple):
    """What was clicked: an area's code, a number greater than of any earlier click, and the view
    (west, south, east, north) where the button that hands it on was used."""

    code: str
    number: int
    view: Frame | None = None


_JS = [
    ("leaflet", f"{_STATIC}/vendor/leaflet/leaflet.js"),
    ("areas", f"{_STATIC}/map/areas.js"),
]
_CSS = [
    ("leaflet_css", f"{_STATIC}/vendor/leaflet/leaflet.css"),
    ("areas_css", f"{_STATIC}/map/areas.css"),
]


class LeanMap(folium.Map):
    """A folium map that asks for our own files only: Leaflet, our script, our styles."""

    default_js = _JS
    default_css = _CSS


class _Script(MacroElement):
    """A line of script inside the frame."""

    _template = Template("{% macro script(this, kwargs) %}{{ this.code }}{% endmacro %}")

    def __init__(self, code: str) -> None:
        super().__init__()
        self._name = "Script"
        self.code = code


def area_map(
    geometry: Geometry,
    figures: pd.DataFrame,
    classes: Classes,
    layer: str,
    language: str,
    *,
    key: str,
    height: int = 560,
    geometry_url: str | None = None,
    selected: str | None = None,
    moves: int = 0,
    offices: Mapping[str, Sequence[str]] | None = None,
    tiles: str = "",
    twin: str = "",
    takes: bool = False,
) -> Click | None:
    """Draw the map, or restyle the one that is there.

    Args:
        geometry: of `geo.web.geometry_payload`, kept per layer (`st.cache_resource`).
        figures: of `reports.areas.area_figures`, for the same layer.
        classes: of `reports.area_classes.classify`.
        layer: which figures these are, one of `WRITTEN`.
        language: zh or en.
        key: of the widget; the same key keeps the view.
        height: pixels.
        geometry_url: where the frame finds the geometry; default `GEOMETRY_URL`.
        selected: code of the area that is chosen; None = the whole county.
        moves: grows whenever the area was chosen elsewhere than on the map; the frame goes there.
        offices: names of the offices to mark, by code of the area they stand for.
        tiles: address of the county's own tiles with {z}, {x}, {y}; "" = none.
        twin: name shared by maps that pan, zoom and choose together; "" = none.
        takes: whether a button in the frame hands the view on.

    Returns:
        The last click, which chooses an area one level deeper than the one chosen; None before
        the first.
    """
    address = geometry_url or GEOMETRY_URL.format(content_hash=geometry.content_hash)
    fmap = _base_map(geometry, address, language, tiles, twin, takes=takes)
    group = folium.FeatureGroup("areas")
    script = restyle_script(
        geometry, figures, classes, layer, language, selected=selected, moves=moves, offices=offices
    )
    group.add_child(_Script(script))
    with st.container(key=f"{key}_frame"):  # its place is kept until it is there (shell.css)
        answer = st_folium(
            fmap,
            key=key,
            height=height,
            feature_group_to_add=group,
            returned_objects=["last_active_drawing"],
            use_container_width=True,
        )
    return clicked(answer, figures.index)


def clicked(answer: Mapping[str, object] | None, codes: pd.Index) -> Click | None:
    """The click in what the frame returned; None unless it is on one of the layer's areas."""
    drawing = (answer or {}).get("last_active_drawing")
    if not isinstance(drawing, Mapping):
        return None
    properties = drawing.get("properties")
    if not isinstance(properties, Mapping):
        return None
    code, number = properties.get("code"), properties.get("at")
    if isinstance(code, str) and code in codes and isinstance(number, int):
        return Click(code, number, _view(properties.get("view")))
    return None


def _view(given: object) -> Frame | None:
    """Four degrees in their order; None for anything else."""
    if not isinstance(given, list) or len(given) != 4:
        return None
    if not all(isinstance(one, int | float) for one in given):
        return None
    west, south, east, north = (float(one) for one in given)
    return (west, south, east, north) if west < east and south < north else None


def _packed(content: object) -> str:
    """Any content as base64 of JSON: letters, digits, + / = and nothing else."""
    return base64.b64encode(json.dumps(content, ensure_ascii=False).encode()).decode("ascii")


def _base_map(
    geometry: Geometry, address: str, language: str, tiles: str, twin: str, *, takes: bool
) -> LeanMap:
    """What stays the same from rerun to rerun, to the letter."""
    (south, west), (north, east) = geometry.bounds
    fmap = LeanMap(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=10,
        tiles=None,
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
    )
    digits = [str(digit) for digit in range(10)]
    settings = {
        "url": address,
        "name": {"zh": 3, "en": 4}[language],
        "colours": [COLOURS.get(digit, "#ffffff") for digit in digits],
        "hatched": [HATCHED.get(digit, "") for digit in digits],
        "edge": EDGE,
        "bounds": geometry.bounds,
        "tiles": tiles,
        "twin": twin,
        "take": t("map.take", language) if takes else "",
        "title": t("map.title", language),
        "failed": t("map.geometry_failed", language),
    }
    fmap.add_child(_Script(f'window.zaojieMap.start(map_div, "{_packed(settings)}");'))
    return fmap


def restyle_script(
    geometry: Geometry,
    figures: pd.DataFrame,
    classes: Classes,
    layer: str,
    language: str,
    *,
    selected: str | None = None,
    moves: int = 0,
    offices: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The one line a rerun sends: classes, whose figure each area shows, figures, words.

    Raises:
        ValueError: where figures are not of this geometry's layer.
    """
    drawn = geometry.drawn
    at = figures.index.get_indexer(drawn)
    if (at < 0).any():
        raise ValueError("figures and geometry are of different layers")
    place = figures.index.get_indexer(pd.Index(figures["shown_code"]))
    depths = _depths(figures)
    digits = classes.digits.loc[figures.index].to_numpy(dtype="str").astype(np.int64)[at]
    shown_depth = np.where(place >= 0, depths[place], 0)[at]
    letters = np.array(list(_ALPHABET))[digits + 10 * shown_depth]
    words = {
        "figure": t(f"map.tip.{layer}", language, value="{value}", base="{base}", **_CLASS),
        "band": t(f"map.band.{_band_kind(layer)}", language, base="{base}", **_CLASS),
        "bands": {str(start): band_text(start, language) for start in BANDS},
        "covered": t("map.tip.covered", language, area="{area}"),
        "missing": {digit: class_text(classes, digit, layer, language) for digit in MISSING},
        "classes": {
            digit: class_text(classes, digit, layer, language) for digit in (*SCALE, PLAIN, APART)
        },
        "scale": WRITTEN[layer].divisor,
        "decimals": WRITTEN[layer].decimals,
        "unit": WRITTEN[layer].unit,
        "selected": [
            -1 if selected is None else int(figures.index.get_indexer([selected])[0]),
            moves,
        ],
        "offices": [
            [int(figures.index.get_loc(code)), list(names)]
            for code, names in (offices or {}).items()
            if code in figures.index
        ],
    }
    compact = _compact(figures, layer, place, depths, at)
    script = f'window.zaojieMap.show("{"".join(letters)}", "{compact}", "{_packed(words)}");'
    if not _SAFE.fullmatch(script):
        raise ValueError("only plain letters and base64 may enter the map's script")
    return script


def _compact(
    figures: pd.DataFrame,
    layer: str,
    place: np.ndarray,
    depths: np.ndarray,
    at: np.ndarray,
) -> str:
    """Position, number and base of each area whose figure is shown somewhere or labelled; an area
    below the protection level has no number, and its base is where its band begins."""
    labelled = np.flatnonzero((place == np.arange(len(place))) & (depths <= 1))
    shown = np.union1d(place[at][place[at] >= 0], labelled)
    numbers = figures[WRITTEN[layer].column].to_numpy(dtype=float)
    is_band = figures["is_band"].to_numpy(dtype=bool)
    known = shown[~np.isnan(numbers[shown]) | is_band[shown]]
    if len(known) > FIGURES_AT_MOST:
        known = known[depths[known] < depths.max()]
        known = known[: max(FIGURES_AT_MOST, int((depths[known] <= 1).sum()))]
    scale = WRITTEN[layer].scale
    bases = figures["base"].fillna(0).to_numpy(dtype=np.int64)
    return ";".join(
        f"{p},{'' if is_band[p] else round(numbers[p] * scale)},{bases[p]}" for p in known.tolist()
    )


_CLASS = {"class": "{class}"}
_SAFE = re.compile(r'window\.zaojieMap\.show\("[A-Za-z0-9_-]*", "[\d,;-]*", "[A-Za-z0-9+/=]*"\);')


def _band_kind(layer: str) -> str:
    """An open count is its own band; other layers name their class and the band of the base, and
    smoothed ones, which have one tone, where the class stands."""
    if layer.startswith("smooth_"):
        return "smooth"
    return "open" if layer == "open" else "class"


def _depths(figures: pd.DataFrame) -> np.ndarray:
    """Depth per area: levels stand in the layer's order, the widest first."""
    return np.asarray(pd.factorize(figures["level"])[0], dtype=np.int64)


_PATTERNS = {
    "": "",
    "/": f"background-image:repeating-linear-gradient(135deg,{EDGE} 0 1px,transparent 1px 5px)",
    "\\": f"background-image:repeating-linear-gradient(45deg,{EDGE} 0 1px,transparent 1px 5px)",
    ".": f"background-image:radial-gradient({EDGE} 1px,transparent 1.2px);background-size:5px 5px",
}
"""The hatches of `reports.area_classes.HATCHED` as styles."""


def legend_html(
    classes: Classes, geometry: Geometry, layer: str, language: str, *, note: str = "note"
) -> str:
    """The legend as plain HTML: colour or pattern, words, how many drawn areas.

    Args:
        note: what is said below: `note`, `note_weekly` (levels below the protection level are
            shown, whose figures move once a week), `note_offices` or `note_chance`.
    """
    rows = []
    for row in legend(classes, geometry.drawn).itertuples():
        fill = f"background:{row.colour};{_PATTERNS[row.hatch[:1]]}"
        words = escape(class_text(classes, row.digit, layer, language))
        count = escape(t("map.legend.areas", language, count=number(row.areas_count, language)))
        rows.append(
            '<li style="display:flex;align-items:center;gap:.5rem">'
            f'<span aria-hidden="true" style="{fill};width:1.6rem;height:1rem;'
            f'border:1px solid {EDGE};flex:none"></span>'
            f'<span>{words}</span><span style="margin-left:auto;color:{SOFT}">{count}</span></li>'
        )
    head = escape(t(f"map.layer.{layer}", language))
    below = escape(t(f"map.legend.{note}", language))
    return (
        f"<div><strong>{head}</strong>"
        f'<ul style="list-style:none;margin:.4rem 0;padding:0">{"".join(rows)}</ul>'
        f'<p style="margin:0;color:{SOFT};font-size:.85rem">{below}</p></div>'
    )
