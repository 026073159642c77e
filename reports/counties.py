"""What stands above the counties: covered totals of each and of all, and nothing else.

A count under 3 is covered, and so many others with it that the total gives none away; a share
stands from 10 cases on. A county whose night failed is named with what failed; its figures are
missing, never 0, and it is in no total.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from wording import t
from wording.formats import day, number, percent
from wording.palette import INK, LINE

from .covering import cover_list, cover_table
from .rates import FEWEST

FIGURES = ("new", "answered", "open", "overdue", "due", "on_time")
"""New and answered of the day, open and overdue at its end, first answers due in the report's
window and those in time."""


@dataclass(frozen=True)
class CountyTotals:
    """One county. day: whose evening; None = unknown. figures: by `FIGURES`; {} = there are none.
    problem: a catalogue key, `step:<name>` or the kind of error; None = all well."""

    name: str
    day: dt.date | None
    figures: Mapping[str, int]
    problem: str | None


@dataclass(frozen=True)
class AboveCounties:
    """Covered figures. cells: counties × `FIGURES`, Int64, NA = covered or missing. totals: of all
    counties with figures; None = covered. problems: by county. days: by county."""

    cells: pd.DataFrame
    totals: Mapping[str, int | None]
    problems: Mapping[str, str]
    days: Mapping[str, dt.date | None]


def above(counties: Sequence[CountyTotals]) -> AboveCounties:
    """The covered figures of many counties; the same counties give the same."""
    with_figures = [one for one in counties if one.figures]
    known = pd.DataFrame(
        [dict(one.figures) for one in with_figures], [one.name for one in with_figures],
        list(FIGURES), dtype="int64",
    )  # fmt: skip
    names = [one.name for one in counties]
    cells = pd.DataFrame(pd.NA, index=names, columns=list(FIGURES)).astype("Int64")
    totals: dict[str, int | None] = dict.fromkeys(FIGURES)
    if len(known):
        for name in ("new", "answered"):
            cells.loc[known.index, name], totals[name] = cover_list(known[name])
        for part, whole in (("overdue", "open"), ("on_time", "due")):
            parts = pd.DataFrame({part: known[part], "rest": known[whole] - known[part]})
            covered = cover_table(parts)
            cells.loc[known.index, part] = covered.cells[part]
            cells.loc[known.index, whole] = covered.row_totals
            whole_part = covered.column_totals[part]
            totals[part] = None if pd.isna(whole_part) else int(whole_part)
            totals[whole] = covered.total
    return AboveCounties(
        cells,
        totals,
        {one.name: one.problem for one in counties if one.problem},
        {one.name: one.day for one in counties},
    )


def to_json(found: AboveCounties) -> bytes:
    """Counties, totals and problems; null = covered or missing."""
    rows = [
        {
            "county": name,
            "day": None if (day := found.days[name]) is None else day.isoformat(),
            "problem": found.problems.get(name),
            "figures": _plain(found.cells.loc[name]),
        }
        for name in found.cells.index
    ]
    whole = {"counties": rows, "totals": dict(found.totals)}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _plain(figures: pd.Series) -> dict[str, int | None]:
    return {str(name): None if pd.isna(value) else int(value) for name, value in figures.items()}


def to_html(found: AboveCounties, language: str) -> bytes:
    """One page without scripts: a table of the counties and their total."""

    def say(key: str, **values: object) -> str:
        return escape(t(f"counties.{key}", language, **values))

    def cell(value: int | None) -> str:
        return f"<td>{say('covered') if value is None else number(value, language)}</td>"

    def line(name: str, values: Mapping[str, int | None], problem: str | None) -> str:
        due, on_time = values["due"], values["on_time"]
        share = say("covered" if due is None or on_time is None else "few")
        if due is not None and on_time is not None and due >= FEWEST:
            share = escape(percent(on_time / due, language))
        said = "" if problem is None else say("problem", what=problem)
        cells = "".join(cell(values[figure]) for figure in FIGURES)
        return f'<tr><th scope="row">{escape(name)}</th>{cells}<td>{share}</td><td>{said}</td></tr>'

    heads = "".join(f'<th scope="col">{say(figure)}</th>' for figure in FIGURES)
    rows = [
        line(name, _plain(found.cells.loc[name]), found.problems.get(name))
        for name in found.cells.index
    ]
    rows.append(line(t("counties.all", language), dict(found.totals), None))
    days = sorted({one for one in found.days.values() if one is not None})
    as_of = "" if not days else say("as_of", day=day(days[-1], language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{say('title')}</title><style>"
        f"body{{font-family:sans-serif;margin:1.5rem;color:{INK}}}table{{border-collapse:collapse}}"
        f"th,td{{padding:.35rem .7rem;border-bottom:1px solid {LINE};text-align:right}}"
        "th[scope=row],th:first-child{text-align:left}tr:last-child{font-weight:bold}"
        f"</style></head><body><h1>{say('title')}</h1><p>{as_of}</p><p>{say('how')}</p>"
        f'<table><thead><tr><th scope="col">{say("county")}</th>{heads}'
        f'<th scope="col">{say("share")}</th><th scope="col">{say("state")}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></body></html>"
    ).encode()
