"""What of a map may leave the office: one frame of cells, the same in every format.

A file is taken along and compared with last week's. So it holds nothing exact (DOMAIN.md §2.10):
figures are the fixed classes, what they rest on are bands of ten cases and more, as everything
below the protection level is shown on the screen (`reports.area_bands`, whose classes and bands
leave more than one number of cases possible, and differences of ten or more); areas are those of
the protection level and the finer ones that the screen shows with a figure of their own, and the
record is that of the end of the last whole week. No count under three is in it, and none can be had
by subtracting two files, cells or totals.

The file of a part is made by leaving out rows of the whole (`part`): it has no cell that the whole
has not, so that part and whole together tell no more than the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.tree import Tree
from wording import t
from wording.formats import number

from .area_bands import band_of, blurred
from .area_changes import level_name
from .area_classes import Classes, classify
from .area_classes import legend as legend_of
from .area_desks import DESK_LAYERS, desk_classes
from .area_words import band_text, class_text
from .csv_cells import text_cell
from .hotspot_words import base_text, class_of, digits, label_text, smooth_digits
from .hotspots import Hotspots

COLUMNS = ("code", "name", "level", "figure", "base", "of")
"""The cells of a row, all texts: whose it is, of which level, its class or state in words, the band
of cases it rests on, and whose figure it is where that is an area around it ("" = its own)."""
Frame = tuple[float, float, float, float]
"""A view of the map: west, south, east, north, in degrees."""


@dataclass(frozen=True)
class LegendLine:
    """A class: its digit and colour, its pattern ("" = none), in words, and of how many areas."""

    digit: str
    colour: str
    hatch: str
    words: str
    areas: str


@dataclass(frozen=True)
class MapSheet:
    """One map for a file.

    layer: its name in the program. title: in words. place: of what, in words. as_of: in words.
        mark: the demo mark, "" = real data. notes: what a reader has to know.
    cells: `COLUMNS` and digit, one row per area in the layer's order, the widest first (drawn in
        that order the finer lie on top); cleaned of what a spreadsheet would run. shapes: geometry
        on their order, None where an area has no shape.
    legend: the classes that occur. frame: the view a picture shows; None = all of the shapes.
    within: name and geometry of finer areas whose outlines and names a picture shows, so that one
        finds one's way in a part; they carry no figure.
    """

    layer: str
    title: str
    place: str
    as_of: str
    mark: str
    notes: tuple[str, ...]
    cells: pd.DataFrame
    shapes: gpd.GeoSeries
    legend: tuple[LegendLine, ...]
    language: str
    frame: Frame | None = None
    within: gpd.GeoDataFrame | None = None

    @property
    def heads(self) -> list[str]:
        """Of `COLUMNS`, in words."""
        return [t(f"mapfile.head.{column}", self.language) for column in COLUMNS]


def covered(figures: pd.DataFrame, layer: str, level: str) -> tuple[pd.DataFrame, Classes]:
    """Area figures as they may leave: rows of one level and the finer ones that have a figure of
    their own, nothing exact in them.

    Args:
        figures: of `reports.areas.area_figures` at the end of a whole week, or of
            `reports.area_wide`. level: the protection level.

    Returns:
        The rows with base as where its band begins (NA = none) and value as the upper edge of its
        class (a state has none), and the classes made of them alone.
    """
    has_own = figures["is_band"] & (figures["shown_code"] == figures.index).fillna(False)
    own = figures[(figures["level"] == level) | has_own]
    if layer in DESK_LAYERS:
        base = own["base"].copy()
        known = base.notna()
        base[known] = band_of(np.maximum(base[known].to_numpy(dtype=np.int64), 10))
        kept = own.assign(value=np.nan, amount=np.nan, base=base)
        return kept, desk_classes(kept, layer)
    known = own["base"].notna().to_numpy()
    kept = blurred(own, known, layer).assign(is_band=known, amount=np.nan)
    return kept, classify(kept, layer)


def area_cells(
    figures: pd.DataFrame, layer: str, areas: gpd.GeoDataFrame, level: str, language: str
) -> pd.DataFrame:
    """`MapSheet.cells` of a layer of figures or of offices, with their classes (`covered`)."""
    kept, classes = covered(figures, layer, level)
    names = areas.set_index("code")[f"name_{language}"]
    rows = []
    for row in kept.itertuples():
        digit = str(classes.digits[row.Index])
        if layer == "open" and row.state == "shown":
            figure = band_text(int(row.value), language)
        else:
            figure = class_text(classes, digit, layer, language)
        base = "" if pd.isna(row.base) else band_text(int(row.base), language)
        around = row.shown_code if isinstance(row.shown_code, str) else row.Index
        of = "" if around == row.Index else str(names[around])
        named = level_name(row.level, language)
        rows.append((row.Index, str(names[row.Index]), named, figure, base, of, digit))
    return _cells(rows)


def hotspot_cells(
    found: Hotspots, areas: gpd.GeoDataFrame, language: str, *, smooth: bool = False
) -> pd.DataFrame:
    """`MapSheet.cells` of where answers are slow: labels and bands only.

    Args:
        smooth: the classes of the smoothed figures in place of the labels.
    """
    names = areas.set_index("code")[f"name_{language}"]
    classes = smooth_digits(found) if smooth else digits(found)
    rows = []
    level = level_name(found.level, language)
    for code, row in found.table.iterrows():
        base = "" if pd.isna(row["base"]) else base_text(row, language, is_exact=False)
        of = "" if row["shown_code"] == code else str(names.get(row["shown_code"], ""))
        label = label_text(row, language)
        if smooth and pd.notna(row["smooth"]):
            label = class_of(found.measure, float(row["smooth"]), language)
        elif smooth:
            label = class_text(classes, str(classes.digits[code]), "", language)
        rows.append((code, str(names[code]), level, label, base, of, str(classes.digits[code])))
    return _cells(rows)


def _cells(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "digit"], dtype="str")
    return frame.apply(lambda column: column.map(lambda text: text_cell(_printable(text))))


def _printable(text: str) -> str:
    """Without signs that no file format takes, or that turn the reading direction round."""
    return "".join(letter for letter in text if letter.isprintable())


def map_sheet(
    layer: str,
    cells: pd.DataFrame,
    classes: Classes,
    areas: gpd.GeoDataFrame,
    language: str,
    *,
    place: str,
    as_of: str,
    is_demo: bool,
    notes: Sequence[str] = (),
    of: str | None = None,
    frame: Frame | None = None,
) -> MapSheet:
    """The cells with their shapes and everything that has to stand beside them.

    Args:
        cells, classes: of one of the functions above and its classes. areas: the layer with shapes.
        place, as_of: in words. notes: beside the standing ones.
        of: code of the area whose part of the cells is wanted; None = all of them.
        frame: the view whose part is wanted.

    Raises:
        ValueError: `of` is no area of the layer.
    """
    shapes = areas.set_index("code").geometry.reindex(cells["code"]).reset_index(drop=True)
    if of is not None:
        cells, shapes = _part(cells, shapes, areas, of)
    if frame is not None:
        frame = _clipped(frame, areas)
        seen = shapes.intersects(shapely.box(*frame)).to_numpy()
        cells, shapes = cells[seen].reset_index(drop=True), shapes[seen].reset_index(drop=True)
    without = int(shapes.isna().sum())
    drawn = pd.Index(cells["code"])
    lines = tuple(
        LegendLine(
            row.digit, row.colour, row.hatch, class_text(classes, row.digit, layer, language),
            t("map.legend.areas", language, count=number(row.areas_count, language)),
        )
        for row in legend_of(classes, drawn).itertuples()
    )  # fmt: skip
    said = [t("mapfile.note.covered", language), *notes]
    if without:
        said.append(t("mapfile.note.no_shape", language, count=number(without, language)))
    return MapSheet(
        layer, title(layer, language), _printable(place), as_of,
        t("reports.daily.demo_mark", language) if is_demo else "",
        tuple(said), cells, gpd.GeoSeries(shapes, crs=areas.crs), lines, language, frame,
        None if of is None and frame is None else _within(areas, language, of, frame),
    )  # fmt: skip


NAMES_AT_MOST = 60
"""More areas than this are drawn without names: nobody could read them."""


def _within(
    areas: gpd.GeoDataFrame, language: str, of: str | None, frame: Frame | None
) -> gpd.GeoDataFrame | None:
    """The areas right within an area, or of a view those of the finest level that has room."""
    drawable = areas[areas.geometry.notna()]
    if frame is None:
        chosen = drawable[drawable["parent_code"] == of]
    else:
        chosen, seen = drawable.iloc[:0], drawable[drawable.intersects(shapely.box(*frame))]
        for level in seen["level"].unique():
            here = seen[seen["level"] == level]
            chosen = here if len(here) <= NAMES_AT_MOST else chosen
    if chosen.empty or len(chosen) > NAMES_AT_MOST:
        return None
    names = chosen[f"name_{language}"].map(lambda name: _printable(str(name)))
    return gpd.GeoDataFrame({"name": names.to_numpy()}, geometry=chosen.geometry.to_numpy(),
                            crs=areas.crs)  # fmt: skip


def _clipped(frame: Frame, areas: gpd.GeoDataFrame) -> Frame:
    """The view without what lies farther out than the layer is wide: a map zoomed out to the world
    has no metres. A view beside the layer becomes the layer's surroundings."""
    west, south, east, north = areas.total_bounds.tolist()
    wide, high = east - west, north - south
    room = (west - wide, south - high, east + wide, north + high)
    inside = shapely.box(*frame).intersection(shapely.box(*room))
    return tuple(inside.bounds) if inside.area else room


def _part(
    cells: pd.DataFrame, shapes: gpd.GeoSeries, areas: gpd.GeoDataFrame, of: str
) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """The rows within an area, unchanged; first the row around it where it has none of its own,
    drawn on the area only."""
    by_code = areas.set_index("code")
    if of not in by_code.index:
        raise ValueError(f"no such area: {of!r}")
    tree = Tree.of(by_code["parent_code"])
    place = int(tree.codes.get_loc(of))
    around = tree.ancestor_at(int(tree.depth[place]))
    inside = cells["code"].isin(tree.codes[around == place]).to_numpy()
    at, row = place, np.array([], dtype=np.intp)
    while at >= 0 and not len(row):
        row = np.flatnonzero((cells["code"] == tree.codes[at]).to_numpy())
        at = int(tree.parent[at])
    kept = np.flatnonzero(inside)
    if len(row) and row[0] not in kept:
        kept = np.append(row, kept)
        shapes = shapes.copy()
        shapes.iloc[row[0]] = by_code.geometry.iloc[place]
    return cells.iloc[kept].reset_index(drop=True), shapes.iloc[kept].reset_index(drop=True)


def title(layer: str, language: str) -> str:
    """A layer's name in words."""
    return t(f"map.layer.{layer}", language)
