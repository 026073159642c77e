"""The published month as CSV with metadata (CSV on the Web), JSON and Atom: same object, same
figures. Both are read by machines; the dictionary is made from the names the page uses."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from wording import LANGUAGES, t

from .csv_cells import text_cell
from .formulas import meaning
from .monthly import COUNTY
from .monthly_content import DAYS, INDICATORS, Content

COLUMNS: dict[str, str] = {
    "month": "string", "by": "string", "group": "string", "name_zh": "string",
    "name_en": "string", "indicator": "string", "numerator": "integer", "denominator": "integer",
    "share": "decimal", "low": "decimal", "high": "decimal", "days": "integer",
    "expected": "decimal", "ratio": "decimal", "ratio_low": "decimal", "ratio_high": "decimal",
    "rest_days": "integer", "question": "boolean", "covered": "boolean", "demo": "boolean",
}  # fmt: skip
"""Columns of figures.csv and their datatype in CSV on the Web, in order."""
AGAINST = "late_against_expected"
TIME = "time_against_rest"
ALL_INDICATORS = (*INDICATORS, *DAYS, AGAINST, TIME)


def flat_rows(content: Content) -> list[dict[str, Any]]:
    """Every figure of a month as one row with all of `COLUMNS`; None = nothing or covered."""
    names = {
        (by, one["id"]): (one["zh"], one["en"])
        for by, groups in content["groups"].items()
        for one in groups
    }
    names[COUNTY, COUNTY] = (content["county"]["name_zh"], content["county"]["name_en"])
    month, rows = content["month"], []

    def add(row: dict[str, Any]) -> None:
        zh, en = names.get((row["by"], row["group"]), (row["group"], row["group"]))
        filled = {"month": month, "name_zh": zh, "name_en": en, "covered": False, **row}
        rows.append({name: filled.get(name) for name in COLUMNS} | {"demo": content["demo"]})

    for row in content["figures"] + content["days"]:
        add(row)
    for row in content["satisfaction"]["figures"]:
        add({**row, "month": content["satisfaction"]["month"]})
    for row in content["trend"]:
        if row["month"] != month:
            add({**row, "indicator": "on_time"})
    for by, found in content["equal_service"].items():
        for row in found["rows"]:
            add({
                "by": by, "group": row["group"], "indicator": AGAINST, "numerator": row["late"],
                "denominator": row["due"], "expected": row["expected"], "ratio": row["ratio"],
                "ratio_low": row["low"], "ratio_high": row["high"], "question": row["question"],
            })  # fmt: skip
            if row.get("days") is not None:
                add({
                    "by": by, "group": row["group"], "indicator": TIME, "days": row["days"],
                    "rest_days": row["rest_days"], "question": row["time_question"],
                })  # fmt: skip
    return rows


def to_csv(content: Content) -> bytes:
    """figures.csv: UTF-8, one header line, an empty cell for what is missing or covered."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in flat_rows(content):
        writer.writerow(
            {
                name: "" if value is None else str(value).lower() if value is True
                or value is False else text_cell(value)
                for name, value in row.items()
            }
        )  # fmt: skip
    return text.getvalue().encode()


def dictionary() -> dict[str, Any]:
    """What every column and indicator means, in both languages."""
    return {
        "columns": {
            name: {"type": kind, **{lang: t(f"figures.field.{name}", lang) for lang in LANGUAGES}}
            for name, kind in COLUMNS.items()
        },
        "indicators": {
            name: {
                lang: {"name": t(f"figures.indicator.{name}", lang),
                       "meaning": meaning(name, lang)}
                for lang in LANGUAGES
            }
            for name in ALL_INDICATORS
        },
        "covered": {lang: t("figures.mark", lang) for lang in LANGUAGES},
    }  # fmt: skip


def to_json(content: Content) -> bytes:
    """figures.json: the content as it was frozen, with its dictionary and a word if it is demo."""
    whole: dict[str, Any] = {**content, "dictionary": dictionary()}
    if content["demo"]:
        whole["demo_note"] = {lang: t("figures.demo", lang) for lang in LANGUAGES}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def to_metadata(content: Content, csv_url: str) -> bytes:
    """The metadata file of the CSV (W3C, Metadata Vocabulary for Tabular Data, 2015)."""
    county = content["county"]
    notes = [t("figures.demo", lang) for lang in LANGUAGES] if content["demo"] else []
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": csv_url,
        "dc:title": [
            {"@value": f"{county[f'name_{lang}']} {content['month']}",
             "@language": lang} for lang in LANGUAGES
        ],
        "dc:description": [
            {"@value": text, "@language": lang}
            for lang in LANGUAGES
            for text in [t("figures.mark", lang), *([t("figures.demo", lang)] if notes else [])]
        ],
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "primaryKey": ["month", "by", "group", "indicator"],
            "columns": [
                {
                    "name": name, "titles": name, "datatype": kind,
                    "null": "",
                    "required": name in {"month", "by", "group", "indicator", "covered", "demo"},
                    "dc:description": [
                        {"@value": t(f"figures.field.{name}", lang), "@language": lang}
                        for lang in LANGUAGES
                    ],
                }
                for name, kind in COLUMNS.items()
            ],
        },
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def to_atom(
    name: str, entries: list[tuple[str, str, str]], link: Callable[[str], str], language: str
) -> bytes:
    """The feed of published months (RFC 4287).

    Args:
        name: of the county. entries: month, sha256 and ISO moment of publication, newest first.
        link: gives the address of a month's page.
    """
    title = f"{name} · {t('figures.list_title', language)}"
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">',
        f"<title>{escape(title)}</title>",
        f"<id>{uuid.uuid5(uuid.NAMESPACE_URL, title).urn}</id>",
        f"<updated>{entries[0][2] if entries else '1970-01-01T00:00:00+00:00'}</updated>",
        f"<author><name>{escape(name)}</name></author>",
    ]
    for month, sha256, at in entries:
        said = escape(t("figures.title", language, month=month))
        parts += [
            "<entry>",
            f"<title>{said}</title>",
            f"<id>{uuid.uuid5(uuid.NAMESPACE_URL, f'{name} {month} {sha256}').urn}</id>",
            f"<updated>{at}</updated>",
            f"<link href={quoteattr(link(month))}/>",
            f"<summary>SHA-256 {sha256}</summary>",
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>", ""]).encode()
