"""docs/dictionary: every table and column of the record, and every column of files that leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.table_doc import tables
from wording import t

from . import consultations, event_log, map_sheet, monthly_files, roster, suggestions
from .formulas import meaning


def page(language: str) -> str:
    """The document, as Markdown that ends in a newline."""

    def say(key: str) -> str:
        return t(f"dictionary.{key}", language)

    out = [f"# {say('title')}", "", say("intro"), "", say("no_person"), "", f"## {say('tables')}"]
    heads = [say(f"head_{name}") for name in ("column", "type", "missing", "meaning")]
    for one in tables(language):
        out += ["", f"### {one.title} `{one.name}`", "", f"{say('seen_by')} {one.seen}"]
        if one.is_append_only:
            out += ["", say("append_only")]
        out += ["", *_table(heads, one.columns)]
    out += ["", f"## {say('files')}", "", say("files_intro")]
    for name, heads, rows in _files(language):
        out += ["", f"### {name}", "", say(f"file.{name.split()[0].replace('.', '_')}"), ""]
        out += _table(heads, rows)
    out += ["", f"### {say('others_title')}", ""]
    out += [f"- {say(f'others.{name}')}" for name in ("workbooks", "reports", "cases", "backup")]
    return "\n".join(out) + "\n"


def _files(language: str) -> Iterable[tuple[str, list[str], list[tuple[str, str, str]]]]:
    """Name, heads and rows (column, type, meaning) of each file that leaves."""
    heads = [t(f"dictionary.head_{name}", language) for name in ("column", "type", "meaning")]
    by_catalogue = {
        "figures.csv": ("figures", monthly_files.COLUMNS),
        "roster.csv": ("roster", roster.COLUMNS),
        "consultations.csv": ("consultations", consultations.COLUMNS),
        "suggestions.csv": ("suggestions", suggestions.COLUMNS),
    }
    for name, (room, columns) in by_catalogue.items():
        yield name, heads, [
            (f"`{one}`", kind, t(f"{room}.field.{one}", language)) for one, kind in columns.items()
        ]  # fmt: skip
    said = [
        (f"`{name}`", t(f"figures.indicator.{name}", language), meaning(name, language))
        for name in monthly_files.ALL_INDICATORS
    ]
    yield "indicator (figures.csv)", [t("dictionary.head_indicator", language), *heads[1:]], said
    for name, listed in (("event_log.csv", event_log.COLUMNS), ("map.csv", map_sheet.COLUMNS)):
        key = name.removesuffix(".csv")
        yield name, heads, [
            (f"`{one}`", "string", t(f"dictionary.{key}.{one}", language)) for one in listed
        ]  # fmt: skip


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in (heads, ["---"] * len(heads), *rows)
    ]
