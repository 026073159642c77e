"""The yearly inspection's items and the standard of demonstration townships: files, checked.

Every item names a figure of the record or a record of the office's own work it rests on; a file
with one that names neither is refused, so that no count of who asks becomes an item.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .redact import redact
from .vocabulary import INSPECTION_EVIDENCE

CHECKLIST_FILE = "inspection.toml"
STANDARD_FILE = "demonstration.toml"
"""Names under which a county's own are in force."""
FIGURES = (
    "decided_in_time", "on_time", "extended", "exits", "told", "first_step", "delivered", "used",
)  # fmt: skip
"""Figures of the record an item may name: how a body serves, each with its denominator."""
STANDARD = {
    "on_time": "at_least", "told": "at_least", "delivered": "at_least", "exits": "at_most",
}  # fmt: skip
"""What a demonstration township is told by, each with its direction: these four and no other."""
MOST_ITEMS, MOST_LETTERS = 40, 80
_ID = re.compile(r"[a-z][a-z0-9_]{1,31}")
_HOME = Path(__file__).parent / "config"


@dataclass(frozen=True)
class Item:
    """One item of the list. figure: of `FIGURES`, or None; evidence: of `INSPECTION_EVIDENCE`."""

    item_id: str
    names: dict[str, str]
    figure: str | None
    evidence: str | None
    source: dict[str, str]


@dataclass(frozen=True)
class Checklist:
    """The items in their order, and the hash of the file they stand in."""

    items: tuple[Item, ...]
    sha256: str


@dataclass(frozen=True)
class Standard:
    """The threshold (0-1) of each figure of `STANDARD`, and where it comes from."""

    limits: dict[str, float]
    source: dict[str, str]
    sha256: str


def shipped(name: str) -> str:
    """The shipped file's content. name: `CHECKLIST_FILE` or `STANDARD_FILE`."""
    return (_HOME / name).read_text("utf-8")


def parse_checklist(content: str) -> Checklist:
    """The items of a file.

    Raises:
        ConfigError: the first thing that is wrong in it, in one sentence.
    """
    rows = _table(content, CHECKLIST_FILE).get("item")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ITEMS:
        raise ConfigError("supervision.file.items", most=MOST_ITEMS)
    items: list[Item] = []
    for number, row in enumerate(rows, 1):
        one = _item(row if isinstance(row, dict) else {}, number)
        if one.item_id in {item.item_id for item in items}:
            raise ConfigError("supervision.file.twice", id=one.item_id)
        items.append(one)
    return Checklist(tuple(items), hashlib.sha256(content.encode()).hexdigest())


def parse_standard(content: str) -> Standard:
    """The standard of demonstration townships in a file.

    Raises:
        ConfigError: the first thing that is wrong in it, in one sentence.
    """
    table = _table(content, STANDARD_FILE)
    limits = table.get("standard")
    if not isinstance(limits, dict) or set(limits) != set(STANDARD):
        raise ConfigError("supervision.file.standard", names=", ".join(STANDARD))
    for name, value in limits.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
            raise ConfigError("supervision.file.share", name=name)
    source = _said(table.get("source"), "source")
    return Standard(
        {name: float(limits[name]) for name in STANDARD}, source,
        hashlib.sha256(content.encode()).hexdigest(),
    )  # fmt: skip


def _table(content: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("supervision.file.unreadable", name=name, reason=str(err)) from None


def _item(row: dict[str, Any], number: int) -> Item:
    item_id = row.get("id")
    if not isinstance(item_id, str) or not _ID.fullmatch(item_id):
        raise ConfigError("supervision.file.id", number=number)
    unknown = set(row) - {"id", "names", "figure", "evidence", "source"}
    if unknown:
        raise ConfigError("supervision.file.unknown", id=item_id, name=sorted(unknown)[0])
    figure, evidence = row.get("figure"), row.get("evidence")
    if figure not in (None, *FIGURES) or evidence not in (None, *INSPECTION_EVIDENCE):
        raise ConfigError("supervision.file.not_known", id=item_id)
    if figure is None and evidence is None:
        raise ConfigError("supervision.file.neither", id=item_id)
    return Item(
        item_id, _said(row.get("names"), item_id), figure, evidence,
        _said(row.get("source"), item_id),
    )  # fmt: skip


def _said(value: object, where: str) -> dict[str, str]:
    """A text in both languages, short, in which nobody is recognised."""
    if not isinstance(value, dict) or set(value) != {"zh", "en"}:
        raise ConfigError("supervision.file.said", id=where, most=MOST_LETTERS)
    for text in value.values():
        is_short = isinstance(text, str) and 0 < len(text.strip()) <= 2 * MOST_LETTERS
        if not is_short or redact(text).found:
            raise ConfigError("supervision.file.said", id=where, most=2 * MOST_LETTERS)
    return dict(value)
