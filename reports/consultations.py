"""A consultation as it is published: one object with small counts covered, and its files.

Whatever leaves the office is made from this object: the page, CSV, JSON, the feed, the print.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from wording import LANGUAGES, t

from .covering import SMALLEST_SHOWN, cover_list
from .csv_cells import text_cell

Content = dict[str, Any]
Counts = Mapping[str, int]
"""Comments by theme, exact."""

COLUMNS: dict[str, str] = {
    "consultation": "string", "version": "integer", "published_at": "dateTime", "kind": "string",
    "title": "string", "body": "string", "body_zh": "string", "body_en": "string",
    "township": "string", "township_zh": "string", "township_en": "string",
    "starts_on": "date", "ends_on": "date", "theme": "string", "theme_zh": "string",
    "theme_en": "string", "comments": "integer", "covered": "boolean", "reply": "string",
    "outcome": "string", "decided_on": "date", "changes": "string", "demo": "boolean",
}  # fmt: skip
"""Columns of consultations.csv and their datatype in CSV on the Web, in order."""
MUST = ("consultation", "version", "published_at", "kind", "title", "body", "starts_on", "ends_on",
        "covered", "demo")  # fmt: skip
"""Columns that are never empty."""


def shown_counts(
    counts: Counts, earlier: Iterable[tuple[Counts, bool]]
) -> tuple[dict[str, int | None], int | None]:
    """Which counts of a new version may be published (None = covered), and their total.

    Counts of 1 and 2 are covered, and as many others as it takes that nobody gets them back. A
    version whose counts differ from an earlier one's shows them plainly only where no count and
    no difference is so small and nothing was covered before; else it shows none but 0, so that
    two versions together say no more than one.

    Args:
        counts: exact. earlier: exact counts of each version that was published with counts, and
            whether any of them was shown.
    """
    shown = [dict(before) for before, was_shown in earlier if was_shown]
    differing = [before for before in shown if before != dict(counts)]
    if differing and not _is_plain(counts, differing):
        return {theme: None if count else 0 for theme, count in counts.items()}, None
    above = pd.Series({theme: count for theme, count in counts.items() if count > 0}, dtype="int64")
    if above.empty:
        return dict(counts), 0
    covered, total = cover_list(above)
    cells = {theme: None if pd.isna(cell) else int(cell) for theme, cell in covered.items()}
    return {theme: cells.get(theme, count) for theme, count in counts.items()}, total


def _is_plain(counts: Counts, earlier: Sequence[Counts]) -> bool:
    """Whether no count of any version, and no difference of two, is below what is shown."""
    every = [counts, *earlier]
    small = any(0 < count < SMALLEST_SHOWN for one in every for count in one.values())
    steps = [
        counts.get(theme, 0) - before.get(theme, 0)
        for before in earlier
        for theme in {*counts, *before}
    ]
    steps += [sum(counts.values()) - sum(before.values()) for before in earlier]
    return not small and not any(0 < abs(step) < SMALLEST_SHOWN for step in steps)


def is_any_shown(content: Content) -> bool:
    """Whether a published version shows a count above 0 or a total."""
    said = content["comments"]
    return said is not None and (
        said["total"] is not None or any(one["count"] for one in said["themes"])
    )


def comments_of(
    counts: Counts, replies: Mapping[str, str | None], earlier: Iterable[tuple[Counts, bool]]
) -> dict[str, Any]:
    """The comments' part of a version: themes with their covered count and the reply."""
    cells, total = shown_counts(counts, earlier)
    return {
        "themes": [
            {"theme": theme, "count": cell, "reply": replies.get(theme) if counts[theme] else None}
            for theme, cell in cells.items()
        ],
        "total": total,
    }


def same(one: Content, other: Content) -> bool:
    """Whether two versions say the same, whatever their number and moment."""
    apart = {"number", "published_at", "replaces"}
    return {k: v for k, v in one.items() if k not in apart} == {
        k: v for k, v in other.items() if k not in apart
    }


