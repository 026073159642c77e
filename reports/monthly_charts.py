"""The charts of the public page: SVG without script or style, each beside a table with its numbers.

One accent in shades that stay apart in grey; the finding is the title, the source stands below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from wording import formats, t
from wording.palette import ACCENT, INK, LINE, MIDDLE, PALE, SOFT

from .equal_service import funnel_limits
from .monthly import COUNTY
from .monthly_content import Content

SHADES = {"on_time": ACCENT, "late_answered": MIDDLE, "late_open": INK, "ended_otherwise": PALE}
WIDTH, FONT = 360, 13


@dataclass(frozen=True)
class Chart:
    """A chart: id (for its title and description), finding, what it shows, the SVG's inside."""

    name: str
    finding: str
    what: str
    height: int
    body: str

    @property
    def svg(self) -> str:
        """The whole SVG element; every text in it is escaped."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'role="img" aria-labelledby="{self.name}-t {self.name}-d" font-size="{FONT}" '
            f'fill="{INK}"><title id="{self.name}-t">{escape(self.finding)}</title>'
            f'<desc id="{self.name}-d">{escape(self.what)}</desc>{self.body}</svg>'
        )


def svg_text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _county(content: Content) -> dict[str, dict[str, Any]]:
    rows = [row for row in content["figures"] if row["by"] == COUNTY]
    return {row["indicator"]: row for row in rows}


def shares_chart(content: Content, language: str, month: str) -> Chart | None:
    """What became of the answers due, as one bar; None where a part of it is covered."""
    found = {name: _county(content)[name] for name in SHADES}
    due = found["on_time"]["denominator"]
    if not due or any(row["covered"] for row in found.values()):
        return None
    parts, x = [], 0.0
    for name, row in found.items():
        wide = WIDTH * row["numerator"] / due
        parts.append(
            f'<rect x="{x:.1f}" y="0" width="{wide:.1f}" height="34" fill="{SHADES[name]}" '
            'stroke="#fff"/>'
        )
        x += wide
    for number, (name, row) in enumerate(found.items()):
        y = 56 + number * 22
        parts.append(
            f'<rect x="0" y="{y - 12}" width="14" height="14" fill="{SHADES[name]}" '
            f'stroke="{INK}" stroke-width="0.5"/>'
        )
        said = f"{t(f'figures.indicator.{name}', language)} "
        count = formats.number(row["numerator"], language)
        said += t(
            "figures.part", language, numerator=count,
            share=formats.percent(row["share"], language),
        )  # fmt: skip
        parts.append(svg_text(22, y, said))
    counts = {k: formats.number(row["numerator"], language) for k, row in found.items()}
    what = t(
        "figures.chart.shares_what", language, month=month, due=formats.number(due, language),
        on_time=counts["on_time"], late_answered=counts["late_answered"],
        late_open=counts["late_open"], ended=counts["ended_otherwise"],
    )  # fmt: skip
    share = formats.percent(found["on_time"]["share"], language)
    finding = t("figures.chart.shares", language, share=share)
    return Chart("shares", finding, what, 130, "".join(parts))


def trend_chart(content: Content, language: str) -> Chart | None:
    """The county's on-time share by month with its interval; None below two months."""
    rows = [r for r in content["trend"] if r["by"] == COUNTY and r["share"] is not None]
    if len(rows) < 2:
        return None
    said = {n: formats.percent(r["share"], language) for n, r in (("a", rows[0]), ("z", rows[-1]))}
    finding = t(
        "figures.chart.trend", language, before=said["a"], after=said["z"],
        first=formats.month(rows[0]["month"], language),
        last=formats.month(rows[-1]["month"], language),
    )  # fmt: skip
    return trend_lines(rows, finding, t("figures.chart.trend_what", language), language)


