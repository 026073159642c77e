"""Pictures for reports: the project's own font, and a small map as PNG, readable in grey print.

Every picture carries its legend, its "as of" line and the demo mark, so that it stays true when
somebody cuts it out of the report. Texts are drawn with the project's own font.
"""

from __future__ import annotations

import io
import math
from functools import cache
from pathlib import Path
from textwrap import fill

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from wording import t
from wording.formats import percent
from wording.palette import INK, SOFT

from .area_classes import COLOURS, EDGE, FIXED, HATCHED, NONE, SCALE, TOO_FEW, UNKNOWN
from .daily_facts import DailyReport

FONTS = Path(__file__).parent / "fonts"
SANS = FONTS / "NotoSansSC-Subset.otf"
SERIF = FONTS / "NotoSerifSC-Subset.otf"

_DPI = 200
_CM = 1 / 2.54
ON_SCREEN = 350
"""Width in CSS pixels of the map drawn for a page beside other things."""


@cache
def font(path: Path = SANS) -> FontProperties:
    """One of the project's own fonts, for matplotlib.

    Raises:
        FileNotFoundError: when the file is gone: tofu in a report is no answer.
    """
    if not path.is_file():
        raise FileNotFoundError(f"the font {path.name} is missing from reports/fonts")
    fontManager.addfont(path)
    return FontProperties(fname=path)


def overdue_digits(report: DailyReport) -> pd.Series:
    """One class digit of `area_classes` per township: its overdue share, or why there is none.

    Returns:
        Digits on township_code, every township of the report, sorted; fixed class edges, so that
        two days can be compared. Fewer than ten open cases: `TOO_FEW`, none included.
    """
    edges = FIXED["overdue_share"]
    rates = {line.township_code: line.overdue for line in report.by_township}
    digits = {}
    for code, _, _ in report.township_names:
        rate = rates.get(code)
        if rate is None or rate.is_small or rate.share is None:
            digits[code] = TOO_FEW
        else:
            digits[code] = SCALE[sum(rate.share > edge for edge in edges)]
    return pd.Series(digits, dtype="str").sort_index()


def map_picture(
    areas: gpd.GeoDataFrame,
    language: str,
    foot: str,
    mark: str = "",
    edges: tuple[float, ...] = FIXED["overdue_share"],
    on_screen: bool = False,
) -> bytes:
    """A small map of overdue shares.

    Args:
        areas: any number of polygons (any CRS; drawn as they lie), column `digit`: a class digit
            of `area_classes`. Optional column `label`: a name written inside.
        language: of the legend. foot: the line under the map, with the "as of" time.
        mark: the demo mark; "" for real data.
        edges: upper edges (shares 0-1) of the classes but the last.
        on_screen: drawn to be read `ON_SCREEN` pixels wide; else for paper.

    Returns:
        PNG at 200 dpi, 15 cm wide on paper. Too few cases are hatched, never the colour of low.
    """
    if on_screen:
        foot = fill(foot, 58)
        figure = Figure(figsize=(ON_SCREEN / 96, ON_SCREEN * 0.68 / 96), dpi=_DPI)
        axes = figure.add_axes((0.0, 0.12, 0.7, 0.88))
    else:
        figure = Figure(figsize=(15 * _CM, 9 * _CM), dpi=_DPI)
        axes = figure.add_axes((0.01, 0.07, 0.74, 0.91))
    axes.set_axis_off()
    for digit, part in areas.groupby("digit"):
        part.plot(
            ax=axes,
            color=COLOURS[str(digit)],
            edgecolor=EDGE,
            linewidth=0.5,
            hatch=HATCHED.get(str(digit)),
            aspect=None,
        )
    axes.set_aspect(_aspect(areas))
    if "label" in areas:
        _labels(axes, areas, 8 if on_screen else 5.5)
    digits = [str(d) for d in areas["digit"].unique()]
    _map_legend(figure, digits, edges, language, on_screen)
    return finish(figure, foot, mark)


def _aspect(areas: gpd.GeoDataFrame) -> float:
    """Degrees of longitude are shorter than those of latitude; metres are not."""
    if areas.crs is not None and areas.crs.is_geographic and len(areas):
        south, north = areas.total_bounds[1], areas.total_bounds[3]
        return 1 / math.cos(math.radians((south + north) / 2))
    return 1.0


def _labels(axes: Axes, areas: gpd.GeoDataFrame, points: float) -> None:
    inside = areas.geometry.representative_point()
    for point, label, digit in zip(inside, areas["label"], areas["digit"], strict=True):
        dark = digit in SCALE[3:]
        axes.text(
            point.x,
            point.y,
            str(label),
            fontproperties=sized(points),
            color="white" if dark else INK,
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=1.5, foreground=COLOURS[str(digit)])],
        )


def _map_legend(
    figure: Figure, used: list[str], edges: tuple[float, ...], language: str, on_screen: bool
) -> None:
    entries = []
    for digit in (*SCALE[: len(edges) + 1], TOO_FEW, UNKNOWN, NONE):
        if digit not in SCALE and digit not in used:
            continue
        entries.append(
            Patch(
                facecolor=COLOURS[digit],
                edgecolor=EDGE,
                linewidth=0.5,
                hatch=HATCHED.get(digit),
                label=_class_text(digit, edges, language),
            )
        )
    legend = figure.legend(
        handles=entries,
        title=t("reports.map.legend", language),
        loc="center left",
        bbox_to_anchor=(0.655 if on_screen else 0.755, 0.5),
        frameon=False,
        prop=sized(7 if on_screen else 8),
        title_fontproperties=sized(8.5),
        handlelength=1.6 if on_screen else 2.2,
        handletextpad=0.5 if on_screen else 0.8,
        handleheight=1.4,
    )
    legend.get_title().set_color(INK)


def _class_text(digit: str, edges: tuple[float, ...], language: str) -> str:
    names = {TOO_FEW: "too_few", NONE: "none", UNKNOWN: "unknown"}
    if digit in names:
        return t(f"reports.map.{names[digit]}", language)
    place = SCALE.index(digit)
    lower = percent(edges[place - 1], language, 0) if place else ""
    upper = percent(edges[place], language, 0) if place < len(edges) else ""
    if not lower:
        return t("reports.map.up_to", language, upper=upper)
    if not upper:
        return t("reports.map.over", language, lower=lower)
    return t("reports.map.between", language, lower=lower, upper=upper)


def sized(points: float) -> FontProperties:
    """The project's sans in a size of points."""
    sized = font().copy()
    sized.set_size(points)
    return sized


def finish(figure: Figure, foot: str, mark: str, top: float = 0.965) -> bytes:
    """The picture as PNG, with the line under it and the demo mark, whose top is at `top`."""
    figure.text(0.02, 0.02, foot, fontproperties=sized(7), color=SOFT)
    if mark:
        figure.text(
            0.98,
            top,
            mark,
            ha="right",
            va="top",
            fontproperties=sized(10),
            color=SOFT,
            bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": SOFT},
        )
    stream = io.BytesIO()
    with mpl.rc_context({"axes.unicode_minus": False, "hatch.linewidth": 0.5}):
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
