"""A map as a picture to take along: scale bar, north, legend, as-of and demo mark inside it."""

from __future__ import annotations

import io
import textwrap

import geopandas as gpd
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.patheffects import withStroke

from geo import crs
from wording import t
from wording.formats import number

from .area_classes import COLOURS, EDGE, HATCHED
from .map_sheet import MapSheet
from .pictures import INK, SOFT, sized

_WIDE, _TALL, _DPI = 24 / 2.54, 16 / 2.54, 200
_NAMES_AT_MOST = 60
"""More areas than this are drawn without names: nobody could read them."""
_DARK = ("6", "7")
_LETTERS = {"zh": 25, "en": 46}
"""Letters in a line of the column beside the map."""


def map_png(sheet: MapSheet) -> bytes:
    """The sheet's map, 24 × 16 cm at 200 dpi; areas without a shape are said in the notes."""
    figure = Figure(figsize=(_WIDE, _TALL), dpi=_DPI)
    axes = figure.add_axes((0.01, 0.05, 0.68, 0.85))
    axes.set_axis_off()
    drawn = sheet.shapes.notna().to_numpy()
    with mpl.rc_context({"axes.unicode_minus": False, "hatch.linewidth": 0.5}):
        if drawn.any():
            areas = gpd.GeoDataFrame(
                sheet.cells[drawn], geometry=crs.to_metres(sheet.shapes[drawn])
            )
            _draw(axes, areas)
            _scale_bar(axes, sheet.language)
            _north(axes, sheet.language)
        figure.text(0.015, 0.985, f"{sheet.place} · {sheet.title}", va="top", color=INK,
                    fontproperties=sized(12))  # fmt: skip
        figure.text(0.015, 0.935, sheet.as_of, va="top", color=SOFT, fontproperties=sized(8))
        _beside(figure, sheet)
        if sheet.mark:
            figure.text(
                0.985, 0.985, sheet.mark, ha="right", va="top", fontproperties=sized(11),
                color=SOFT, bbox={"boxstyle": "round,pad=0.3", "facecolor": "white",
                                  "edgecolor": SOFT},
            )  # fmt: skip
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _draw(axes: Axes, areas: gpd.GeoDataFrame) -> None:
    for digit, part in areas.groupby("digit"):
        part.plot(
            ax=axes, color=COLOURS[str(digit)], edgecolor=EDGE, linewidth=0.5,
            hatch=HATCHED.get(str(digit)), aspect=None,
        )  # fmt: skip
    axes.set_aspect(1.0)
    west, south, east, north = areas.total_bounds
    room = 0.08 * max(east - west, north - south)
    axes.set_xlim(west - room / 2, east + room / 2)
    axes.set_ylim(south - room, north + room / 2)
    if len(areas) > _NAMES_AT_MOST:
        return
    for point, name, digit in zip(
        areas.geometry.representative_point(), areas["name"], areas["digit"], strict=True
    ):
        axes.text(
            point.x, point.y, name, fontproperties=sized(6), ha="center", va="center",
            color="white" if digit in _DARK else INK, parse_math=False,
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
    handles = [
        Patch(facecolor=line.colour, edgecolor=EDGE, linewidth=0.5, hatch=line.hatch or None,
              label=_wrapped(f"{line.words}  {line.areas}", sheet.language))
        for line in sheet.legend
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.695, 0.9), frameon=False,
        prop=sized(8), handlelength=2.2, handleheight=1.4, labelspacing=0.8,
    )  # fmt: skip
    notes = "\n".join(_wrapped(note, sheet.language) for note in sheet.notes)
    figure.text(0.705, 0.05, notes, va="bottom", color=SOFT, fontproperties=sized(7),
                linespacing=1.4, parse_math=False)  # fmt: skip


def _wrapped(text: str, language: str) -> str:
    return "\n".join(textwrap.wrap(text, _LETTERS[language], break_on_hyphens=False))