def trend_lines(
    rows: list[dict[str, Any]], finding: str, what: str, language: str, name: str = "trend"
) -> Chart:
    """A share by month with its band; rows of at least two months: month, share, low, high."""
    left, top, wide, high = 42, 10, WIDTH - 84, 130
    least = min(r["low"] for r in rows) // 0.1 * 0.1
    step = wide / (len(rows) - 1)

    def y(share: float) -> float:
        return top + high * (1 - (share - least) / max(1 - least, 0.1))

    xs = [left + step * n for n in range(len(rows))]
    upper = " ".join(f"{x:.1f},{y(r['high']):.1f}" for x, r in zip(xs, rows, strict=True))
    back = list(zip(xs, rows, strict=True))[::-1]
    lower = " ".join(f"{x:.1f},{y(r['low']):.1f}" for x, r in back)
    line = " ".join(f"{x:.1f},{y(r['share']):.1f}" for x, r in zip(xs, rows, strict=True))
    parts = [f'<polygon points="{upper} {lower}" fill="{PALE}"/>']
    for share in (least, (least + 1) / 2, 1.0):
        parts.append(
            f'<line x1="{left}" x2="{left + wide}" y1="{y(share):.1f}" y2="{y(share):.1f}" '
            f'stroke="{LINE}"/>'
        )
        parts.append(svg_text(left - 4, y(share) + 4, formats.percent(share, language, 0), "end"))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{ACCENT}" stroke-width="2.5"/>')
    last = rows[-1]
    parts.append(
        svg_text(xs[-1] + 4, y(last["share"]) + 4, formats.percent(last["share"], language, 0))
    )
    parts.append(svg_text(left, top + high + 20, formats.month(rows[0]["month"], language)))
    newest = formats.month(last["month"], language)
    parts.append(svg_text(left + wide, top + high + 20, newest, "end"))
    return Chart(name, finding, what, top + high + 30, "".join(parts))


def funnel_chart(content: Content, language: str) -> Chart | None:
    """Townships' late answers against those expected; None where fewer than three can be shown."""
    found = content["equal_service"]["township"]
    rows = found["rows"]
    if len(rows) < 3:
        return None
    count = sum(row["question"] for row in rows)
    which = "some" if count else "none"
    finding = t(f"figures.chart.funnel_{which}", language, count=count, shown=len(rows))
    names = {one["id"]: one[language] for one in content["groups"]["township"]}
    what = t("figures.chart.funnel_what", language)
    return funnel(rows, found["dispersion"], names, finding, what, language)


def funnel(
    rows: list[dict[str, Any]], dispersion: float, names: dict[str, str], finding: str, what: str,
    language: str,
) -> Chart:  # fmt: skip
    """Groups by late answers expected and ratio, within the limits of chance and unevenness.

    rows: at least one; group, expected, ratio, question. The groups asked about are squares with
    their name, the others rings: no colour tells them apart.
    """
    left, top, wide, high = 36, 28, WIDTH - 50, 170
    most_x = max(r["expected"] for r in rows) * 1.1
    most_y = max(2.0, max(r["ratio"] for r in rows) * 1.1)

    def at(expected: float, ratio: float) -> tuple[float, float]:
        up = min(ratio, most_y) / most_y
        return left + wide * expected / most_x, top + high * (1 - up)

    steps = [most_x * (n + 1) / 40 for n in range(40)]
    curves = [[at(e, funnel_limits(e, dispersion)[k]) for e in steps] for k in (0, 1)]
    parts = []
    for curve in curves:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in curve)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{SOFT}" stroke-width="2"/>')
    x0, one = at(0, 1)
    parts.append(
        f'<line x1="{x0:.1f}" x2="{left + wide}" y1="{one:.1f}" y2="{one:.1f}" stroke="{INK}" '
        'stroke-dasharray="4 3"/>'
    )
    parts.append(f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="{INK}"/>')
    for value in (0, 1, int(most_y)):
        parts.append(svg_text(left - 5, at(0, value)[1] + 4, str(value), "end"))
    for row in rows:
        x, y = at(row["expected"], row["ratio"])
        if row["question"]:
            parts.append(
                f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{ACCENT}"/>'
            )
            is_right = x > left + wide * 0.6
            edge = (x - 8, "end") if is_right else (x + 8, "start")
            parts.append(svg_text(edge[0], y + 4, names.get(row["group"], row["group"]), edge[1]))
        else:
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#fff" stroke="{ACCENT}" '
                'stroke-width="1.5"/>'
            )
    parts.append(
        svg_text(left + wide, top + high + 18, t("figures.chart.expected", language), "end")
    )
    parts.append(svg_text(left + wide, top + high + 36, f"{most_x:.0f}", "end"))
    parts.append(svg_text(2, 14, t("figures.chart.ratio", language)))
    return Chart("funnel", finding, what, top + high + 42, "".join(parts))
