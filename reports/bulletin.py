"""The monthly bulletin (月度通报) of a published month: Word, HTML and JSON.

Everything in it comes from the frozen, covered content of the public page, through the page's own
sections: what is covered there is covered here, and nothing else can be in it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from wording import LANGUAGES, formats, t

from .document import Block, Document, Section, Table
from .html_file import html_file
from .monthly_content import Content
from .monthly_page import Section as Part
from .monthly_page import Table as Listed
from .monthly_page import month_name, sections
from .word import word_file

PARTS = ("county", "trend", "body", "category", "equal", "desk", "role", "satisfaction")
"""The sections of the public page that hold figures, in its order."""
ROWS = ("figures", "days", "trend")
MOST_COLUMNS = 3
"""Columns of figures beside the names in a Word table; wider tables are cut into several."""


def parts_of(content: Content, language: str) -> tuple[Part, ...]:
    """The page's sections that the bulletin repeats."""
    return tuple(part for part in sections(content, language) if part.name in PARTS)


def document(content: Content, language: str, sha256: str) -> Document:
    """The bulletin in the layout of official documents.

    Args:
        sha256: of the month's published content; stands in the notes.
    """
    county = content["county"]
    name = county[f"name_{language}"]
    month = month_name(content["month"], language)
    zone = county["zone"]
    moment = dt.datetime.fromisoformat(content["known_at"])
    known = formats.moment(moment, language, zone)

    def say(key: str, **values: object) -> str:
        return t(f"bulletin.{key}", language, **values)

    title = say("title", month=month)
    numerals = t("reports.numerals", language)
    made = []
    for place, part in enumerate(parts_of(content, language)):
        number = f"{numerals[place]}、" if language == "zh" else f"{numerals.split()[place]}. "
        made.append(Section(f"{number}{part.title}", tuple(_blocks(part, language))))
    what = t("figures.what", language, county=name, month=month, known=known)
    intro = (what, t("figures.mark", language), t("figures.interval", language))
    notes = [say("same", sha256=sha256)]
    if content["demo"]:
        notes.append(t("figures.demo", language))
    return Document(
        title=title,
        subtitle=(name, say("known", known=known)),
        header=say("header", county=name, title=title),
        mark=t("reports.daily.demo_mark", language) if content["demo"] else "",
        sections=(Section("", intro), *made),
        notes=tuple(notes),
        page_marks=(
            t("reports.daily.page_before", language), t("reports.daily.page_after", language),
        ),
        language=language,
    )  # fmt: skip


def to_word(content: Content, language: str, sha256: str) -> bytes:
    """The bulletin as a Word file; the moment the figures were known at is its time of making."""
    as_of = dt.datetime.fromisoformat(content["known_at"])
    return word_file(document(content, language, sha256), {}, as_of)


def to_html(content: Content, language: str, sha256: str) -> bytes:
    """The bulletin as one HTML file that needs no other: no script, no image, no font."""
    return html_file(document(content, language, sha256), {})


def to_json(content: Content, sha256: str) -> bytes:
    """The bulletin's figures as they were published, and its words and tables in each language."""
    whole: dict[str, Any] = {
        "month": content["month"], "known_at": content["known_at"], "sha256": sha256,
        "demo": content["demo"], "county": content["county"],
        **{name: content[name] for name in ROWS},
        "satisfaction": content["satisfaction"], "equal_service": content["equal_service"],
        "sections": {
            language: [_plain(part) for part in parts_of(content, language)]
            for language in LANGUAGES
        },
    }  # fmt: skip
    if content["demo"]:
        whole["demo_note"] = {one: t("figures.demo", one) for one in LANGUAGES}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def file_name(content: Content, language: str) -> str:
    """What the bulletin's file is called, without its ending."""
    month = month_name(content["month"], language)
    return t("bulletin.file", language, county=content["county"][f"name_{language}"], month=month)


def _plain(part: Part) -> dict[str, Any]:
    return {
        "name": part.name, "title": part.title, "words": [*part.words, *part.ends],
        "tables": [
            {"caption": one.caption, "heads": one.heads, "rows": one.rows, "covered": one.hidden}
            for one in part.tables
        ],
    }  # fmt: skip


def _blocks(part: Part, language: str) -> Iterator[Block]:
    if part.chart is not None:
        yield f"{part.chart.finding}{t('bulletin.stop', language)}"
    yield from part.words
    for listed in part.tables:
        if listed.rows:
            yield from _tables(listed)
        else:
            yield listed.caption
        if listed.hidden:
            names = t("figures.comma", language).join(listed.hidden)
            yield f"{t('figures.covered_rows', language)} {names}"
    yield from part.ends


def _tables(listed: Listed) -> Iterator[Table]:
    """A table whose columns fit a page: wider ones are cut, each with the column of names."""
    wide = len(listed.heads) - 1
    for start in range(1, wide + 1, MOST_COLUMNS):
        columns = slice(start, start + MOST_COLUMNS)
        yield Table(
            listed.caption,
            (listed.heads[0], *listed.heads[columns]),
            tuple((row[0], *row[columns]) for row in listed.rows),
        )
