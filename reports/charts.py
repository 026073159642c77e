"""Charts of the reports and the office's pages: one style, as PNG, readable in grey print.

Axes name their units; lettering is the project's own font; series differ by line and sign as well
as by colour. As-of line and demo mark are part of every picture, so that it stays true when
somebody cuts it out. What is drawn is what may be shown: a figure that is covered comes as None.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from wording import formats, t
from wording.palette import ACCENT, EDGE, GROUND, INK, LINE, PALE, SECOND, SOFT

from .pictures import finish, sized

_DPI = 220
_CM = 1 / 2.54
_WIDE, _HIGH, _ROW = 15.0, 6.4, 0.52
"""Centimetres: of a chart, and of a row of one that lies."""
_LETTERS = 82
"""Latin letters of a title's line; a Chinese one counts as two."""
_LOOKS: tuple[tuple[str, Literal["-", "--", ":"], str], ...] = (
    (ACCENT, "-", "o"), (SECOND, "--", "s"), (SOFT, ":", "^"),
)  # fmt: skip
"""Colour, line and sign of a chart's series, in their order."""
TICKS = 8
"""At most so many labels along an axis of days or months."""


class Series(NamedTuple):
    """One line, or one set of bars.

    values: one per place, None = a gap (unknown, too few, covered). low, high: the ends of its
    interval or band, as long as `values`, or empty.
    """

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Chart:
    """What a chart says and shows.

    kind: `lines` over the places; `bars` upright, for steps that have an order; `rows`: lying, one
    per named group, with intervals; `steps` and `funnel`: over the numbers `at`.
    name: of its files. finding: its title, a sentence. what: what is drawn, for who cannot see it.
    places: labels along the axis, or of the rows. x_unit, y_unit: what the axes count.
    is_share: values in 0-1, written as percent.
    marks: of a funnel, the label of each point; "" = a ring only.
    """

    kind: Literal["lines", "bars", "rows", "steps", "funnel"]
    name: str
    finding: str
    what: str
    places: tuple[str, ...]
    series: tuple[Series, ...]
    x_unit: str
    y_unit: str
    is_share: bool = False
    at: tuple[float, ...] = ()
    marks: tuple[str, ...] = ()


def draw(
    chart: Chart, language: str, foot: str, mark: str = "", *, with_title: bool = True
) -> bytes:
    """The chart as PNG.

    Args:
        language: of the numbers. foot: the line under it, with scope and "as of".
        mark: the demo mark; "" for real data.
        with_title: whether the finding stands in the picture; a page says it in words.

    Returns:
        15 cm wide, 220 dpi.
    """
    title = _wrapped(chart.finding) if with_title else []
    is_lying = chart.kind == "rows"
    inner = max(3, len(chart.places)) * _ROW if is_lying else _HIGH - 2.9
    above = 1.25 + 0.55 * len(title) if len(chart.series) > 1 or mark or title else 0.75
    tall = inner + above + 1.5
    figure = Figure(figsize=(_WIDE * _CM, tall * _CM), dpi=_DPI)
    left = _left(chart) if is_lying else 1.25
    axes = figure.add_axes((left / _WIDE, 1.5 / tall, (_WIDE - left - 1.4) / _WIDE, inner / tall))
    kinds = {
        "lines": _lines, "bars": _bars, "rows": _rows, "steps": _steps, "funnel": _funnel,
    }  # fmt: skip
    handles = kinds[chart.kind](axes, chart, language)
    _style(axes, chart, language)
    for number, line in enumerate(title):
        figure.text(
            0.02, 1 - (0.15 + 0.55 * number) / tall, line, va="top",
            fontproperties=sized(10), color=INK,
        )  # fmt: skip
    if handles:
        figure.legend(
            handles=handles, loc="upper left", frameon=False, ncols=len(handles), prop=sized(8),
            handlelength=3, bbox_to_anchor=(left / _WIDE - 0.02, 1 - (0.55 * len(title)) / tall),
        )  # fmt: skip
    return finish(figure, foot, mark, 1 - (0.15 + 0.55 * len(title)) / tall)


