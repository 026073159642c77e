"""The dictionary of what a sender may say about a case, as a table people read."""

from __future__ import annotations

from typing import NamedTuple

from wording import LANGUAGES, t

from .fields import BY_NAME, FIELDS, Field
from .rows import EARLIEST

OTHER = {"zh": "en", "en": "zh"}


class Line(NamedTuple):
    """One field: its header, the same in the other language, its name in code, type, unit (empty =
    none), when it must be given, its limits or its words, its meaning, and other names we know."""

    header: str
    other: str
    name: str
    type: str
    unit: str
    needed: str
    limits: str
    meaning: str
    also: str


def heads(language: str) -> list[str]:
    """The heads of the table, in the order of `Line`."""
    return [t(f"fields.head.{name}", language) for name in Line._fields]


def lines(language: str) -> list[Line]:
    """Every field, in the order of the form and of the template's columns."""
    return [_line(field, language) for field in FIELDS]


def page(language: str) -> str:
    """The document, as Markdown that ends in a newline."""
    out = [f"# {t('fields.title', language)}", "", t("fields.intro", language), ""]
    out += [_row(heads(language)), _row(["---"] * len(Line._fields))]
    for line in lines(language):
        out.append(_row([*line[:2], f"`{line.name}`", *line[3:]]))
    return "\n".join(out) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _line(field: Field, language: str) -> Line:
    comma = t("fields.comma", language)
    names = [n for lang in LANGUAGES for n in t(f"intake.field.{field.name}.also", lang).split("|")]
    return Line(
        header=field.header(language),
        other=field.header(OTHER[language]),
        name=field.name,
        type=t(f"fields.type.{field.type}", language),
        unit=t(f"fields.unit.{field.unit.replace(' ', '_')}", language) if field.unit else "",
        needed=t(f"fields.needed.{_needed(field)}", language),
        limits=_limits(field, language),
        meaning=field.meaning(language),
        also=comma.join(dict.fromkeys(name for name in names if name)),
    )


def _needed(field: Field) -> str:
    if field.is_required:
        return "always"
    if field.is_required_in_files:
        return "in_files"
    if field.name in {"asked", "asked_how"}:
        return "on_behalf"
    if field.name in {"lon", "lat", "coordinate_system"}:
        return "with_point"
    if field.name in {"township", "grid"}:
        return "one_place"
    return "never"


def _limits(field: Field, language: str) -> str:
    if field.choices:
        return t("fields.comma", language).join(field.choice(c, language) for c in field.choices)
    if field.type == "moment":
        return t("fields.limit.moment", language, year=EARLIEST.year)
    if field.type == "degrees":
        most = 180 if field is BY_NAME["lon"] else 90
        return t("fields.limit.degrees", language, most=most)
    if field.least:
        return t("fields.limit.between", language, least=field.least, most=field.most)
    if field.most:
        return t("fields.limit.most", language, most=field.most)
    return t("fields.limit.list", language)
