"""Rules packs: the limits of one jurisdiction, declared in files and checked when loaded.

Nobody else writes a number of days: clocks, screens and documents read it here, with its source.
A pack id is a series of versions: `<id>.toml` is the first, `<id>.v2.toml` the second, and so on,
each with the day it took effect; a case keeps the version it began under, unless a later one says
that it governs open cases too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from data.errors import ConfigError
from data.vocabulary import PROCEDURES

from .pack_checks import check_series, check_tighter, check_whole
from .pack_error import PackError
from .pack_reader import Reader
from .rule import (
    CLOCKS,
    OFFICE_CLOCKS,
    OPEN_PHASES,
    PHASES,
    UNITS,
    AnswerParts,
    Pack,
    Pause,
    Rule,
    Span,
    Step,
    Tell,
)

__all__ = [
    "CLOCKS", "OFFICE_CLOCKS", "OPEN_PHASES", "PHASES", "UNITS", "AnswerParts", "Pack", "PackError",
    "Pause", "Rule", "Series", "Span", "Step", "Tell", "load", "pack_for", "pack_ids", "packs",
    "parse", "series", "series_of",
]  # fmt: skip

_HOME = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Series:
    """Every version of one pack id, oldest first, without a gap or an overlap."""

    id: str
    versions: tuple[Pack, ...]

    @property
    def newest(self) -> Pack:
        """The last version, in force or still to come."""
        return self.versions[-1]

    def at(self, day: dt.date) -> Pack:
        """The version in force on a local day; the first for days before it, the last after.

        A case older than the first version was registered before the rules were kept here; the
        oldest rules there are stand for it.
        """
        found = self.versions[0]
        for version in self.versions[1:]:
            if version.effective_from <= day:
                found = version
        return found


def series_of(versions: Iterable[Pack]) -> Series:
    """Versions of one id as a series, in order of their days of effect.

    Raises:
        PackError: a gap or an overlap between two of them, or different ids.
    """
    ordered = tuple(sorted(versions, key=lambda pack: pack.effective_from))
    for pack in ordered:
        if pack.id != ordered[0].id:
            raise PackError(pack.id, "id", "own_name", name=ordered[0].id)
    check_series(ordered)
    return Series(ordered[0].id, ordered)


def pack_for(
    rules: Series, opened_on: dt.date, today: dt.date, first_end_on: dt.date | None = None
) -> Pack:
    """The version that rules one case, as of a day.

    Args:
        opened_on: local day on which the case began. today: local day of the question.
        first_end_on: local day of its first answer or other end, as known; None = none yet.

    Returns:
        The version in force when it began, or a later one that governs open cases and took
        effect by `today` while the case had no answer and no other end; `before` then holds the
        version it began under.
    """
    began = found = rules.at(opened_on)
    for version in rules.versions:
        starts = version.effective_from
        if version.governs != "open" or not opened_on < starts <= today:
            continue
        if first_end_on is None or first_end_on >= starts:
            found = version
    return found if found is began else replace(found, before=began)


def pack_ids() -> tuple[str, ...]:
    """The ids of the packs that are shipped, sorted."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.toml") if "." not in path.stem))


def load(pack_id: str, folder: Path | None = None) -> Pack:
    """The newest version of a rules pack, checked.

    Args and Raises: as `series`.
    """
    return series(pack_id, folder).newest


@cache
def series(pack_id: str, folder: Path | None = None) -> Series:
    """Every version of a rules pack, checked.

    Args:
        pack_id: name of the first file without its ending.
        folder: where a county keeps packs of its own; None = the shipped ones.

    Raises:
        ConfigError: no such pack, or the first thing in it that is malformed or looser than its
            law, with the file, the place in it and what it must be.
    """
    home = folder or _HOME
    first = home / f"{pack_id}.toml"
    if not pack_id.replace("_", "").isalnum() or not first.is_file():
        raise ConfigError("casework.pack.unknown", pack=pack_id, known=", ".join(pack_ids()))
    files = [first]
    while (more := home / f"{pack_id}.v{len(files) + 1}.toml").is_file():
        files.append(more)
    numbers = [number if len(files) > 1 else None for number in range(1, len(files) + 1)]
    read = [
        _read(path.read_bytes(), pack_id, path.name, number)
        for path, number in zip(files, numbers, strict=True)
    ]
    check_series(read)
    return Series(pack_id, tuple(read))


def packs(ids: Iterable[object]) -> dict[str, Series]:
    """The shipped packs of the given ids, by id, with every version of each."""
    return {str(pack_id): series(str(pack_id)) for pack_id in ids}


def parse(text: str, pack_id: str, law: Callable[[str], Series] = series) -> Pack:
    """One version of a pack of a county's own, from the text of its file, checked.

    A pack that names another under `tightens` may leave out whatever stays as the law has it: the
    fields of the file, and of each `[[rule]]` all but `clock` and `procedure`.

    Args:
        text: the file's content. pack_id: what its `id` must say.
        law: where the pack named under `tightens` is found; the shipped ones.

    Raises:
        ConfigError: as `series`.
    """
    return _read(text.encode(), pack_id, pack_id, None, law)


def _read(
    raw: bytes,
    pack_id: str,
    file: str,
    version: int | None,
    law_of: Callable[[str], Series] = lambda pack_id: series(pack_id),
) -> Pack:
    table = _table(raw, file)
    own = str(table.get("tightens", ""))
    if own:
        if own == pack_id:
            raise PackError(file, "tightens", "another_pack")
        laws = law_of(own)
        starts = table.get("effective_from")
        if type(starts) is not dt.date:
            raise PackError(file, "effective_from", "date")
        table = _with_law(table, _source_of(laws.at(starts)))
    pack = Reader(file, pack_id, table).pack(version, hashlib.sha256(raw).hexdigest())
    check_whole(pack, file)
    if own:
        for law in laws.versions:
            ends = pack.effective_to
            if law.effective_to and law.effective_to < pack.effective_from:
                continue
            if ends is None or law.effective_from <= ends:
                check_tighter(pack, law, file)
    return pack


def _table(raw: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError("casework.pack.unreadable", pack=file, reason=str(err)) from None


def _source_of(law: Pack) -> dict[str, Any]:
    """The table a shipped pack was read from, for what a county's pack leaves out."""
    for path in sorted(_HOME.glob(f"{law.id}*.toml")):
        raw = path.read_bytes()
        if hashlib.sha256(raw).hexdigest() == law.file_hash:
            return _table(raw, path.name)
    return {}


def _with_law(own: dict[str, Any], law: dict[str, Any]) -> dict[str, Any]:
    """A county's table over its law's: fields it leaves out, and its rules one by one."""
    rules = _by_clock(law.get("rule", []))
    for key, entry in _by_clock(own.get("rule", [])).items():
        rules[key] = rules.get(key, {}) | entry
    kept = {name: value for name, value in law.items() if name not in ("tightens", "governs")}
    return kept | own | ({"rule": list(rules.values())} if rules else {})


def _by_clock(entries: Any) -> dict[object, dict[str, Any]]:
    """Rule entries by clock and procedure, "both" as two; what is malformed stands by itself."""
    found: dict[object, dict[str, Any]] = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        if not isinstance(entry, dict):
            found[number] = entry
            continue
        which = entry.get("procedure")
        for procedure in PROCEDURES if which == "both" else (which,):
            key = (entry.get("clock"), procedure)
            found[(*key, number) if key in found else key] = entry | {"procedure": procedure}
    return found
