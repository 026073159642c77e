"""A backup's file is sealed by age or gpg, as a stream: nothing of it lies open on the way.

Both are programs of the system (Debian: `age`, `gnupg`). Which one sealed a file is seen by how it
begins, so that it opens whatever it is called.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.errors import ConfigError, StoreFull

_AGE = (b"age-encryption.org/", b"-----BEGIN AGE ")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Lock:
    """For whom a file is sealed: exactly one of the four.

    recipients: public keys of age. gpg: keys gpg knows. passphrase_file: gpg, by a passphrase.
    is_plain: not sealed at all, because whoever asked said so.
    """

    recipients: tuple[str, ...] = ()
    gpg: tuple[str, ...] = ()
    passphrase_file: Path | None = None
    is_plain: bool = False

    def __post_init__(self) -> None:
        given = [self.recipients, self.gpg, self.passphrase_file, self.is_plain]
        if sum(bool(one) for one in given) != 1:
            raise ConfigError("backup.error.no_lock")

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return ".age" if self.recipients else "" if self.is_plain else ".gpg"

    def command(self) -> list[str]:
        """The program that seals what it reads; empty = none."""
        if self.recipients:
            return [found("age"), *(w for r in self.recipients for w in ("-r", r))]
        if self.gpg:
            to = [word for name in self.gpg for word in ("--recipient", name)]
            return [found("gpg"), *_QUIET, "--trust-model", "always", *to, "--encrypt"]
        if self.passphrase_file is not None:
            return [found("gpg"), *_by_passphrase(self.passphrase_file), "--cipher-algo", "AES256",
                    "--symmetric"]  # fmt: skip
        return []


@dataclass(frozen=True)
class Opener:
    """What opens a sealed file: an identity of age, or gpg with its own keys or a passphrase."""

    identity: Path | None = None
    passphrase_file: Path | None = None

    def command(self, path: Path) -> list[str] | None:
        """The program that opens a file; [] = it lies open; None = nothing here opens it."""
        with path.open("rb") as file:
            begins = file.read(32)
        if begins.startswith(_GZIP):
            return []
        if begins.startswith(_AGE):
            if self.identity is None:
                return None
            return [found("age"), "--decrypt", "--identity", str(self.identity), str(path)]
        how = _QUIET if self.passphrase_file is None else _by_passphrase(self.passphrase_file)
        return [found("gpg"), *how, "--decrypt", str(path)]

    def can_open(self, path: Path) -> bool:
        """Whether `command` would open a file; of gpg's own keys the one it was sealed for is
        looked for."""
        command = self.command(path)
        if not command or self.passphrase_file is not None or command[0] != found("gpg"):
            return command is not None
        tried = [*command[:-2], "--list-packets", "--list-only", str(path)]
        said = subprocess.run(tried, capture_output=True, text=True, check=False)  # noqa: S603
        wanted = set(re.findall(r"keyid ([0-9A-F]{16})", said.stdout))
        listed = [command[0], *_QUIET, "--list-secret-keys", "--with-colons"]
        held = subprocess.run(listed, capture_output=True, text=True, check=False)  # noqa: S603
        return any(f":{key}:" in held.stdout for key in wanted)


_QUIET = ("--batch", "--yes", "--quiet", "--no-tty")


def _by_passphrase(path: Path) -> list[str]:
    if not path.is_file():
        raise ConfigError("backup.error.no_file", path=path)
    return [*_QUIET, "--pinentry-mode", "loopback", "--passphrase-file", str(path)]


def found(program: str) -> str:
    """Where a program of the system lies.

    Raises:
        ConfigError: it is not installed.
    """
    path = shutil.which(program)
    if path is None:
        raise ConfigError("backup.error.no_program", program=program)
    return path


@contextmanager
def sealed(path: Path, lock: Lock) -> Iterator[IO[bytes]]:
    """A stream that is sealed into a new file (0600); the file is gone when anything fails.

    Raises:
        ConfigError: the file is there already or cannot be written, or the program refused.
        StoreFull: no room.
    """
    command = lock.command()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError("backup.error.exists", path=path) from None
    except OSError as err:
        raise ConfigError("backup.error.not_written", path=path, reason=_why(err)) from err
    try:
        with os.fdopen(handle, "wb") as out:
            if command:
                with _through(command, out) as stream:
                    yield stream
            else:
                yield out
            out.flush()
            os.fsync(out.fileno())
    except OSError as err:
        path.unlink(missing_ok=True)
        if err.errno == errno.ENOSPC:
            raise StoreFull("data.error.disk_full") from err
        raise ConfigError("backup.error.not_written", path=path, reason=_why(err)) from err
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _through(command: list[str], out: IO[bytes]) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=said)  # noqa: S603
        assert process.stdin is not None
        is_broken = False
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:  # it ended before it had read all; what it said comes below
            is_broken = True
            with suppress(BrokenPipeError):
                process.stdin.close()
        except BaseException:
            process.kill()
            process.wait()
            with suppress(BrokenPipeError):
                process.stdin.close()
            raise
        if process.wait() != 0 or is_broken:
            raise ConfigError("backup.error.not_sealed", program=command[0], reason=_last(said))


@contextmanager
def opened(path: Path, opener: Opener) -> Iterator[IO[bytes]]:
    """What a file holds, opened while it is read, and read to its end in any case.

    Raises:
        ConfigError: no such file, nothing here opens it, or it was sealed for somebody else, cut or
            changed (age and gpg say so only when all was read: act on nothing before).
    """
    if not path.is_file():
        raise ConfigError("backup.error.no_file", path=path)
    command = opener.command(path)
    if command is None:
        raise ConfigError("backup.error.no_identity", path=path)
    if not command:
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdout is not None
        try:
            yield process.stdout
            while process.stdout.read(1 << 20):
                pass
        except Exception as err:
            # at its end already: what broke the reader is what broke the program
            if not process.stdout.read(1) and process.wait() != 0:
                raise ConfigError("backup.error.not_opened", path=path, reason=_last(said)) from err
            raise
        finally:
            if process.poll() is None:
                process.stdout.close()
            code = process.wait()
            process.stdout.close()
        if code != 0:
            raise ConfigError("backup.error.not_opened", path=path, reason=_last(said))


def _last(said: IO[bytes]) -> str:
    """The last thing a program said, for the sentence about it."""
    said.seek(0)
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and "report unexpected or unhelpful" not in line]
    return lines[-1][:300] if lines else "-"


def _why(err: OSError) -> str:
    return err.strerror or str(err)
