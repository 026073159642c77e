"""A map as a picture to take along: scale bar, north, legend, as-of and demo mark inside it."""

from __future__ import annotations

import io
import textwrap
from contextlib import AbstractContextManager

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.patheffects import withStroke

from geo import crs
from wording import t
from wording.formats import number

from .area_classes import COLOURS, EDGE, HATCHED
from .map_sheet import NAMES_AT_MOST, MapSheet
from .pictures import INK, SOFT, sized

_WIDE, _TALL, _DPI = 24 / 2.54, 16 / 2.54, 200
_DARK = ("6", "7")
_LETTERS = {"zh": 25, "en": 46}
"""Letters in a line of the column beside the map."""


def map_png(sheet: MapSheet) -> bytes:
    """The sheet's map, 24 × 16 cm at 200 dpi; areas without a shape are said in the notes."""
    figure = Figure(figsize=(_WIDE, _TALL), dpi=_DPI)
    with _plain():
        _panel(figure, sheet, (0.01, 0.05, 0.68, 0.85))
        _head(figure, f"{sheet.place} · {sheet.title}", sheet.as_of, sheet.mark)
        _beside(figure, sheet)
        return _written(figure)


def pair_png(earlier: MapSheet, later: MapSheet) -> bytes:
    """Two maps of one layer side by side, each with its span, in one legend's colours; 32 × 18 cm.

    The two sheets are of the same areas and language.
    """
    figure = Figure(figsize=(32 / 2.54, 18 / 2.54), dpi=_DPI)
    with _plain():
        for sheet, left in ((earlier, 0.01), (later, 0.505)):
            _panel(figure, sheet, (left, 0.24, 0.485, 0.62))
            figure.text(left + 0.005, 0.875, sheet.as_of, va="bottom", color=INK,
                        fontproperties=sized(9))  # fmt: skip
            _legend(figure, sheet, (left, 0.23))
        _head(figure, f"{later.place} · {later.title}", "", later.mark)
        notes = "\n".join(_wrapped(note, later.language) for note in later.notes)
        figure.text(0.78, 0.02, notes, va="bottom", color=SOFT, fontproperties=sized(7),
                    linespacing=1.4, parse_math=False)  # fmt: skip
        return _written(figure)


def _plain() -> AbstractContextManager[None]:
    return mpl.rc_context({"axes.unicode_minus": False, "hatch.linewidth": 0.5})


