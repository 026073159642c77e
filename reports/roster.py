"""The reception roster as it is given out: a printed month, lines of text, CSV with its dictionary
and JSON. By post, never by name."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from data.roster import Line
from wording import LANGUAGES, formats, t

from .csv_cells import text_cell
from .daily_facts import County
from .document import Document, Section, Table
from .files import document_file
from .monthly_page import pages

Names = Mapping[str, Mapping[str, str]]
"""Names of bodies by id and language."""

COLUMNS: dict[str, str] = {
    "day": "date", "starts": "string", "ends": "string", "post": "string", "post_zh": "string",
    "post_en": "string", "body": "string", "body_zh": "string", "body_en": "string",
    "sits": "string", "sits_zh": "string", "sits_en": "string", "place": "string",
    "slots": "integer", "demo": "boolean",
}  # fmt: skip
"""Columns of roster.csv and their datatype in CSV on the Web, in order."""
DEPARTMENT_POSTS = ("department_head", "department_leader")
"""Posts whose departments take weekly turns."""


@dataclass(frozen=True)
class Shown:
    """One line in words. time: from–to; who: the post, with its body where it has one."""

    time: str
    who: str
    place: str
    slots: str


def who(line: Line, names: Names, language: str) -> str:
    """The post, with the body it belongs to; of a joint session the bodies that sit as well."""
    said = t(f"roster.post.{line.post}", language)
    if line.body_id is not None:
        said = t("roster.who", language, post=said, body=_name(line.body_id, names, language))
    if line.sits:
        said = t("roster.joint", language, who=said, bodies=sitting(line, names, language))
    return said


def sitting(line: Line, names: Names, language: str) -> str:
    """The bodies that sit at a joint session, in words; empty where it is none."""
    return t("reception.comma", language).join(_name(one, names, language) for one in line.sits)


def _name(body_id: str, names: Names, language: str) -> str:
    return names.get(body_id, {}).get(language, body_id)


@dataclass(frozen=True)
class Week:
    """The departments whose turn a week is, in words; first, last: its days on the roster."""

    first: str
    last: str
    bodies: str


def weeks(lines: Sequence[Line], names: Names, language: str) -> tuple[Week, ...]:
    """Which department receives in which week, of the lines that belong to a department's post."""
    turns = [ln for ln in lines if ln.post in DEPARTMENT_POSTS and ln.body_id]
    found = []
    for _, group in groupby(turns, key=lambda ln: ln.day - dt.timedelta(days=ln.day.weekday())):
        week = list(group)
        bodies = dict.fromkeys(_name(ln.body_id or "", names, language) for ln in week)
        first, last = (formats.day(ln.day, language, weekday=True) for ln in (week[0], week[-1]))
        found.append(Week(first, last, t("reception.comma", language).join(bodies)))
    return tuple(found)


def days(
    lines: Sequence[Line], names: Names, language: str
) -> tuple[tuple[str, tuple[Shown, ...]], ...]:
    """The lines in words by day, in order; days without a line are left out."""
    found = []
    for day, group in groupby(lines, key=lambda line: line.day):
        shown = tuple(
            Shown(
                f"{line.starts}–{line.ends}", who(line, names, language), line.place,
                t("roster.slots", language, count=line.slots),
            )
            for line in group
        )  # fmt: skip
        found.append((formats.day(day, language, weekday=True), shown))
    return tuple(found)


def table(lines: Sequence[Line], names: Names, language: str) -> Table:
    """The lines as one table: day, time, post, place, how many may come."""
    heads = tuple(t(f"roster.head.{name}", language) for name in ("day", "time", "who", "place",
                                                                  "slots"))  # fmt: skip
    rows = tuple(
        (formats.day(line.day, language, weekday=True), f"{line.starts}–{line.ends}",
         who(line, names, language), line.place, formats.number(line.slots, language))
        for line in lines
    )  # fmt: skip
    return Table("", heads, rows, numbers_from=4)


def document(
    lines: Sequence[Line], month: dt.date, county: County, names: Names, language: str
) -> Document:
    """A month's roster as an official document."""

    def say(key: str, **values: object) -> str:
        return t(f"roster.{key}", language, **values)

    name = county.name_zh if language == "zh" else county.name_en
    title = say("title_of", month=formats.month(month, language))
    listed = table(lines, names, language)
    told = Table(say("print.caption"), listed.headers, listed.rows, listed.numbers_from)
    turns = weeks(lines, names, language)
    taken = Table(
        say("weeks"), (say("week.first"), say("week.last"), say("week.bodies")),
        tuple((one.first, one.last, one.bodies) for one in turns), numbers_from=3,
    )  # fmt: skip
    whole = (told, *((taken,) if turns else ())) if lines else (say("none"),)
    return Document(
        title=title,
        subtitle=(name,),
        header=say("print.header", county=name, title=title),
        mark=t("reports.daily.demo_mark", language) if county.is_demo else "",
        sections=(
            Section("", (*whole, say("how"), say("by_code"), say("print.again"))),
        ),
        notes=(say("demo"),) if county.is_demo else (),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
    )  # fmt: skip