def as_text(content: Content) -> str:
    """The content as it is frozen."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def rows(contents: Sequence[Content]) -> list[dict[str, Any]]:
    """One row per theme that was commented on, one where none was or none is published yet."""
    made = []
    for said in contents:
        decision = said["decision"] or {}
        whole = {
            "consultation": said["consultation_id"], "version": said["number"],
            "published_at": said["published_at"], "kind": said["kind"], "title": said["title"],
            **_named("body", said["body"]), **_named("township", said["township"]),
            "starts_on": said["starts_on"], "ends_on": said["ends_on"],
            "outcome": decision.get("outcome"), "decided_on": decision.get("decided_on"),
            "changes": decision.get("changes"), "demo": said["demo"],
        }  # fmt: skip
        themes = [one for one in (said["comments"] or {"themes": ()})["themes"]
                  if one["count"] != 0]  # fmt: skip
        for one in themes or [{"theme": None, "count": 0 if said["comments"] else None,
                               "reply": None}]:  # fmt: skip
            named = {
                f"theme_{lang}": t(f"consultations.theme.{one['theme']}", lang)
                if one["theme"] else None for lang in LANGUAGES
            }  # fmt: skip
            row = whole | named | {
                "theme": one["theme"], "comments": one["count"], "reply": one["reply"],
                "covered": one["theme"] is not None and one["count"] is None,
            }  # fmt: skip
            made.append({name: row[name] for name in COLUMNS})
    return made


def _named(name: str, of: Mapping[str, str] | None) -> dict[str, str | None]:
    of = of or {}
    return {name: of.get("id"), f"{name}_zh": of.get("zh"), f"{name}_en": of.get("en")}


def to_csv(contents: Sequence[Content]) -> bytes:
    """consultations.csv: UTF-8, one header line, an empty cell for what is missing or covered."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows(contents):
        flags = {name: str(row[name]).lower() for name in ("covered", "demo")}
        writer.writerow({name: text_cell(value) for name, value in row.items()} | flags)
    return text.getvalue().encode()


def dictionary() -> dict[str, Any]:
    """What every column means, in both languages."""
    return {
        name: {"type": kind, **{lang: t(f"consultations.field.{name}", lang) for lang in LANGUAGES}}
        for name, kind in COLUMNS.items()
    }


def to_json(versions: Sequence[Content], is_demo: bool) -> bytes:
    """consultations.json: every published version as it was frozen, with its dictionary."""
    whole: dict[str, Any] = {
        "versions": list(versions), "dictionary": dictionary(),
        "covered": {lang: t("consultations.covered", lang) for lang in LANGUAGES},
    }  # fmt: skip
    if is_demo:
        whole["demo_note"] = {lang: t("consultations.demo", lang) for lang in LANGUAGES}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def to_metadata(csv_url: str, county: Mapping[str, str], is_demo: bool) -> bytes:
    """The metadata file of the CSV (W3C, Metadata Vocabulary for Tabular Data, 2015).

    Args:
        county: its name by language.
    """

    def both(key: str) -> list[dict[str, str]]:
        return [{"@value": t(key, lang), "@language": lang} for lang in LANGUAGES]

    titles = [
        {"@value": f"{county[lang]} · {t('consultations.title', lang)}", "@language": lang}
        for lang in LANGUAGES
    ]
    made = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": csv_url,
        "dc:title": titles,
        "dc:description": both("consultations.demo" if is_demo else "consultations.covered"),
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "datatype": kind, "null": "",
                 "required": name in MUST, "dc:description": both(f"consultations.field.{name}")}
                for name, kind in COLUMNS.items()
            ],
        },
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def to_atom(
    name: str, versions: Sequence[tuple[Content, str]], link: Callable[[str, int], str],
    language: str,
) -> bytes:  # fmt: skip
    """The feed of published versions (RFC 4287).

    Args:
        name: of the county. versions: content and SHA-256, newest first. link: gives the address
            of a version's page.
    """
    title = f"{name} · {t('consultations.title', language)}"
    newest = versions[0][0]["published_at"] if versions else "1970-01-01T00:00:00+00:00"
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">',
        f"<title>{escape(title)}</title>",
        f"<id>{uuid.uuid5(uuid.NAMESPACE_URL, title).urn}</id>",
        f"<updated>{newest}</updated>",
        f"<author><name>{escape(name)}</name></author>",
    ]
    for said, sha256 in versions:
        key = f"{name} {said['consultation_id']} {said['number']} {sha256}"
        step = t(f"consultations.step.{step_of(said)}", language)
        parts += [
            "<entry>",
            f"<title>{escape(said['title'])} · {escape(step)}</title>",
            f"<id>{uuid.uuid5(uuid.NAMESPACE_URL, key).urn}</id>",
            f"<updated>{said['published_at']}</updated>",
            f"<link href={quoteattr(link(said['consultation_id'], said['number']))}/>",
            f"<summary>{escape(said['body'][language])} · SHA-256 {sha256}</summary>",
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>", ""]).encode()


def step_of(content: Content) -> str:
    """What a version brings: `decision`, `comments` or `notice`."""
    if content["decision"]:
        return "decision"
    return "comments" if content["comments"] else "notice"


def days_of(content: Content) -> tuple[dt.date, dt.date]:
    """First and last day for comments."""
    return dt.date.fromisoformat(content["starts_on"]), dt.date.fromisoformat(content["ends_on"])