def _wrapped(text: str) -> list[str]:
    """A title in lines; words of Latin letters are not broken."""
    lines: list[str] = []
    line, wide = "", 0
    for word in _pieces(text):
        size = sum(2 if ord(letter) > 0x2E80 else 1 for letter in word)
        if wide + size > _LETTERS and line and word not in "，。；、）":
            lines, line, wide = [*lines, line.strip()], "", 0
        line, wide = line + word, wide + size
    return [*lines, line.strip()]


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for letter in text:
        if ord(letter) > 0x2E80 or letter == " ":
            pieces += [letter, ""]
        else:
            pieces[-1] += letter
    return [one for one in pieces if one]


def _left(chart: Chart) -> float:
    """Room for the names of rows, in centimetres."""
    longest = max(
        (sum(2 if ord(one) > 0x2E80 else 1 for one in str(name)) for name in chart.places),
        default=0,
    )
    return min(5.6, 0.6 + 0.145 * longest)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _said(value: float, chart: Chart, language: str) -> str:
    if chart.is_share:
        return formats.percent(value, language)
    return formats.number(value, language, 0 if float(value).is_integer() else 1)


def _lines(axes: Axes, chart: Chart, language: str) -> list[Line2D]:
    places = range(len(chart.places))
    handles, ends = [], []
    for one, (colour, style, sign) in zip(chart.series, _LOOKS, strict=False):
        values = _numbers(one.values)
        if one.low:
            axes.fill_between(
                places, _numbers(one.low), _numbers(one.high), color=PALE, linewidth=0, zorder=1
            )
        axes.plot(
            places, values, style, marker=sign, markersize=3.5, linewidth=1.4, color=colour
        )  # fmt: skip
        handles.append(
            Line2D([], [], linestyle=style, marker=sign, markersize=4, color=colour, label=one.name)
        )
        if known := [at for at in places if not math.isnan(values[at])]:
            ends.append((values[known[-1]], known[-1], colour))
    for number, (value, at, colour) in enumerate(sorted(ends, reverse=True)):
        axes.annotate(
            _said(value, chart, language), (at, value), xytext=(5, 0), textcoords="offset points",
            va="bottom" if number == 0 else "top", fontproperties=sized(8), color=colour,
            annotation_clip=False,
        )  # fmt: skip
    step = max(1, math.ceil(len(chart.places) / TICKS))
    axes.set_xticks(range(0, len(chart.places), step), [str(x) for x in chart.places[::step]])
    return handles if len(handles) > 1 else []


def _bars(axes: Axes, chart: Chart, language: str) -> list[Line2D]:
    values = chart.series[0].values
    for at, value in enumerate(values):
        if value is None:
            said = t("charts.covered", language)
        else:
            axes.bar(at, value, width=0.68, color=ACCENT, zorder=2)
            said = _said(value, chart, language)
        axes.annotate(
            said, (at, value or 0), xytext=(0, 2), textcoords="offset points", ha="center",
            va="bottom", fontproperties=sized(8), color=INK,
        )  # fmt: skip
    axes.set_xticks(range(len(values)), [str(place) for place in chart.places])
    axes.set_xlim(-0.6, len(values) - 0.4)
    return []


def _rows(axes: Axes, chart: Chart, language: str) -> list[Line2D]:
    """From top to bottom in the order given: the fixed order of the groups, never by size."""
    one = chart.series[0]
    for at, value in enumerate(one.values):
        if value is None:
            axes.annotate(
                t("charts.few", language), (0, at), xytext=(4, 0), textcoords="offset points",
                xycoords=("axes fraction", "data"), va="center", fontproperties=sized(7.5),
                color=SOFT,
            )  # fmt: skip
            continue
        if one.low:
            ends = _numbers((one.low[at], one.high[at]))
            axes.plot(ends, (at, at), color=EDGE, linewidth=2, zorder=2)
        axes.plot(value, at, "o", color=ACCENT, markersize=5, zorder=3)
        axes.annotate(
            _said(value, chart, language), (1.0, at), xytext=(4, 0), textcoords="offset points",
            xycoords=("axes fraction", "data"), va="center", fontproperties=sized(8), color=INK,
        )  # fmt: skip
    axes.set_yticks(range(len(chart.places)), [str(place) for place in chart.places])
    axes.set_ylim(len(chart.places) - 0.4, -0.6)
    return []


def _steps(axes: Axes, chart: Chart, _language: str) -> list[Line2D]:
    handles = []
    for one, (colour, style, _) in zip(chart.series, _LOOKS, strict=False):
        axes.step(
            chart.at, _numbers(one.values), style, where="post", color=colour, linewidth=1.5
        )  # fmt: skip
        handles.append(Line2D([], [], linestyle=style, color=colour, label=one.name))
    axes.set_xlim(left=0)
    return handles


