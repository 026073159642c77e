"""The picture of a township on which an asker points at the place of the problem.

A picture goes out and the position of a click comes back; no outline, no code and no coordinate
is ever sent, and what was clicked is forgotten when the grid is found (DOMAIN.md §2.10).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import geopandas as gpd
import matplotlib.patheffects as effects
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from PIL import Image

from geo import crs
from geo.places import Locator
from geo.tree import Tree
from wording.palette import INK

from .pictures import font

WIDTHS = (288, 640)
"""Widths in CSS pixels: for a phone of 320, and for a wide window. A browser reports a click in
the pixels it drew, so a picture is shown in its own size and never stretched."""
_TALLEST = 1.4
"""Height at most this many widths; a longer township is drawn smaller."""
_MARGIN = 0.03
_SHARP = 2
"""Dots per CSS pixel, each way."""
_GRID_LINE, _VILLAGE_LINE, _LAND, _INK = "#b7c2cd", "#44576b", "#f4f1e8", INK


@dataclass(frozen=True)
class Sheet:
    """Where a picture lies: metres of its zone to CSS pixels.

    left, top: metres at the picture's corner. step: metres per pixel.
    """

    left: float
    top: float
    step: float
    width: int
    height: int
    zone: int

    def point(self, x: int, y: int) -> gpd.GeoSeries:
        """The place under a pixel, one point in the sheet's zone."""
        spot = shapely.Point(self.left + (x + 0.5) * self.step, self.top - (y + 0.5) * self.step)
        return gpd.GeoSeries([spot], crs=self.zone)


class PlaceMap:
    """One township: its villages' names, its grids' edges, and which grid lies under a click."""

    def __init__(self, layer: gpd.GeoDataFrame) -> None:
        """
        Args:
            layer: the township and every area within it, as `geo.layers` has them.

        Raises:
            ValueError: where nothing in it has a shape.
        """
        within = set(layer["code"])
        parent = layer["parent_code"].where(layer["parent_code"].isin(within))
        self._layer = layer.assign(parent_code=parent)
        tree = Tree.of(self._layer.set_index("code")["parent_code"])
        self._zone = crs.metric_zone_of(layer.geometry)
        self._shapes = crs.to_metres(layer.geometry, self._zone).to_numpy()
        self._depth = tree.depth
        self._locator = Locator(self._layer)
        self.content_hash = _hash(layer)

    def sheet(self, width: int) -> Sheet:
        """The picture of a width, one of `WIDTHS`.

        Raises:
            ValueError: another width.
        """
        if width not in WIDTHS:
            raise ValueError(f"no such width: {width}; there are {WIDTHS}")
        drawn = self._shapes[~shapely.is_missing(self._shapes)]
        west, south, east, north = shapely.total_bounds(drawn)
        margin = _MARGIN * max(east - west, north - south)
        across, down = east - west + 2 * margin, north - south + 2 * margin
        height = round(width * min(down / across, _TALLEST))
        step = max(across / width, down / height)
        left = (west + east) / 2 - step * width / 2
        top = (south + north) / 2 + step * height / 2
        return Sheet(left, top, step, width, height, self._zone)

    def grid_under(self, width: int, x: int, y: int) -> str | None:
        """Code of the grid under a click; None outside the township."""
        sheet = self.sheet(width)
        if not (0 <= x < sheet.width and 0 <= y < sheet.height):
            return None
        code = self._locator.place(sheet.point(x, y))["code"].iloc[0]
        return code if isinstance(code, str) else None

    def picture(self, width: int, language: str) -> bytes:
        """PNG of `_SHARP` dots per CSS pixel; the same layer gives the same bytes."""
        sheet = self.sheet(width)
        figure = Figure(figsize=(sheet.width / 100, sheet.height / 100), dpi=100 * _SHARP)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(sheet.left, sheet.left + sheet.step * sheet.width)
        axes.set_ylim(sheet.top - sheet.step * sheet.height, sheet.top)
        deepest = int(self._depth.max(initial=0))
        named = max(deepest - 1, 1) if deepest else 0
        _outlines(axes, self._shapes[self._depth == deepest], _GRID_LINE, 0.6, _LAND)
        _outlines(axes, self._shapes[self._depth == named], _VILLAGE_LINE, 1.0, "none")
        _outlines(axes, self._shapes[self._depth == 0], _INK, 1.6, "none")
        names = self._layer[f"name_{language}"].to_numpy()[self._depth == named]
        self._write(axes, names, self._shapes[self._depth == named], width, language)
        return _png(figure)

    def _write(
        self, axes: Axes, names: np.ndarray, shapes: np.ndarray, width: int, language: str
    ) -> None:
        letters = font()
        for name, shape in zip(names, shapes, strict=True):
            if shape is None or shape.is_empty:
                continue
            spot = shapely.maximum_inscribed_circle(shape).coords[0]
            said = name.replace(" ", "\n") if language == "en" else name
            size = 8 if width == WIDTHS[1] else 6
            axes.text(
                spot[0], spot[1], said, fontproperties=letters, fontsize=size,
                ha="center", va="center", color=_INK, linespacing=1.0,
                path_effects=[effects.withStroke(linewidth=2, foreground="#fff")],
            )  # fmt: skip


def _png(figure: Figure) -> bytes:
    """The figure in few colours: a fifth of the bytes, for telephones."""
    drawn, made = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(16).save(made, format="png", optimize=True)
    return made.getvalue()


def _outlines(axes: Axes, shapes: np.ndarray, colour: str, width: float, fill: str) -> None:
    for part in shapely.get_parts(shapes[~shapely.is_missing(shapes)]):
        if part.geom_type != "Polygon":
            continue
        rings = [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
        outline = Outline.make_compound_path(*[Outline(ring, closed=True) for ring in rings])
        axes.add_patch(PathPatch(outline, facecolor=fill, edgecolor=colour, linewidth=width))


def _hash(layer: gpd.GeoDataFrame) -> str:
    made = hashlib.sha256()
    for row in layer.itertuples():
        shape = b"" if row.geometry is None else row.geometry.wkb
        made.update(f"{row.code}|{row.name_zh}|{row.name_en}|".encode() + shape)
    return made.hexdigest()[:16]
