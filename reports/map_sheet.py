"""What of a map may leave the office: one frame of cells, the same in every format.

A file is taken along and compared with last week's. So it holds nothing exact (DOMAIN.md §2.10):
figures are the fixed classes, what they rest on are bands of ten cases and more, as everything
below the protection level is shown on the screen (`reports.area_bands`, whose classes and bands
leave more than one number of cases possible, and differences of ten or more); areas are those of
the protection level, and the record is that of the end of the last whole week. No count under three
is in it, and none can be had by subtracting two files, cells or totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from wording import t
from wording.formats import number

from .area_bands import band_of, blurred
from .area_classes import Classes, classify
from .area_classes import legend as legend_of
from .area_desks import DESK_LAYERS, desk_classes
from .area_words import band_text, class_text
from .csv_cells import text_cell
from .hotspot_words import base_text, digits, label_text
from .hotspots import Hotspots

COLUMNS = ("code", "name", "figure", "base", "of")
"""The cells of a row, all texts: whose it is, its class or state in words, the band of cases it
rests on, and whose figure it is where that is an area around it ("" = its own)."""


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

    layer: its name in the program. title: in words. place: the county. as_of: in words. mark: the
        demo mark, "" = real data. notes: what a reader has to know.
    cells: `COLUMNS` and digit, one row per area in the layer's order; cleaned of what a
        spreadsheet would run. shapes: geometry on their order, None where an area has no shape.
    legend: the classes that occur.
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

    @property
    def heads(self) -> list[str]:
        """Of `COLUMNS`, in words."""
        return [t(f"mapfile.head.{column}", self.language) for column in COLUMNS]


def covered(figures: pd.DataFrame, layer: str, level: str) -> tuple[pd.DataFrame, Classes]:
    """Area figures as they may leave: rows of one level, nothing exact in them.

    Args:
        figures: of `reports.areas.area_figures` at the end of a whole week (`is_wide`), or of
            `reports.area_wide.office_figures`. level: the protection level.

    Returns:
        The rows with base as where its band begins (NA = none) and value as the upper edge of its
        class (a state has none), and the classes made of them alone.
    """
    own = figures[figures["level"] == level]
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
        rows.append((row.Index, str(names[row.Index]), figure, base, of, digit))
    return _cells(rows)


def hotspot_cells(found: Hotspots, areas: gpd.GeoDataFrame, language: str) -> pd.DataFrame:
    """`MapSheet.cells` of where answers are slow: labels and bands only."""
    names, classes = areas.set_index("code")[f"name_{language}"], digits(found)
    rows = []
    for code, row in found.table.iterrows():
        base = "" if pd.isna(row["base"]) else base_text(row, language, is_exact=False)
        of = "" if row["shown_code"] == code else str(names.get(row["shown_code"], ""))
        label = label_text(row, language)
        rows.append((code, str(names[code]), label, base, of, str(classes.digits[code])))
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
) -> MapSheet:
    """The cells with their shapes and everything that has to stand beside them.

    Args:
        cells, classes: of one of the functions above and its classes. areas: the layer with shapes.
        place, as_of: in words. notes: beside the standing ones.
    """
    shapes = areas.set_index("code").geometry.reindex(cells["code"]).reset_index(drop=True)
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
        tuple(said), cells, gpd.GeoSeries(shapes, crs=areas.crs), lines, language,
    )  # fmt: skip


def title(layer: str, language: str) -> str:
    """A layer's name in words."""
    return t(f"map.layer.{layer}", language)