def roster_file(
    lines: Sequence[Line], month: dt.date, county: County, names: Names, language: str,
    as_of: dt.datetime, kind: str = "docx",
) -> bytes:  # fmt: skip
    """A month's roster to print, as Word or PDF; `as_of` (aware) stands as its time of making."""
    return document_file(document(lines, month, county, names, language), kind, {}, as_of)


def rows(lines: Sequence[Line], names: Names, is_demo: bool) -> list[dict[str, Any]]:
    """Every line as one row with all of `COLUMNS`; None where it has no body."""
    return [
        {
            "day": line.day.isoformat(), "starts": line.starts, "ends": line.ends,
            "post": line.post, "post_zh": t(f"roster.post.{line.post}", "zh"),
            "post_en": t(f"roster.post.{line.post}", "en"), "body": line.body_id,
            "body_zh": names.get(line.body_id or "", {}).get("zh", line.body_id),
            "body_en": names.get(line.body_id or "", {}).get("en", line.body_id),
            "sits": ";".join(line.sits) or None,
            "sits_zh": sitting(line, names, "zh") or None,
            "sits_en": sitting(line, names, "en") or None,
            "place": line.place, "slots": line.slots, "demo": is_demo,
        }
        for line in lines
    ]  # fmt: skip


def to_csv(lines: Sequence[Line], names: Names, is_demo: bool) -> bytes:
    """roster.csv: UTF-8, one header line; an empty cell where there is no body."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows(lines, names, is_demo):
        cells = {name: text_cell(value) for name, value in row.items()}
        writer.writerow({**cells, "demo": str(is_demo).lower()})
    return text.getvalue().encode()


def dictionary() -> dict[str, Any]:
    """What every column means, in both languages."""
    return {
        name: {"type": kind, **{lang: t(f"roster.field.{name}", lang) for lang in LANGUAGES}}
        for name, kind in COLUMNS.items()
    }


def to_json(lines: Sequence[Line], names: Names, is_demo: bool) -> bytes:
    """roster.json: the lines with their dictionary, and a word if it is demo."""
    whole: dict[str, Any] = {"lines": rows(lines, names, is_demo), "dictionary": dictionary()}
    if is_demo:
        whole["demo_note"] = {lang: t("roster.demo", lang) for lang in LANGUAGES}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def to_metadata(csv_url: str, county: County) -> bytes:
    """The metadata file of the CSV (W3C, Metadata Vocabulary for Tabular Data, 2015)."""
    names = {"zh": county.name_zh, "en": county.name_en}
    made = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": csv_url,
        "dc:title": [
            {"@value": f"{names[lang]} · {t('roster.title', lang)}", "@language": lang}
            for lang in LANGUAGES
        ],
        "dc:description": [
            {"@value": t("roster.demo" if county.is_demo else "roster.how", lang),
             "@language": lang} for lang in LANGUAGES
        ],
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {
                    "name": name, "titles": name, "datatype": kind, "null": "",
                    "required": not name.startswith(("body", "sits")),
                    "dc:description": [
                        {"@value": t(f"roster.field.{name}", lang), "@language": lang}
                        for lang in LANGUAGES
                    ],
                }
                for name, kind in COLUMNS.items()
            ],
        },
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def static_page(
    lines: Sequence[Line], county: County, names: Names, language: str, files: Sequence[str],
    other: str,
) -> bytes:  # fmt: skip
    """A page of its own for `zaojie publish`.

    Args:
        files: names of the CSV, its metadata and the JSON. other: address of the page in the
            other language.
    """
    html = pages.get_template("roster_page.html").render(
        say=lambda key: t(f"roster.{key}", language), language=language, files=files, other=other,
        lang="zh-CN" if language == "zh" else "en", is_demo=county.is_demo,
        county=county.name_zh if language == "zh" else county.name_en,
        other_language=t("public.other_language", language), skip=t("public.skip", language),
        days=days(lines, names, language), weeks=weeks(lines, names, language),
    )  # fmt: skip
    return html.encode()
