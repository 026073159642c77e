"""The map of areas: geometry to the browser once, one class digit per area on every rerun.

streamlit-folium remounts its frame whenever the base script changes, so the base script holds
only what stays (the geometry's address, colours, the language's words); figures travel in a
feature group, whose script is run anew. What goes into scripts is digits, or base64 of JSON:
no other character can get there, whatever a name or an address holds. `areas.js` sets every text
as textContent. Centre, zoom and selection live in the frame and survive reruns.

Static files are served without sign-in, so they hold code only. The geometry comes from a route
of the application, which asks who is there.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

import folium
import numpy as np
import pandas as pd
from branca.element import MacroElement
from jinja2 import Template
from markupsafe import escape
from streamlit_folium import st_folium

from geo.web import Geometry
from reports.area_classes import COLOURS, EDGE, HATCHED, PLAIN, SCALE, Classes, legend
from wording import t
from wording.formats import number, percent

_STATIC = "../../app/static"
"""From the component's frame (<base>/component/streamlit_folium.st_folium/index.html)."""
GEOMETRY_URL = "../../geometry/{content_hash}.json"
"""Address of a layer's geometry, as seen from the frame; the application's route serves it."""
FIGURES_AT_MOST = 1000
"""Shown areas whose exact figure is sent for tooltips; beyond it a drawn area that shows its own
figure names its class only, so that a city's rerun stays small."""
_SCALES = {"open": (1, 0, ""), "overdue_share": (1000, 1, "%"), "median_wait": (10, 1, "")}
"""Per layer: whole numbers are value times this; decimals shown; unit on the map's labels."""


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
) -> str | None:
    """Draw the map, or restyle the one that is there.

    Args:
        geometry: of `geo.web.geometry_payload`, kept per layer (`st.cache_resource`).
        figures: of `reports.areas.area_figures`, for the same layer.
        classes: of `reports.area_classes.classify`.
        layer: which figures these are (`reports.areas.LAYERS`).
        language: zh or en.
        key: of the widget; the same key keeps the view.
        height: pixels.
        geometry_url: where the frame finds the geometry; default `GEOMETRY_URL`.

    Returns:
        Code of the drawn area clicked last, None before the first click.
    """
    address = geometry_url or GEOMETRY_URL.format(content_hash=geometry.content_hash)
    fmap = _base_map(geometry, address, language)
    group = folium.FeatureGroup("areas")
    group.add_child(_Script(restyle_script(geometry, figures, classes, layer, language)))
    answer = st_folium(
        fmap,
        key=key,
        height=height,
        feature_group_to_add=group,
        returned_objects=["last_active_drawing"],
        use_container_width=True,
    )
    return selected_code(answer, geometry)


def selected_code(answer: Mapping[str, object] | None, geometry: Geometry) -> str | None:
    """The area's code in what the frame returned; None unless it is one of the drawn areas."""
    drawing = (answer or {}).get("last_active_drawing")
    if not isinstance(drawing, Mapping):
        return None
    properties = drawing.get("properties")
    code = properties.get("code") if isinstance(properties, Mapping) else None
    return code if isinstance(code, str) and code in geometry.drawn else None


def _packed(content: object) -> str:
    """Any content as base64 of JSON: letters, digits, + / = and nothing else."""
    return base64.b64encode(json.dumps(content, ensure_ascii=False).encode()).decode("ascii")


def _base_map(geometry: Geometry, address: str, language: str) -> LeanMap:
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
        "title": t("map.title", language),
        "failed": t("map.geometry_failed", language),
    }
    fmap.add_child(_Script(f'window.zaojieMap.start(map_div, "{_packed(settings)}");'))
    return fmap


