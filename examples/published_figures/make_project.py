"""Writes `figures.qgs` and `figures.en.qgs`: QGIS projects that show `figures.gpkg` beside them.

    .venv/bin/python examples/published_figures/make_project.py figures    # into that folder

One layer, the townships, in four shades by the share of answers on time; a covered figure is
hatched and never a shade, one without an answer due is white. A shade is no rank and no target:
shares of few answers differ by chance, and the notebook shows their intervals.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.crs import STORED
from wording import LANGUAGES, t
from wording.formats import percent

LAYER, FIGURE = "townships", "on_time"
SHADES = ((0.0, 0.7, "239,243,255"), (0.7, 0.8, "189,215,231"), (0.8, 0.9, "107,174,214"),
          (0.9, 1.0, "33,113,181"))  # fmt: skip
"""Share from, below (the last one: up to and with), and colour of the township."""

WKT = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
    'SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],'
    f'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","{STORED}"]]'
)
"""QGIS looks for no system by its number alone."""


def project(language: str) -> bytes:
    """The project's XML; it names the file `./figures.gpkg` and no other place."""
    found = ET.Element("qgis", version="3.22.0", projectname=t("qgis.on_time", language))
    _crs(ET.SubElement(found, "projectCrs"))
    tree = ET.SubElement(found, "layer-tree-group")
    source = f"./figures.gpkg|layername={LAYER}"
    name = t("qgis.on_time", language)
    ET.SubElement(
        tree, "layer-tree-layer", id=LAYER, name=name, source=source, providerKey="ogr",
        checked="Qt::Checked", expanded="1",
    )  # fmt: skip
    layer = ET.SubElement(
        ET.SubElement(found, "projectlayers"), "maplayer", type="vector", geometry="Polygon",
        labelsEnabled="1",
    )  # fmt: skip
    for tag, text in (("id", LAYER), ("datasource", source), ("layername", name)):
        ET.SubElement(layer, tag).text = text
    _crs(ET.SubElement(layer, "srs"))
    ET.SubElement(layer, "provider", encoding="UTF-8").text = "ogr"
    _shades(layer, language)
    _labels(layer, language)
    order = ET.SubElement(found, "layerorder")
    ET.SubElement(order, "layer", id=LAYER)
    properties = ET.SubElement(found, "properties")
    for group, name, kind, value in (
        ("Paths", "Absolute", "bool", "false"), ("SpatialRefSys", "ProjectionsEnabled", "int", "1"),
    ):  # fmt: skip
        ET.SubElement(ET.SubElement(properties, group), name, type=kind).text = value
    ET.indent(found)
    head = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ET.tostring(found, encoding="utf-8")


def _crs(of: ET.Element) -> None:
    system = ET.SubElement(of, "spatialrefsys")
    ET.SubElement(system, "wkt").text = WKT
    ET.SubElement(system, "authid").text = f"EPSG:{STORED}"


def _shades(layer: ET.Element, language: str) -> None:
    renderer = ET.SubElement(layer, "renderer-v2", type="RuleRenderer", symbollevels="0")
    rules = ET.SubElement(renderer, "rules", key="all")
    symbols = ET.SubElement(renderer, "symbols")
    share, kinds = f'"{FIGURE}_share"', []
    for low, high, colour in SHADES:
        upto = "<=" if high == SHADES[-1][1] else "<"
        label = t(
            "qgis.class", language, low=percent(low, language, 0), high=percent(high, language, 0)
        )
        kinds.append((f"{share} >= {low} AND {share} {upto} {high}", label, colour, "solid"))
    is_covered = f'"{FIGURE}_covered"'
    kinds += [
        (is_covered, t("qgis.covered", language), "150,150,150", "b_diagonal"),
        (f"{share} IS NULL AND NOT {is_covered}", t("qgis.none_due", language), "255,255,255",
         "solid"),
    ]  # fmt: skip
    for at, (says, label, colour, style) in enumerate(kinds):
        ET.SubElement(rules, "rule", key=f"r{at}", filter=says, label=label, symbol=str(at))
        symbol = ET.SubElement(symbols, "symbol", type="fill", name=str(at), alpha="1",
                               clip_to_extent="1", force_rhr="0")  # fmt: skip
        fill = ET.SubElement(symbol, "layer", {"class": "SimpleFill"}, enabled="1", locked="0",
                             **{"pass": "0"})  # fmt: skip
        values = ET.SubElement(fill, "Option", type="Map")
        for name, value in (("color", f"{colour},255"), ("style", style),
                            ("outline_color", "90,90,90,255"), ("outline_width", "0.2"),
                            ("outline_style", "solid")):  # fmt: skip
            ET.SubElement(values, "Option", type="QString", name=name, value=value)


def _labels(layer: ET.Element, language: str) -> None:
    """Name and share of each township; made-up figures say so beside every name."""
    gap = "" if language == "zh" else " "
    said = (
        f"""concat("name_{language}", if("demo", '{gap}{t("qgis.demo", language)}', ''), '\\n', """
        f"""coalesce(to_string(round("{FIGURE}_share" * 100)) || ' %', '·'))"""
    )
    labels = ET.SubElement(layer, "labeling", type="simple")
    settings = ET.SubElement(labels, "settings")
    style = ET.SubElement(settings, "text-style", fieldName=said, isExpression="1", fontSize="8",
                          fontFamily="Noto Sans CJK SC", textColor="30,30,30,255")  # fmt: skip
    ET.SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.8",
                  bufferColor="255,255,255,255")  # fmt: skip


def main() -> None:
    """Write both beside the figures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "figures")
    for language in LANGUAGES:
        name = "figures.qgs" if language == "zh" else f"figures.{language}.qgs"
        (folder / name).write_bytes(project(language))
        print(folder / name)


if __name__ == "__main__":
    main()
