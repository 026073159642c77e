"""The key file's own backup, apart from the data, and what its loss means (docs/keys.md)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from data.db import Db, make_engine
from data.errors import ConfigError
from data.keys import PURPOSES, Keys
from settings import Settings

from .sealing import Lock, Opener, opened, sealed

NAME = "zaojie-keys-"
_MOST = 1 << 20


def marks(keys: Keys) -> dict[str, dict[str, str]]:
    """What tells one key from another without saying anything of it, by purpose and version."""
    said = b"zaojie: which key this is"
    return {
        purpose: {
            str(version): hmac.new(key, said, hashlib.sha256).hexdigest()[:16]
            for version, key in sorted(keys.material[purpose].items())
        }
        for purpose in PURPOSES
        if purpose in keys.material
    }


def open_even_without(settings: Settings) -> Db:
    """The database of the settings for a backup, which can be made when the keys are lost too."""
    try:
        return Db.open(settings)
    except ConfigError as err:
        if err.key != "data.error.keys_missing":
            raise
        return Db(make_engine(settings.database), Keys({}))


def are_those(keys: Keys, wanted: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a key file holds every key a backup was made with; it may hold newer ones."""
    there = marks(keys)
    return all(
        there.get(p, {}).get(v) == mark for p, of in wanted.items() for v, mark in of.items()
    )


def save_sealed(path: Path, out: Path, lock: Lock) -> None:
    """Write a key file, as it is, to a sealed one that does not exist yet.

    Raises:
        ConfigError: no such key file, or as `sealing.sealed`.
    """
    Keys.load(path)  # never seal what is not one
    content = path.read_bytes()
    with sealed(out, lock) as stream:
        stream.write(content)


def load_sealed(path: Path, opener: Opener) -> Keys:
    """The keys in a file, sealed or open.

    Raises:
        ConfigError: as `sealing.opened`, or not a key file.
    """
    if path.is_file() and path.read_bytes()[:1] == b"{":
        return Keys.load(path)
    with opened(path, opener) as stream:
        content = stream.read(_MOST)
    with tempfile.NamedTemporaryFile() as file:  # 0600, gone with this block
        file.write(content)
        file.flush()
        return Keys.load(Path(file.name))


def after_loss(wanted: Mapping[str, Mapping[str, str]]) -> Keys:
    """New keys in place of lost ones, under versions that the record has never used.

    Nothing of what the lost ones sealed is taken for this one's.
    """
    return Keys(
        {
            purpose: {
                max((int(version) for version in wanted.get(purpose, {})), default=0) + 1:
                secrets.token_bytes(32)
            }
            for purpose in PURPOSES
        }
    )  # fmt: skip


def refuse_beside(folder: Path, pattern: str, path: Path) -> None:
    """Keys and data never lie in one folder.

    Raises:
        ConfigError: the other kind is there.
    """
    if folder.is_dir() and any(folder.glob(pattern)):
        raise ConfigError("backup.error.together", path=path, folder=folder)
