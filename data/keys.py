"""The secret keys: in a file of their own, outside the database, with versions.

Losing this file kills every slip and every text; it belongs in the backup, apart from the data
(docs/keys.md). Old versions stay and are tried, so that old slips keep opening.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from .errors import ConfigError

PURPOSES = ("receipt", "text", "source", "word")
RESIDENTS_PURPOSES = ("receipt", "text", "word")
"""What the resident's process needs: it registers nothing, so it knows no sender's number."""

NONCE = 12
"""Bytes of a nonce of AES-GCM; a random one stands in front of what it sealed."""


@dataclass(frozen=True)
class Keys:
    """Key material by purpose and version; the highest version is used for what is new."""

    material: dict[str, dict[int, bytes]]

    @classmethod
    def fresh(cls) -> Keys:
        """New random keys, version 1 of each purpose."""
        return cls({purpose: {1: secrets.token_bytes(32)} for purpose in PURPOSES})

    @classmethod
    def load_or_make(cls, path: Path, may_make: bool) -> Keys:
        """The keys in a file; made once, readable by its owner only.

        Raises:
            ConfigError: when the file is missing beside a database that already has cases
                (`may_make` false), or cannot be read.
        """
        if not path.exists():
            if not may_make:
                raise ConfigError("data.error.keys_missing", path=path)
            keys = cls.fresh()
            try:
                keys.save(path)
            except FileExistsError:  # another process made it in this very moment
                return cls.load(path)
            return keys
        return cls.load(path)

    @classmethod
    def load(cls, path: Path, purposes: tuple[str, ...] = PURPOSES) -> Keys:
        """The keys of these purposes in a file; others that it holds are not kept.

        Raises:
            ConfigError: no such file, not a key file, or a purpose without a key.
        """
        if not path.exists():
            raise ConfigError("data.error.keys_missing", path=path)
        try:
            raw = json.loads(path.read_text("utf-8"))
            material = {p: {int(v): bytes.fromhex(k) for v, k in raw[p].items()} for p in purposes}
        except (OSError, ValueError, KeyError, AttributeError) as err:
            raise ConfigError("data.error.keys_unreadable", path=path) from err
        if any(not versions for versions in material.values()):
            raise ConfigError("data.error.keys_unreadable", path=path)
        return cls(material)

    def save(self, path: Path, purposes: tuple[str, ...] = PURPOSES) -> None:
        """Write the keys of these purposes to a new file, readable by its owner only (0600).

        Raises:
            FileExistsError: something is there already; it was left as it is.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = {p: {str(v): k.hex() for v, k in self.material[p].items()} for p in purposes}
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(shown, indent=1))

    def newest(self, purpose: str) -> int:
        """The version used for what is new."""
        return max(self.material[purpose])

    def digest(self, purpose: str, text: str, version: int | None = None) -> str:
        """Keyed hash (HMAC-SHA-256, hex) of a text."""
        key = self.material[purpose][version or self.newest(purpose)]
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def digest_many(self, purpose: str, texts: Iterable[str]) -> list[str]:
        """As `digest` of each text."""
        key = self.material[purpose][self.newest(purpose)]
        # this library's HMAC: its begun state is copied in half the time of the standard one's
        begun, found = HMAC(key, SHA256()), []
        for text in texts:
            one = begun.copy()
            one.update(text.encode())
            found.append(one.finalize().hex())
        return found

    def digests(self, purpose: str, text: str) -> list[str]:
        """The keyed hash under every version, newest first: for looking something up."""
        versions = sorted(self.material[purpose], reverse=True)
        return [self.digest(purpose, text, version) for version in versions]

    def wrap(self, purpose: str, secret: bytes, bound_to: str) -> tuple[int, bytes]:
        """Seal bytes under the master key, bound to a name so that rows cannot be exchanged."""
        version = self.newest(purpose)
        return version, seal(self.material[purpose][version], secret, bound_to)

    def wrap_many(self, purpose: str, named: Mapping[str, bytes]) -> tuple[int, list[bytes]]:
        """As `wrap` of each secret, in the order of the names they are bound to."""
        version = self.newest(purpose)
        cipher = AESGCM(self.material[purpose][version])
        return version, [
            nonce + cipher.encrypt(nonce, secret, name.encode())
            for nonce, (name, secret) in zip(draws(NONCE, len(named)), named.items(), strict=True)
        ]

    def unwrap(self, purpose: str, version: int, sealed: bytes, bound_to: str) -> bytes:
        """What `wrap` sealed."""
        return unseal(self.material[purpose][version], sealed, bound_to)


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """AES-256-GCM with a random nonce in front, bound to a name."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def draws(size: int, count: int) -> list[bytes]:
    """As `secrets.token_bytes(size)`, many at once: the system is asked a single time."""
    random = secrets.token_bytes(size * count)
    return [random[at : at + size] for at in range(0, len(random), size)]


def seal_many(plain: Iterable[tuple[bytes, bytes]], bound_to: Sequence[str]) -> list[bytes]:
    """As `seal` of each (key, bytes), bound to its name."""
    return [
        nonce + AESGCM(key).encrypt(nonce, one, name.encode())
        for nonce, (key, one), name in zip(
            draws(NONCE, len(bound_to)), plain, bound_to, strict=True
        )
    ]


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """What `seal` sealed.

    Raises:
        cryptography.exceptions.InvalidTag: changed bytes, another key or another name.
    """
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
