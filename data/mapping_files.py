"""Mappings by name: those this county has saved, and those that come with the program.

A saved one is a file in force like any other that steers (`data.steering`), listed with its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import steering
from .categories import Categories
from .db import Db
from .errors import ConfigError, NotFound
from .mapping import Mapping, parse_mapping
from .scope import Scope

FOLDER = Path(__file__).parent / "config" / "mappings"
_NAME = re.compile(r"[\w-]{2,40}")
_FILE = re.compile(r"mapping:([\w-]{2,40})\.toml")


@dataclass(frozen=True)
class NamedMapping:
    """One mapping: its text, and where it was saved here, its hash and the moment (UTC).

    is_own: saved in this county; else it is the program's, a start to be made one's own.
    """

    name: str
    text: str
    sha256: str
    is_own: bool
    saved_at: object = None


def file_name(name: str) -> str:
    """The name a mapping has among the files in force.

    Raises:
        ConfigError: letters, digits, "-" and "_" only, 2 to 40.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError("mappings.error.bad_name")
    return f"mapping:{name}.toml"


def named_mappings(db: Db, scope: Scope) -> list[NamedMapping]:
    """All of them by name: the county's own first; one of its own hides the program's."""
    own = saved_mappings(steering.files_in_force(db, scope))
    shipped = [NamedMapping(n, text, "", False) for n, text in shipped_mappings().items()]
    return [*own.values(), *(one for one in shipped if one.name not in own)]


def saved_mappings(files: Iterable[steering.FileInForce]) -> dict[str, NamedMapping]:
    """Those this county has saved, by name, among its files in force."""
    found = {match[1]: file for file in files if (match := _FILE.fullmatch(file.name))}
    return {
        name: NamedMapping(name, file.content, file.sha256, True, file.recorded_at)
        for name, file in found.items()
    }


def shipped_mappings() -> dict[str, str]:
    """Text by name of those that come with the program."""
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.toml"))}


def mapping_named(db: Db, scope: Scope, name: str, categories: Categories) -> Mapping:
    """A mapping by its name, checked against the categories in force.

    Raises:
        NotFound: no mapping has that name; the sentence lists those there are.
        ConfigError: it does not fit this county; nothing was read.
    """
    there = {one.name: one for one in named_mappings(db, scope)}
    if name not in there:
        raise NotFound("mappings.error.no_such_name", name=name[:60], names=", ".join(there))
    return parse_mapping(there[name].text, file_name(name), categories)


def save_mapping(db: Db, scope: Scope, name: str, text: str, categories: Categories) -> None:
    """Put a mapping in force under a name; it is checked first.

    Raises:
        ConfigError: with one sentence; nothing was saved.
        NotAllowed: not an administrator or the operator.
    """
    scope.need("administrator", "operator")
    file = file_name(name)
    parse_mapping(text, file, categories)
    steering.save_file(db, scope, file, text)
