"""A map as a GeoPackage that QGIS opens with its colours: the style lies in the file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import geopandas as gpd
import pandas as pd
import pyogrio

from .area_classes import EDGE
from .map_sheet import COLUMNS, MapSheet

TABLE = "areas"
"""Name of the layer in the file."""
_VERSION = "1.2"
"""Of the GeoPackage standard: older QGIS takes newer ones with a warning."""
_STYLED_AT = "2026-01-01T00:00:00Z"
"""The one style of the file has no history; a fixed moment keeps the same map the same file."""
_PATTERN = {"": "solid", "/": "f_diagonal", "\\": "b_diagonal", ".": "dense6"}
"""QGIS's brushes for the signs of `area_classes.HATCHED`."""


def map_gpkg(sheet: MapSheet) -> bytes:
    """The cells with their shapes as the layer `areas`, and its style in `layer_styles`.

    as_of, mark and notes stand in every row: a table that is copied out keeps them.
    """
    cells = sheet.cells[[*COLUMNS, "digit"]].assign(
        layer=sheet.layer, title=sheet.title, place=sheet.place, as_of=sheet.as_of,
        mark=sheet.mark, notes=" ".join(sheet.notes),
    )  # fmt: skip
    areas = gpd.GeoDataFrame(cells, geometry=sheet.shapes)
    style = pd.DataFrame(
        {
            "f_table_catalog": [""],
            "f_table_schema": [""],
            "f_table_name": [TABLE],
            "f_geometry_column": ["geom"],
            "styleName": [sheet.layer],
            "styleQML": [style_qml(sheet)],
            "styleSLD": [""],
            "useAsDefault": [True],
            "description": [sheet.title],
            "owner": [""],
            "ui": [""],
            # QGIS asks for the newest style by this column, and finds none where it is missing
            "update_time": pd.to_datetime([_STYLED_AT], utc=True),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.gpkg"
        pyogrio.write_dataframe(
            areas, path, layer=TABLE, driver="GPKG", geometry_type="MultiPolygon",
            promote_to_multi=True, layer_options={"GEOMETRY_NAME": "geom"},
            dataset_options={"VERSION": _VERSION},
        )  # fmt: skip
        pyogrio.write_dataframe(
            style, path, layer="layer_styles", driver="GPKG", append=True,
            layer_options={"FID": "id"},
        )  # fmt: skip
        return path.read_bytes()


def style_qml(sheet: MapSheet) -> str:
    """QGIS's style: one category per class digit, coloured and named as in the legend."""
    root = Element("qgis", version="3.28", styleCategories="Symbology|Labeling")
    renderer = SubElement(root, "renderer-v2", type="categorizedSymbol", attr="digit",
                          forceraster="0", symbollevels="0", enableorderby="1")  # fmt: skip
    categories = SubElement(renderer, "categories")
    symbols = SubElement(renderer, "symbols")
    for place, line in enumerate(sheet.legend):
        SubElement(categories, "category", value=line.digit, label=line.words, symbol=str(place),
                   render="true", type="string")  # fmt: skip
        symbol = SubElement(symbols, "symbol", type="fill", name=str(place), alpha="1",
                            clip_to_extent="1")  # fmt: skip
        _fill(symbol, line.colour, "solid", EDGE)
        if line.hatch:
            _fill(symbol, EDGE, _PATTERN[line.hatch[0]], EDGE)
    # the wider areas first, the finer ones on them
    order = SubElement(SubElement(renderer, "orderby"), "orderByClause", asc="1", nullsFirst="0")
    order.text = '"fid"'
    SubElement(root, "labeling", type="simple").append(_labels())
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def _fill(symbol: Element, colour: str, brush: str, edge: str) -> None:
    layer = SubElement(symbol, "layer", attrib={"class": "SimpleFill"}, enabled="1", locked="0")
    options = SubElement(layer, "Option", type="Map")
    said = {"color": _rgba(colour), "style": brush, "outline_color": _rgba(edge),
            "outline_style": "solid", "outline_width": "0.2",
            "outline_width_unit": "MM"}  # fmt: skip
    for name, value in said.items():
        SubElement(options, "Option", name=name, value=value, type="QString")
        SubElement(layer, "prop", k=name, v=value)


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _labels() -> Element:
    settings = Element("settings", calloutType="simple")
    style = SubElement(settings, "text-style", fieldName="name", isExpression="0", fontSize="8",
                       fontSizeUnit="Point", textColor="31,41,55,255")  # fmt: skip
    SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.7", bufferSizeUnits="MM",
               bufferColor="255,255,255,255")  # fmt: skip
    return settings
