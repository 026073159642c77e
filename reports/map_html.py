"""A map as one HTML file that needs no network: Leaflet, shapes, legend and table inside it.

folium takes what it puts together for a Jinja template and runs it once more, so a name with
braces would be run on the server; nothing from outside goes into folium but texts whose braces,
like every sign of HTML, are written as entities. Everything else is put in afterwards.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import crs

from .area_classes import COLOURS, EDGE
from .map_sheet import COLUMNS, MapSheet
from .monthly_page import pages

_LEAFLET = Path(__file__).parents[1] / "ui" / "static" / "vendor" / "leaflet"
_SIMPLE_METRES = 20.0
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""The file may run what is in it and ask nobody for anything."""


class _Bare(folium.Map):
    """A folium map that names no file of another host."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


def map_html(sheet: MapSheet) -> bytes:
    """The sheet as a page: the map, its legend, and the same cells as a table; texts escaped."""
    drawn = sheet.shapes.notna().to_numpy()
    fmap = _Bare(tiles=None, attribution_control=False, height="60vh", zoom_snap=0.25)
    if drawn.any():
        _add_areas(fmap, sheet, drawn)
    made = str(fmap.get_root().render())
    template = pages.get_template("map_page.html")
    language = "zh-CN" if sheet.language == "zh" else "en"
    around = {
        "<html>": f'<html lang="{language}">',
        "<head>": f"<head>{_head()}",
        "<body>": "<body>" + template.render(part="above", sheet=sheet, columns=COLUMNS),
        "</body>": template.render(part="below", sheet=sheet, columns=COLUMNS) + "</body>",
    }
    # one pass, so that nothing is put into what was put in before
    found = re.compile("|".join(map(re.escape, around)))
    if sorted(found.findall(made)) != sorted(around):
        raise ValueError("folium's page has another shape than the one this was written for")
    return found.sub(lambda at: around[at.group()], made).encode()


def _head() -> str:
    style = re.sub(r"url\(images/[^)]*\)", "none", (_LEAFLET / "leaflet.css").read_text("utf-8"))
    script = (_LEAFLET / "leaflet.js").read_text("utf-8")
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{style}</style><script>{script}</script>"
    )


def _inert(text: object) -> str:
    return escape(str(text)).replace("{", "&#123;").replace("}", "&#125;")


def _add_areas(fmap: folium.Map, sheet: MapSheet, drawn: NDArray[np.bool_]) -> None:
    shapes = crs.to_metres(sheet.shapes[drawn])
    simple = shapely.coverage_simplify(shapes.to_numpy(), _SIMPLE_METRES)
    areas = gpd.GeoDataFrame(
        sheet.cells[drawn].map(_inert),
        geometry=gpd.GeoSeries(simple, index=shapes.index, crs=shapes.crs).to_crs(crs.STORED),
    )

    def style(feature: dict[str, dict[str, str]]) -> dict[str, object]:
        digit = feature["properties"]["digit"]
        return {"fillColor": COLOURS[digit], "fillOpacity": 1, "color": EDGE, "weight": 1,
                "className": f"area-{digit}"}  # fmt: skip

    heads = dict(zip(COLUMNS, sheet.heads, strict=True))
    told = [column for column in COLUMNS if column != "code"]
    tooltip = folium.GeoJsonTooltip(told, aliases=[_inert(heads[column]) for column in told])
    folium.GeoJson(areas, style_function=style, tooltip=tooltip).add_to(fmap)
    west, south, east, north = areas.total_bounds.tolist()
    fmap.fit_bounds([[south, west], [north, east]])
