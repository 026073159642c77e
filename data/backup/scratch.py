"""A database for the restore test: made for it, and thrown away after it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from data.db import make_engine
from data.errors import ConfigError


@contextmanager
def database(kind: str, folder: Path, server: str) -> Iterator[str]:
    """The URL of an empty database of a kind; gone afterwards.

    Args:
        kind: `sqlite` or `postgresql`. folder: where a file is made. server: URL of a PostgreSQL
            server whose user may create a database.

    Raises:
        ConfigError: no such server, or its user may not.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'restored.sqlite'}"
        return
    admin = make_engine(server)
    if admin.dialect.name != "postgresql":
        raise ConfigError("backup.error.needs_server")
    name = f"zaojie_check_{secrets.token_hex(6)}"
    try:
        _run(admin, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield admin.url.set(database=name).render_as_string(hide_password=False)
        _run(admin, f"DROP DATABASE {name} WITH (FORCE)")
    except BaseException:
        _run(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        raise
    finally:
        admin.dispose()


def _run(admin: sa.Engine, statement: str) -> None:
    try:
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text(statement))
    except sa.exc.DBAPIError as err:
        reason = str(err.orig).splitlines()[0][:200]
        raise ConfigError("backup.error.no_scratch", reason=reason) from err
