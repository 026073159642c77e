"""PostgreSQL's own programs: the one that fits the server, and how it is told where to go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg.conninfo
import sqlalchemy as sa

from data.errors import ConfigError

_PLACES = "/usr/lib/postgresql"
"""Where Debian keeps the programs of every version beside each other."""


def program(name: str, at_least: int) -> str:
    """`pg_dump` or `pg_restore` of a version that fits; the oldest such one.

    Args:
        at_least: the server's or the dump's main version: an older program refuses it.

    Raises:
        ConfigError: none that is new enough is installed.
    """
    on_path = shutil.which(name)
    paths = [Path(on_path)] if on_path else []
    paths += sorted(Path(_PLACES).glob(f"*/bin/{name}"))
    known = sorted((version, str(path)) for path in paths if (version := _version(path)))
    for version, path in known:
        if version >= at_least:
            return path
    there = ", ".join(sorted({str(version) for version, _ in known})) or "-"
    raise ConfigError("backup.error.no_tool", program=name, needed=at_least, there=there)


def _version(path: Path) -> int:
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    match = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(match[1]) if match else 0


def server_version(conn: sa.Connection) -> int:
    """The server's main version."""
    number: str = conn.execute(sa.text("SHOW server_version_num")).scalar_one()
    return int(number) // 10_000


def run(command: Sequence[str], engine: sa.Engine) -> None:
    """Run a program on an engine's database; a password goes by its environment only.

    Raises:
        ConfigError: it failed; with the last thing it said.
    """
    _, given = engine.dialect.create_connect_args(engine.url)
    known: dict[str, Any] = dict(given)
    password = known.pop("password", None)
    known.pop("context", None)
    environment = dict(os.environ, PGCONNECT_TIMEOUT="30")
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    address = psycopg.conninfo.make_conninfo(**known)
    done = subprocess.run(  # noqa: S603
        [*command, "--dbname", address], env=environment, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1].strip()[:300] if lines else "-"
        raise ConfigError("backup.error.tool_failed", program=Path(command[0]).name, reason=reason)
