"""Making a mapping file by matching the columns of a sample: columns, suggestions, the TOML text.

What is made here is read again by `data.mapping` before it is used or saved: the rules stand there.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cache

import pandas as pd

from .fields import by_header, is_person_column
from .mapping_files import shipped_mappings
from .redact import redact

MATCHED = (
    "source_id", "opened_at", "category", "area", "body", "summary", "channel", "procedure",
    "asked", "lon", "lat",
)  # fmt: skip
"""What a column of another system's export may be; the page asks for each."""
CLOSED = ("category", "channel", "procedure")
"""Those whose words are matched one by one."""
SAMPLES, MOST_WORDS = 3, 60
_LIKE = ("grid", "township")
"""Fields of our own that a column of areas is suggested for."""


@dataclass(frozen=True)
class Column:
    """One column of a sample: what it holds (cleaned of persons), what it may be.

    is_person: it holds persons, is dropped and shows no sample. field: of `MATCHED`, a suggestion.
    """

    name: str
    samples: tuple[str, ...]
    is_person: bool
    field: str | None


@dataclass(frozen=True)
class Draft:
    """What a person chose: column by field, words by field, and the parts of the file.

    words: the export's text = our id, for each of `CLOSED` that has a column. channel: of every
    row, where no column says it. formats: empty = as people write them. steps: column by event.
    """

    zone: str
    columns: Map[str, str]
    words: Map[str, Map[str, str]]
    kind: str
    channel: str
    is_own_export: bool
    system: str
    desk: str
    desk_names: Map[str, str]
    no_body: str
    unstated_names: Map[str, str]
    formats: tuple[str, ...] = ()
    steps: Map[str, str] | None = None
    limits: Map[str, int] | None = None


def columns_of(frame: pd.DataFrame) -> list[Column]:
    """Every column of a sample, in order."""
    taken: set[str] = set()
    found = []
    for name in map(str, frame.columns):
        if not name.strip():
            continue
        is_person = is_person_column(name)
        texts = [text for text in frame[name].head(200).unique() if text]
        samples = () if is_person else tuple(redact(t).text[:40] for t in texts[:SAMPLES])
        field = None if is_person else _suggested(name)
        field = None if field in taken else field
        taken |= {field} if field else set()
        found.append(Column(name, samples, is_person, field))
    return found


def _suggested(name: str) -> str | None:
    found = by_header(name)
    if found is not None and found.name in _LIKE:
        return "area"
    if found is not None and found.name in MATCHED:
        return found.name
    return _usual().get(name.strip())


@cache
def _usual() -> dict[str, str]:
    """What columns mean in the mappings that come with the program, by their names there."""
    known: dict[str, str] = {}
    for text in shipped_mappings().values():
        given = tomllib.loads(text)
        fields = {column: field for field, column in given["columns"].items()}
        known |= fields | {other: fields[name] for other, name in given.get("also", {}).items()}
        for step in given.get("events", {}).get("step", []):
            known[step["at"]] = f"{step['event']}_at"
    return known


def usual_word(field: str, text: str) -> str | None:
    """What a word of a closed column means in the mappings that come with the program."""
    given = (tomllib.loads(text_) for text_ in shipped_mappings().values())
    return next((one[field][text] for one in given if text in one.get(field, {}) and text), None)


def words_of(frame: pd.DataFrame, column: str) -> list[str]:
    """The different texts of a column, the most frequent first; cleaned texts only, at most 60."""
    texts = frame[column].fillna("").str.strip()
    counted = [str(text) for text in texts.value_counts().index if not redact(str(text)).is_changed]
    return counted[:MOST_WORDS]


def toml_of(draft: Draft) -> str:
    """The mapping file a draft makes."""
    lines = [f"zone = {_q(draft.zone)}", f"own_export = {_q(draft.is_own_export)}"]
    lines += _table("columns", draft.columns)
    constant = {} if "channel" in draft.columns else {"channel": draft.channel}
    lines += _table("constants", {**constant, "kind": draft.kind})
    if draft.formats:
        lines += ["", "[dates]", f"formats = [{', '.join(map(_q, draft.formats))}]"]
    names = {f"unstated_{lang}": text for lang, text in draft.unstated_names.items()}
    system = {"system": draft.system} if "lon" in draft.columns else {}
    lines += _table("area", {"by_name": True, **system, "unstated_code": "unstated", **names})
    lines += _table("body", {"by_name": True, "empty": draft.no_body})
    lines += _table("desk", {"id": draft.desk, **draft.desk_names})
    for field in CLOSED:
        if field in draft.columns:
            lines += _table(field, draft.words.get(field, {}))
    if draft.limits:
        lines += _table("limits", draft.limits)
    for event, column in (draft.steps or {}).items():
        lines += ["", "[[events.step]]", f"event = {_q(event)}", f"at = {_q(column)}"]
    return "\n".join(lines) + "\n"


def _table(name: str, values: Map[str, object]) -> list[str]:
    return ["", f"[{name}]", *(f"{_q(key)} = {_q(value)}" for key, value in values.items())]


def _q(value: object) -> str:
    """A TOML value: JSON's strings, numbers and booleans are the same but for one control."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
