"""Charts of the office's own pages, in the style of the public ones: SVG without script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from wording import formats, t

from .monthly_charts import ACCENT, FONT, INK, LINE, PALE, SOFT, WIDTH, Chart, svg_text

_DASHES = ("", "7 4", "2 3")


def waiting_chart(
    curves: Sequence[tuple[str, np.ndarray, np.ndarray]], finding: str, what: str, language: str
) -> Chart | None:
    """The share still waiting by days since asking (Kaplan-Meier), one step line a curve.

    Args:
        curves: name, times and share still waiting of each (`waiting.survival`), at most three.

    Returns:
        None where no curve has a case.
    """
    curves = [one for one in curves if len(one[1])]
    if not curves:
        return None
    left, top, wide, high = 42, 10, WIDTH - 56, 170
    last = max(30.0, *(float(np.quantile(times, 0.98)) for _, times, _ in curves))

    def x(days: float) -> float:
        return left + wide * min(days, last) / last

    def y(share: float) -> float:
        return top + high * (1 - share)

    parts = []
    for share in (0, 0.5, 1):
        parts.append(
            f'<line x1="{left}" x2="{left + wide}" y1="{y(share):.1f}" y2="{y(share):.1f}" '
            f'stroke="{LINE}"/>'
        )
        parts.append(svg_text(left - 4, y(share) + 4, formats.percent(share, language, 0), "end"))
    for number, (name, times, still) in enumerate(curves):
        path, before = f"M{x(0):.1f} {y(1):.1f}", -1.0
        for day, share in zip(times, still, strict=True):
            if day > last:
                break
            if x(day) - before >= 0.7:  # more steps than pixels would be seen by nobody
                path, before = f"{path}H{x(day):.1f}V{y(share):.1f}", x(day)
        colour = (ACCENT, INK, SOFT)[number]
        drawn = f'fill="none" stroke="{colour}" stroke-width="2" '
        drawn += f'stroke-dasharray="{_DASHES[number]}"'
        parts.append(f'<path d="{path}H{left + wide}" {drawn}/>')
        at = top + high + 40 + number * 18
        parts.append(f'<path d="M{left} {at - 4}h26" {drawn}/>')
        parts.append(svg_text(left + 34, at, name))
    for days in (0, last / 2, last):
        where = "start" if days == 0 else "end" if days == last else "middle"
        parts.append(svg_text(x(days), top + high + 18, formats.number(days, language), where))
    unit = t("indicators.chart.days", language)
    parts.append(svg_text(left + wide, top + high + 34, unit, "end"))
    tall = top + high + 40 + len(curves) * 18
    return Chart("waiting", finding, what, tall, "".join(parts))


def weeks_chart(
    past: Sequence[tuple[dt.date, int]],
    ahead: Sequence[tuple[dt.date, float, float, float]],
    finding: str,
    what: str,
    language: str,
) -> Chart:
    """Weekly counts that were, and low, middle and high of those to come.

    Args:
        past, ahead: first day of a week with its numbers; both at least one.
    """
    left, top, wide, high = 48, 10, WIDTH - 62, 130
    most = max([1.0, *(n for _, n in past), *(one[3] for one in ahead)]) * 1.05
    step = wide / (len(past) + len(ahead) - 1)

    def at(place: int, value: float) -> str:
        return f"{left + step * place:.1f},{top + high * (1 - value / most):.1f}"

    begin = len(past) - 1
    newest = float(past[-1][1])
    joined = [(past[-1][0], newest, newest, newest), *ahead]
    upper = [at(begin + n, one[3]) for n, one in enumerate(joined)]
    lower = [at(begin + n, one[1]) for n, one in enumerate(joined)][::-1]
    middle = [at(begin + n, one[2]) for n, one in enumerate(joined)]
    been = [at(n, value) for n, (_, value) in enumerate(past)]
    parts = [f'<polygon points="{" ".join(upper + lower)}" fill="{PALE}"/>']
    for value in (0, most / 2, most):
        level = top + high * (1 - value / most)
        parts.append(
            f'<line x1="{left}" x2="{left + wide}" y1="{level:.1f}" y2="{level:.1f}" '
            f'stroke="{LINE}"/>'
        )
        parts.append(svg_text(left - 4, level + 4, formats.number(value, language), "end"))
    line = f'fill="none" stroke="{ACCENT}" stroke-width="2"'
    parts.append(f'<polyline points="{" ".join(been)}" {line}/>')
    parts.append(f'<polyline points="{" ".join(middle)}" {line} stroke-dasharray="5 4"/>')
    below = top + high + FONT + 5
    parts.append(svg_text(left, below, past[0][0].isoformat()))
    parts.append(svg_text(left + wide, below, ahead[-1][0].isoformat(), "end"))
    return Chart("weeks", finding, what, below + 8, "".join(parts))