def restyle_script(
    geometry: Geometry, figures: pd.DataFrame, classes: Classes, layer: str, language: str
) -> str:
    """The one line a rerun sends: classes, whose figure each area shows, figures, words.

    Raises:
        ValueError: where figures are not of this geometry's layer.
    """
    drawn = geometry.drawn
    if not drawn.isin(figures.index).all():
        raise ValueError("figures and geometry are of different layers")
    digits = "".join(classes.digits.loc[drawn])
    place = figures.index.get_indexer(pd.Index(figures["shown_code"]))
    depths = _depths(figures)
    shown_depth = np.where(place >= 0, depths[place], 0)
    at = figures.index.get_indexer(drawn)
    levels = "".join(map(str, shown_depth[at].tolist()))
    scale, decimals, unit = _SCALES[layer]
    # what drawn areas show, and the wider areas that are labelled with their own figure
    labelled = np.flatnonzero((place == np.arange(len(place))) & (depths <= 1))
    shown = np.union1d(place[at][place[at] >= 0], labelled)
    known = shown[~figures["value"].isna().to_numpy()[shown]]
    if len(known) > FIGURES_AT_MOST:
        known = known[depths[known] < depths.max()]
    values = np.rint(figures["value"].to_numpy(dtype=float)[known] * scale).astype(np.int64)
    bases = figures["base"].to_numpy(dtype=float)[known].astype(np.int64)
    compact = ";".join(
        f"{p},{v},{b}"
        for p, v, b in zip(known.tolist(), values.tolist(), bases.tolist(), strict=True)
    )
    words = {
        "figure": t(f"map.tip.{layer}", language, value="{value}", base="{base}"),
        "covered": t("map.tip.covered", language, area="{area}"),
        "missing": {digit: t(f"map.state.{name}", language) for digit, name in _MISSING.items()},
        "classes": {digit: class_text(classes, digit, layer, language) for digit in SCALE},
        # a share travels in thousandths and is read in percent
        "scale": scale / 100 if unit == "%" else scale,
        "decimals": decimals,
        "unit": unit,
    }
    script = f'window.zaojieMap.show("{digits}", "{levels}", "{compact}", "{_packed(words)}");'
    if not _SAFE.fullmatch(script):
        raise ValueError("only digits and base64 may enter the map's script")
    return script


_MISSING = {"0": "none", "1": "too_few", "2": "unknown"}
_SAFE = re.compile(r'window\.zaojieMap\.show\("\d*", "\d*", "[\d,;-]*", "[A-Za-z0-9+/=]*"\);')


def _depths(figures: pd.DataFrame) -> np.ndarray:
    """Depth per area: levels stand in the layer's order, the widest first."""
    order = {level: depth for depth, level in enumerate(dict.fromkeys(figures["level"]))}
    return figures["level"].map(order).to_numpy(dtype=np.int64)


def class_text(classes: Classes, digit: str, layer: str, language: str) -> str:
    """A class in words: "10–20 %", "over 90 days"; the reader's language."""
    if digit in _MISSING:
        return t(f"map.state.{_MISSING[digit]}", language)
    if digit == PLAIN:
        return t("map.state.plain", language)

    def written(value: float) -> str:
        if layer == "overdue_share":
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


_PATTERNS = {
    "": "",
    "/": f"background-image:repeating-linear-gradient(135deg,{EDGE} 0 1px,transparent 1px 5px)",
    ".": f"background-image:radial-gradient({EDGE} 1px,transparent 1.2px);background-size:5px 5px",
}
"""The hatches of `reports.area_classes.HATCHED` as styles."""


def legend_html(
    classes: Classes, geometry: Geometry, layer: str, language: str, *, weekly: bool
) -> str:
    """The legend as plain HTML: colour or pattern, words, how many drawn areas.

    Args:
        weekly: the layer has levels below its protection level, whose figures move once a week.
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
            f'<span>{words}</span><span style="margin-left:auto;color:#4b5563">{count}</span></li>'
        )
    head = escape(t(f"map.layer.{layer}", language))
    note = escape(t("map.legend.note_weekly" if weekly else "map.legend.note", language))
    return (
        f"<div><strong>{head}</strong>"
        f'<ul style="list-style:none;margin:.4rem 0;padding:0">{"".join(rows)}</ul>'
        f'<p style="margin:0;color:#4b5563;font-size:.85rem">{note}</p></div>'
    )
