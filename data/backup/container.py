"""The file of a backup: the manifest, then the database's own file, packed as one stream."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from data.errors import ConfigError, StoreFull

from .manifest import Manifest
from .sealing import Lock, Opener, opened, sealed

_MANIFEST = "manifest.json"
_MOST_MANIFEST = 16 * 2**20
_PIECE = 1 << 20
PAYLOADS = ("database.sqlite", "database.dump")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(out: Path, manifest: Manifest, payload: Path, lock: Lock) -> None:
    """Write a backup's file; Raises as `sealing.sealed`."""
    said = manifest.to_json()
    head = tarfile.TarInfo(_MANIFEST)
    head.size = len(said)
    body = tarfile.TarInfo(manifest.payload)
    body.size = payload.stat().st_size
    # a dump of PostgreSQL is packed already
    level = 1 if manifest.database == "postgresql" else 6
    with (
        sealed(out, lock) as stream,
        gzip.GzipFile(
            fileobj=stream, mode="wb", compresslevel=level, mtime=0, filename=""
        ) as zipped,
        tarfile.open(fileobj=zipped, mode="w|") as archive,
        payload.open("rb") as file,
    ):
        archive.addfile(head, io.BytesIO(said))
        archive.addfile(body, file)


def can_open(path: Path, opener: Opener) -> bool:
    """Whether something here opens a file: an identity, a passphrase, or a secret key of gpg."""
    try:
        return opener.can_open(path)
    except ConfigError:
        return False


def check(path: Path, opener: Opener) -> Manifest:
    """Read a backup's file from end to end; its manifest.

    Raises:
        ConfigError: it does not open, or is not to the byte what the manifest says.
    """
    return _read(path, opener, lambda _: None)


def unpack(path: Path, opener: Opener, folder: Path) -> tuple[Manifest, Path]:
    """The manifest, and the database's own file in a folder, compared to the byte; Raises as
    `check`; what does not fit is left nowhere."""
    out = folder / "database"
    try:
        with out.open("xb") as file:
            manifest = _read(path, opener, lambda piece: _take(file, piece))
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return manifest, out


def _read(path: Path, opener: Opener, take: Callable[[bytes], None]) -> Manifest:
    with opened(path, opener) as stream, _told(path):
        digest = hashlib.sha256()
        with (
            gzip.GzipFile(fileobj=stream, mode="rb") as zipped,
            tarfile.open(fileobj=zipped, mode="r|") as archive,
        ):
            head = archive.next()
            if head is None or head.name != _MANIFEST or head.size > _MOST_MANIFEST:
                raise ConfigError("backup.error.unreadable", file=path)
            manifest = Manifest.from_json(_member(archive, head).read(), path)
            body = archive.next()
            if body is None or body.name != manifest.payload or body.name not in PAYLOADS:
                raise ConfigError("backup.error.unreadable", file=path)
            source = _member(archive, body)
            while piece := source.read(_PIECE):
                digest.update(piece)
                take(piece)
        if digest.hexdigest() != manifest.sha256:
            raise ConfigError("backup.error.changed", file=path)
    return manifest


def _take(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as err:
        if err.errno == errno.ENOSPC:
            raise StoreFull("data.error.disk_full") from err
        raise


def _member(archive: tarfile.TarFile, of: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(of)
    if found is None:  # a link or a folder: none of ours
        raise tarfile.ReadError
    return found


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What Python says of a damaged archive, as one sentence."""
    try:
        yield
    except (EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile) as err:
        raise ConfigError("backup.error.unreadable", file=path) from err
