"""The assessment sheet of a body for a year (年度考核表): what is known of its service, no sum.

No total score and no rank is made of it: the items rest on different bases, and a sum would pay
for accepting little and talking people out of asking (DOMAIN.md §2.4, §7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wording import t
from wording.formats import day, moment, number, percent

from .body_year import BodyYear, YearCell
from .daily_facts import County
from .document import Document, Section, Table
from .evaluations import Beside
from .formulas import IN_SHEET
from .leaving import leaving
from .rates import Rate
from .sweeps import SweepLine

COUNTS = ("due", "corrections")
"""Rows of the year that are counts, named beside the rates."""
Marked = tuple[str, str, str, str]
"""An item's name, its mark, its day and post, the source: in words."""


@dataclass(frozen=True)
class BodySheet:
    """What stands on a sheet; everything of one body and year.

    year: its months, covered. sweeps: begun in the year. notices: answered in time of those due.
    measures: campaign measures done of those said or over. marks: of the inspection, in words.
    beside: results from outside.
    """

    body: str
    year: BodyYear
    sweeps: tuple[SweepLine, ...]
    notices: Rate
    measures: Rate
    marks: tuple[Marked, ...]
    beside: tuple[Beside, ...]


def sheet_document(sheet: BodySheet, county: County, as_of: dt.datetime, language: str) -> Document:
    """The sheet's words and tables, in one language; as_of: aware, what was known then."""

    def say(key: str, **values: object) -> str:
        return t(f"supervision.sheet.{key}", language, **values)

    name = county.name_zh if language == "zh" else county.name_en
    title = say("title", body=sheet.body, year=sheet.year.year)
    parts: tuple[tuple[str, str, Sequence[Table]], ...] = (
        ("part_answers", "none_months", _answers(sheet, language)),
        ("part_duties", "none_duties", _duties(sheet, language)),
        ("part_inspection", "none_inspection", _inspection(sheet, language)),
        ("part_evaluation", "none_evaluation", _evaluation(sheet, language)),
    )
    sections = tuple(
        Section(say(part), tuple(tables) if tables else (say(none),), IN_SHEET.get(part, ()))
        for part, none, tables in parts
    )
    notes = (say("mark"), say("no_score"), *((say("demo"),) if county.is_demo else ()))
    return Document(
        title=title,
        subtitle=(say("known", at=moment(as_of, language, county.zone)),),
        header=say("header", county=name, title=title),
        mark=t("reports.daily.demo_mark", language) if county.is_demo else "",
        sections=sections,
        notes=notes,
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
    )  # fmt: skip


def sheet_name(body: str, year: int, language: str) -> str:
    """What the sheet's file is called, without its ending."""
    return t("supervision.sheet.file", language, body=body, year=year)


def _answers(sheet: BodySheet, language: str) -> Sequence[Table]:
    if not sheet.year.months:
        return ()
    rows = []
    for name, cells in sheet.year.rows.items():
        where = "year" if name in COUNTS else "line"
        rows.append((t(f"indicators.{where}.{name}", language), *_cell(cells[-1], language)))
    return (_table(("item", "value", "of"), rows, language),)


def _cell(cell: YearCell, language: str) -> tuple[str, str]:
    if cell.covered:
        return t("supervision.sheet.covered", language), ""
    if cell.rate is None:
        return number(cell.numerator, language), ""
    return _rate(cell.rate, language)


def _rate(rate: Rate, language: str) -> tuple[str, str]:
    if rate.share is None:
        return "—", ""
    if rate.is_small:
        return t("supervision.sheet.small", language), ""
    of = f"{number(rate.numerator, language)} / {number(rate.denominator, language)}"
    return percent(rate.share, language), of


def _share(share: float | None, language: str) -> str:
    return (
        t("supervision.sheet.covered", language) if share is None else percent(share, language, 0)
    )


def _duties(sheet: BodySheet, language: str) -> Sequence[Table]:
    say: Callable[..., str] = lambda key, **v: t(f"supervision.sheet.{key}", language, **v)  # noqa: E731
    rows = [
        (
            say("sweep", kind=t(f"sweeps.kind.{one.kind}", language),
                day=day(one.begun_on, language)),
            _share(leaving(one.coverage), language), "",
        )
        for one in sheet.sweeps
    ]  # fmt: skip
    rows += [
        (say(name), *_rate(rate, language))
        for name, rate in (("notices", sheet.notices), ("campaign", sheet.measures))
        if rate.denominator
    ]
    return (_table(("item", "value", "of"), rows, language),) if rows else ()


def _inspection(sheet: BodySheet, language: str) -> Sequence[Table]:
    if not sheet.marks:
        return ()
    heads = ("item", "mark", "done", "source")
    texts = tuple(t(f"supervision.inspection.{one}", language) for one in heads)
    return (Table("", texts, sheet.marks, numbers_from=4, widths=(4, 1.4, 2.6, 3)),)


def _evaluation(sheet: BodySheet, language: str) -> Sequence[Table]:
    if not sheet.beside:
        return ()
    heads = ("measure", "who", "theirs", "base", "ours", "why")
    texts = tuple(t(f"supervision.evaluation.{one}", language) for one in heads)
    small = t("supervision.sheet.small", language)
    rows = tuple(
        (
            t(f"supervision.measure.{one.measure}", language),
            t(f"supervision.evaluator.{one.evaluator}", language),
            small if one.theirs is None else percent(one.theirs, language),
            "" if one.theirs is None else number(one.base, language),
            "—" if share is None else percent(share, language, 0),
            t(f"supervision.why.{_why(one, share)}", language),
        )
        for one in sheet.beside
        for share in (_ours(sheet, one),)
    )
    return (Table("", texts, rows, numbers_from=6, widths=(1.6, 1.6, 1.2, 1, 2.2, 3)),)


def _ours(sheet: BodySheet, one: Beside) -> float | None:
    """Our own figure as it may leave (`reports.leaving`); on time only where the year's own cell
    is shown, satisfaction never: its months are published, and covered, one by one."""
    if one.measure == "satisfaction":
        return None
    if one.measure == "on_time":
        cells = sheet.year.rows.get("on_time", ())
        if not cells or cells[-1].covered:
            return None
    return leaving(one.ours)


def _why(one: Beside, share: float | None) -> str:
    """How to read the difference; where ours stays inside, nothing is said of it."""
    withheld = share is None and one.why in ("within_chance", "beyond_chance")
    return "own_not_said" if withheld else one.why


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> Table:
    texts = tuple(t(f"supervision.sheet.{one}", language) for one in heads)
    return Table("", texts, tuple(rows), widths=(5, 2, 2))


def marked(
    names: Mapping[str, str], marks: Mapping[str, tuple[str, dt.date, str]],
    sources: Mapping[str, str], language: str,
) -> tuple[Marked, ...]:  # fmt: skip
    """The marks of an inspection in words, in the order of the list; unmarked items left out.

    Args:
        names, sources: by item. marks: by item its mark, day and post.
    """
    return tuple(
        (
            name, t(f"supervision.mark.{marks[item][0]}", language),
            f"{day(marks[item][1], language)} {t(f'roster.post.{marks[item][2]}', language)}",
            sources[item],
        )
        for item, name in names.items()
        if item in marks
    )  # fmt: skip