def _written(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _head(figure: Figure, title: str, as_of: str, mark: str) -> None:
    figure.text(0.015, 0.985, title, va="top", color=INK, fontproperties=sized(12),
                parse_math=False)  # fmt: skip
    figure.text(0.015, 0.935, as_of, va="top", color=SOFT, fontproperties=sized(8))
    if mark:
        figure.text(
            0.985, 0.985, mark, ha="right", va="top", fontproperties=sized(11), color=SOFT,
            bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": SOFT},
        )  # fmt: skip


def _panel(figure: Figure, sheet: MapSheet, at: tuple[float, float, float, float]) -> None:
    """One map with its scale bar and north."""
    axes = figure.add_axes(at)
    axes.set_axis_off()
    drawn = sheet.shapes.notna().to_numpy()
    if not drawn.any():
        return
    shapes = sheet.shapes[drawn]
    view = shapely.box(*sheet.frame) if sheet.frame else shapely.box(*shapes.total_bounds)
    zone = crs.metric_zone_of(shapes)
    areas = gpd.GeoDataFrame(sheet.cells[drawn], geometry=crs.to_metres(shapes, zone))
    seen = crs.to_metres(gpd.GeoSeries([view], crs=shapes.crs), zone)
    west, south, east, north = seen.total_bounds if sheet.frame else areas.total_bounds
    room = 0.0 if sheet.frame else 0.08 * max(east - west, north - south)
    axes.set_xlim(west - room / 2, east + room / 2)
    axes.set_ylim(south - room, north + room / 2)
    _draw(axes, areas)
    if sheet.within is None:
        _names(axes, areas)
    else:
        inside = sheet.within.to_crs(zone).assign(level="", digit="3")
        inside.plot(ax=axes, facecolor="none", edgecolor=EDGE, linewidth=0.4, aspect=None)
        _names(axes, inside)
    _scale_bar(axes, sheet.language)
    _north(axes, sheet.language)


def _draw(axes: Axes, areas: gpd.GeoDataFrame) -> None:
    """The wider areas first, the finer ones on them, the outlines of the widest over all."""
    levels = areas["level"].unique()
    for level in levels:
        for digit, part in areas[areas["level"] == level].groupby("digit"):
            part.plot(
                ax=axes, color=COLOURS[str(digit)], edgecolor=EDGE, linewidth=0.5,
                hatch=HATCHED.get(str(digit)), aspect=None,
            )  # fmt: skip
    if len(levels) > 1:
        areas[areas["level"] == levels[0]].plot(
            ax=axes, facecolor="none", edgecolor=INK, linewidth=1.0, aspect=None
        )
    axes.set_aspect(1.0)


def _names(axes: Axes, areas: gpd.GeoDataFrame) -> None:
    """Names of the widest level of which more than one area is seen; of one area its own."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    seen = areas[areas.intersects(shapely.box(left, bottom, right, top))]
    counts = seen["level"].value_counts()
    named = [level for level in seen["level"].unique() if counts[level] > 1]
    seen = seen[seen["level"] == named[0]] if named else seen
    if len(seen) > NAMES_AT_MOST:
        return
    points = seen.geometry.intersection(shapely.box(left, bottom, right, top))
    for point, name, digit in zip(
        points.representative_point(), seen["name"], seen["digit"], strict=True
    ):
        axes.text(
            point.x, point.y, name, fontproperties=sized(6), ha="center", va="center",
            color="white" if digit in _DARK else INK, parse_math=False, clip_on=True,
            path_effects=[withStroke(linewidth=1.5, foreground=COLOURS[digit])],
        )  # fmt: skip


def _scale_bar(axes: Axes, language: str) -> None:
    """A bar of a round length, about a fifth of the map; its ends in kilometres."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    km = round_km((right - left) / 5000)
    length, thick = km * 1000, (top - bottom) * 0.008
    x, y = left + (right - left) * 0.03, bottom + (top - bottom) * 0.03
    for n in range(2):
        axes.add_patch(
            Rectangle((x + n * length / 2, y), length / 2, thick, facecolor=INK if n else "white",
                      edgecolor=INK, linewidth=0.6)
        )  # fmt: skip
    for at, said in ((x, "0"), (x + length, t("mapfile.km", language, km=_km(km, language)))):
        axes.text(at, y + 2 * thick, said, ha="center", va="bottom", fontproperties=sized(7))


def round_km(about: float) -> float:
    """1, 2 or 5 times a power of ten, at most `about` (> 0)."""
    power = 10.0 ** np.floor(np.log10(about))
    return float(max(step * power for step in (1, 2, 5) if step * power <= about * (1 + 1e-9)))


def _km(km: float, language: str) -> str:
    return number(km, language, 0 if km >= 1 else max(0, round(-np.log10(km) + 0.49)))


def _north(axes: Axes, language: str) -> None:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    size = (top - bottom) * 0.05
    x, y = right - (right - left) * 0.04, top - (top - bottom) * 0.09
    arrow = [(x, y + size), (x - size * 0.35, y), (x, y + size * 0.25), (x + size * 0.35, y)]
    axes.add_patch(Polygon(arrow, closed=True, facecolor=INK, edgecolor=INK, linewidth=0.6))
    axes.text(x, y - size * 0.15, t("mapfile.north", language), ha="center", va="top",
              fontproperties=sized(8))  # fmt: skip


def _beside(figure: Figure, sheet: MapSheet) -> None:
    """Legend and notes in the right column."""
    _legend(figure, sheet, (0.695, 0.9))
    notes = "\n".join(_wrapped(note, sheet.language) for note in sheet.notes)
    figure.text(0.705, 0.05, notes, va="bottom", color=SOFT, fontproperties=sized(7),
                linespacing=1.4, parse_math=False)  # fmt: skip


def _legend(figure: Figure, sheet: MapSheet, at: tuple[float, float]) -> None:
    handles = [
        Patch(facecolor=line.colour, edgecolor=EDGE, linewidth=0.5, hatch=line.hatch or None,
              label=_wrapped(f"{line.words}  {line.areas}", sheet.language))
        for line in sheet.legend
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=at, frameon=False,
        prop=sized(8), handlelength=2.2, handleheight=1.4, labelspacing=0.8,
    )  # fmt: skip


def _wrapped(text: str, language: str) -> str:
    return "\n".join(textwrap.wrap(text, _LETTERS[language], break_on_hyphens=False))