def _funnel(axes: Axes, chart: Chart, _language: str) -> list[Line2D]:
    """First series: the points; second: the limits over the same places."""
    points, limits = chart.series
    for edge in (limits.low, limits.high):
        line = sorted(zip(chart.at, _numbers(edge), strict=True))
        axes.plot([x for x, _ in line], [y for _, y in line], color=EDGE, linewidth=1.3)
    axes.axhline(1, color=INK, linewidth=0.9, linestyle="--")
    for x, y, name in zip(chart.at, points.values, chart.marks, strict=True):
        if y is None:
            continue
        sign, fill = ("s", ACCENT) if name else ("o", GROUND)
        axes.plot(x, y, sign, color=ACCENT, markerfacecolor=fill, markersize=5.5, zorder=3)
        axes.annotate(
            name, (x, y), xytext=(5, 3), textcoords="offset points",
            fontproperties=sized(8), color=INK,
        )  # fmt: skip
    axes.set_xlim(left=0)
    return []


def _style(axes: Axes, chart: Chart, language: str) -> None:
    is_lying = chart.kind == "rows"
    values = axes.xaxis if is_lying else axes.yaxis
    if chart.is_share:
        lows = [x for one in chart.series for x in (*one.values, *one.low) if x is not None]
        least = math.floor(min([*lows, 1.0]) * 10) / 10 if chart.kind in {"lines", "rows"} else 0.0
        bounds = (max(0.0, least - 0.02 if is_lying else least), 1.0)
        axes.set_xlim(*bounds) if is_lying else axes.set_ylim(bounds[0], 1.005)
        values.set_major_formatter(FuncFormatter(lambda x, _: formats.percent(x, language, 0)))
        values.set_major_locator(MaxNLocator(nbins=5))
    elif not is_lying:
        axes.set_ylim(bottom=0)
        if chart.kind == "bars":
            axes.margins(y=0.14)
        values.set_major_locator(MaxNLocator(nbins=5, integer=chart.kind != "funnel"))
        values.set_major_formatter(
            FuncFormatter(lambda x, _: formats.number(x, language, 0 if x == int(x) else 1))
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(EDGE)
    axes.tick_params(color=EDGE, length=2.5)
    axes.grid(axis="x" if is_lying else "y", linewidth=0.4, color=LINE, zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlabel(chart.x_unit, loc="right", fontproperties=sized(8), color=SOFT)
    axes.set_title(
        chart.y_unit, loc="left", fontproperties=sized(8), color=SOFT, pad=5,
        x=-0.06 if not is_lying else 0,
    )  # fmt: skip
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_fontproperties(sized(8))
        tick.set_color(INK if is_lying else SOFT)


def flow_picture(
    flow: Sequence[tuple[dt.date, int | None, int | None]], language: str, foot: str, mark: str = ""
) -> bytes:
    """New and answered cases of the last days.

    Args:
        flow: day, new, answered; in order, no day missing; None = a gap in the line.
        language, foot, mark: as in `draw`.
    """
    return _of_days("flow", flow, ("new", "answered"), language, foot, mark)


def levels_picture(
    levels: tuple[tuple[dt.date, int, int], ...], language: str, foot: str, mark: str = ""
) -> bytes:
    """Open and overdue cases of the last evenings.

    Args:
        levels: day, open, overdue; in order, missing days left out.
    """
    return _of_days("levels", levels, ("open", "overdue"), language, foot, mark)


def _of_days(
    name: str, rows: Sequence[tuple[dt.date, int | None, int | None]], names: tuple[str, str],
    language: str, foot: str, mark: str,
) -> bytes:  # fmt: skip
    series = tuple(
        Series(t(f"reports.chart.{one}", language), values)
        for one, values in zip(
            names, (tuple(row[1] for row in rows), tuple(row[2] for row in rows)), strict=True
        )
    )
    chart = Chart(
        "lines", name, "", "", tuple(f"{day.month}/{day.day}" for day, _, _ in rows), series,
        t("charts.unit.day", language), t("charts.unit.cases", language),
    )  # fmt: skip
    return draw(chart, language, foot, mark, with_title=False)
